"""The entrance of every signed-in page: the one place of the desk that reads the clock."""

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeAlias, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from honghu.base.problems import NotAllowed
from honghu.desk.frame.rail import rail
from honghu.desk.frame.visit import DeskRequest, Visit, chosen_organisation, registers_in_sight
from honghu.kernel.cases.turns import WORK_COUNTED_TO, count_my_work
from honghu.kernel.parties.actor import Actor
from honghu.kernel.parties.models import Account
from honghu.kernel.parties.queries import get_actors

Given = ParamSpec("Given")
DeskPage: TypeAlias = Callable[Concatenate[DeskRequest, Given], HttpResponseBase]
AnyPage: TypeAlias = Callable[Concatenate[HttpRequest, Given], HttpResponseBase]


class NoPositionError(NotAllowed):
    """The person is known but holds no position on this day."""

    code = "no-position"


def desk_page(page: DeskPage[Given]) -> AnyPage[Given]:
    """Let a page be seen by signed-in people only, with `request.visit`: actor, now, registers.

    The answer is never kept by shared caches or by the browser's history after signing out.
    Raises NoPositionError for a person without a position.
    """

    @functools.wraps(page)
    def enter(request: HttpRequest, *args: Given.args, **kwargs: Given.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        desk = cast("DeskRequest", request)
        now = timezone.now()
        desk.honghu_actor = actor_of(request)
        registers = registers_in_sight(desk.honghu_actor)
        desk.visit = Visit(desk.honghu_actor, now, registers)
        if not desk.htmx:
            desk.honghu_rail = rail(registers, request.path, desk.honghu_actor)
        response = page(desk, *args, **kwargs)
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response

    return cast("AnyPage[Given]", enter)


def open_page(page: AnyPage[Given]) -> AnyPage[Given]:
    """A page for everybody; whoever is signed in keeps the frame that they know."""

    @functools.wraps(page)
    def enter(request: HttpRequest, *args: Given.args, **kwargs: Given.kwargs) -> HttpResponseBase:
        if request.user.is_authenticated:
            desk = cast("DeskRequest", request)
            desk.honghu_actor = actor_of(request)
            registers = registers_in_sight(desk.honghu_actor)
            desk.honghu_rail = rail(registers, request.path, desk.honghu_actor)
        response = page(request, *args, **kwargs)
        patch_cache_control(response, private=True, no_store=True)
        return response

    return cast("AnyPage[Given]", enter)


def hats(request: HttpRequest) -> list[Actor]:
    """For whom the signed-in person may act today."""
    account = cast("Account", request.user)
    return get_actors(person_id=account.person_id, on=timezone.localdate())


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in person acting for the organisation chosen in the session, or for the first.

    One query. Raises NoPositionError.
    """
    known = hats(request)
    chosen = chosen_organisation(request)
    for actor in known:
        if actor.organisation_id == chosen:
            return actor
    if not known:
        message = _("You hold no position today.")
        raise NoPositionError(
            message, remedy=_("Ask the administrator of your organisation for a position.")
        )
    return known[0]


@desk_page
def work_count(request: DeskRequest) -> HttpResponse:
    """How many cases wait for the reader: a fragment that the top bar fetches for itself."""
    count = count_my_work(actor=request.visit.actor)
    more = "+" if count > WORK_COUNTED_TO else ""
    return HttpResponse(f"{min(count, WORK_COUNTED_TO)}{more}")
