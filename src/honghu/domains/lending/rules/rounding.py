"""Rounding of exact quotients to money: half to even (银行家舍入) or half up (四舍五入)."""

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True)
class Rounding:
    """How a contract rounds money.

    Every amount is a multiple of `multiple_fen`; an instalment is besides that a multiple of
    `instalment_multiple_fen` (0: no such rule). With `each_part` the interest of a period that is
    counted in parts is rounded part by part, otherwise once for the whole period.
    """

    multiple_fen: int = 1
    half_up: bool = False
    instalment_multiple_fen: int = 0
    each_part: bool = False

    def money(self, numerator: int, denominator: int) -> int:
        """The quotient in fen, rounded to the contract's smallest amount."""
        return round_quotient(numerator, denominator * self.multiple_fen, half_up=self.half_up) * (
            self.multiple_fen
        )

    def instalment(self, numerator: int, denominator: int) -> int:
        """The quotient in fen as an instalment.

        A multiple that would make a due instalment vanish is not applied: the loan would otherwise
        fall due as a whole on the last day.
        """
        if self.instalment_multiple_fen:
            multiple = self.instalment_multiple_fen
            rounded = round_quotient(numerator, denominator * multiple, half_up=self.half_up)
            if rounded > 0:
                return rounded * multiple
        return self.money(numerator, denominator)


def round_quotient(numerator: int, denominator: int, *, half_up: bool) -> int:
    """`numerator` / `denominator` to the nearest integer; a tie goes away from zero or to even.

    `denominator` is above zero.
    """
    quotient, rest = divmod(numerator, denominator)
    twice = rest + rest
    if twice > denominator:
        return quotient + 1
    if twice == denominator:
        # divmod rounds down, so that for a negative number "away from zero" is the quotient itself.
        if half_up:
            return quotient + (numerator > 0)
        return quotient + (quotient & 1)
    return quotient
