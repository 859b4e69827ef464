"""Non-accrual (非应计): from when on interest is income only when it is received, and until when."""

import datetime as dt
import uuid
from typing import Any, Final, Protocol

from django.conf import settings

from honghu.domains.lending.commands.booking import Booked, Request, book
from honghu.domains.lending.commands.posting import ensure_books
from honghu.domains.lending.commands.problems import BadReceiptOrder, WrongLoanState
from honghu.domains.lending.models import Event
from honghu.domains.lending.queries.kept import KeptLoan, state_on
from honghu.kernel.parties.actor import Actor
from honghu.kernel.rulesets.queries import get_rule

OVERDUE_DAYS: Final = "lending.nonaccrual_overdue_days"
RECEIPT_ORDER: Final = "lending.nonaccrual_receipts"
_ORDERS: Final = {"contract_order": False, "principal_first": True}


class NonAccrualCommand(Protocol):
    """What `begin_nonaccrual` and `end_nonaccrual` have in common."""

    def __call__(
        self,
        *,
        actor: Actor | None,
        now: dt.datetime,
        idempotency_key: str,
        loan_id: uuid.UUID,
        value_date: dt.date,
    ) -> Booked:
        """Let it happen."""
        ...


def begin_nonaccrual(
    *,
    actor: Actor | None,
    now: dt.datetime,
    idempotency_key: str,
    loan_id: uuid.UUID,
    value_date: dt.date,
) -> Booked:
    """Take the interest that is not paid off income, and keep it and what follows beside the books.

    The borrower owes what was owed. The rule book says after how many days overdue, and in which
    order receipts settle from then on; both are kept with the event. Raises WrongLoanState for a
    loan that is not overdue for longer, BadReceiptOrder for a rule that nobody can follow,
    UnableToReplay where it is so already, RuleMissingError, and as `booking.book`.
    """

    def prepare(kept: KeptLoan) -> dict[str, Any]:
        days = get_rule(OVERDUE_DAYS, on=value_date, region=settings.HONGHU_REGION)
        order = get_rule(RECEIPT_ORDER, on=value_date, region=settings.HONGHU_REGION)
        if order.as_text() not in _ORDERS:
            raise BadReceiptOrder(
                f"the rule {order.name} says {order.as_text()!r}",
                remedy=f"publish a row that says one of: {', '.join(_ORDERS)}",
            )
        overdue = state_on(kept, value_date).days_past_due()
        if overdue <= days.as_int():
            raise WrongLoanState(
                f"loan {kept.row.number} is {overdue} days overdue on {value_date}",
                remedy=f"interest stays income until more than {days.as_int()} days are over",
            )
        ensure_books(kept.row, now=now)
        return {
            "days_overdue": overdue,
            "is_principal_first": _ORDERS[order.as_text()],
            "rules": [days.cite(), order.cite()],
        }

    return book(
        Request(
            loan_id=loan_id,
            kind=Event.Kind.NONACCRUAL_BEGAN,
            actor=actor,
            now=now,
            idempotency_key=idempotency_key,
            value_date=value_date,
        ),
        prepare=prepare,
    )


def end_nonaccrual(
    *,
    actor: Actor | None,
    now: dt.datetime,
    idempotency_key: str,
    loan_id: uuid.UUID,
    value_date: dt.date,
) -> Booked:
    """Let interest be income again as it accrues, once nothing is overdue any more.

    Raises WrongLoanState where something is, UnableToReplay for a loan that accrues, and as
    `booking.book`.
    """

    def prepare(kept: KeptLoan) -> None:
        overdue = state_on(kept, value_date).days_past_due()
        if overdue > 0:
            raise WrongLoanState(
                f"loan {kept.row.number} is {overdue} days overdue on {value_date}",
                remedy="record the payment first",
            )

    return book(
        Request(
            loan_id=loan_id,
            kind=Event.Kind.NONACCRUAL_ENDED,
            actor=actor,
            now=now,
            idempotency_key=idempotency_key,
            value_date=value_date,
        ),
        prepare=prepare,
    )
