"""The one way in which something happens to a loan: lock, repeat or refuse, fold, keep, post, record.

An event of the day that the loan was served to, or of a later one, is one step of the fold. An
event of an earlier day, and a reversal, let the fold run afresh over all events, and the ledger
receives the difference.
"""

import dataclasses
import datetime as dt
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from honghu.base.hashing import canonical_json, sha256, to_jsonable
from honghu.base.identifiers import new_id
from honghu.domains.lending.commands import posting
from honghu.domains.lending.commands.keeping import keep
from honghu.domains.lending.commands.problems import (
    BadAmount,
    BadKey,
    FutureEvent,
    KeyReused,
    OverApproved,
    WrongLoanState,
)
from honghu.domains.lending.models import Accrual, Event, Loan
from honghu.domains.lending.queries.kept import (
    KeptLoan,
    folded,
    load_loan,
    opening_contract,
    standing_events,
)
from honghu.domains.lending.rules.allocation import Bucket
from honghu.domains.lending.rules.contracts import Paid
from honghu.domains.lending.rules.postings import (
    Earned,
    Step,
    life,
    take_step,
    total_earned,
    total_income,
)
from honghu.domains.lending.rules.servicing import ACCRUING
from honghu.domains.lending.rules.units import to_units
from honghu.kernel.journal.statements import prepared_cursor
from honghu.kernel.ledger.commands import post_transfers
from honghu.kernel.ledger.records import NewCompoundTransfer
from honghu.kernel.parties.actor import Actor

_LONGEST_KEY: Final = 200
_EARLIER: Final = """
SELECT id, loan_id, sequence, request_hash, coalesce(detail->'outcome', '{}')::text
FROM lending_event WHERE idempotency_key = %s
"""
_Status = Loan.Status
_FOLDED_IN: Final[dict[str, tuple[str, ...]]] = {
    Event.Kind.DISBURSED: (_Status.APPROVED, _Status.ACTIVE),
    Event.Kind.REPRICED: (_Status.APPROVED, _Status.ACTIVE),
    # One that came before the write-off and becomes known after it: the fold looks at the day.
    Event.Kind.PAID: (_Status.ACTIVE, _Status.WRITTEN_OFF),
    Event.Kind.RECOVERED: (_Status.WRITTEN_OFF,),
}
_DATED_WHEN_SENT: Final = frozenset(
    {
        Event.Kind.BORROWER_CHANGED,
        Event.Kind.DISBURSEMENT_VOIDED,
        Event.Kind.REVERSED,
        Event.Kind.SETTLED,
        Event.Kind.VOIDED,
    }
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a command wants to happen to a loan."""

    loan_id: uuid.UUID
    kind: str
    actor: Actor | None
    now: dt.datetime
    idempotency_key: str
    value_date: dt.date
    amount_fen: int | None = None
    detail: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    money_account_id: uuid.UUID | None = None
    release_account_id: uuid.UUID | None = None
    reverses_id: uuid.UUID | None = None
    pending_id: uuid.UUID | None = None
    step_id: uuid.UUID | None = None

    @property
    def hash(self) -> bytes:
        """SHA-256 of what is asked for: who asks, when, and by which step of a case do not count.

        Nor does the day of what happens on the day of asking: asked again after midnight, it is
        the same request.
        """
        left_out = {"actor", "now", "idempotency_key", "step_id"}
        left_out |= {"value_date"} if self.kind in _DATED_WHEN_SENT else set()
        body = {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.name not in left_out
        }
        return sha256(canonical_json(to_jsonable(body)))


@dataclasses.dataclass(frozen=True, slots=True)
class Booked:
    """What a command came to; `is_replayed` if the same request had been booked before.

    `outcome` has what a payment settled by bucket, and what it released, in fen.
    """

    loan_id: uuid.UUID
    event_id: uuid.UUID
    sequence: int
    is_replayed: bool
    outcome: Mapping[str, int]


Prepared = Callable[[KeptLoan], Mapping[str, Any] | None]


def book(
    wanted: Request, *, prepare: Prepared | None = None, resolved_by: uuid.UUID | None = None
) -> Booked:
    """Let an event happen to a loan, in the caller's transaction, once per idempotency key.

    `prepare` is called with the locked loan before anything happens; it may refuse, and what it
    returns is added to the event's detail. `resolved_by`: the transfer by which `prepare`
    has moved the money already. Raises LoanUnknown, KeyReused, WrongLoanState, FutureEvent, BadAmount,
    OverApproved, UnableToReplay, and what the ledger refuses.
    """
    with transaction.atomic():
        kept = load_loan(wanted.loan_id, lock=True)
        earlier = find_earlier(wanted)
        if earlier is not None:
            return earlier
        _check(wanted, kept)
        more = dict(prepare(kept) or {}) if prepare else {}
        event = draft_event(wanted, kept.row, more)
        event.transfer_ids = [resolved_by] if resolved_by else []
        if wanted.value_date >= kept.row.served_to:
            return _happen(kept, event, wanted, resolved_by=resolved_by)
        return rewrite(kept, event, wanted, added=event, resolved_by=resolved_by)


def find_earlier(wanted: Request) -> Booked | None:
    """What the idempotency key came to before, if it was used.

    Raises KeyReused for other inputs, BadKey for a key that is empty or too long for an index.
    """
    if not 0 < len(wanted.idempotency_key) <= _LONGEST_KEY:
        raise BadKey(
            f"an idempotency key of {len(wanted.idempotency_key)} characters",
            remedy=f"give 1 to {_LONGEST_KEY} characters",
        )
    with prepared_cursor() as cursor:
        cursor.execute(_EARLIER, [wanted.idempotency_key])
        found = cursor.fetchone()
    if found is None:
        return None
    event_id, loan_id, sequence, request_hash, outcome = found
    if bytes(request_hash) != wanted.hash or loan_id != wanted.loan_id:
        raise key_reused(wanted.idempotency_key)
    return Booked(loan_id, event_id, sequence, is_replayed=True, outcome=json.loads(outcome))


def key_reused(key: str) -> KeyReused:
    """The refusal of a key that stands for another request."""
    return KeyReused(
        f"the key {key!r} was used for another request", remedy="make a new key for a new request"
    )


def write_event(event: Event) -> None:
    """Write the row of an event. Raises KeyReused if another loan's event took the key meanwhile."""
    try:
        event.save(force_insert=True)
    except IntegrityError as error:
        raise key_reused(event.idempotency_key) from error


def booked(event: Event) -> Booked:
    """The answer that an event gives which was just booked."""
    outcome = event.detail.get("outcome", {})
    return Booked(event.loan_id, event.id, event.sequence, is_replayed=False, outcome=outcome)


def check_day(wanted: Request, row: Loan) -> None:
    """Raise FutureEvent for a day that has not come, or before the loan's first."""
    if not row.start_date <= wanted.value_date <= localdate(wanted.now):
        raise FutureEvent(
            f"{wanted.value_date} is not between {row.start_date}, on which the loan began, and today",
            remedy="give the day on which it happened",
            fields={"value_date": wanted.value_date.isoformat()},
        )


def require_status(row: Loan, *allowed: str) -> None:
    """Raise WrongLoanState unless the loan is in one of these states."""
    if row.status not in allowed:
        raise WrongLoanState(
            f"loan {row.number} is {row.status}",
            remedy=f"this can happen to a loan that is {' or '.join(allowed)}",
        )


def draft_event(wanted: Request, row: Loan, more: Mapping[str, Any] | None = None) -> Event:
    """The row of an event that follows the loan's last; not written yet."""
    actor = wanted.actor
    return Event(
        id=new_id(),
        loan_id=row.id,
        sequence=row.version + 1,
        kind=wanted.kind,
        value_date=wanted.value_date,
        booked_at=wanted.now,
        amount_fen=wanted.amount_fen,
        detail={**wanted.detail, **(more or {})},
        money_account_id=wanted.money_account_id,
        release_account_id=wanted.release_account_id,
        reverses_id=wanted.reverses_id,
        pending_id=wanted.pending_id,
        actor_person_id=actor.person_id if actor else None,
        actor_organisation_id=actor.organisation_id if actor else None,
        idempotency_key=wanted.idempotency_key,
        request_hash=wanted.hash,
    )


def record(event: Event, row: Loan) -> Booked:
    """Write an event that moves no state of the fold, and the loan's row."""
    row.version = event.sequence
    row.save(force_update=True)
    write_event(event)
    return booked(event)


def _check(wanted: Request, kept: KeptLoan) -> None:
    require_status(kept.row, *_FOLDED_IN.get(wanted.kind, (_Status.ACTIVE,)))
    check_day(wanted, kept.row)
    if wanted.amount_fen is not None and wanted.amount_fen <= 0:
        raise BadAmount(
            f"an amount of {wanted.amount_fen} fen",
            remedy="give an amount above zero",
            fields={"amount_fen": str(wanted.amount_fen)},
        )


def _happen(
    kept: KeptLoan, event: Event, wanted: Request, *, resolved_by: uuid.UUID | None
) -> Booked:
    """The event is the next step of the loan."""
    row = kept.row
    (happening,) = folded([event])
    step = take_step(kept.state, happening)
    event.detail["outcome"] = outcome(step)
    transfers = posting.make_transfer(
        posting.legs_of(step.earned_legs(), row),
        row,
        kind=posting.ACCRUED,
        value_date=event.value_date,
        step_id=wanted.step_id,
    )
    if resolved_by is None:
        transfers += event_transfer(step, row, event, wanted.step_id)
    add_accrual(row, event, step.earned, (row.served_to, event.value_date), kept)
    move_income(row, event, step.recognised)
    _finish(kept, [step], event, transfers, now=wanted.now)
    return booked(event)


def event_transfer(
    step: Step, row: Loan, event: Event, step_id: uuid.UUID | None
) -> list[NewCompoundTransfer]:
    """What the event itself moves."""
    legs = posting.legs_of(step.legs(), row, event)
    kind = f"loan_{event.kind}"
    return posting.make_transfer(legs, row, kind=kind, value_date=event.value_date, step_id=step_id)


def outcome(step: Step) -> dict[str, int]:
    """What a payment settled by bucket and released; of other events, what they released."""
    found = {}
    if isinstance(step.event, Paid):
        allocation = step.after.allocations[-1]
        found = {str(bucket): allocation.total(bucket) for bucket in Bucket}
    return {key: fen for key, fen in {**found, "released": step.released_fen}.items() if fen}


def add_accrual(
    row: Loan,
    event: Event,
    earned: Earned,
    days: tuple[dt.date, dt.date],
    kept: KeptLoan,
    *,
    is_correction: bool = False,
) -> None:
    """The subledger's row of what an event found earned; none where nothing was and no day passed."""
    units = to_units(earned.exact, kept.contract)
    first, last = days
    if (first == last or is_correction) and not any((*units, *earned.by_bucket.values())):
        return
    row.accruals += 1
    Accrual.objects.create(
        loan_id=row.id,
        number=row.accruals,
        batch_id=event.id,
        event_id=event.id,
        is_correction=is_correction or first == last,
        is_off_balance=row.is_nonaccrual and not is_correction,
        from_date=first,
        to_date=last,
        interest_units=units[0],
        compound_units=units[1],
        penalty_units=units[2],
        interest_fen=earned.interest_fen,
        compound_fen=earned.compound_fen,
        penalty_fen=earned.penalty_fen,
        booked_at=event.booked_at,
    )


def move_income(row: Loan, event: Event, fen: Mapping[Bucket, int]) -> None:
    """The subledger's rows of interest that moves from beside the books onto them, or back."""
    if not any(fen.values()):
        return
    for sign, is_off_balance in ((1, False), (-1, True)):
        row.accruals += 1
        Accrual.objects.create(
            loan_id=row.id,
            number=row.accruals,
            batch_id=event.id,
            event_id=event.id,
            is_correction=True,
            is_off_balance=is_off_balance,
            from_date=event.value_date,
            to_date=event.value_date,
            booked_at=event.booked_at,
            **{f"{bucket}_fen": sign * fen[bucket] for bucket in ACCRUING},
        )


def rewrite(
    kept: KeptLoan,
    event: Event,
    wanted: Request,
    *,
    added: Event | None = None,
    removed: Event | None = None,
    reversal: posting.Legs | None = None,
    resolved_by: uuid.UUID | None = None,
) -> Booked:
    """Live the loan afresh with an event more or less, and post the difference.

    `reversal` is what reversing transfers have moved already. Raises UnableToReplay if the later
    events cannot happen any more.
    """
    row = kept.row
    standing = standing_events(row.id)
    lived = [each for each in standing if removed is None or each.id != removed.id]
    lived += [added] if added else []
    old, new = _live(row, standing), _live(row, lived)
    old_steps, new_steps = ([step for step, _ in each] for each in (old, new))
    earned = total_earned(new_steps).minus(total_earned(old_steps))
    income = _difference(total_income(new_steps), total_income(old_steps))
    accrued = posting.add_legs(
        *(posting.legs_of(step.earned_legs(), row) for step in new_steps),
        *(posting.negated(posting.legs_of(step.earned_legs(), row)) for step in old_steps),
    )
    moved = posting.add_legs(
        *(posting.legs_of(step.legs(), row, each) for step, each in new),
        *(posting.negated(posting.legs_of(step.legs(), row, each)) for step, each in old),
        posting.negated(reversal or {}),
    )
    transfers: list[NewCompoundTransfer] = []
    today = localdate(wanted.now)
    own = next((step for step, each in new if added and each is added), None)
    if own is not None:
        event.detail["outcome"] = outcome(own)
        legs = posting.legs_of(own.legs(), row, event)
        moved = posting.add_legs(moved, posting.negated(legs))
        transfers += [] if resolved_by else event_transfer(own, row, event, wanted.step_id)
    for kind, each in (
        (posting.ACCRUED, accrued),
        (posting.ADJUSTED, moved),
    ):
        transfers += posting.make_transfer(
            each, row, kind=kind, value_date=today, step_id=wanted.step_id
        )
    days = (removed or event).value_date, row.served_to
    add_accrual(row, event, earned, days, kept, is_correction=True)
    move_income(row, event, _difference(income, earned.by_bucket))
    _finish(kept, new_steps, event, transfers, now=wanted.now, afresh=True)
    return booked(event)


def _difference(mine: Mapping[Bucket, int], theirs: Mapping[Bucket, int]) -> dict[Bucket, int]:
    return {bucket: mine[bucket] - theirs[bucket] for bucket in mine}


def _live(row: Loan, events: Sequence[Event]) -> list[tuple[Step, Event | None]]:
    """The loan's life from its opening to the day it was served to, steps beside their events."""
    ordered = sorted(events, key=lambda each: (each.value_date, each.sequence))
    steps = list(life(opening_contract(row.id), row.start_date, folded(ordered), row.served_to))
    return [(step, ordered[at] if at < len(ordered) else None) for at, step in enumerate(steps)]


def _finish(
    kept: KeptLoan,
    steps: Sequence[Step],
    event: Event,
    transfers: Sequence[NewCompoundTransfer],
    *,
    now: dt.datetime,
    afresh: bool = False,
) -> None:
    row, state = kept.row, steps[-1].after
    if state.lent_fen + row.reserved_fen > row.approved_fen:
        raise OverApproved(
            f"loan {row.number} is approved for {row.approved_fen} fen; "
            f"{state.lent_fen + row.reserved_fen} fen would be lent or reserved",
            remedy="lend less",
        )
    row.version = event.sequence
    if state.is_written_off:
        row.status = _Status.WRITTEN_OFF
    elif state.lent_fen == 0:
        row.status = _Status.APPROVED
    else:
        row.status = _Status.ACTIVE
    post_transfers(transfers, now=now, link_id=event.id)
    event.transfer_ids = [*event.transfer_ids, *(each.id for each in transfers)]
    keep(kept, steps, afresh=afresh)
    write_event(event)
