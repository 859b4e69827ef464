"""A register's list, its counts, and its lifecycle in a picture and in words."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from honghu.desk.frame.listing import case_table, names_for, pages_of
from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest, Visit
from honghu.desk.registers.filters import Asked, chips, filter_fields, state_tabs
from honghu.desk.registers.ways import opening_links, stands_alone, views
from honghu.desk.registers.wording import action_lines, state_lines
from honghu.kernel.cases.queries import count_by_state
from honghu.kernel.cases.wording import words
from honghu.kernel.registers.diagrams import draw_register
from honghu.kernel.registers.model import Register
from honghu.kernel.sheets.targets import takes_lists
from honghu.web.components import Crumb, EmptyState
from honghu.web.templatetags.honghu import with_query


@require_safe
@desk_page
def register_list(request: DeskRequest, register: str) -> HttpResponse:
    """The cases of a register: filtered, sorted, in pages; all of it in the address."""
    visit = request.visit
    declared = visit.register(register)
    asked = Asked.read(request.GET, declared)
    page = asked.page_of(declared, visit)
    table = case_table(
        declared,
        page.rows,
        visit,
        caption=words(declared.title),
        names=names_for(declared, page.rows),
        sort=asked.sort,
        is_caption_hidden=True,
    )
    context = {
        "register": declared,
        "title": words(declared.title),
        "lead": words(declared.description) if declared.description else "",
        "crumbs": (Crumb(label=words(declared.title)),),
        "views": views(request, declared),
        "openings": opening_links(declared, visit),
        "is_child": not stands_alone(declared),
        "can_bring_list": takes_lists(declared, visit.actor),
        "export_url": f"{reverse('export', args=[register])}?{request.GET.urlencode()}",
        "fields": filter_fields(declared, asked),
        "chips": chips(request, declared, asked),
        "tabs": state_tabs(request, declared, asked),
        "counts_url": f"{reverse('register-counts', args=[register])}?{request.GET.urlencode()}",
        "table": table,
        "pages": pages_of(page),
        "empty": _empty(asked, declared, visit, request),
    }
    return render(request, "desk/registers/list.html", context)


def _empty(asked: Asked, register: Register, visit: Visit, request: DeskRequest) -> EmptyState:
    if asked.page > 1:
        return EmptyState(
            title=_("The list does not go this far"),
            text=_("Cases may have moved on since, or a filter leaves fewer of them."),
            action_label=_("To the first page"),
            action_url=with_query(request, page=None),
            icon="filter",
        )
    if asked.is_narrowed:
        return EmptyState(
            title=_("No case fits these filters"),
            text=_("Take a filter away, or look at the whole register."),
            action_label=_("Show all"),
            action_url=reverse("register", args=[register.code]),
            icon="filter",
        )
    links = opening_links(register, visit)
    return EmptyState(
        title=_("There is no case yet"),
        text=words(register.description) if register.description else "",
        action_label=links[0].label if links else "",
        action_url=links[0].url if links else "",
    )


@require_safe
@desk_page
def register_counts(request: DeskRequest, register: str) -> HttpResponse:
    """The views by state with their counts: a fragment that the list fetches after itself."""
    visit = request.visit
    declared = visit.register(register)
    counts = count_by_state(declared, actor=visit.actor, now=visit.now)
    asked = Asked.read(request.GET, declared)
    tabs = state_tabs(request, declared, asked, counts=counts)
    return render(request, "desk/registers/tabs.html", {"tabs": tabs})


@require_safe
@desk_page
def lifecycle(request: DeskRequest, register: str) -> HttpResponse:
    """The register's lifecycle: the picture, then states and actions in words."""
    visit = request.visit
    declared = visit.register(register)
    at = request.GET.get("at", "")
    current = at if at in declared.states else None
    svg = draw_register(declared, language=visit.language, current=current)
    context = {
        "title": words(declared.title),
        "version": declared.version,
        "crumbs": (
            Crumb(label=words(declared.title), url=reverse("register", args=[register])),
            Crumb(label=_("Lifecycle")),
        ),
        "svg": mark_safe(svg),  # noqa: S308 drawn by the kernel, every text escaped
        "states": state_lines(declared, current, visit),
        "actions": action_lines(declared),
    }
    return render(request, "desk/registers/lifecycle.html", context)
