"""What a debtor's other debts say about a loan (令2023年第1号; for non-retail debtors only)."""

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from honghu.domains.lending.rules.classification import (
    ClassificationRules,
    Finding,
    Ground,
    RiskClass,
)


class DebtorClaim(NamedTuple):
    """One debt of a debtor, here or at another bank.

    `own_class` is its class on its own grounds: what the debtor's other debts did to it does not
    count, or one bad debt would keep all others bad for ever.
    """

    lender: str
    amount_fen: int
    days_past_due: int
    own_class: RiskClass


def debtor_findings(
    claims: Iterable[DebtorClaim], lender: str, rules: ClassificationRules
) -> tuple[Finding, ...]:
    """What holds for every claim of a lender on one debtor.

    More than 10 % of the lender's claims bad: all bad. More than 20 % of the debts at all banks
    overdue beyond 90 days: bad. Any debt bad anywhere: at least special mention. A claim secured in
    a way that the supervisors accept is left out by the caller.
    """
    all_claims = list(claims)
    if not any(claim.own_class.is_bad for claim in all_claims) and not _long_overdue(
        all_claims, rules
    ):
        return ()
    own = [claim for claim in all_claims if claim.lender == lender]
    wanted = [
        (
            _exceeds(own, [c for c in own if c.own_class.is_bad], rules.debtor_bad_share),
            RiskClass.SUBSTANDARD,
            Ground.DEBTOR_BAD_SHARE,
        ),
        (
            _exceeds(all_claims, _long_overdue(all_claims, rules), rules.debtor_overdue_share),
            RiskClass.SUBSTANDARD,
            Ground.DEBTOR_OVERDUE_SHARE,
        ),
        (
            any(claim.own_class.is_bad for claim in all_claims),
            rules.debtor_bad_at_least,
            Ground.DEBTOR_BAD,
        ),
    ]
    return tuple(Finding(cls, ground) for holds, cls, ground in wanted if holds and cls is not None)


def _long_overdue(claims: list[DebtorClaim], rules: ClassificationRules) -> list[DebtorClaim]:
    days = rules.debtor_overdue_days
    return [] if days is None else [claim for claim in claims if claim.days_past_due > days]


def _exceeds(whole: list[DebtorClaim], part: list[DebtorClaim], share: object) -> bool:
    total = sum(claim.amount_fen for claim in whole)
    if share is None or total == 0:
        return False
    return Fraction(sum(claim.amount_fen for claim in part), total) > Fraction(str(share))
