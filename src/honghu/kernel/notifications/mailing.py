"""From notifications to mails: planned with them, written and sent when their hour has come.

A mail is planned in the transaction of its notifications. Whoever sends takes it for some minutes,
sends outside of any transaction, and notes what came of it: should he die in between, another one
sends it again under the same Message-ID. Nothing is mailed that is read or settled by then.
"""

import dataclasses
import datetime as dt
import smtplib
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from honghu.base.identifiers import new_id
from honghu.base.problems import NotFound
from honghu.kernel.cases.deadlines import local_zone
from honghu.kernel.notifications.addresses import VALID, token_of
from honghu.kernel.notifications.hours import Hours, send_at
from honghu.kernel.notifications.models import Mail, Notification, Preference
from honghu.kernel.notifications.wording import read_told
from honghu.kernel.parties.models import Account

_LEASE: Final = dt.timedelta(minutes=5)
_FIRST_PAUSE: Final = dt.timedelta(minutes=2)
_PAUSE_MAX: Final = dt.timedelta(hours=6)
_ATTEMPTS_MAX: Final = 12
"""Two minutes, doubled to six hours: tried for about a day and a half."""
_LISTED_MAX: Final = 100
_FAULT_CHARACTERS: Final = 500
_JOIN: Final = """
INSERT INTO notifications_mail
  (id, person_id, send_at, status, next_at, attempts, fault, confirms)
VALUES (%s, %s, %s, 'waiting', %s, 0, '', '')
ON CONFLICT (person_id, send_at) WHERE status = 'waiting' DO UPDATE SET attempts = 0
RETURNING id
"""
_TAKE: Final = """
UPDATE notifications_mail SET status = 'sending', attempts = attempts + 1, next_at = %(until)s
WHERE id = (
  SELECT id FROM notifications_mail WHERE status IN ('waiting', 'sending') AND next_at <= %(now)s
  ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, person_id, attempts, confirms
"""
# A turn that has passed to somebody else meanwhile, or that was seen at the desk, is not told.
_STILL: Final = """
SELECT n.id FROM notifications_notification n JOIN cases_case c ON c.id = n.case_id
WHERE n.mail_id = %s AND n.read_at IS NULL AND c.state = n.state ORDER BY n.created_at, n.id
"""
CaseLink = Callable[[uuid.UUID], str]
"""The address of a case's page, for mails."""
ConfirmLink = Callable[[str], str]
"""The address of the page that confirms a mail address, by its token."""


@dataclasses.dataclass(frozen=True, slots=True)
class New:
    """A notification about to be kept; the mail of an emergency goes out in quiet hours as well."""

    row: Notification
    emergency: bool


def keep(news: Sequence[New], *, now: dt.datetime) -> int:
    """Keep notifications and plan their mails, in the caller's transaction; how many."""
    plans: dict[tuple[uuid.UUID, dt.datetime], list[Notification]] = {}
    if settings.HONGHU_MAIL:
        hours = _hours({new.row.person_id for new in news})
        for new in news:
            known = hours.get(new.row.person_id)
            if known is not None:
                at = send_at(known, now=now, emergency=new.emergency, zone=local_zone())
                plans.setdefault((new.row.person_id, at), []).append(new.row)
    # In one order everywhere, so that two workers never wait for each other.
    for (person_id, at), rows in sorted(plans.items(), key=lambda plan: plan[0]):
        with connection.cursor() as cursor:
            cursor.execute(_JOIN, [new_id(), person_id, at, at])
            mail_id = cursor.fetchone()[0]
        for row in rows:
            row.mail_id = mail_id
    Notification.objects.bulk_create((new.row for new in news), ignore_conflicts=True)
    return len(news)


def _hours(persons: Iterable[uuid.UUID]) -> dict[uuid.UUID, Hours]:
    wanted = _written_to().filter(person_id__in=set(persons))
    found = {}
    for row in wanted.exclude(frequency=Preference.Frequency.NEVER):
        daily = row.frequency == Preference.Frequency.DAILY
        quiet = (row.quiet_from, row.quiet_to) if row.quiet_from and row.quiet_to else None
        found[row.person_id] = Hours(row.digest_at if daily else None, quiet)
    return found


def _written_to() -> QuerySet[Preference]:
    """Those who have an address that they confirmed."""
    return Preference.objects.exclude(address="").exclude(confirmed_at=None)


def send_mails(
    *, now: dt.datetime, link: CaseLink, confirm_link: ConfirmLink, limit: int = 100
) -> int:
    """Send mails whose hour has come; returns how many were tried.

    A mail that fails is tried again after a pause that doubles, and is given up in the end:
    `faulty_mails` lists it. Many workers may do so at once: each mail is taken by one.
    """
    tried = 0
    while tried < limit:
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, {"now": now, "until": now + _LEASE})
            taken = cursor.fetchone()
        if taken is None:
            break
        tried += 1
        mail_id, person_id, attempts, address = taken
        if address:
            written = _write_confirmation(mail_id, person_id, address, now, confirm_link)
        else:
            written = _write(mail_id, person_id, link)
        _send(mail_id, written, attempts, now=now)
    return tried


def retry_mail(mail_id: uuid.UUID, *, now: dt.datetime) -> None:
    """Try a mail that failed for good anew. Raises NotFound."""
    again = Mail.objects.filter(pk=mail_id, status=Mail.Status.FAILED).update(
        status=Mail.Status.SENDING, next_at=now, attempts=0, ended_at=None
    )
    if not again:
        message = _("There is no failed mail {id}.").format(id=mail_id)
        raise NotFound(message, remedy=_("List the mails."))


def _send(
    mail_id: uuid.UUID, written: EmailMessage | None, attempts: int, *, now: dt.datetime
) -> None:
    if written is None:
        _end(mail_id, Mail.Status.DROPPED, now)
        return
    try:
        written.send()
    except (OSError, smtplib.SMTPException, ValueError) as error:
        fault = f"{type(error).__name__}: {error}"[:_FAULT_CHARACTERS]
        if attempts >= _ATTEMPTS_MAX:
            _end(mail_id, Mail.Status.FAILED, now, fault)
        else:
            pause = min(_FIRST_PAUSE * 2 ** (attempts - 1), _PAUSE_MAX)
            Mail.objects.filter(pk=mail_id).update(next_at=now + pause, fault=fault)
    else:
        _end(mail_id, Mail.Status.SENT, now)


def _end(mail_id: uuid.UUID, status: Mail.Status, now: dt.datetime, fault: str = "") -> None:
    Mail.objects.filter(pk=mail_id).update(status=status, ended_at=now, fault=fault)


def _write(mail_id: uuid.UUID, person_id: uuid.UUID, link: CaseLink) -> EmailMessage | None:
    """The mail in its reader's language; null if there is nothing left to say, or nobody to read."""
    account = Account.objects.filter(person_id=person_id, is_active=True).first()
    preference = _written_to().filter(person_id=person_id).first()
    rows = list(Notification.objects.filter(pk__in=_still(mail_id)).order_by("created_at", "id"))
    if account is None or preference is None or not rows:
        return None
    with translation.override(account.language):
        return _message(mail_id, account, preference.address, _subject(rows), _body(rows, link))


def _write_confirmation(
    mail_id: uuid.UUID, person_id: uuid.UUID, address: str, now: dt.datetime, link: ConfirmLink
) -> EmailMessage | None:
    """The mail that asks to confirm an address; null if that is settled, or nobody's any more."""
    account = Account.objects.filter(person_id=person_id, is_active=True).first()
    waiting = Preference.objects.filter(person_id=person_id, address=address, confirmed_at=None)
    if account is None or not waiting.exists():
        return None
    with translation.override(account.language):
        said = _(
            "{name} gave this address to be told of cases. If that is you, confirm it within "
            "{days} days; nothing is mailed here before. If not, do nothing."
        ).format(name=account.username, days=VALID.days)
        body = f"{said}\n\n{link(token_of(person_id, address, now=now))}\n"
        return _message(mail_id, account, address, _("Confirm this mail address"), body)


def _message(
    mail_id: uuid.UUID, account: Account, address: str, subject: str, body: str
) -> EmailMessage:
    host = settings.HONGHU_MAIL_FROM.rpartition("@")[2].rstrip(">")
    return EmailMessage(
        subject=subject,
        body=body,
        from_email=settings.HONGHU_MAIL_FROM,
        to=[address],
        headers={
            "Message-ID": f"<{mail_id}@{host}>",
            "Auto-Submitted": "auto-generated",
            "Content-Language": account.language,
        },
    )


def _still(mail_id: uuid.UUID) -> list[uuid.UUID]:
    with connection.cursor() as cursor:
        cursor.execute(_STILL, [mail_id])
        return [row[0] for row in cursor.fetchall()]


def _subject(rows: Sequence[Notification]) -> str:
    if len(rows) == 1:
        told = read_told(rows[0])
        return f"{told.register} {told.number}: {told.sentence}"
    count = len(rows)
    return ngettext(
        "{count} case asks for your attention", "{count} cases ask for your attention", count
    ).format(count=count)


def _body(rows: Sequence[Notification], link: CaseLink) -> str:
    parts = []
    for row in rows[:_LISTED_MAX]:
        told = read_told(row)
        lines = [f"{told.register} {told.number} · {told.state}", told.sentence]
        if told.due_at is not None:
            lines.append(_("Due {instant}").format(instant=_instant(told.due_at)))
        parts.append("\n".join([*lines, link(told.case_id)]))
    if len(rows) > _LISTED_MAX:
        parts.append(_("And {count} more.").format(count=len(rows) - _LISTED_MAX))
    parts.append(_("How you are told is set at the desk, under your name. Please do not answer."))
    return "\n\n".join(parts) + "\n"


def _instant(at: dt.datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"
