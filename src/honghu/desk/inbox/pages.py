"""The inbox: what was told, read and unread; and the preferences of mail."""

import datetime as dt
import uuid
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from honghu.base.problems import Invalid
from honghu.desk.frame.pages import desk_page, open_page
from honghu.desk.frame.visit import DeskRequest
from honghu.kernel.notifications.addresses import confirm_address, read_token
from honghu.kernel.notifications.commands import (
    mark_all_read,
    mark_read,
    send_link_again,
    set_preference,
)
from honghu.kernel.notifications.queries import (
    UNREAD_COUNTED_TO,
    PreferenceRow,
    count_unread,
    get_preference,
    inbox,
    last_fault,
)
from honghu.kernel.parties.models import Account
from honghu.web.components import EmptyState
from honghu.web.fields import Choice, FormField

_PAGE = 50


@require_safe
@desk_page
def inbox_page(request: DeskRequest) -> HttpResponse:
    """What the reader was told for this organisation, the newest first."""
    place = request.GET.get("before", "")
    rows = inbox(actor=request.visit.actor, before=_uuid(place), limit=_PAGE + 1)
    context = {
        "rows": rows[:_PAGE],
        "older": rows[_PAGE - 1].id if len(rows) > _PAGE else None,
        "unread": count_unread(actor=request.visit.actor),
        "empty": EmptyState(
            title=_("Nothing yet"),
            text=_("You are told here when it is your turn and when a deadline is near."),
        ),
    }
    return render(request, "desk/inbox/inbox.html", context)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


@require_safe
@desk_page
def open_notification(request: DeskRequest, notification_id: uuid.UUID) -> HttpResponse:
    """Go to the case; the notification is read from now on."""
    case_id = mark_read(notification_id, actor=request.visit.actor, now=request.visit.now)
    return redirect(reverse("case", args=[case_id]))


@require_POST
@desk_page
def read_all(request: DeskRequest) -> HttpResponse:
    """Everything is read."""
    mark_all_read(actor=request.visit.actor, now=request.visit.now)
    return redirect(reverse("inbox"))


@require_safe
@desk_page
def unread_count(request: DeskRequest) -> HttpResponse:
    """How many are unread: a fragment that the top bar fetches for itself; empty for none."""
    count = count_unread(actor=request.visit.actor)
    more = "+" if count > UNREAD_COUNTED_TO else ""
    return HttpResponse(f"{min(count, UNREAD_COUNTED_TO)}{more}" if count else "")


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def preferences(request: DeskRequest) -> HttpResponse:
    """Where mail goes, when, and when not."""
    person_id = cast("Account", request.user).person_id
    kept = get_preference(person_id=person_id)
    typed = {
        "address": kept.address,
        "frequency": kept.frequency,
        "digest_at": _clock(kept.digest_at),
        "quiet_from": _clock(kept.quiet_from),
        "quiet_to": _clock(kept.quiet_to),
    }
    faults: dict[str, str] = {}
    if request.method == "POST":
        typed = {name: request.POST.get(name, "").strip() for name in typed}
        try:
            set_preference(_read(typed), person_id=person_id, now=request.visit.now)
        except Invalid as refused:
            faults = dict(refused.fields)
        else:
            messages.success(request, _("Your preferences are kept."))
            return redirect(reverse("mail-preferences"))
    context = {
        "fields": _fields(typed, faults),
        "no_server": not settings.HONGHU_MAIL,
        "fault": last_fault(person_id=person_id),
        "kept": kept,
    }
    status = 422 if faults else 200
    return render(request, "desk/inbox/preferences.html", context, status=status)


@require_POST
@desk_page
def link_again(request: DeskRequest) -> HttpResponse:
    """Have the mail that asks for the confirmation of one's address sent once more."""
    person_id = cast("Account", request.user).person_id
    address = send_link_again(person_id=person_id, now=request.visit.now)
    messages.success(request, _("The link is on its way to %(address)s.") % {"address": address})
    return redirect(reverse("mail-preferences"))


@require_http_methods(["GET", "HEAD", "POST"])
@open_page
def confirm_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm a mail address by the link that was sent there; without signing in.

    Opening it confirms nothing: programs open links in mails, too.
    """
    now = timezone.now()
    is_done = request.method == "POST"
    address = confirm_address(token, now=now) if is_done else read_token(token, now=now)[1]
    context = {"address": address, "is_done": is_done}
    return render(request, "desk/inbox/confirm.html", context)


def _clock(value: dt.time | None) -> str:
    return f"{value:%H:%M}" if value is not None else ""


def _read(typed: dict[str, str]) -> PreferenceRow:
    """The typed texts as a preference. Raises Invalid, by field, for what is no time of day."""
    times: dict[str, dt.time | None] = {}
    faults = {}
    for name in ("digest_at", "quiet_from", "quiet_to"):
        try:
            times[name] = dt.time.fromisoformat(typed[name]) if typed[name] else None
        except ValueError:
            faults[name] = _("Write a time of day, such as 07:30.")
    if not faults and times["digest_at"] is None:
        faults["digest_at"] = _("Write a time of day, such as 07:30.")
    digest_at = times.get("digest_at")
    if faults or digest_at is None:
        raise Invalid(_("The preferences are not kept."), fields=faults)
    return PreferenceRow(
        typed["address"], typed["frequency"], digest_at, times["quiet_from"], times["quiet_to"]
    )


def _fields(typed: dict[str, str], faults: dict[str, str]) -> list[FormField]:
    frequencies = (
        Choice(value="never", label=_("No mail: at the desk alone")),
        Choice(value="at_once", label=_("At once")),
        Choice(value="daily", label=_("Once a day, all together")),
    )
    texts = {
        "address": (_("Mail address"), ""),
        "digest_at": (_("Daily mail at"), ""),
        "quiet_from": (_("No mail from"), _("Leave both empty to be told at any hour.")),
        "quiet_to": (
            _("until"),
            _("Cases whose deadline counts hours are told at night, too."),
        ),
    }
    fields = [
        FormField(
            name=name,
            label=label,
            control="text",
            value=typed[name],
            help=help_text,
            errors=(faults[name],) if name in faults else (),
            autocomplete="email" if name == "address" else "off",
            placeholder="" if name == "address" else "07:30",
            max_length=254 if name == "address" else 5,
        )
        for name, (label, help_text) in texts.items()
    ]
    frequency = FormField(
        name="frequency",
        label=_("When"),
        control="choice",
        value=typed["frequency"],
        choices=frequencies,
        required=True,
        errors=(faults["frequency"],) if "frequency" in faults else (),
    )
    return [fields[0], frequency, *fields[1:]]
