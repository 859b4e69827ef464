"""Saved views of a register's list: kept per person, with a name, told of if they like."""

import uuid

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from honghu.base.problems import HonghuError, Invalid
from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest
from honghu.desk.registers.filters import Asked, chips
from honghu.kernel.cases.wording import words
from honghu.kernel.notifications.saved_views import (
    NAME_LENGTH_MAX,
    SavedViewRow,
    delete_view,
    list_views,
    save_view,
    tell_of_view,
    write_wanted,
)
from honghu.kernel.registers.model import Register
from honghu.web.components import Crumb, Tab
from honghu.web.fields import FormField

_OF_A_PAGE = ("page", "after", "before")
_QUERY_LENGTH_MAX = 2_000


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def saved_views(request: DeskRequest, register: str) -> HttpResponse:
    """The reader's views of a register, and keeping the present list as one more.

    Asked for by the list itself, it is a line of links.
    """
    visit = request.visit
    declared = visit.register(register)
    query = _query(request)
    fault: HonghuError | None = None
    if request.method == "POST":
        try:
            return _save(request, declared, query)
        except Invalid as refused:
            fault = refused
    asked = Asked.read(QueryDict(query), declared)
    context = {
        "register": declared,
        "title": _("Saved views"),
        "crumbs": (
            Crumb(label=words(declared.title), url=reverse("register", args=[register])),
            Crumb(label=_("Saved views")),
        ),
        "query": query,
        "views": [(each, _tab(each, query)) for each in list_views(register, actor=visit.actor)],
        "fields": _fields(request, fault, can_tell=write_wanted(asked.wanted) is not None),
        "narrowed": [chip.label for chip in chips(request, declared, asked)],
    }
    template = "saved_line" if request.htmx and request.method == "GET" else "saved"
    status = fault.status if fault else 200
    return render(request, f"desk/registers/{template}.html", context, status=status)


def _query(request: DeskRequest) -> str:
    """The list's address without its page; what a form brought along stands in `query`."""
    given = request.POST.get("query", "")[:_QUERY_LENGTH_MAX]
    asked = QueryDict(given, mutable=True) if request.method == "POST" else request.GET.copy()
    for name in _OF_A_PAGE:
        asked.pop(name, None)
    for name in [each for each in asked if not "".join(asked.getlist(each))]:
        asked.pop(name)
    return asked.urlencode()


def _save(request: DeskRequest, register: Register, query: str) -> HttpResponse:
    """Keep the list. Raises Invalid for a name that cannot be."""
    view = save_view(
        register,
        name=request.POST.get("name", ""),
        query=query,
        wanted=Asked.read(QueryDict(query), register).wanted,
        is_telling=request.POST.get("telling") == "true",
        actor=request.visit.actor,
        now=request.visit.now,
    )
    messages.success(request, _("The view “{name}” is saved.").format(name=view.name))
    return redirect(_address(view))


def _address(view: SavedViewRow) -> str:
    return f"{reverse('register', args=[view.register])}?{view.query}"


def _tab(view: SavedViewRow, query: str) -> Tab:
    return Tab(label=view.name, url=_address(view), is_current=view.query == query)


def _fields(
    request: DeskRequest, fault: HonghuError | None, *, can_tell: bool
) -> tuple[FormField, ...]:
    errors = fault.fields if fault else {}
    name = FormField(
        name="name",
        label=_("Name of the view"),
        control="text",
        value=request.POST.get("name", ""),
        required=True,
        max_length=NAME_LENGTH_MAX,
        errors=(errors["name"],) if "name" in errors else (),
    )
    telling = FormField(
        name="telling",
        label=_("Tell me of new cases in this list"),
        control="boolean",
        value=request.POST.get("telling", ""),
        help=_("In the inbox, and by mail as you have chosen there."),
        errors=(errors["telling"],) if "telling" in errors else (),
    )
    return (name, telling) if can_tell or telling.errors else (name,)


@require_POST
@desk_page
def change_view(request: DeskRequest, register: str, view_id: uuid.UUID) -> HttpResponse:
    """Be told of a view, or no longer, or delete it; then the views of the register again."""
    visit = request.visit
    match request.POST.get("do", ""):
        case "delete":
            delete_view(view_id, actor=visit.actor)
            messages.success(request, _("The view is deleted."))
        case "tell" | "quiet" as wish:
            tell_of_view(view_id, is_telling=wish == "tell", actor=visit.actor, now=visit.now)
            messages.success(request, _("Your choice is kept."))
        case _:
            raise Invalid(_("There is no such choice."))
    return redirect(reverse("saved-views", args=[register]))
