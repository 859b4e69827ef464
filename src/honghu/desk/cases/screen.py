"""Everything that the case page shows, as one frozen value."""

import dataclasses
from collections.abc import Mapping, Sequence

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from honghu.desk.cases.deadlines import DeadlineView, deadline_views
from honghu.desk.cases.history import evidence_of, moments
from honghu.desk.cases.money import Money, money_of
from honghu.desk.cases.offers import offers
from honghu.desk.cases.photographs import pairs_of
from honghu.desk.cases.stages import stages, turn
from honghu.desk.documents.panel import PaperView, papers_of
from honghu.desk.frame.facts import CaseFacts, case_facts
from honghu.desk.frame.listing import case_light, case_table, heading, names_among
from honghu.desk.frame.visit import DeskRequest, Visit
from honghu.kernel.cases.rows import CaseDetail, CaseRow
from honghu.kernel.cases.wording import words
from honghu.kernel.modules.registry import panels_for
from honghu.kernel.registers.model import Register
from honghu.web.components import (
    ActionOffer,
    Badge,
    Crumb,
    EvidencePair,
    Light,
    Moment,
    Stage,
    Table,
    Tone,
)

_END_TONES: Mapping[str, Tone] = {
    "closed": "green",
    "merged": "lake",
    "rejected": "neutral",
    "cancelled": "neutral",
}


@dataclasses.dataclass(frozen=True, slots=True)
class ModulePanel:
    """A further part of the page, drawn by the module that declares it."""

    title: str
    body: SafeString


@dataclasses.dataclass(frozen=True, slots=True)
class Screen:
    """A case as its page shows it."""

    detail: CaseDetail
    title: str
    state: Badge
    light: Light
    whose_turn: str
    rest: str
    crumbs: tuple[Crumb, ...]
    stages: tuple[Stage, ...]
    offers: tuple[ActionOffer, ...]
    facts: CaseFacts
    deadlines: tuple[DeadlineView, ...]
    running: DeadlineView | None
    relatives: tuple[Table, ...]
    money: Money | None
    papers: tuple[PaperView, ...]
    panels: tuple[ModulePanel, ...]
    pairs: tuple[EvidencePair, ...]
    moments: tuple[Moment, ...]


def screen(detail: CaseDetail, request: DeskRequest) -> Screen:
    """Gather the page of a case: at most six queries beyond those of the case itself."""
    visit = request.visit
    register, row = detail.register, detail.row
    deadlines = deadline_views(detail, visit)
    uses = evidence_of(detail)
    return Screen(
        detail=detail,
        title=heading(row),
        state=state_badge(detail),
        light=case_light(row, visit),
        whose_turn=turn(register, row.state, detail.parties, detail.names),
        rest=_rest(register, row.state),
        crumbs=crumbs(detail),
        stages=stages(detail, visit),
        offers=offers(detail, visit),
        facts=case_facts(detail),
        deadlines=deadlines,
        running=next((each for each in deadlines if each.light is not None), None),
        relatives=_relatives(detail, visit),
        money=money_of(detail, visit.language),
        papers=papers_of(detail, visit.actor),
        panels=_panels(detail, request),
        pairs=pairs_of(uses),
        moments=moments(detail, uses),
    )


def _rest(register: Register, code: str) -> str:
    """Why a case that rests asks nothing of anybody, in the words of its register; empty else."""
    state = register.states.get(code)
    return words(state.no_clock) if state and state.rests and state.no_clock else ""


def state_badge(detail: CaseDetail) -> Badge:
    """The state, in the tone of what it means."""
    state = detail.register.states.get(detail.row.state)
    if state is None or state.end is None:
        return Badge(
            label=detail.row.state_title, tone="amber" if state and state.suspended else "lake"
        )
    return Badge(label=detail.row.state_title, tone=_END_TONES[state.end])


def crumbs(detail: CaseDetail, last: str = "") -> tuple[Crumb, ...]:
    """The way: register, parent, case, and what is done with it."""
    register, row = detail.register, detail.row
    way = [Crumb(label=words(register.title), url=reverse("register", args=[register.code]))]
    if detail.parent is not None:
        way.insert(
            0, Crumb(label=detail.parent.number, url=reverse("case", args=[detail.parent.id]))
        )
    if last:
        return (
            *way,
            Crumb(label=row.number, url=reverse("case", args=[row.id])),
            Crumb(label=last),
        )
    return (*way, Crumb(label=row.number))


def _relatives(detail: CaseDetail, visit: Visit) -> tuple[Table, ...]:
    """The parent, and the children by register, as tables."""
    groups: dict[str, list[CaseRow]] = {}
    if detail.parent is not None:
        groups[_("Belongs to")] = [detail.parent]
    titles = {register.code: words(register.title) for register in visit.registers}
    for child in detail.children:
        groups.setdefault(titles.get(child.register, child.register), []).append(child)
    registers = {register.code: register for register in visit.registers}
    names = names_among((registers.get(rows[0].register), rows) for rows in groups.values())
    return tuple(
        case_table(registers.get(rows[0].register), rows, visit, caption=caption, names=names)
        for caption, rows in groups.items()
    )


def _panels(detail: CaseDetail, request: DeskRequest) -> tuple[ModulePanel, ...]:
    found = []
    for panel in panels_for(detail.register.code):
        if panel.sees is not None and not panel.sees(detail, request.visit.actor):
            continue
        variables = panel.rows(detail)
        if variables is not None:
            body = render_to_string(panel.template, dict(variables), request)
            found.append(ModulePanel(words(panel.title), mark_safe(body)))  # noqa: S308 a template's output
    return tuple(found)


def changes_since(detail: CaseDetail, version: int) -> Sequence[Moment]:
    """What others did after the reader had opened the form, newest first."""
    return [
        moment
        for moment, step in zip(moments(detail), reversed(detail.steps), strict=True)
        if step.sequence > version
    ]
