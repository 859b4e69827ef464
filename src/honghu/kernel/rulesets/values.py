"""What a rule's row says, read by its unit: pure, exact, and able to name its source."""

import datetime as dt
import decimal
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from honghu.base.money import MoneyError, parse_yuan
from honghu.base.problems import HonghuError
from honghu.kernel.clocks.durations import Duration, parse_duration
from honghu.kernel.clocks.office_hours import OfficeHours, parse_office_hours

MEANINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "period": "duration",
        "count": "integer",
        "day_of_month": "integer",
        "bytes": "integer",
        "bits": "integer",
        "pixels": "integer",
        "days": "integer",
        "ratio": "decimal",
        "rate_per_day": "decimal",
        "rate_per_year": "decimal",
        "yuan": "money",
        "hours_of_day": "office_hours",
        "text": "text",
    }
)
"""The units of rules, and how the value of each is read."""


class RuleValueError(HonghuError, ValueError):
    """A rule's value that cannot be read as asked: the row is wrong, or the code that asks is."""

    code = "rule_value"
    status = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleValue:
    """One row of the rule book. `name` is "domain.code"; `id` is what a decision cites."""

    id: uuid.UUID
    name: str
    value: str
    unit: str
    clock: str | None
    region: str | None
    title_zh: str
    title_en: str
    effective_from: dt.date
    effective_to: dt.date | None
    revision: int
    source: str
    source_mark: str

    def as_text(self) -> str:
        """The value as it stands in the rule file."""
        return self.value

    def as_int(self) -> int:
        """The value as a whole number; of a period, its amount. Raises RuleValueError."""
        if MEANINGS.get(self.unit) in {"integer", "duration"}:
            try:
                return int(self.value)
            except ValueError as error:
                raise self._unreadable("a whole number") from error
        raise self._unreadable("a whole number")

    def as_decimal(self) -> Decimal:
        """The value as an exact decimal: a ratio or rate (0.05 is 5 %), or a number.

        Raises RuleValueError for a text, a period, an amount of money, NaN or infinity.
        """
        if MEANINGS.get(self.unit) not in {"integer", "decimal"}:
            raise self._unreadable("a decimal")
        try:
            number = Decimal(self.value)
        except decimal.InvalidOperation as error:
            raise self._unreadable("a decimal") from error
        if not number.is_finite():
            raise self._unreadable("a decimal")
        return number

    def as_money_fen(self) -> int:
        """The value, written in yuan, as integer fen. Raises RuleValueError."""
        if MEANINGS.get(self.unit) != "money":
            raise self._unreadable("an amount of money")
        try:
            return parse_yuan(self.value)
        except MoneyError as error:
            raise self._unreadable("an amount of money") from error

    def as_duration(self) -> Duration:
        """The value as a period of its clock. Raises RuleValueError."""
        if MEANINGS.get(self.unit) != "duration" or self.clock is None:
            raise self._unreadable("a period")
        try:
            return parse_duration(f"{self.value} {self.clock}")
        except HonghuError as error:
            raise self._unreadable("a period") from error

    def as_office_hours(self) -> OfficeHours:
        """The value, written as 08:30-12:00,14:30-18:00, as sessions. Raises RuleValueError."""
        if MEANINGS.get(self.unit) != "office_hours":
            raise self._unreadable("office hours")
        try:
            return parse_office_hours(self.value)
        except HonghuError as error:
            raise self._unreadable("office hours") from error

    def check(self) -> None:
        """Read the value by its unit. Raises RuleValueError if that cannot be done."""
        reading = _READINGS.get(MEANINGS.get(self.unit, ""))
        if reading is None or not self.value:
            raise self._unreadable("anything")
        reading(self)

    def cite(self) -> dict[str, str]:
        """What a decision keeps of the rule that it followed: row, name, value, unit and source."""
        return {
            "id": str(self.id),
            "name": self.name,
            "value": self.value,
            "unit": self.clock or self.unit,
            "source": self.source,
        }

    def _unreadable(self, wanted: str) -> RuleValueError:
        return RuleValueError(
            f"{self.name} = {self.value!r} (unit {self.unit}) cannot be read as {wanted}",
            remedy="correct the rule file with a row of a higher revision, or ask for another kind",
        )


_READINGS: Final[Mapping[str, Callable[[RuleValue], object]]] = MappingProxyType(
    {
        "duration": RuleValue.as_duration,
        "integer": RuleValue.as_int,
        "decimal": RuleValue.as_decimal,
        "money": RuleValue.as_money_fen,
        "office_hours": RuleValue.as_office_hours,
        "text": RuleValue.as_text,
    }
)
