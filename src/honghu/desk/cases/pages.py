"""The case page, the forms of its actions, and the proof of its steps."""

import dataclasses
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from honghu.base.identifiers import new_id
from honghu.base.problems import HonghuError, NotFound
from honghu.desk.cases import action_form, proof
from honghu.desk.cases.action_form import (
    KEY,
    SURE,
    VERSION,
    ActionForm,
    Drawing,
    Faults,
    Typed,
    build_form,
)
from honghu.desk.cases.history import checked_moments
from honghu.desk.cases.offers import is_grave, openings
from honghu.desk.cases.screen import changes_since, crumbs, screen
from honghu.desk.cases.uploads import receive, stored_rows
from honghu.desk.frame.facts import case_facts
from honghu.desk.frame.listing import heading
from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest, Visit
from honghu.kernel.cases.commands import KeyReused, StaleVersion, open_case, perform
from honghu.kernel.cases.detail import get_case
from honghu.kernel.cases.permissions import NotYourTurn
from honghu.kernel.cases.queries import find_case_by_number
from honghu.kernel.cases.rows import CaseDetail, Possibility
from honghu.kernel.cases.wording import words
from honghu.kernel.cases.writing import Done
from honghu.kernel.modules.registry import caution_for, prefill_for
from honghu.kernel.registers.forms import FormInvalid, validate_form
from honghu.kernel.registers.model import Action, Register
from honghu.kernel.rulesets.queries import reading_one_edition
from honghu.web.components import Crumb

_Submit = Callable[[Typed], Done]


class ConfirmationNeeded(HonghuError):  # noqa: N818 named after what is asked for
    """What was typed may be a mistake; the person confirms that it is none, or corrects it."""

    code = "confirmation-needed"
    status = 409

    def __init__(self, cautions: Sequence[str]) -> None:
        super().__init__(_("Look at this first, and confirm it if it is right."))
        self.cautions = tuple(cautions)


@dataclasses.dataclass(frozen=True, slots=True)
class _Refused:
    """A form that comes back: with the kernel's refusal, or with files that cannot be kept."""

    form: ActionForm
    error: HonghuError | None

    @property
    def status(self) -> int:
        """The HTTP status of the page."""
        return self.error.status if self.error else 422


@require_safe
@desk_page
def case(request: DeskRequest, case_id: uuid.UUID) -> HttpResponse:
    """A case: what it is, where it stands, whose turn, until when, what can be done; then all else."""
    visit = request.visit
    detail = get_case(case_id, actor=visit.actor, now=visit.now)
    with reading_one_edition():
        shown = screen(detail, request)
    return render(request, "desk/cases/case.html", {"screen": shown, "now": visit.now})


@require_safe
@desk_page
def case_by_number(request: DeskRequest, number: str) -> HttpResponse:
    """A case by the number that stands on paper."""
    found = find_case_by_number(number, actor=request.visit.actor, now=request.visit.now)
    return redirect(reverse("case", args=[found.id]))


@require_safe
@desk_page
def step_proof(request: DeskRequest, case_id: uuid.UUID, step_id: uuid.UUID) -> HttpResponse:
    """Where a step stands in the journal, with its digests and its receipt."""
    visit = request.visit
    detail = get_case(case_id, actor=visit.actor, now=visit.now)
    step = next((each for each in detail.steps if each.id == step_id), None)
    if step is None:
        raise NotFound(_("The case has no such step."))
    context = {"detail": detail, "step": step, "proof": proof.step_proof(step)}
    context["crumbs"] = crumbs(detail, last=_("Proof"))
    return render(request, "desk/cases/step_proof.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def act(request: DeskRequest, case_id: uuid.UUID, action: str) -> HttpResponse:
    """The form of an action, and performing it."""
    visit = request.visit
    detail = get_case(case_id, actor=visit.actor, now=visit.now)
    declared = detail.register.actions.get(action)
    if declared is None:
        raise NotFound(_("This case has no such action."))
    if request.method == "POST":
        return _submit_action(request, detail, declared)
    possible = _possibility(detail, action)
    if possible is None or not possible.allowed:
        return _shut(request, detail, declared, possible)
    fields = action_form.asked_fields(detail.register, declared)
    typed = action_form.first_shown(fields, detail.row.facts)
    form = build_form(
        Drawing(
            register=detail.register,
            action=declared,
            typed=typed,
            visit=visit,
            detail=detail,
        )
    )
    return _show_action(request, detail, declared, form, version=detail.row.version)


def _possibility(detail: CaseDetail, action: str) -> Possibility | None:
    return next((each for each in detail.possibilities if each.action.code == action), None)


def _shut(
    request: DeskRequest, detail: CaseDetail, action: Action, possible: Possibility | None
) -> HttpResponse:
    """An action that cannot be done now: why not, and the way back to the case."""
    context = {
        "detail": detail,
        "action_title": words(action.title),
        "why_not": possible.why_not
        if possible
        else _("The case stands at “%(state)s”; the action is not possible from there.")
        % {"state": detail.row.state_title},
        "remedy": possible.remedy if possible else "",
        "crumbs": crumbs(detail, last=words(action.title)),
    }
    status = 403 if possible else 409
    return render(request, "desk/cases/shut.html", context, status=status)


def _submit_action(request: DeskRequest, detail: CaseDetail, action: Action) -> HttpResponse:
    visit = request.visit
    version = _version(request)

    def submit(typed: Typed) -> Done:
        fields = action_form.asked_fields(detail.register, action)
        _pause(request, detail, action, typed.raw(fields, has_checklist=False))
        return perform(
            detail.row.id,
            action.code,
            actor=visit.actor,
            now=visit.now,
            idempotency_key=request.POST.get(KEY, ""),
            expected_version=version,
            form=typed.raw(fields, has_checklist=bool(action.checklist)),
            evidence=typed.evidence(action.evidence),
            confirm=typed.confirm or None,
        )

    tried = _try(request, detail.register, action, submit, detail=detail)
    if isinstance(tried, Done):
        return _done(request, action, tried)
    form = tried.form
    if isinstance(tried.error, StaleVersion | KeyReused):
        changes = changes_since(detail, version or 0)
        return _show_action(
            request,
            detail,
            action,
            form,
            version=detail.row.version,
            key="",
            changes=changes,
            status=409,
        )
    return _show_action(request, detail, action, form, version=version, status=tried.status)


def _pause(
    request: DeskRequest, detail: CaseDetail, action: Action, raw: Mapping[str, Any]
) -> None:
    """Ask the module whether anything gives pause, unless the person is sure already.

    A form with faults is left to the kernel, which names them all. Raises ConfirmationNeeded.
    """
    caution = caution_for(detail.register.code, action.code)
    if caution is None or request.POST.get(SURE) == "true":
        return
    try:
        form = validate_form(action_form.asked_fields(detail.register, action), raw)
    except FormInvalid:
        return
    if said := caution(detail=detail, form=form, now=request.visit.now):
        raise ConfirmationNeeded(said)


def _version(request: DeskRequest) -> int | None:
    text = request.POST.get(VERSION, "")
    return int(text) if text.isascii() and text.isdigit() else None


def _try(
    request: DeskRequest,
    register: Register,
    action: Action,
    submit: _Submit,
    *,
    detail: CaseDetail | None = None,
    parent: CaseDetail | None = None,
) -> Done | _Refused:
    """Store the files, then try; a refusal comes back as the form with everything still in it."""
    visit = request.visit
    fields = action_form.asked_fields(register, action)
    held, unkept = receive(
        request.POST,
        request.FILES,
        action_form.known_slots(action, fields),
        actor=visit.actor,
        now=visit.now,
    )
    typed = action_form.read_typed(request.POST, held)
    refusal: HonghuError | None = None
    faults = Faults(unkept)
    if not unkept:
        try:
            return submit(typed)
        except HonghuError as error:
            refusal = error
            faults = Faults() if isinstance(error, ConfirmationNeeded) else _faults(error)
    form = build_form(
        Drawing(
            register=register,
            action=action,
            typed=typed,
            visit=visit,
            stored=stored_rows(list(action_form.shas_of(typed))),
            detail=detail,
            parent=parent,
            faults=faults,
        )
    )
    if isinstance(refusal, ConfirmationNeeded):
        form = dataclasses.replace(form, cautions=refusal.cautions)
    return _Refused(form, refusal)


def _faults(error: HonghuError) -> Faults:
    """A refusal beside its fields; what names no field stands above the form, with its remedy."""
    if error.fields:
        return Faults(error.fields)
    return Faults({}, (" ".join(filter(None, [_(error.message), _(error.remedy)])),))


def _done(request: DeskRequest, action: Action, done: Done) -> HttpResponse:
    text = _("%(action)s: done.") % {"action": words(action.title)}
    if done.replayed:
        text = _("%(action)s had been done already; nothing was done twice.") % {
            "action": words(action.title)
        }
    messages.success(request, text)
    return redirect(reverse("case", args=[done.case_id]))


def _show_action(
    request: DeskRequest,
    detail: CaseDetail,
    action: Action,
    form: ActionForm,
    *,
    version: int | None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """Draw the form beside the facts of its case."""
    key = more.pop("key", None)
    context = {
        "detail": detail,
        "heading": heading(detail.row),
        "facts": case_facts(detail).known,
        "crumbs": crumbs(detail, last=words(action.title)),
        "back_url": reverse("case", args=[detail.row.id]),
        "version": version,
        "changes": more.get("changes", ()),
        "checks": checked_moments(detail, action),
        "still_possible": status != StaleVersion.status or _is_possible(detail, action),
    }
    return _draw(request, detail.register, action, form, context, key=key, status=status)


def _is_possible(detail: CaseDetail, action: Action) -> bool:
    possible = _possibility(detail, action.code)
    return possible is not None and possible.allowed


def _draw(
    request: DeskRequest,
    register: Register,
    action: Action,
    form: ActionForm,
    context: dict[str, Any],
    *,
    key: str | None,
    status: int,
) -> HttpResponse:
    sent = request.POST.get(KEY) if key is None else None
    return render(
        request,
        "desk/cases/action.html",
        context
        | {
            "action_title": words(action.title),
            "form": form,
            # The same key again repeats nothing; after a conflict the request is a new one.
            "key": sent or str(new_id()),
            "is_grave": is_grave(register, action),
            "held": [(one.name, view.digest) for one in form.all_fields for view in one.held],
        },
        status=status,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def open_one(
    request: DeskRequest, register: str, action: str, first: Typed | None = None
) -> HttpResponse:
    """The form that opens a case, and opening it; `first` is what a module already knows."""
    visit = request.visit
    declared_in = visit.register(register)
    declared = declared_in.actions.get(action)
    if declared is None or not declared.opens_case:
        raise NotFound(_("This register has no such action."))
    if declared not in openings(declared_in, visit.actor):
        raise NotYourTurn(
            _("You hold no role that opens cases of this register."),
            remedy=_("Ask somebody who holds that role."),
        )
    parent = _parent(request, visit)
    if request.method == "POST":
        return _submit_opening(request, declared_in, declared, parent)
    typed = first or _first(declared_in, declared, parent, visit)
    form = build_form(
        Drawing(
            register=declared_in,
            action=declared,
            typed=typed,
            visit=visit,
            stored=stored_rows(list(action_form.shas_of(typed))),
            parent=parent,
        )
    )
    return _show_opening(request, declared_in, declared, form, parent)


def _first(register: Register, action: Action, parent: CaseDetail | None, visit: Visit) -> Typed:
    """The form as it is opened: empty, but for what the register's module knows already."""
    prefill = prefill_for(register.code, action.code)
    if prefill is None:
        return action_form.first_shown({}, {})
    known = prefill(actor=visit.actor, now=visit.now, parent=parent)
    return action_form.first_shown(action_form.asked_fields(register, action), known)


def _parent(request: DeskRequest, visit: Visit) -> CaseDetail | None:
    text = request.GET.get("parent", "")
    if not text:
        return None
    try:
        return get_case(uuid.UUID(text), actor=visit.actor, now=visit.now)
    except ValueError:
        raise NotFound(_("There is no such case, or it is not yours to see.")) from None


def _submit_opening(
    request: DeskRequest, register: Register, action: Action, parent: CaseDetail | None
) -> HttpResponse:
    visit = request.visit

    def submit(typed: Typed) -> Done:
        fields = action_form.asked_fields(register, action)
        return open_case(
            register.code,
            action=action.code,
            actor=visit.actor,
            now=visit.now,
            idempotency_key=request.POST.get(KEY, ""),
            form=typed.raw(fields, has_checklist=bool(action.checklist)),
            evidence=typed.evidence(action.evidence),
            parent_id=parent.row.id if parent else None,
        )

    tried = _try(request, register, action, submit, parent=parent)
    if isinstance(tried, Done):
        return _done(request, action, tried)
    key = "" if isinstance(tried.error, KeyReused) else None
    return _show_opening(
        request, register, action, tried.form, parent, key=key, status=tried.status
    )


def _show_opening(
    request: DeskRequest,
    register: Register,
    action: Action,
    form: ActionForm,
    parent: CaseDetail | None,
    *,
    key: str | None = None,
    status: int = 200,
) -> HttpResponse:
    list_url = reverse("register", args=[register.code])
    way = [Crumb(label=words(register.title), url=list_url), Crumb(label=words(action.title))]
    if parent is not None:
        parent_url = reverse("case", args=[parent.row.id])
        way.insert(0, Crumb(label=parent.row.number, url=parent_url))
    context = {
        "detail": parent,
        "heading": heading(parent.row) if parent else "",
        "facts": case_facts(parent).known if parent else (),
        "crumbs": tuple(way),
        "back_url": reverse("case", args=[parent.row.id]) if parent else list_url,
        "version": None,
        "changes": (),
        "still_possible": True,
    }
    return _draw(request, register, action, form, context, key=key, status=status)
