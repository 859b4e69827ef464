"""Wins that a page prints twice: counted once when that is certain, else for a person."""

import dataclasses
from decimal import Decimal

from honghu.domains.procurement.readers.awards import yuan_of
from honghu.domains.procurement.readers.values import LotReading
from honghu.domains.procurement.readers.wins import Zone
from honghu.domains.procurement.readers.witnesses import Witnesses

_ROUNDING = Decimal(100)
_TWICE = "several amounts are printed"
_Win = tuple[str | None, ...]


def count_once(lots: list[LotReading], zone: Zone, witnesses: Witnesses) -> list[LotReading]:
    """Lots without those that repeat an earlier one in everything.

    A list printed again lot by lot, a ranking printed again, and repetitions that the stated
    total does not count are left out. Others may be further lots of one price: for a person.
    """
    single = _first_of_each(lots)
    if len(single) == len(lots):
        return lots
    if any((lot.status.value or "").startswith("candidate") for lot in lots):
        return single
    if _states(yuan_of(lots), zone, witnesses):
        return lots
    half = len(lots) // 2
    wins = [_win(lot) for lot in lots]
    labels = [lot.lot.value for lot in single]
    labelled = None not in labels and len(set(labels)) == len(labels) > 1
    again = labelled and len(single) == half and wins[:half] == wins[half:]
    if again or _states(yuan_of(single), zone, witnesses):
        return single
    return [
        _doubted(lot) if wins.count(win) > 1 else lot for lot, win in zip(lots, wins, strict=True)
    ]


def _win(lot: LotReading) -> _Win:
    return (
        lot.lot.value,
        lot.lot_name.value,
        lot.supplier.value,
        lot.amount.value,
        lot.rate.value,
        lot.status.value,
    )


def _first_of_each(lots: list[LotReading]) -> list[LotReading]:
    """Lots whose win is not printed before; those without a figure count as they are."""
    seen: set[_Win] = set()
    kept = []
    for lot in lots:
        win = _win(lot)
        priced = lot.amount.value is not None
        if not (priced and win in seen):
            kept.append(lot)
        seen.add(win)
    return kept


def _states(total: Decimal | None, zone: Zone, witnesses: Witnesses) -> bool:
    """Whether the notice prints this very total."""
    if total is None:
        return False
    if witnesses.summary and abs(witnesses.summary - total) < _ROUNDING:
        return True
    return any(money.form == "amount" and money.yuan == total for money in zone.totals)


def _doubted(lot: LotReading) -> LotReading:
    if lot.amount.state != "value":
        return lot
    return dataclasses.replace(lot, amount=lot.amount.doubted(_TWICE))
