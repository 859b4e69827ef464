"""An event that should not have been booked is reversed: the loan lives afresh without it."""

import datetime as dt
import uuid

from django.db import transaction
from django.utils.timezone import localdate

from honghu.base.identifiers import new_id
from honghu.domains.lending.commands import posting
from honghu.domains.lending.commands.booking import (
    Booked,
    Request,
    draft_event,
    find_earlier,
    require_status,
    rewrite,
)
from honghu.domains.lending.commands.problems import EventUnknown, UnableToReverseEvent
from honghu.domains.lending.models import Event, Loan
from honghu.domains.lending.queries.kept import load_loan, standing_events
from honghu.domains.lending.readers.events import FOLDED_KINDS
from honghu.kernel.ledger.commands import reverse_transfer
from honghu.kernel.ledger.queries import get_transfers
from honghu.kernel.parties.actor import Actor


def reverse_event(
    *,
    actor: Actor | None,
    now: dt.datetime,
    idempotency_key: str,
    loan_id: uuid.UUID,
    event_id: uuid.UUID,
    step_id: uuid.UUID | None = None,
) -> Booked:
    """Take an event back, whatever came after it.

    The result is what the loan would be without the event. Its transfers are reversed, and one
    adjusting transfer corrects what later events would have settled otherwise.
    Raises EventUnknown, UnableToReverseEvent, UnableToReplay if a later event cannot happen without
    this one, WrongLoanState, KeyReused, LoanUnknown.
    """
    wanted = Request(
        loan_id=loan_id,
        kind=Event.Kind.REVERSED,
        actor=actor,
        now=now,
        idempotency_key=idempotency_key,
        value_date=localdate(now),
        reverses_id=event_id,
        step_id=step_id,
    )
    with transaction.atomic():
        kept = load_loan(loan_id, lock=True)
        earlier = find_earlier(wanted)
        if earlier is not None:
            return earlier
        status = Loan.Status
        require_status(kept.row, status.ACTIVE, status.SETTLED, status.WRITTEN_OFF)
        removed = _reversible(loan_id, event_id)
        event = draft_event(wanted, kept.row)
        if removed.kind == Event.Kind.RESTRUCTURED:
            kept.row.observed_until = _observed_until(removed)
        moved: posting.Legs = {}
        for transfer in get_transfers(removed.transfer_ids):
            if transfer.facts.kind != f"loan_{removed.kind}":
                continue
            reversal = reverse_transfer(
                transfer.facts.id,
                id=new_id(),
                now=now,
                value_date=wanted.value_date,
                step_id=step_id,
            )
            event.transfer_ids = [*event.transfer_ids, reversal.id]
            legs = {entry.account_id: entry.amount_fen for entry in reversal.entries}
            moved = posting.add_legs(moved, legs)
        return rewrite(kept, event, wanted, removed=removed, reversal=moved)


def _observed_until(removed: Event) -> dt.date | None:
    """Until when the loan is observed without one of its restructurings; None: it is not."""
    ends = [
        dt.date.fromisoformat(each.detail["observed_until"])
        for each in standing_events(removed.loan_id)
        if each.kind == removed.kind and each.id != removed.id
    ]
    return max(ends, default=None)


def _reversible(loan_id: uuid.UUID, event_id: uuid.UUID) -> Event:
    event = Event.objects.filter(pk=event_id, loan_id=loan_id).first()
    if event is None:
        raise EventUnknown(f"the loan has no event {event_id}", remedy="check the event's id")
    if event.kind not in FOLDED_KINDS:
        raise UnableToReverseEvent(
            f"event {event.sequence} is {event.kind}: it moves nothing that could be taken back",
            remedy="void a reservation; open a settled loan by reversing what settled it",
        )
    if Event.objects.filter(reverses_id=event_id).exists():
        raise UnableToReverseEvent(
            f"event {event.sequence} was reversed already", remedy="read the reversal"
        )
    return event
