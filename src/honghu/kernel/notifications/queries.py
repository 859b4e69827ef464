"""Reads: what somebody was told, how many they have not read, how they want it, what failed."""

import dataclasses
import datetime as dt
import uuid

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from honghu.kernel.notifications.models import Mail, Notification, Preference
from honghu.kernel.notifications.wording import Told, read_told
from honghu.kernel.parties.actor import Actor

UNREAD_COUNTED_TO = 99
"""Unread notifications are counted up to here; beyond, it is «more than»."""


@dataclasses.dataclass(frozen=True, slots=True)
class InboxRow:
    """A notification as it is listed, in the reader's language."""

    id: uuid.UUID
    told: Told
    created_at: dt.datetime
    read_at: dt.datetime | None


@dataclasses.dataclass(frozen=True, slots=True)
class PreferenceRow:
    """How somebody wants to be told. An empty `address` means: at the desk alone.

    `confirmed_at` is null until the address was confirmed; nothing is mailed before.
    """

    address: str
    frequency: str
    digest_at: dt.time
    quiet_from: dt.time | None
    quiet_to: dt.time | None
    confirmed_at: dt.datetime | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class MailRow:
    """A mail that could not be sent, for the administrator; `fault` is the server's last word."""

    id: uuid.UUID
    person: str
    address: str
    send_at: dt.datetime
    attempts: int
    status: str
    fault: str


def told_to(actor: Actor) -> QuerySet[Notification]:
    """What the person was told for the organisation; nobody is told as the system."""
    if actor.person_id is None or actor.organisation_id is None:
        return Notification.objects.none()
    return Notification.objects.filter(
        person_id=actor.person_id, organisation_id=actor.organisation_id
    )


def inbox(*, actor: Actor, before: uuid.UUID | None = None, limit: int = 50) -> list[InboxRow]:
    """What the actor was told for this organisation, the newest first, from a place on."""
    own = told_to(actor)
    if before is not None:
        place = own.filter(pk=before).values_list("created_at", flat=True).first()
        if place is not None:
            own = own.extra(where=["(created_at, id) < (%s, %s)"], params=[place, before])
    rows = own.order_by("-created_at", "-id")[:limit]
    return [InboxRow(row.id, read_told(row), row.created_at, row.read_at) for row in rows]


def count_unread(*, actor: Actor) -> int:
    """How many notifications the actor has not read, counted up to UNREAD_COUNTED_TO + 1."""
    return told_to(actor).filter(read_at=None)[: UNREAD_COUNTED_TO + 1].count()


def get_preference(*, person_id: uuid.UUID) -> PreferenceRow:
    """How the person wants to be told; before anything was chosen, what the installation proposes."""
    row = Preference.objects.filter(person_id=person_id).first()
    if row is None:
        quiet_from, quiet_to = (dt.time.fromisoformat(each) for each in settings.HONGHU_QUIET_HOURS)
        digest_at = dt.time.fromisoformat(settings.HONGHU_DIGEST_AT)
        return PreferenceRow("", Preference.Frequency.NEVER, digest_at, quiet_from, quiet_to)
    return PreferenceRow(
        row.address,
        row.frequency,
        row.digest_at,
        row.quiet_from,
        row.quiet_to,
        row.confirmed_at,
    )


def last_fault(*, person_id: uuid.UUID) -> str:
    """Why the last mail to the person could not be sent; empty where it could."""
    last = Mail.objects.filter(person_id=person_id, attempts__gt=0).order_by("-send_at")
    return last.values_list("fault", flat=True).first() or ""


_FAULTY = """
SELECT m.id, p.name, coalesce(f.address, ''), m.send_at, m.attempts, m.status, m.fault
FROM notifications_mail m JOIN parties_person p ON p.id = m.person_id
LEFT JOIN notifications_preference f ON f.person_id = m.person_id
WHERE m.status = 'failed' OR (m.status = 'sending' AND m.fault <> '')
ORDER BY m.send_at DESC LIMIT %s
"""


def faulty_mails(*, limit: int = 200) -> list[MailRow]:
    """Mails that failed for good, and those that failed and will be tried again; newest first."""
    with connection.cursor() as cursor:
        cursor.execute(_FAULTY, [limit])
        return [MailRow(*row) for row in cursor.fetchall()]
