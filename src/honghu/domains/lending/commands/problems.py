"""Refusals of the commands on loans."""

from honghu.base.problems import Conflict, Invalid


class KeyReused(Conflict):
    """The idempotency key was used for something else."""

    code = "lending-key-reused"


class BadKey(Invalid):
    """An idempotency key that is empty, or longer than an index takes."""

    code = "lending-key"


class WrongLoanState(Conflict):
    """The loan is in a state in which this cannot happen."""

    code = "lending-wrong-state"


class FutureEvent(Invalid):
    """An event with a day that has not come, or before the loan began."""

    code = "lending-day"


class OverApproved(Conflict):
    """More would be lent and reserved than was approved."""

    code = "lending-over-approved"


class SameBorrower(Conflict):
    """The loan is this borrower's already."""

    code = "lending-same-borrower"


class StillOwed(Conflict):
    """The loan cannot be settled or voided: money is owed, lent or reserved."""

    code = "lending-still-owed"


class UnableToReverseEvent(Conflict):
    """The event cannot be reversed: it moves nothing, or was reversed."""

    code = "lending-not-reversible"


class EventUnknown(Conflict):
    """The loan has no such event, or it is of another kind."""

    code = "lending-event-unknown"


class BadAmount(Invalid):
    """An amount that is not above zero, or terms that do not fit what is owed."""

    code = "lending-amount"


class BatchClosed(Conflict):
    """The accrual batch was posted, or does not exist."""

    code = "lending-batch-closed"


class BadReceiptOrder(Invalid):
    """A rule on receipts of non-accrual loans that says something unknown."""

    code = "lending-receipt-order"


class NumberTaken(Conflict):
    """The lender has a loan of this number, or the id stands for another loan."""

    code = "lending-number-taken"


class PaymentRefused(Conflict):
    """The lender must pay this drawdown itself, and payee or papers do not allow it."""

    code = "lending-payment-refused"
