"""Lengths of time in the units of statutes: natural days, working days, working hours and so on."""

import dataclasses
import functools
import re
from enum import StrEnum
from typing import Final, Literal

from honghu.base.problems import Invalid

_VALUE_MAX: Final = 1_000_000
_DURATION: Final = re.compile(r"(?P<value>[0-9]+)\s*(?P<unit>\S.*)")


class DurationError(Invalid, ValueError):
    """A duration that cannot be read or is not positive."""

    code = "duration"


class ClockUnit(StrEnum):
    """What a clock counts."""

    MINUTE = "minute"
    HOUR = "hour"
    WORKING_HOUR = "working_hour"
    NATURAL_DAY = "natural_day"
    WORKING_DAY = "working_day"
    MONTH = "month"


_CHINESE: Final = {
    ClockUnit.MINUTE: "分钟",
    ClockUnit.HOUR: "小时",
    ClockUnit.WORKING_HOUR: "工时",
    ClockUnit.NATURAL_DAY: "个自然日",
    ClockUnit.WORKING_DAY: "个工作日",
    ClockUnit.MONTH: "个月",
}
_UNITS: Final = {
    **{unit.value: unit for unit in ClockUnit},
    **{f"{unit.value}s": unit for unit in ClockUnit},
    **{word: unit for unit, word in _CHINESE.items()},
    "工作日": ClockUnit.WORKING_DAY,
    "自然日": ClockUnit.NATURAL_DAY,
}


@dataclasses.dataclass(frozen=True, slots=True)
class Duration:
    """A positive whole number of units, e.g. 5 working days. Raises DurationError otherwise."""

    value: int
    unit: ClockUnit

    def __post_init__(self) -> None:
        if not 1 <= self.value <= _VALUE_MAX:
            raise DurationError(
                f"a duration of {self.value} {self.unit.value}s",
                remedy=f"use a whole number from 1 to {_VALUE_MAX}",
            )

    def __str__(self) -> str:
        """The form that rule sets and registers write and `parse_duration` reads: 5 working_days."""
        return f"{self.value} {self.unit.value}{'' if self.value == 1 else 's'}"


@functools.lru_cache(maxsize=1024)
def parse_duration(text: str) -> Duration:
    """The duration written as `5 working_days`, `1 month`, `24 hours` or `5个工作日`.

    A bare 5 days (5日, 5天) is refused, since statutes mean working days by it in some places and
    natural days in others. Raises DurationError naming the text and the units.
    """
    match = _DURATION.fullmatch(text.strip())
    words = match["unit"].strip().lower().replace(" ", "_") if match else ""
    unit = _UNITS.get(words)
    if match is None or unit is None:
        raise DurationError(
            f"cannot read the duration {text!r}",
            remedy=f"write a whole number and one of {', '.join(unit.value + 's' for unit in ClockUnit)}",
        )
    return Duration(int(match["value"]), unit)


def format_duration(duration: Duration, language: Literal["zh-hans", "en"]) -> str:
    """The duration for readers: 5个工作日, or 5 working days."""
    if language == "zh-hans":
        return f"{duration.value}{_CHINESE[duration.unit]}"
    return str(duration).replace("_", " ")
