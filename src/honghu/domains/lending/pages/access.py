"""Who may see which loans."""

from django.utils.translation import gettext as _

from honghu.base.problems import NotAllowed
from honghu.domains.lending.queries.finding import LoanSight, is_in_sight, loan_of_case
from honghu.domains.lending.rules.roles import BORROWER_ROLES, LENDER_ROLES, OVERSEER_ROLES
from honghu.kernel.cases.rows import CaseDetail
from honghu.kernel.parties.actor import Actor


class NoLoansInSight(NotAllowed):
    """The reader holds no role that has to do with loans."""

    code = "no-loans-in-sight"


def sight_of_loans(actor: Actor) -> LoanSight:
    """The loans that an actor may see: the bank's own, the borrower's own, an office's all.

    There is no default: nobody sees a loan without a role that says so.
    """
    own = actor.organisation_id
    if any(actor.holds(role) for role in OVERSEER_ROLES):
        return LoanSight(everything=True)
    lends = any(actor.holds(role) for role in LENDER_ROLES)
    borrows = any(actor.holds(role) for role in BORROWER_ROLES)
    return LoanSight(
        lender_id=own if lends else None,
        borrower_id=own if borrows else None,
    )


def sees_loan_of_case(detail: CaseDetail, actor: Actor) -> bool:
    """Whether the actor may see the loan that a case led to: a buyer sees the case, not the loan."""
    sight = sight_of_loans(actor)
    if sight.nothing:
        return False
    loan = loan_of_case(detail.row.id)
    return loan is not None and is_in_sight(loan, sight)


def require_sight(actor: Actor, *, inside: bool = False) -> LoanSight:
    """The loans in sight; `inside` for pages of lenders and offices. Raises NoLoansInSight."""
    sight = sight_of_loans(actor)
    if sight.nothing or (inside and not sight.is_inside):
        raise NoLoansInSight(
            _("You hold no role that has to do with these loans."),
            remedy=_("Act for the organisation whose loans you want to see, or ask for a role."),
        )
    return sight
