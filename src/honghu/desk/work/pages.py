"""My work, and search."""

import dataclasses
from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from honghu.base.problems import NotFound
from honghu.desk.cases.offers import is_grave, is_onward
from honghu.desk.cases.stages import next_states
from honghu.desk.frame.listing import case_light, case_table, heading
from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest, Visit
from honghu.kernel.cases.detail import facts_refuse
from honghu.kernel.cases.queries import CaseFilter, find_case_by_number, list_cases
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.cases.turns import my_work
from honghu.kernel.cases.wording import words
from honghu.kernel.modules.registry import ways_for
from honghu.kernel.registers.queries import get_register
from honghu.web.components import Crumb, EmptyState, Level, Light, Table

WORK_LIMIT = 200
_SEARCH_ROWS = 5
_LEVELS: tuple[Level, ...] = ("red", "amber", "green", "none")


@dataclasses.dataclass(frozen=True, slots=True)
class Verb:
    """An action that the reader's role may do now, and the address of its form."""

    label: str
    url: str
    is_primary: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class WorkItem:
    """A case that waits for the reader."""

    row: CaseRow
    title: str
    url: str
    register: str
    light: Light
    verbs: tuple[Verb, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class WorkGroup:
    """The cases under one light, the most urgent first."""

    light: Light
    items: tuple[WorkItem, ...]


@require_safe
@desk_page
def work(request: DeskRequest) -> HttpResponse:
    """What waits for me: red, amber, green, then without deadline."""
    visit = request.visit
    rows = my_work(actor=visit.actor, now=visit.now, limit=WORK_LIMIT)
    request.honghu_work_count = len(rows)
    items = [_item(row, visit) for row in rows]
    groups = [
        WorkGroup(Light(level=level), tuple(item for item in items if item.light.level == level))
        for level in _LEVELS
    ]
    context = {
        "groups": [group for group in groups if group.items],
        "count": len(rows),
        "is_cut": len(rows) == WORK_LIMIT,
        "now": visit.now,
        "empty": _nothing(visit),
    }
    return render(request, "desk/work/work.html", context)


def _item(row: CaseRow, visit: Visit) -> WorkItem:
    register = get_register(row.register, row.register_version)
    verbs = [
        Verb(words(way.title), reverse(way.address, args=[row.id]), is_primary=True)
        for way in ways_for(row.register, row.state, visit.actor)
    ]
    # What ends a case without its purpose is done on the case's own page.
    onward_to = next_states(register, row.state)
    actions = [
        Verb(
            words(action.title),
            reverse("case-action", args=[row.id, action.code]),
            is_primary=is_onward(action, onward_to),
        )
        for action in register.actions.values()
        if row.state in action.origins
        and action.kind not in {"note", "system"}
        and any(visit.actor.holds(role) for role in action.roles)
        and not is_grave(register, action)
        and not facts_refuse(action, row.facts)
    ]
    verbs += sorted(actions, key=lambda verb: not verb.is_primary)
    return WorkItem(
        row,
        heading(row),
        reverse("case", args=[row.id]),
        words(register.title),
        case_light(row, visit),
        tuple(verbs[:2]),
    )


def _nothing(visit: Visit) -> EmptyState:
    links = [
        Crumb(label=words(one.title), url=reverse("register", args=[one.code]))
        for one in visit.registers[:4]
    ]
    return EmptyState(
        title=_("Nothing waits for you"),
        text=_("A case appears here when it is your turn. Until then, look into a register."),
        extra_urls=tuple(links),
    )


@require_safe
@desk_page
def search(request: DeskRequest) -> HttpResponse:
    """A number goes straight to its case; other words are looked up in every register in sight."""
    visit = request.visit
    text = request.GET.get("q", "").strip()
    found: Sequence[tuple[Table, int, bool, str]] = ()
    if text:
        try:
            hit = find_case_by_number(text, actor=visit.actor, now=visit.now)
        except NotFound:
            found = _found(text, visit)
        else:
            return redirect(reverse("case", args=[hit.id]))
    empty = EmptyState(
        title=_("Nothing found") if text else _("What do you look for?"),
        text=_("Search for a case number, a project, a supplier, or a part of their names."),
        icon="search",
    )
    return render(request, "desk/work/search.html", {"text": text, "found": found, "empty": empty})


def _found(text: str, visit: Visit) -> list[tuple[Table, int, bool, str]]:
    """For each register with a hit: the first rows, how many there are (or more), the whole list."""
    tables = []
    for register in visit.registers:
        page = list_cases(
            register,
            actor=visit.actor,
            now=visit.now,
            wanted=CaseFilter(text=text),
            page_size=_SEARCH_ROWS,
        )
        if page.rows:
            url = f"{reverse('register', args=[register.code])}?{urlencode({'q': text})}"
            caption = words(register.title)
            table = case_table(None, page.rows, visit, caption=caption, names={})
            tables.append((table, page.total, page.more_than, url))
    return tables
