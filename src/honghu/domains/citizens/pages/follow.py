"""Following a report: everybody by its number, its reporter by a secret link; remarks, judgement."""

import datetime as dt
import hashlib
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from honghu.api.limits import address_of
from honghu.base.identifiers import new_id
from honghu.base.problems import HonghuError, NotFound
from honghu.domains.citizens.commands.following import add_remark, erase_contact, judge_report
from honghu.domains.citizens.commands.limiting import insist_on_limit
from honghu.domains.citizens.commands.secrets import is_secret_of, secret_of
from honghu.domains.citizens.pages.door import public_page
from honghu.domains.citizens.queries.pictures import MEDIA_TYPE, bare_picture
from honghu.domains.citizens.queries.public import (
    Pictures,
    PublicReport,
    find_report,
    list_updates,
    outcome_words,
    pictures_of,
    rebound_of_report,
)
from honghu.kernel.parties.actor import SYSTEM
from honghu.web.components import EvidencePair, EvidenceView, Moment
from honghu.web.fields import Choice, FormField


@require_safe
@public_page
def see(request: HttpRequest, now: dt.datetime, number: str) -> HttpResponse:  # noqa: ARG001
    """A report as everybody may see it."""
    return render(request, "citizens/report.html", _context(find_report(number), ""))


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def mine(request: HttpRequest, now: dt.datetime, number: str, secret: str) -> HttpResponse:
    """A report as its reporter sees it, who may add to it and judge it.

    Raises NotFound alike for a wrong number and a wrong secret.
    """
    report = _own(number, secret)
    if request.method != "POST":
        return render(request, "citizens/report.html", _context(report, secret))
    try:
        said = _act(request, report, now)
    except HonghuError as refusal:
        context = _context(report, secret, request)
        context["faults"] = [_(refusal.message), *map(str, refusal.fields.values())]
        return render(request, "citizens/report.html", context, status=refusal.status)
    messages.success(request, said)
    return redirect(reverse("report-mine", args=[number, secret]))


def _act(request: HttpRequest, report: PublicReport, now: dt.datetime) -> str:
    insist_on_limit(address_of(request), now)
    key = request.POST.get("_key", "")
    action = request.POST.get("do", "")
    if action == "remark":
        add_remark(
            report.id, request.POST.get("remark", ""), actor=SYSTEM, now=now, idempotency_key=key
        )
        return _("Your remark was added.")
    if action == "judge":
        judge_report(
            report.id,
            request.POST.get("satisfaction", ""),
            request.POST.get("reason", ""),
            actor=SYSTEM,
            now=now,
            idempotency_key=key,
        )
        return _("Thank you. Your judgement was kept.")
    if action == "erase":
        erase_contact(report.id)
        return _("Your contact was erased.")
    raise NotFound(_("There is no such action."))


def _own(number: str, secret: str) -> PublicReport:
    try:
        report = find_report(number)
    except NotFound:
        report = None
    if report is None or not is_secret_of(report.id, secret):
        message = _("There is no report behind this link.")
        raise NotFound(message, remedy=_("Copy the whole link, or look for the number alone."))
    return report


def _context(
    report: PublicReport, secret: str, request: HttpRequest | None = None
) -> dict[str, Any]:
    pictures = pictures_of(report, is_reporter=bool(secret))
    updates = [
        Moment(title=each.text, at=each.at, tone="neutral" if each.status == "open" else "green")
        for each in reversed(list_updates(report_id=report.id))
    ]
    first = Moment(title=_("Reported"), at=report.opened_at)
    follower = rebound_of_report(report.id)
    typed = request.POST if request is not None else {}
    return {
        "report": report,
        "secret": secret,
        "state": _state(report),
        "moments": [*updates, first],
        "pair": _pair(report, pictures, secret),
        "more": [_view(report, sha, secret, _("Photograph")) for sha in pictures.before[1:]],
        "key": str(new_id()),
        "remark_field": FormField(
            name="remark", label=_("Add a remark"), control="long_text", max_length=4000,
            value=typed.get("remark", ""), required=True,
        ),
        "judge_field": FormField(
            name="satisfaction", label=_("Are you satisfied?"), control="choice", required=True,
            value=typed.get("satisfaction", ""),
            choices=(
                Choice(value="satisfied", label=_("Satisfied")),
                Choice(value="fair", label=_("Fairly satisfied")),
                Choice(value="dissatisfied", label=_("Dissatisfied")),
            ),
        ),
        "reason_field": FormField(
            name="reason", label=_("What is still wrong?"), control="long_text", max_length=2000,
            value=typed.get("reason", ""),
            help=_("If you are dissatisfied a new report is opened and linked with this one."),
        ),
        "follower": _link(follower, secret) if follower else None,
    }  # fmt: skip


def _link(follower: tuple[Any, str], secret: str) -> dict[str, str]:
    case_id, number = follower
    if secret:
        return {"number": number, "url": reverse("report-mine", args=[number, secret_of(case_id)])}
    return {"number": number, "url": reverse("report-see", args=[number])}


def _state(report: PublicReport) -> str:
    """Where the report stands, in a sentence."""
    if report.joined_number:
        return _("The same was reported before: see report {number}.").format(
            number=report.joined_number
        )
    if report.state == "received":
        return _("It was received and waits for an officer to look at it.")
    if report.state == "handling":
        return _("It is being dealt with: {state}.").format(state=report.case_state or "")
    said = outcome_words(report.outcome)
    return f"{said} {report.answer}" if report.answer else said


def _pair(report: PublicReport, pictures: Pictures, secret: str) -> EvidencePair | None:
    if not pictures.before and not pictures.after:
        return None
    before = _view(report, pictures.before[0], secret, _("Before")) if pictures.before else None
    after = _view(report, pictures.after[0], secret, _("After")) if pictures.after else None
    return EvidencePair(before=before, after=after)


def _view(report: PublicReport, sha256: str, secret: str, label: str) -> EvidenceView:
    url = reverse("report-photo", args=[report.number, sha256])
    if secret:
        url = reverse("report-mine-photo", args=[report.number, secret, sha256])
    return EvidenceView(label=label, url=url, thumbnail_url=url)


@require_safe
@public_page
def photo(
    request: HttpRequest,  # noqa: ARG001
    now: dt.datetime,  # noqa: ARG001
    number: str,
    sha256: str,
    secret: str = "",
) -> HttpResponse:
    """A photograph of a report without what the camera noted, if it may be seen. Raises NotFound."""
    report = _own(number, secret) if secret else find_report(number)
    pictures = pictures_of(report, is_reporter=bool(secret))
    if sha256 not in (*pictures.before, *pictures.after):
        message = _("There is no such file, or it is not yours to see.")
        raise NotFound(message)
    content = bare_picture(sha256)
    response = HttpResponse(content, content_type=MEDIA_TYPE)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["ETag"] = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    response["Cache-Control"] = "private, max-age=3600"
    return response
