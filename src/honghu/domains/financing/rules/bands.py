"""Classes by which banks narrow their list of opportunities. They decide nothing."""

from decimal import Decimal
from typing import Literal

AmountBand = Literal["to_500k", "to_2m", "to_5m", "to_10m", "above_10m", "unpriced"]
RatioBand = Literal["to_50", "to_70", "to_90", "above_90"]

_AMOUNTS: tuple[tuple[int, AmountBand], ...] = (
    (50_000_000, "to_500k"),
    (200_000_000, "to_2m"),
    (500_000_000, "to_5m"),
    (1_000_000_000, "to_10m"),
)
_RATIOS: tuple[tuple[Decimal, RatioBand], ...] = (
    (Decimal("0.5"), "to_50"),
    (Decimal("0.7"), "to_70"),
    (Decimal("0.9"), "to_90"),
)


def amount_band(amount_fen: int | None) -> AmountBand:
    """The class of an award's amount, which is below its upper end; null is no amount (rule 5)."""
    if amount_fen is None:
        return "unpriced"
    return next((band for below, band in _AMOUNTS if amount_fen < below), "above_10m")


def ratio_band(asked_fen: int | None, award_fen: int | None) -> RatioBand | None:
    """The class of what is asked for out of the award; null while either is unknown."""
    if asked_fen is None or award_fen is None:
        return None
    share = Decimal(asked_fen) / award_fen
    return next((band for most, band in _RATIOS if share <= most), "above_90")
