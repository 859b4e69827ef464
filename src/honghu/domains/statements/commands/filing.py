"""Filing what was taken in: certain entries become payments, doubtful ones cases of exceptions.

Each entry in a transaction of its own, together with the mark that it is done: whoever comes back
goes on where the last one stopped, and nothing is filed twice.
"""

import datetime as dt
import time
import uuid
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils.timezone import localdate

from honghu.base.problems import HonghuError
from honghu.domains.financing.queries.locked import left_to_pay
from honghu.domains.financing.queries.payees import alike_payments
from honghu.domains.statements.commands.exceptions import raise_exception
from honghu.domains.statements.commands.importing import FILED
from honghu.domains.statements.commands.recording import record_entry, reference_of
from honghu.domains.statements.models import Entry, Filing, Waiting
from honghu.kernel.rulesets.queries import get_rule

_SAME_DAYS: Final = "statements.same_payment_days"


def continue_filing(
    *,
    now: dt.datetime,
    seconds: float | None = None,
    statement_id: uuid.UUID | None = None,
    progress: Callable[[int], None] | None = None,
) -> int:
    """File entries of one statement, or of all that wait, for so many seconds or to the end.

    Several may do so at once: a statement is worked on by one. Returns how many were filed.
    """
    until = None if seconds is None else time.monotonic() + seconds
    waiting = Waiting.objects.order_by("statement_id").values_list("statement_id", flat=True)
    if statement_id is not None:
        waiting = waiting.filter(pk=statement_id)
    done = 0
    for each in list(waiting):
        while until is None or time.monotonic() < until:
            if not _file_next(each, now):
                break
            done += 1
            if progress is not None:
                progress(done)
    return done


def _file_next(statement_id: uuid.UUID, now: dt.datetime) -> bool:
    """File the next entry of a statement; false where none is left, or somebody else is at it."""
    with transaction.atomic():
        waiting = (
            Waiting.objects.select_for_update(skip_locked=True).filter(pk=statement_id).first()
        )
        if waiting is None:
            return False
        entry = (
            Entry.objects.select_related("statement")
            .filter(statement_id=statement_id, outcome__in=FILED, number__gt=waiting.filed_to)
            .order_by("number")
            .first()
        )
        if entry is None:
            waiting.delete()
            return False
        _file(entry, now)
        waiting.filed_to = entry.number
        waiting.save(update_fields=["filed_to"])
    return True


def _file(entry: Entry, now: dt.datetime) -> None:
    if entry.loan_id is None:
        raise_exception(entry, entry.reason, now=now)
        return
    doubt = _doubt(entry, entry.loan_id, now)
    if doubt == "known":
        _note(entry, Filing.Kind.KNOWN, entry.loan_id, reference_of(entry), now)
        return
    if doubt is not None:
        raise_exception(entry, doubt, now=now)
        return
    try:
        with transaction.atomic():
            reference = record_entry(
                entry, entry.loan_id, now=now, key=f"statement-entry:{entry.id}"
            )
    except HonghuError as refusal:
        raise_exception(entry, "refused", detail=str(refusal), now=now)
    else:
        _note(entry, Filing.Kind.PAYMENT, entry.loan_id, reference, now)


def _doubt(entry: Entry, loan_id: uuid.UUID, now: dt.datetime) -> str | None:
    """What has come between since the entry was matched; `known` for a payment that is recorded."""
    days = get_rule(_SAME_DAYS, on=localdate(now), region=settings.HONGHU_REGION).as_int()
    day = entry.value_date or entry.booked_date
    alike = alike_payments(loan_id, amount_fen=entry.amount_fen, from_date=day, days=days)
    # What other entries of statements have recorded is another payment.
    theirs = Filing.objects.filter(loan_id=loan_id, reference__in=alike)
    free = set(alike) - set(theirs.values_list("reference", flat=True))
    if reference_of(entry) in free:
        return "known"
    if free:
        return "recorded-already"
    left = left_to_pay(loan_id)
    if left is not None and entry.amount_fen > left:
        return "above-contract"
    return None


def _note(
    entry: Entry, kind: Filing.Kind, loan_id: uuid.UUID, reference: str, now: dt.datetime
) -> None:
    Filing.objects.create(
        entry=entry, kind=kind, loan_id=loan_id, reference=reference, filed_at=now
    )
