"""Many cases at once: choose them on the list, fill in one form, see what became of each.

A batch stands in the session of who began it until it is done: the cases with the versions that
were shown, the form, and the results so far. Each step's idempotency key follows from the batch, so
a page that is loaded again, or sent twice, does nothing twice.
"""

import dataclasses
import time
import uuid
from typing import Any, Final

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from honghu.base.identifiers import new_id
from honghu.base.problems import HonghuError, NotFound
from honghu.desk.cases import action_form
from honghu.desk.cases.action_form import Drawing, Faults, build_form
from honghu.desk.frame.listing import case_light, heading, pages_of
from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest
from honghu.desk.registers.filters import PAGE_SIZE, Asked
from honghu.desk.registers.sheets import list_workbook
from honghu.kernel.cases.asked import Request
from honghu.kernel.cases.batches import (
    Chosen,
    actions_for_many,
    batch_max,
    check_batch,
    perform_many,
    told,
)
from honghu.kernel.cases.queries import CaseFilter, list_cases
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.cases.wording import words
from honghu.kernel.registers.model import Action, Register
from honghu.web.components import Crumb

EXPORT: Final = "-excel"
"""In place of an action: no action is called so."""
SESSION: Final = "batches"
_KEPT: Final = 5
_SLICE_SECONDS: Final = 1.5


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def choose(request: DeskRequest, register: str) -> HttpResponseBase:
    """The list with a box before each case, and the actions that can be done to many."""
    visit = request.visit
    declared = visit.register(register)
    actions = actions_for_many(declared, visit.actor)
    asked = Asked.read(request.GET, declared)
    problem = ""
    if request.method == "POST":
        action = next((each for each in actions if each.code == request.POST.get("action")), None)
        chosen = _chosen(request, declared, asked)
        is_export = request.POST.get("action") == EXPORT
        if action is None and not is_export:
            problem = _("Say what is to be done.")
        elif not chosen:
            problem = _("Choose at least one case.")
        elif len(chosen) > batch_max():
            problem = _("At most {max} cases at once; these are {count}.").format(
                max=batch_max(), count=len(chosen)
            )
        elif action is None:
            ids = tuple(uuid.UUID(case_id) for case_id, _version, _number in chosen)
            return list_workbook(request, declared, CaseFilter(ids=ids), asked.sort)
        else:
            batch_id = _begin(request, declared, action, chosen)
            return redirect(reverse("many-form", args=[register, batch_id]))
    page = asked.page_of(declared, visit)
    ticked = set(request.POST.getlist("case"))
    context = {
        "register": declared,
        "title": _("Many at once"),
        "crumbs": _crumbs(declared, _("Many at once")),
        "actions": [
            *((each.code, words(each.title)) for each in actions),
            (EXPORT, _("Export to Excel")),
        ],
        "picked": request.POST.get("action", ""),
        "rows": [
            {
                "value": _value(row),
                "number": row.number,
                "heading": heading(row),
                "state": row.state_title,
                "light": case_light(row, visit),
                "is_ticked": _value(row) in ticked,
            }
            for row in page.rows
        ],
        "pages": pages_of(page),
        "all_count": 0 if page.more_than or page.total > batch_max() else page.total,
        "max": batch_max(),
        "problem": problem,
    }
    return render(request, "desk/registers/many.html", context, status=422 if problem else 200)


def _value(row: CaseRow) -> str:
    """A case, the version that was shown and its number, as the box sends them."""
    return f"{row.id}.{row.version}.{row.number}"


def _chosen(request: DeskRequest, register: Register, asked: Asked) -> list[tuple[str, int, str]]:
    """The cases with version and number: those ticked, or all that match up to one above the bound.

    What is ticked is looked up again when it is done: here nothing is believed but its form.
    """
    visit = request.visit
    if request.POST.get("all") == "true":
        found: list[tuple[str, int, str]] = []
        place: str | None = None
        while len(found) <= batch_max():
            page = list_cases(
                register,
                actor=visit.actor,
                now=visit.now,
                wanted=asked.wanted,
                sort=asked.sort,
                page_size=PAGE_SIZE,
                after=place,
            )
            found += [(str(row.id), row.version, row.number) for row in page.rows]
            place = page.next
            if place is None:
                break
        return found[: batch_max() + 1]
    chosen = []
    for value in dict.fromkeys(request.POST.getlist("case")):
        case_id, version, number = (*str(value).split(".", 2), "", "")[:3]
        try:
            known = str(uuid.UUID(case_id))
        except ValueError:
            continue
        if version.isascii() and version.isdigit():
            # The number is only shown again, and to the same person.
            chosen.append((known, int(version[:9]), number[:60] or known))
    return chosen


def _begin(
    request: DeskRequest, register: Register, action: Action, chosen: list[tuple[str, int, str]]
) -> str:
    batches = dict(request.session.get(SESSION, {}))
    batch_id = str(new_id())
    batches[batch_id] = {
        "register": register.code,
        "action": action.code,
        "organisation": str(request.visit.actor.organisation_id),
        "cases": chosen,
        "form": None,
        "results": {},
    }
    request.session[SESSION] = dict(list(batches.items())[-_KEPT:])
    return batch_id


@dataclasses.dataclass(frozen=True, slots=True)
class _Batch:
    """A batch of this session with its register and action."""

    id: str
    kept: dict[str, Any]
    register: Register
    action: Action

    @property
    def left(self) -> list[Chosen]:
        """The cases that have no result yet."""
        return [
            Chosen(uuid.UUID(case_id), version)
            for case_id, version, _number in self.kept["cases"]
            if case_id not in self.kept["results"]
        ]


def _batch(request: DeskRequest, register: str, batch_id: uuid.UUID) -> _Batch:
    """A batch of this session. Raises NotFound, also for one begun for another organisation."""
    visit = request.visit
    declared = visit.register(register)
    kept = request.session.get(SESSION, {}).get(str(batch_id))
    action = declared.actions.get(kept["action"]) if kept else None
    own = kept is not None and kept["organisation"] == str(visit.actor.organisation_id)
    if not own or action is None or kept["register"] != register:
        raise NotFound(
            _("There is no such batch any more."), remedy=_("Choose the cases again on the list.")
        )
    # Optional files would have to be another for each case: none are asked for.
    return _Batch(str(batch_id), kept, declared, dataclasses.replace(action, evidence={}))


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def form(request: DeskRequest, register: str, batch_id: uuid.UUID) -> HttpResponse:
    """One form for all chosen cases; it is judged before any case is touched."""
    visit = request.visit
    batch = _batch(request, register, batch_id)
    result_url = reverse("many-result", args=[register, batch_id])
    if batch.kept["form"] is not None:
        return redirect(result_url)
    fields = action_form.asked_fields(batch.register, batch.action)
    typed, faults = action_form.first_shown({}, {}), Faults()
    if request.method == "POST":
        typed = action_form.read_typed(request.POST, {})
        raw = typed.raw(fields, has_checklist=bool(batch.action.checklist))
        try:
            asked = Request(batch.action.code, visit.actor, visit.now, raw, {})
            cases = batch.left
            check_batch(batch.register, batch.action.code, cases, asked)
        except HonghuError as refusal:
            said = " ".join(filter(None, [refusal.message, refusal.remedy]))
            faults = Faults(refusal.fields) if refusal.fields else Faults({}, (said,))
        else:
            batch.kept["form"] = raw
            _run(request, batch)
            return redirect(result_url)
    drawn = build_form(
        Drawing(
            register=batch.register,
            action=batch.action,
            typed=typed,
            visit=visit,
            faults=faults,
        )
    )
    context = {
        "register": batch.register,
        "title": words(batch.action.title),
        "crumbs": _crumbs(batch.register, words(batch.action.title)),
        "form": drawn,
        "cases": [(reverse("case", args=[each[0]]), each[2]) for each in batch.kept["cases"]],
    }
    wrong = bool(faults.fields or faults.general)
    return render(request, "desk/registers/many_form.html", context, status=422 if wrong else 200)


def _run(request: DeskRequest, batch: _Batch) -> None:
    """Do a slice of what is left; the results are kept after it."""
    until = time.monotonic() + _SLICE_SECONDS
    visit = request.visit
    asked = Request(batch.action.code, visit.actor, visit.now, batch.kept["form"], {})
    for outcome in perform_many(batch.register, batch.left, asked, batch=batch.id):
        if outcome.done is not None:
            title = (
                words(batch.register.states[outcome.done.state].title)
                if (outcome.done.state in batch.register.states)
                else outcome.done.state
            )
            batch.kept["results"][str(outcome.id)] = {"is_done": True, "text": title}
        elif outcome.refusal is not None:
            said = told(outcome.refusal)
            parts = [said["detail"], *said["errors"].values(), said["remedy"]]
            text = " ".join(dict.fromkeys(filter(None, parts)))
            batch.kept["results"][str(outcome.id)] = {"is_done": False, "text": text}
        if time.monotonic() >= until:
            break
    batches = dict(request.session.get(SESSION, {}))
    batches[batch.id] = batch.kept
    request.session[SESSION] = batches


@require_safe
@desk_page
def result(request: DeskRequest, register: str, batch_id: uuid.UUID) -> HttpResponse:
    """What became of each case; while cases are left, the page asks for the next slice."""
    batch = _batch(request, register, batch_id)
    if batch.kept["form"] is None:
        return redirect(reverse("many-form", args=[register, batch_id]))
    if request.htmx and batch.left:
        _run(request, batch)
    results = batch.kept["results"]
    rows = [
        {"url": reverse("case", args=[case_id]), "number": number, **results[case_id]}
        for case_id, _version, number in batch.kept["cases"]
        if case_id in results
    ]
    refused = [row for row in rows if not row["is_done"]]
    context = {
        "register": batch.register,
        "batch_id": batch.id,
        "title": words(batch.action.title),
        "crumbs": _crumbs(batch.register, words(batch.action.title)),
        "rows": [*refused, *(row for row in rows if row["is_done"])],
        "done": len(rows) - len(refused),
        "refused": len(refused),
        "treated": len(rows),
        "total": len(batch.kept["cases"]),
        "is_finished": not batch.left,
    }
    return render(request, "desk/registers/many_result.html", context)


@require_POST
@desk_page
def go_on(request: DeskRequest, register: str, batch_id: uuid.UUID) -> HttpResponse:
    """Go on with what is left (without scripts), or try the refused cases again.

    They are tried as they are now: what had changed has been seen on the page.
    """
    batch = _batch(request, register, batch_id)
    if batch.kept["form"] is None:
        return redirect(reverse("many-form", args=[register, batch_id]))
    if request.POST.get("again") == "true":
        results = batch.kept["results"]
        refused = {case_id for case_id, each in results.items() if not each["is_done"]}
        batch.kept["results"] = {k: each for k, each in results.items() if k not in refused}
        batch.kept["cases"] = [
            (case_id, None if case_id in refused else version, number)
            for case_id, version, number in batch.kept["cases"]
        ]
    _run(request, batch)
    return redirect(reverse("many-result", args=[register, batch_id]))


def _crumbs(register: Register, last: str) -> tuple[Crumb, ...]:
    list_url = reverse("register", args=[register.code])
    return (Crumb(label=words(register.title), url=list_url), Crumb(label=last))
