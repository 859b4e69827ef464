"""The supplier's home: what can be done now, awards, applications, loans, deadlines, who is late."""

import dataclasses
import uuid
from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from honghu.desk.cases.offers import is_grave, opening_url, openings
from honghu.desk.cases.stages import turn
from honghu.desk.frame.facts import typed
from honghu.desk.frame.listing import case_light, heading
from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest, Visit
from honghu.domains.financing.commands.consortia import SEPARATOR, waiting_members
from honghu.domains.financing.commands.registrations import claim_awards
from honghu.domains.financing.queries.desk import OwnCase, claimable, own_cases
from honghu.kernel.cases.turns import roles_in_turn
from honghu.kernel.cases.wording import words
from honghu.kernel.parties.queries import get_organisation, organisation_names
from honghu.kernel.registers.model import Register
from honghu.kernel.registers.queries import get_register
from honghu.web.components import (
    Badge,
    Column,
    Crumb,
    EmptyState,
    KeyFigure,
    Light,
    Row,
    Table,
    ValueKind,
)

APPLICATIONS, INTENTS = "financing-application", "financing-intent"
LOANS, CHANGES = "financing-loan", "account-change"
CONFIRMATIONS, CLAIMS = "receivable-confirmation", "payment-due"
REGISTERS = (APPLICATIONS, INTENTS, LOANS, CHANGES, CONFIRMATIONS, CLAIMS)
_ALWAYS = frozenset({APPLICATIONS, CONFIRMATIONS, CLAIMS})
"""The sections that stand there empty, too: what a supplier may begin by itself."""
_SHOWN = 20


@dataclasses.dataclass(frozen=True, slots=True)
class Verb:
    """Something that can be done now, and the address of its form."""

    label: str
    url: str


@dataclasses.dataclass(frozen=True, slots=True)
class Task:
    """A case that waits for the reader's organisation, with what can be done about it."""

    title: str
    url: str
    number: str
    register: str
    state: str
    light: Light
    verbs: tuple[Verb, ...]
    note: str


@dataclasses.dataclass(frozen=True, slots=True)
class Section:
    """A table of the page: its anchor, its words, the register that has all of it."""

    code: str
    title: str
    lead: str
    table: Table | None
    register_url: str
    openings: tuple[Crumb, ...] = ()


@require_safe
@desk_page
def home(request: DeskRequest) -> HttpResponse:
    """One page for a supplier: six statements, however many cases it has."""
    visit = request.visit
    organisation_id = visit.actor.organisation_id
    seen = [each.code for each in visit.registers if each.code in REGISTERS]
    own = own_cases(organisation_id, registers=seen, now=visit.now) if organisation_id else []
    names = _names(own)
    by_register: dict[str, list[OwnCase]] = {}
    for each in own:
        by_register.setdefault(each.row.register, []).append(each)
    still_open = [each for each in own if not each.row.ended]
    context = {
        "title": _("My contract financing"),
        "organisation": get_organisation(organisation_id) if organisation_id else None,
        "claimable": claimable(organisation_id, now=visit.now) if organisation_id else [],
        "figures": _figures(by_register, still_open),
        "tasks": _tasks(still_open, visit, names),
        "nothing": EmptyState(
            title=_("Nothing waits for you"),
            text=_("As soon as it is your turn, the case stands here with what you can do."),
        ),
        "sections": [
            section(code, by_register.get(code, []), visit, names)
            for code in REGISTERS
            if code in seen and (code in by_register or code in _ALWAYS)
        ],
        "deadlines": _deadlines(still_open, visit, names),
    }
    return render(request, "financing/home.html", context)


@require_POST
@desk_page
def claim(request: DeskRequest) -> HttpResponse:
    """Take the awards that were made to the supplier's name before it was registered."""
    count = claim_awards(actor=request.visit.actor, now=request.visit.now)
    text = ngettext("%(count)d award is yours now.", "%(count)d awards are yours now.", count)
    messages.success(request, text % {"count": count})
    return redirect(reverse("financing-home"))


def _names(own: Sequence[OwnCase]) -> Mapping[str, str]:
    ids = {each for case in own for known in case.parties.values() for each in known}
    return {str(key): name for key, name in organisation_names(map(uuid.UUID, ids)).items()}


def _figures(
    by_register: Mapping[str, Sequence[OwnCase]], still_open: Sequence[OwnCase]
) -> tuple[KeyFigure, ...]:
    late = sum(each.row.light.value == "red" for each in still_open)
    loans = [each.row for each in by_register.get(LOANS, ()) if not each.row.ended]
    owed = sum(row.facts.get("outstanding") or 0 for row in loans)
    return (
        KeyFigure(label=_("My awards"), value=len(by_register.get(APPLICATIONS, ()))),
        KeyFigure(label=_("Loans under way"), value=len(loans)),
        KeyFigure(label=_("Principal to repay"), value=owed, kind="money"),
        KeyFigure(label=_("Overdue"), value=late, level="red" if late else None),
    )


def _tasks(
    still_open: Sequence[OwnCase], visit: Visit, names: Mapping[str, str]
) -> tuple[Task, ...]:
    found = []
    for case in still_open:
        register = get_register(case.row.register, case.row.register_version)
        verbs = _verbs(case, register, visit)
        state = register.states.get(case.row.state)
        if state is None or not verbs or not _is_turn(case, register, visit):
            continue
        found.append(
            Task(
                title=heading(case.row),
                url=reverse("case", args=[case.row.id]),
                number=case.row.number,
                register=words(register.title),
                state=case.row.state_title,
                light=case_light(case.row, visit),
                verbs=verbs,
                note=waits_for_members(case, names),
            )
        )
    return tuple(found)


def _is_turn(case: OwnCase, register: Register, visit: Visit) -> bool:
    state = register.states[case.row.state]
    own = str(visit.actor.organisation_id)
    for code in roles_in_turn(register, state):
        party = register.roles[code].of
        if visit.actor.holds(code) and (party is None or own in case.parties.get(party, ())):
            return True
    return _may_consent(case, register, visit)


def _may_consent(case: OwnCase, register: Register, visit: Visit) -> bool:
    """A member of a consortium that has not consented yet."""
    if register.code != APPLICATIONS or case.row.state != "invited":
        return False
    return visit.actor.organisation_name in _missing(case)


def _missing(case: OwnCase) -> list[str]:
    facts = case.row.facts
    return waiting_members(facts, str(facts.get("supplier_name") or ""))


def waits_for_members(case: OwnCase, names: Mapping[str, str]) -> str:
    """Who of a consortium has not consented yet, in words; empty for everything else."""
    facts = case.row.facts
    if case.row.register != APPLICATIONS or not facts.get("member_names") or case.row.ended:
        return ""
    missing = waiting_members(facts, names.get(str(facts.get("supplier")), ""))
    if not missing:
        return _("All members have consented.")
    return _("Consent is missing of: {names}").format(names=SEPARATOR.join(missing))


def _verbs(case: OwnCase, register: Register, visit: Visit) -> tuple[Verb, ...]:
    """The first things to do; choosing among quotes has a page of its own."""
    consenting = _may_consent(case, register, visit)
    found: list[Verb] = []
    for action in register.actions.values():
        if case.row.state not in action.origins or action.kind in {"note", "system"}:
            continue
        if not any(visit.actor.holds(role) for role in action.roles):
            continue
        if (action.code == "consent_member") is not consenting or is_grave(register, action):
            continue
        url = reverse("case-action", args=[case.row.id, action.code])
        label = words(action.title)
        if (case.row.register, action.code) == (APPLICATIONS, "choose"):
            url, label = reverse("financing-offers", args=[case.row.id]), _("Compare and choose")
            found.insert(0, Verb(label, url))
            continue
        found.append(Verb(label, url))
    return tuple(found[:3])


_COLUMNS: Mapping[str, tuple[str, ...]] = {
    APPLICATIONS: ("project_name", "lot", "buyer_name", "award_amount", "amount"),
    INTENTS: ("bank", "project_name", "mode", "purpose", "expires_on"),
    LOANS: ("project_name", "bank", "amount", "outstanding", "matures_on"),
    CHANGES: ("loan", "bank", "reason"),
    CONFIRMATIONS: ("project_name", "buyer", "amount", "confirmed_amount"),
    CLAIMS: ("project_name", "buyer", "amount", "due_on", "late_interest"),
}
_KINDS: Mapping[str, ValueKind] = {
    "award_amount": "money",
    "amount": "money",
    "outstanding": "money",
    "confirmed_amount": "money",
    "late_interest": "money",
    "expires_on": "date",
    "matures_on": "date",
    "due_on": "date",
}


def section(code: str, cases: Sequence[OwnCase], visit: Visit, names: Mapping[str, str]) -> Section:
    """One register's cases of the organisation as a table, with what opens further ones."""
    register = visit.register(code)
    ways = (
        tuple(
            Crumb(label=words(action.title), url=opening_url(register, action))
            for action in openings(register, visit.actor)
        )
        if register.parent is None
        else ()
    )
    return Section(
        code=code,
        title=_("My awards and applications") if code == APPLICATIONS else words(register.title),
        lead=_("Each award that was made to you, and how far its financing has come.")
        if code == APPLICATIONS
        else (words(register.description) if register.description else ""),
        table=_table(register, cases[:_SHOWN], visit, names) if cases else None,
        register_url=reverse("register", args=[code]),
        openings=ways,
    )


def _table(
    register: Register, cases: Sequence[OwnCase], visit: Visit, names: Mapping[str, str]
) -> Table:
    codes = _COLUMNS[register.code]
    return Table(
        caption=words(register.title),
        is_caption_hidden=True,
        columns=(
            Column(label=_("Number"), kind="code", role="title"),
            *(
                Column(label=words(register.fields[code].title), kind=_KINDS.get(code, "text"))
                for code in codes
            ),
            Column(label=_("State"), kind="badge"),
            Column(label=_("Deadline"), kind="light", role="light"),
        ),
        rows=tuple(
            Row(
                cells=(
                    case.row.number,
                    *(_cell(register, code, case, names) for code in codes),
                    Badge(label=case.row.state_title, tone="neutral" if case.row.ended else "lake"),
                    case_light(case.row, visit),
                ),
                url=reverse("case", args=[case.row.id]),
            )
            for case in cases
        ),
    )


def _cell(register: Register, code: str, case: OwnCase, names: Mapping[str, str]) -> object:
    return typed(register.fields[code], case.row.facts.get(code), names)


def _deadlines(
    still_open: Sequence[OwnCase], visit: Visit, names: Mapping[str, str]
) -> Table | None:
    """Every running deadline and whose turn it is: for what is overdue, that is who is late."""
    dated = [each for each in still_open if each.row.due_at is not None]
    if not dated:
        return None
    rows = []
    for case in dated:
        register = get_register(case.row.register, case.row.register_version)
        whose = turn(register, case.row.state, case.parties, names)
        late = case.row.light.value == "red"
        rows.append(
            Row(
                cells=(
                    case.row.number,
                    heading(case.row),
                    case.row.state_title,
                    _("late: {who}").format(who=whose) if late else whose,
                    case.row.due_at,
                    case_light(case.row, visit),
                ),
                url=reverse("case", args=[case.row.id]),
                level="red" if late else None,
            )
        )
    return Table(
        caption=_("Deadlines and who is late"),
        is_caption_hidden=True,
        columns=(
            Column(label=_("Number"), kind="code", role="title"),
            Column(label=_("Case")),
            Column(label=_("State")),
            Column(label=_("Whose turn")),
            Column(label=_("Due"), kind="instant"),
            Column(label=_("Light"), kind="light", role="light"),
        ),
        rows=tuple(rows),
    )
