"""A contract loan that is lost: written off by two persons of the bank, the claim itself stays."""

from decimal import Decimal

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict
from honghu.domains.financing.commands.limits import apply_ceiling, ensure_limit, follow_debt
from honghu.domains.financing.commands.servicing import restate
from honghu.domains.financing.models import Loan
from honghu.domains.financing.queries.served import served_loan
from honghu.domains.lending import commands as lending
from honghu.domains.lending.queries import get_loan
from honghu.kernel.cases.effects import Effect


class UnableToWriteOff(Conflict):
    """Nothing is owed on the loan, so there is nothing to lose."""

    code = "nothing-to-write-off"


def write_off_loan(effect: Effect) -> None:
    """Effect of `decide_write_off`: approved, lending takes what is owed off its books (核销).

    The lock stays: what the treasury pays later is recovered (`record_payment`). The exposure on
    the award falls by the principal lost. Raises UnableToWriteOff where nothing is owed.
    """
    if effect.result != "approved":
        return
    loan = Loan.objects.select_for_update().get(pk=effect.case.id)
    limit = ensure_limit(loan.award_id, ratio=Decimal(0), now=effect.now)
    before, today = served_loan(loan), localdate(effect.now)
    if before is None:
        raise _nothing_owed()
    try:
        lending.write_off(
            actor=effect.actor,
            now=effect.now,
            idempotency_key=f"{effect.step_id}:write-off",
            loan_id=before.id,
            value_date=today,
            step_id=effect.step_id,
        )
    except lending.UnableToReplay as error:
        raise _nothing_owed() from error
    follow_debt(effect, limit, -before.owed_principal_fen, value_date=today)
    apply_ceiling(limit, now=effect.now)
    restate(effect.case.facts, get_loan(before.id), recovered_fen=0)
    effect.case.facts["written_off_on"] = today.isoformat()


def _nothing_owed() -> UnableToWriteOff:
    message = _("Nothing is owed on the loan.")
    return UnableToWriteOff(message, remedy=_("Return it, and apply for settlement instead."))
