"""Pages for the officers who look at reports: filing one, reading the contact."""

import json
import uuid
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from honghu.base.identifiers import new_id
from honghu.base.problems import HonghuError, NotFound
from honghu.desk.cases.action_form import Typed, first_shown, slot_name
from honghu.desk.cases.pages import open_one
from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest
from honghu.domains.citizens.commands.following import read_contact
from honghu.domains.citizens.queries.services import REPORTS, Service, find_service
from honghu.kernel.cases.detail import get_case
from honghu.kernel.cases.rows import CaseDetail
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.evidence.queries import open_content, uses_of_case, uses_of_evidence
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.model import FieldType
from honghu.web.components import Crumb


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def file_report(request: DeskRequest, case_id: uuid.UUID) -> HttpResponseBase:
    """The opening form of the register that takes the report, with what the report says in it.

    `?parent=` must name the report itself: the new case belongs to it.
    """
    visit = request.visit
    detail = get_case(case_id, actor=visit.actor, now=visit.now)
    if detail.register.code != REPORTS or request.GET.get("parent") != str(case_id):
        raise NotFound(_("There is no such case, or it is not yours to see."))
    service = find_service(detail.row.facts.get("service") or "")
    first = None
    if request.method != "POST":
        first = _first(request, detail, service)
    return open_one(
        request, register=service.register.code, action=service.takes.opening, first=first
    )


def _first(request: DeskRequest, detail: CaseDetail, service: Service) -> Typed:
    """What the report already says, in the fields of the register; its photographs in their slot."""
    takes, said = service.takes, detail.row.facts
    facts: dict[str, Any] = dict(takes.facts)
    asked = service.register.fields
    if takes.by is not None:
        facts[takes.by] = service.option
    answers = json.loads(said.get("answers") or "{}")
    facts |= {code: answers[code] for code in takes.attributes if code in answers}
    facts[takes.text] = (said.get("description") or "")[: asked[takes.text].max_length]
    if takes.address:
        facts[takes.address] = (said.get("address") or "")[: asked[takes.address].max_length]
    if takes.place:
        facts[takes.place] = said.get("place")
    if takes.time:
        is_date = asked[takes.time].type is FieldType.DATE
        opened = detail.row.opened_at.isoformat()
        facts[takes.time] = opened[:10] if is_date else said.get("taken_at") or opened
    typed = first_shown(asked, facts)
    if takes.photos is None:
        return typed
    shas = [use.sha256 for use in uses_of_case(detail.row.id)]
    for sha256 in dict.fromkeys(shas):
        _take_over(sha256, request.visit.actor, request)
    held = {slot_name(takes.photos): tuple(dict.fromkeys(shas))}
    return Typed(typed.texts, typed.lists, held, (), "")


def _take_over(sha256: str, actor: Actor, request: DeskRequest) -> None:
    """The officer answers for the photograph from here on; once is enough."""
    known = uses_of_evidence(sha256)
    if any(use.case_id is None and use.uploader_person_id == actor.person_id for use in known):
        return
    first = known[0]
    with open_content(sha256) as content:
        store_evidence(
            content=content,
            filename=first.filename or "",
            actor=actor,
            now=request.visit.now,
            kind=first.kind,
            captured_at=first.captured_at,
            place=first.place,
        )


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def contact(request: DeskRequest, case_id: uuid.UUID) -> HttpResponse:
    """The reporter's contact, shown once to an officer who says why; the step stays in the case."""
    visit = request.visit
    detail = get_case(case_id, actor=visit.actor, now=visit.now)
    if detail.register.code != REPORTS:
        raise NotFound(_("There is no such case, or it is not yours to see."))
    context: dict[str, Any] = {
        "detail": detail,
        "crumbs": (
            Crumb(label=detail.row.number, url=reverse("case", args=[case_id])),
            Crumb(label=_("Contact of the reporter")),
        ),
        "key": request.POST.get("_key") or str(new_id()),
        "reason": request.POST.get("reason", ""),
    }
    status = 200
    if request.method == "POST":
        try:
            context["contact"] = read_contact(
                case_id,
                reason=context["reason"],
                actor=visit.actor,
                now=visit.now,
                idempotency_key=context["key"],
            )
        except HonghuError as refusal:
            status = refusal.status
            context["fault"] = " ".join(filter(None, [_(refusal.message), _(refusal.remedy)]))
    return render(request, "citizens/contact.html", context, status=status)
