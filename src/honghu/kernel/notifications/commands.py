"""Writes: tell people of steps and of deadlines, note what they have read and how they want it."""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Sequence

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Invalid, NotFound
from honghu.kernel.cases.outbox import StepMessage
from honghu.kernel.cases.selection import loads
from honghu.kernel.notifications.addresses import ask_to_confirm
from honghu.kernel.notifications.hours import is_emergency
from honghu.kernel.notifications.mailing import New, keep
from honghu.kernel.notifications.models import Notification, Preference
from honghu.kernel.notifications.queries import PreferenceRow, told_to
from honghu.kernel.notifications.recipients import Asked, Recipient, find_recipients
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.queries import get_register

Kind = Notification.Kind

_REMINDED_TOGETHER = 500
# Each deadline is taken by one worker: whoever comes second finds its reminder there.
_DUE = """
WITH wanted AS (
  SELECT d.id, d.case_id, d.due_at, d.duration,
    CASE WHEN d.due_at <= %(now)s THEN 'overdue' ELSE 'due_soon' END AS kind
  FROM cases_deadline d WHERE d.status = 'running' AND (d.due_at <= %(now)s OR d.amber_at <= %(now)s)
), taken AS (
  INSERT INTO notifications_reminder (deadline_id, kind, due_at, reminded_at)
  SELECT id, kind, due_at, %(now)s FROM wanted w WHERE NOT EXISTS (
    SELECT 1 FROM notifications_reminder r
    WHERE r.deadline_id = w.id AND r.kind = w.kind AND r.due_at = w.due_at)
  ORDER BY id, kind LIMIT %(limit)s
  ON CONFLICT DO NOTHING RETURNING deadline_id, kind, due_at
)
SELECT t.deadline_id, t.kind, t.due_at, w.duration, c.id, c.number, c.register,
  c.register_version, c.state, c.parties
FROM taken t JOIN wanted w ON w.id = t.deadline_id JOIN cases_case c ON c.id = w.case_id
"""


def notify_of_steps(messages: Sequence[StepMessage], *, now: dt.datetime) -> int:
    """Tell those whose turn it has become, or whose case has ended or rests; how many were told.

    A paper that urges them, such as a reminder, is told to those whose turn it is already.
    In the transaction that takes the messages. A case that has moved on meanwhile is told by its
    later step alone. Who did the step is not told of it; who had taken the case out of this state
    before is told that it came back.
    """
    moved = [
        each
        for each in messages
        if each.state == each.to_state and (each.to_state != each.from_state or _is_paper(each))
    ]
    told = find_recipients(
        (
            Asked(each.case_id, each.register, each.register_version, each.state, each.parties)
            for each in moved
        ),
        on=localdate(now),
    )
    news = [new for each in moved for new in _of_step(each, told[each.case_id], now)]
    return keep(news, now=now)


def _is_paper(message: StepMessage) -> bool:
    """Whether the step served a paper upon a case that stays where it is."""
    action = get_register(message.register, message.register_version).actions.get(message.action)
    return action is not None and action.document is not None


def _of_step(message: StepMessage, told: Iterable[Recipient], now: dt.datetime) -> Iterator[New]:
    state = get_register(message.register, message.register_version).states[message.state]
    is_turn = state.end is None and not state.rests
    usual = Kind.TURN if is_turn else Kind.SETTLED if state.rests else Kind.ENDED
    back_to = message.left_by[0] if message.left_by and is_turn else None
    for each in told:
        if each.person_id == message.person_id:
            continue
        row = Notification(
            person_id=each.person_id,
            organisation_id=each.organisation_id,
            kind=Kind.RETURNED if each.person_id == back_to else usual,
            case_id=message.case_id,
            number=message.number,
            register=message.register,
            register_version=message.register_version,
            state=message.state,
            step_id=message.step_id,
            created_at=now,
        )
        yield New(row, is_emergency(message.clock))


def remind(*, now: dt.datetime) -> int:
    """Remind of deadlines that turned amber, and of those that ran out; returns how many.

    Each deadline is reminded of once before and once at its due instant, however many workers do
    so and whenever they are stopped: the mark and the notifications are one transaction. A deadline
    that ran out while nobody worked gets the second reminder alone.
    """
    reminded = 0
    while True:
        with transaction.atomic():
            count = _remind_some(now)
        reminded += count
        if count < _REMINDED_TOGETHER:
            return reminded


def _remind_some(now: dt.datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"now": now, "limit": _REMINDED_TOGETHER})
        rows = cursor.fetchall()
    asked = {row[4]: Asked(row[4], row[6], row[7], row[8], loads(row[9])) for row in rows}
    told = find_recipients(asked.values(), on=localdate(now))
    news = []
    for (
        deadline_id,
        kind,
        due_at,
        clock,
        case_id,
        number,
        register,
        version,
        state,
        _parties,
    ) in rows:
        for each in told[case_id]:
            row = Notification(
                person_id=each.person_id,
                organisation_id=each.organisation_id,
                kind=kind,
                case_id=case_id,
                number=number,
                register=register,
                register_version=version,
                state=state,
                deadline_id=deadline_id,
                due_at=due_at,
                created_at=now,
            )
            news.append(New(row, is_emergency(clock)))
    keep(news, now=now)
    return len(rows)


def mark_read(notification_id: uuid.UUID, *, actor: Actor, now: dt.datetime) -> uuid.UUID:
    """Note that the actor has read a notification; its case. A second time changes nothing.

    Raises NotFound for somebody else's.
    """
    own = told_to(actor).filter(pk=notification_id)
    own.filter(read_at=None).update(read_at=now)
    case_id = own.values_list("case_id", flat=True).first()
    if case_id is None:
        raise NotFound(_("There is no such notification, or it is not yours."))
    return case_id


def mark_all_read(*, actor: Actor, now: dt.datetime) -> int:
    """Note that the actor has read everything that was told for this organisation; how many."""
    return told_to(actor).filter(read_at=None).update(read_at=now)


def check_address(address: str | None, *, field: str) -> None:
    """Judge a mail address; none is as good as a sound one. Raises Invalid for `field`."""
    try:
        if address:
            validate_email(address)
    except ValidationError as error:
        message = _("This is no mail address.")
        raise Invalid(message, fields={field: message}) from error


def set_preference(wanted: PreferenceRow, *, person_id: uuid.UUID, now: dt.datetime) -> None:
    """Keep how the person wants to be told; mails that wait go out as they were planned.

    An address that is new is asked to be confirmed; until then nothing else is mailed to it.
    Raises Invalid, by field, for an address that is none, mail without an address, half of the
    quiet hours.
    """
    faults: dict[str, str] = {}
    try:
        check_address(wanted.address, field="address")
    except Invalid as refused:
        faults |= refused.fields
    if not wanted.address and wanted.frequency != Preference.Frequency.NEVER:
        faults["address"] = _("Mail needs an address.")
    if wanted.frequency not in Preference.Frequency.values:
        faults["frequency"] = _("There is no such choice.")
    if (wanted.quiet_from is None) != (wanted.quiet_to is None):
        faults["quiet_to" if wanted.quiet_to is None else "quiet_from"] = _(
            "Quiet hours have a beginning and an end, or neither."
        )
    if faults:
        raise Invalid(_("The preferences are not kept."), fields=faults)
    values = {
        "address": wanted.address,
        "frequency": wanted.frequency,
        "digest_at": wanted.digest_at,
        "quiet_from": wanted.quiet_from,
        "quiet_to": wanted.quiet_to,
        "changed_at": now,
    }
    with transaction.atomic():
        is_same = Preference.objects.filter(person_id=person_id, address=wanted.address).exists()
        if not is_same:
            values["confirmed_at"] = None
        Preference.objects.update_or_create(person_id=person_id, defaults=values)
        if wanted.address and not is_same:
            ask_to_confirm(person_id, wanted.address, now=now)


def send_link_again(*, person_id: uuid.UUID, now: dt.datetime) -> str:
    """Ask once more that the person's address be confirmed; the address.

    Raises NotFound where there is none that waits for it.
    """
    waiting = Preference.objects.filter(person_id=person_id, confirmed_at=None).exclude(address="")
    address = waiting.values_list("address", flat=True).first()
    if address is None:
        raise NotFound(_("There is no address that waits to be confirmed."))
    ask_to_confirm(person_id, address, now=now)
    return address
