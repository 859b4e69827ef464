"""What can happen to a loan. Each command joins the caller's transaction and posts to the ledger."""

from honghu.domains.lending.commands.booking import Booked
from honghu.domains.lending.commands.borrowers import change_borrower
from honghu.domains.lending.commands.changes import (
    charge_cost,
    extend_loan,
    mark_misused,
    reprice_loan,
    restructure_loan,
    settle_loan,
    write_off,
)
from honghu.domains.lending.commands.disbursing import (
    disburse,
    post_disbursement,
    reserve_disbursement,
    void_disbursement,
)
from honghu.domains.lending.commands.nonaccrual import begin_nonaccrual, end_nonaccrual
from honghu.domains.lending.commands.opening import open_loan, void_loan
from honghu.domains.lending.commands.payments import record_payment, record_recovery
from honghu.domains.lending.commands.reversals import reverse_event
from honghu.domains.lending.rules.problems import UnableToReplay

__all__ = [
    "Booked",
    "UnableToReplay",
    "begin_nonaccrual",
    "change_borrower",
    "charge_cost",
    "disburse",
    "end_nonaccrual",
    "extend_loan",
    "mark_misused",
    "open_loan",
    "post_disbursement",
    "record_payment",
    "record_recovery",
    "reprice_loan",
    "reserve_disbursement",
    "restructure_loan",
    "reverse_event",
    "settle_loan",
    "void_disbursement",
    "void_loan",
    "write_off",
]
