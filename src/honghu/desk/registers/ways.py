"""Ways in: how a register is opened from its list and its map, and from one to the other."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from honghu.desk.cases.offers import opening_url, openings
from honghu.desk.frame.visit import Visit
from honghu.kernel.cases.clusters import has_places
from honghu.kernel.cases.wording import words
from honghu.kernel.modules.registry import doors_for
from honghu.kernel.registers.model import Register
from honghu.web.components import Crumb, Tab
from honghu.web.templatetags.honghu import with_query


def stands_alone(register: Register) -> bool:
    """Whether cases are opened without another: those that a public report may precede, too."""
    return register.parent is None or register.public_reports is not None


def opening_links(register: Register, visit: Visit) -> list[Crumb]:
    """The openings of this actor; a register whose cases belong to others is opened from those."""
    if not stands_alone(register):
        return []
    own = [
        Crumb(label=words(action.title), url=opening_url(register, action))
        for action in openings(register, visit.actor)
    ]
    doors = [
        Crumb(label=words(door.title), url=reverse(door.address))
        for door in doors_for(register.code)
        if visit.actor.holds(door.role)
    ]
    return own + doors


def views(request: HttpRequest, register: Register) -> tuple[Tab, ...]:
    """List and map of the same filter; none for a register whose cases have no place."""
    if not has_places(register):
        return ()
    query = with_query(request, page=None, sort=request.GET.get("sort") or None)
    found = (("register", _("List")), ("register-map", _("Map")))
    addresses = [(reverse(name, args=[register.code]), label) for name, label in found]
    return tuple(
        Tab(label=label, url=url + query, is_current=request.path == url)
        for url, label in addresses
    )
