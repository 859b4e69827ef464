"""Value types of a read notice: every field says what was read, where, and how sure it is."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Final, Literal

State = Literal["value", "absent", "review"]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Reading:
    """One field of a notice in one of three states.

    ``value``: the notice states it, at ``span``. ``absent``: the notice does not state it.
    ``review``: a person must decide; ``value`` then holds the candidate as printed, if there is
    one, and ``why`` says what is in doubt. Spans are character offsets into ``Notice.source``.
    """

    state: State
    value: str | None = None
    span: Span | None = None
    why: str | None = None

    @classmethod
    def stated(cls, value: str, span: Span | None, why: str | None = None) -> "Reading":
        """A value that the notice states."""
        return cls("value", value, span, why)

    @classmethod
    def missing(cls, why: str = "not stated") -> "Reading":
        """The notice does not state the field."""
        return cls("absent", None, None, why)

    @classmethod
    def doubtful(cls, why: str, value: str | None = None, span: Span | None = None) -> "Reading":
        """A person must decide."""
        return cls("review", value, span, why)

    def doubted(self, why: str) -> "Reading":
        """The same reading, sent to a person for the given reason."""
        reasons = why if self.why is None or self.state == "value" else f"{self.why}; {why}"
        return Reading("review", self.value, self.span, reasons)

    @property
    def certain(self) -> str | None:
        """The value when it is stated, else None. Never a candidate."""
        return self.value if self.state == "value" else None


ABSENT = Reading.missing()


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """A price per unit. It is never an award amount."""

    label: str | None
    value: str
    unit: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class LotReading:
    """One lot: who won it, for how much or at which rate, and what became of it."""

    lot: Reading = ABSENT
    lot_name: Reading = ABSENT
    supplier: Reading = ABSENT
    supplier_uscc: Reading = ABSENT
    supplier_address: Reading = ABSENT
    amount: Reading = ABSENT
    rate: Reading = ABSENT
    rate_kind: Reading = ABSENT
    currency: Reading = ABSENT
    status: Reading = ABSENT
    reason: Reading = ABSENT
    before_supplier: Reading = ABSENT
    before_amount: Reading = ABSENT
    original_currency: Reading = ABSENT
    original_amount: Reading = ABSENT
    fx_rate: Reading = ABSENT
    consortium_members: tuple[str, ...] = ()
    lead_stated: bool | None = None
    unit_prices: tuple[UnitPrice, ...] = ()

    def readings(self) -> Iterator[tuple[str, Reading]]:
        """Name and reading of every three-state field of the lot."""
        for name in _OF_LOT:
            yield name, getattr(self, name)

    @property
    def amount_fen(self) -> int | None:
        """The stated amount in integer fen; None when absent or in doubt."""
        return to_fen(self.amount.certain)


@dataclass(frozen=True, slots=True)
class Notice:
    """Everything read from one notice. ``source`` is the decoded file; all spans point into it."""

    file: str
    sha256: str
    reader_version: str
    source: str
    text: str
    title: str | None
    kind: Reading
    project_no: Reading = ABSENT
    plan_no: Reading = ABSENT
    project_name: Reading = ABSENT
    buyer: Reading = ABSENT
    agency: Reading = ABSENT
    publish_date: Reading = ABSENT
    total: Reading = ABSENT
    currency: Reading = ABSENT
    budget: Reading = ABSENT
    first_notice_date: Reading = ABSENT
    correction_date: Reading = ABSENT
    effect: Reading = ABSENT
    contract_no: Reading = ABSENT
    contract_name: Reading = ABSENT
    contract_amount: Reading = ABSENT
    contract_supplier: Reading = ABSENT
    signed_on: Reading = ABSENT
    performance_from: Reading = ABSENT
    performance_to: Reading = ABSENT
    financing_channel: Reading = ABSENT
    attachments: tuple[str, ...] = ()
    lots: tuple[LotReading, ...] = ()
    reasons: tuple[str, ...] = ()

    def readings(self) -> Iterator[tuple[str, Reading]]:
        """Name and reading of every three-state field, lots as ``lots[0].amount``."""
        for name in _OF_NOTICE:
            yield name, getattr(self, name)
        for index, lot in enumerate(self.lots):
            for name, reading in lot.readings():
                yield f"lots[{index}].{name}", reading

    @property
    def needs_person(self) -> bool:
        """Whether any field must be decided by a person."""
        return any(reading.state == "review" for _, reading in self.readings())

    def excerpt(self, reading: Reading) -> str | None:
        """The source text that a reading was taken from."""
        return None if reading.span is None else self.source[slice(*reading.span)]


def _readings_of(kind: type[LotReading | Notice]) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind) if each.type is Reading)


_OF_LOT: Final = _readings_of(LotReading)
_OF_NOTICE: Final = _readings_of(Notice)


def to_fen(value: str | None) -> int | None:
    """Yuan decimal string to integer fen; None stays None."""
    return None if value is None else int(Decimal(value) * 100)
