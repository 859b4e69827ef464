"""How values are written, in both languages: base units inside, 万 and 亿 where Chinese reads so."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from honghu.analytics.figure import Unit
from honghu.kernel.registers.model import Text

UNITS: Final[Mapping[Unit, Text]] = {
    Unit.COUNT: Text("", ""),
    Unit.ORDINAL: Text("", ""),
    Unit.CASES: Text("件", ""),
    Unit.ORGANISATIONS: Text("家", ""),
    Unit.PERSONS: Text("人", ""),
    Unit.FEN: Text("元", "yuan"),
    Unit.PERSON_TIMES: Text("人次", "person-days"),
    Unit.MACHINE_TIMES: Text("台次", "machine-days"),
    Unit.VEHICLE_TIMES: Text("辆次", "vehicle-days"),
    Unit.BOAT_TIMES: Text("艘次", "boat-days"),
    Unit.SQUARE_METRES: Text("平方米", "m²"),
    Unit.KILOGRAMS: Text("千克", "kg"),
    Unit.METRES: Text("米", "m"),
    Unit.MINUTES: Text("分钟", "minutes"),
    Unit.DAYS: Text("天", "days"),
    Unit.RATIO: Text("", ""),
}
_WAN: Final = Decimal(10_000)
_YI: Final = Decimal(100_000_000)
_TONNE: Final = Decimal(1000)
_HUNDRED: Final = Decimal(100)
_SHOWN: Final = Decimal("0.01")
_LARGE: Final = frozenset({Unit.FEN, Unit.SQUARE_METRES})
"""Units of which Chinese texts say 万 and 亿."""
WITHHELD: Final = Text("涉及个人且数量过小，不公开", "withheld: a small count of persons")
UNKNOWN: Final = Text("—", "—")


def value_text(value: Decimal | None, unit: Unit, words: Text | None = None) -> Text:
    """A value with its unit as both languages write it; the dash where nothing is known."""
    if value is None:
        return UNKNOWN
    if unit is Unit.RATIO:
        percent = f"{_plain(_rounded(value * _HUNDRED))}%"
        return Text(percent, percent)
    if unit is Unit.FEN:
        value /= _HUNDRED
    if value != _rounded(value):
        value = _rounded(value)
    if unit is Unit.KILOGRAMS and value >= _TONNE:
        tonnes = _plain(value / _TONNE)
        return Text(f"{tonnes}吨", f"{tonnes} t")
    names = words or UNITS[unit]
    return Text(
        f"{_chinese(value, unit)}{names.zh}",
        f"{_plain(value) if unit is Unit.ORDINAL else _grouped(value)} {names.en}".rstrip(),
    )


def frozen_text(frozen: Mapping[str, Any]) -> Text:
    """The text of a value that a bulletin has frozen."""
    if frozen["withheld"]:
        return WITHHELD
    value = None if frozen["value"] is None else Decimal(frozen["value"])
    words = frozen["unit_words"]
    return value_text(value, Unit(frozen["unit"]), Text(**words) if words else None)


def _chinese(value: Decimal, unit: Unit) -> str:
    if unit in _LARGE:
        for size, name in ((_YI, "亿"), (_WAN, "万")):
            if abs(value) >= size:
                return f"{_plain(value / size)}{name}"
    return _plain(value)


def _grouped(value: Decimal) -> str:
    return f"{Decimal(_plain(value)):,f}"


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_SHOWN)


def _plain(value: Decimal) -> str:
    """Without exponent and without zeros at the end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
