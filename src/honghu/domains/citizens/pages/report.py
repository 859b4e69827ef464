"""Reporting a problem without an account: choose the kind, say what and where, see what is known."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from honghu.api.limits import address_of
from honghu.base.problems import HonghuError
from honghu.domains.citizens.commands.limiting import insist_on_limit
from honghu.domains.citizens.commands.photographs import keep_photographs
from honghu.domains.citizens.commands.submitting import Submission, check_report, submit_report
from honghu.domains.citizens.pages.door import (
    HELD,
    HONEYPOT,
    STAMP,
    Stamp,
    new_stamp,
    public_page,
    read_held,
    read_stamp,
    seal_held,
)
from honghu.domains.citizens.queries.rule_rows import rule
from honghu.domains.citizens.queries.services import Service, find_service, list_services
from honghu.domains.citizens.queries.similar import SimilarReport, point_of, similar_reports
from honghu.domains.citizens.rules.likeness import Said
from honghu.kernel.cases.wording import words
from honghu.kernel.evidence.queries import list_evidence
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.registers.model import FieldType
from honghu.web.fields import FormField, register_field

_CONTACT: Final = ("name", "phone", "email")
_ANYWAY: Final = "anyway"


@dataclasses.dataclass(frozen=True, slots=True)
class _Typed:
    """What the browser sent, so that nothing of it is lost."""

    texts: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]
    held: tuple[str, ...]
    faults: Mapping[str, str] = dataclasses.field(default_factory=dict)
    general: tuple[str, ...] = ()


@require_safe
@public_page
def kinds(request: HttpRequest, now: dt.datetime) -> HttpResponse:  # noqa: ARG001
    """What can be reported, by register; and finding a report by its number."""
    groups: dict[str, list[dict[str, str]]] = {}
    for service in list_services():
        entry = {"url": reverse("report-new", args=[service.code]), "title": words(service.title)}
        groups.setdefault(words(service.register.title), []).append(entry)
    if number := request.GET.get("number", "").strip().upper():
        return redirect(reverse("report-see", args=[number[:40]]))
    return render(request, "citizens/kinds.html", {"groups": list(groups.items())})


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def new(request: HttpRequest, now: dt.datetime, code: str) -> HttpResponse:
    """The form of one kind, and sending it."""
    service = find_service(code)
    if request.method != "POST":
        return _show(request, service, _Typed({}, {}, ()), now)
    stamp = read_stamp(request.POST.get(STAMP, ""), now)
    typed, taken_at, place = _read(request, now)
    trap = _trapped(request, stamp, now)
    if trap:
        typed = dataclasses.replace(typed, general=(trap,))
    if typed.faults or typed.general or stamp is None:
        return _show(request, service, typed, now, status=422)
    said = _submission(service, typed, taken_at, place)
    try:
        form = check_report(said, now=now)
        if _ANYWAY not in request.POST:
            where = Said(point_of(form["place"]), now, f"{said.description} {said.address}")
            similar = similar_reports(service.code, where)
            if similar:
                return _show(request, service, typed, now, similar=similar)
        insist_on_limit(address_of(request), now)
        done = submit_report(said, actor=SYSTEM, now=now, idempotency_key=f"page:{stamp.number}")
    except HonghuError as refusal:
        said_why = " ".join(
            filter(None, [_(refusal.message), _(refusal.remedy) if refusal.remedy else ""])
        )
        typed = dataclasses.replace(typed, faults=refusal.fields, general=(said_why,))
        return _show(request, service, typed, now, status=refusal.status)
    return redirect(reverse("report-mine", args=[done.number, done.secret]))


def _trapped(request: HttpRequest, stamp: Stamp | None, now: dt.datetime) -> str:
    """Why the form looks as if a program had filled it in; empty for a person."""
    if request.POST.get(HONEYPOT):
        return _("The field “Leave this empty” was filled in. Empty it and send again.")
    if stamp is None:
        return _("The form was open for too long. Everything is still here: send it again.")
    if stamp.age_seconds < rule("form_seconds_min", localdate(now)).as_int():
        return _("That was very fast. Look at it once more and send it again.")
    return ""


def _read(
    request: HttpRequest, now: dt.datetime
) -> tuple[_Typed, dt.datetime | None, tuple[str, str]]:
    texts = {name: str(request.POST.get(name, "")) for name in request.POST}
    lists = {name: tuple(map(str, request.POST.getlist(name))) for name in request.POST}
    kept, faults = keep_photographs(request.FILES.getlist("photos"), actor=SYSTEM, now=now)
    held = tuple(dict.fromkeys((*read_held(texts.get(HELD, "")), *(each.sha256 for each in kept))))
    taken = next((each.taken_at for each in kept if each.taken_at), None)
    camera = next((each.place for each in kept if each.place), None)
    place = (str(camera.longitude), str(camera.latitude)) if camera else ("", "")
    wrong = {"photos": " ".join(faults)} if faults else {}
    return _Typed(texts, lists, held, wrong), taken, place


def _submission(
    service: Service, typed: _Typed, taken_at: dt.datetime | None, camera: tuple[str, str]
) -> Submission:
    texts = typed.texts
    given = texts.get("place.longitude", "").strip(), texts.get("place.latitude", "").strip()
    longitude, latitude = given if any(given) else camera
    return Submission(
        service=service.code,
        description=texts.get("description", ""),
        address=texts.get("place.address", ""),
        longitude=longitude,
        latitude=latitude,
        attributes={
            field.code: typed.lists.get(f"attribute.{field.code}", ())
            for field in service.attributes
        },
        photographs=typed.held,
        taken_at=taken_at,
        contact={name: texts.get(name, "") for name in _CONTACT},
    )


def _show(
    request: HttpRequest,
    service: Service,
    typed: _Typed,
    now: dt.datetime,
    *,
    similar: Sequence[SimilarReport] = (),
    status: int = 200,
) -> HttpResponse:
    stamp = request.POST.get(STAMP, "")
    context = {
        "service": words(service.title),
        "register": words(service.register.title),
        "fields": _fields(service, typed),
        "contact": _contact_fields(typed),
        "general": typed.general,
        "stamp": stamp if read_stamp(stamp, now) else new_stamp(now),
        "held": seal_held(typed.held),
        "held_count": len(list_evidence(list(typed.held))) if typed.held else 0,
        "similar": similar,
        "line": rule("contact_line", localdate(now)).as_text(),
        "kept_days": rule("contact_kept_days", localdate(now)).as_int(),
    }
    return render(request, "citizens/new.html", context, status=status)


def _errors(typed: _Typed, *names: str) -> tuple[str, ...]:
    return tuple(typed.faults[name] for name in names if name in typed.faults)


def _fields(service: Service, typed: _Typed) -> list[FormField]:
    texts = typed.texts
    place = tuple(texts.get(f"place.{part}", "") for part in ("address", "longitude", "latitude"))
    found = [
        FormField(
            name="photos",
            label=_("Photographs"),
            control="photos",
            accept="image/*",
            is_multiple=True,
            help=_(
                "What the camera noted of place and time helps us; it is taken out before anybody else sees the picture."
            ),
            errors=_errors(typed, "photos", "before"),
        ),
        FormField(
            name="place",
            label=_("Where is it?"),
            control="place",
            values=place,
            help=_(
                "Take your position, or write the place in words: street, house, river, village."
            ),
            errors=_errors(typed, "place", "address"),
        ),
        FormField(
            name="description",
            label=_("What is wrong?"),
            control="long_text",
            value=texts.get("description", ""),
            max_length=4000,
            help=_(
                "Please write no telephone or identity numbers here: your words may become public."
            ),
            errors=_errors(typed, "description"),
        ),
    ]
    language = get_language() or "zh-hans"
    for field in service.attributes:
        name = f"attribute.{field.code}"
        drawn = register_field(
            field,
            language=language,
            name=name,
            text=texts.get(name, ""),
            values=typed.lists.get(name, ()),
            errors=_errors(typed, name),
        )
        is_select = field.type is FieldType.CHOICE and not field.required
        found.append(dataclasses.replace(drawn, is_select=is_select))
    return found


def _contact_fields(typed: _Typed) -> list[FormField]:
    labels = {"name": _("Your name"), "phone": _("Telephone"), "email": _("Mail")}
    complete = {"name": "name", "phone": "tel", "email": "email"}
    return [
        FormField(
            name=name,
            label=labels[name],
            control="phone" if name == "phone" else "text",
            value=typed.texts.get(name, ""),
            max_length=200,
            autocomplete=complete[name],
            errors=_errors(typed, name),
        )
        for name in _CONTACT
    ]
