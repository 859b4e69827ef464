"""Penalty interest (罚息) and compound interest (复利) as contract terms.

银发〔2003〕251号: an overdue loan bears the contract rate plus 30 to 50 percent of it, a misused one
plus 50 to 100 percent, from the first day until it is cleared. 人民币利率管理规定 art. 20: interest
not paid when due bears interest itself, at the contract rate within the term and at the penalty rate
after maturity.
"""

import dataclasses
from decimal import Decimal

from honghu.domains.lending.rules.problems import LoanTermsError


@dataclasses.dataclass(frozen=True, slots=True)
class PenaltyTerms:
    """Markups in percent of the contract rate, as the contract states them.

    The bounds are the regulation's and come from the rule set: `check_markups` takes them.
    """

    overdue_markup_pct: Decimal
    misuse_markup_pct: Decimal
    is_compounding: bool = True

    def overdue_rate(self, contract_rate: Decimal) -> Decimal:
        """The rate of overdue principal."""
        return _marked_up(contract_rate, self.overdue_markup_pct)

    def misuse_rate(self, contract_rate: Decimal) -> Decimal:
        """The rate of principal used for something else than agreed (民法典 art. 673)."""
        return _marked_up(contract_rate, self.misuse_markup_pct)


def check_markups(
    terms: PenaltyTerms,
    overdue_bounds_pct: tuple[Decimal, Decimal],
    misuse_bounds_pct: tuple[Decimal, Decimal],
) -> None:
    """Raise LoanTermsError for a markup outside the bounds of the rule set in force."""
    for name, markup, (least, most) in (
        ("overdue", terms.overdue_markup_pct, overdue_bounds_pct),
        ("misuse", terms.misuse_markup_pct, misuse_bounds_pct),
    ):
        if not least <= markup <= most:
            raise LoanTermsError(
                f"the {name} markup of {markup} % is outside {least} to {most} %",
                remedy="agree on a markup within the rule set",
            )


def _marked_up(rate: Decimal, markup_pct: Decimal) -> Decimal:
    return rate + (rate * markup_pct).scaleb(-2)
