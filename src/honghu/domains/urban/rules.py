"""Pure rules of urban management: rates as they are printed."""

from decimal import ROUND_HALF_UP, Decimal


def printed_percent(part: int, whole: int) -> Decimal | None:
    """A rate in percent with two decimals, as bulletins print it; null where nothing was due."""
    if not 0 <= part <= whole:
        message = f"{part} of {whole}"
        raise ValueError(message)
    if whole == 0:
        return None
    return (Decimal(100) * part / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)
