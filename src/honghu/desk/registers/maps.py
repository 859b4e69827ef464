"""A register's map: the list's filter on the ground, and the same cases as a table below."""

from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from honghu.base.problems import NotFound
from honghu.base.spots import Box, read_box
from honghu.desk.frame.listing import case_light, case_table, heading, names_for, pages_of
from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest, Visit
from honghu.desk.registers.filters import Asked, chips, filter_fields
from honghu.desk.registers.ways import opening_links, views
from honghu.kernel.cases.clusters import CaseMap, Cluster, has_places, map_cases
from honghu.kernel.cases.rows import Light
from honghu.kernel.cases.wording import words
from honghu.kernel.modules.registry import layers_for
from honghu.kernel.registers.model import Register
from honghu.kernel.shapes.queries import shapes_in
from honghu.web.components import Crumb, EmptyState
from honghu.web.components import Light as ShownLight
from honghu.web.display import listed_text
from honghu.web.maps.drawing import Line, Mark, draw, fitted, moved
from honghu.web.templatetags.honghu import light_words, with_query

_ROWS = 20
_SHARE = 1 / 3
"""How far a step goes, of what is seen."""
_CLOSEST = 2_000
"""Micro-degrees: what is nearer together than some hundred metres is told by the list."""
_ROOM = 1.3
"""A cluster that is looked at closely has so much room around it."""


@require_safe
@desk_page
def register_map(request: DeskRequest, register: str) -> HttpResponse:
    """The cases of a list where they stand, with lights; below them the same as a table."""
    visit = request.visit
    declared = visit.register(register)
    if not has_places(declared):
        message = _("The cases of this register have no place.")
        raise NotFound(message, remedy=_("Look at the list."))
    asked = Asked.read(request.GET, declared)
    county = fitted(read_box(settings.HONGHU_COUNTY_BOX))
    found = _look(declared, visit, asked, county)
    box = found.box
    page = asked.page_of(declared, visit, box=box, size=_ROWS)
    layers = layers_for(declared.code)
    shapes = shapes_in(box, layers=[layer.code for layer in layers])
    title = _("Map: %(register)s") % {"register": words(declared.title)}
    picture = draw(
        box,
        marks=[_mark(cluster, declared, request, visit) for cluster in found.clusters],
        lines=[Line(layer=row.layer, name=row.name, geometry=row.geometry) for row in shapes],
        title=title,
    )
    context = {
        "register": declared,
        "title": words(declared.title),
        "crumbs": (
            Crumb(label=words(declared.title), url=reverse("register", args=[register])),
            Crumb(label=_("Map")),
        ),
        "openings": opening_links(declared, visit),
        "views": views(request, declared),
        "fields": filter_fields(declared, asked),
        "chips": chips(request, declared, asked),
        "picture": picture,
        "moves": _moves(request, box),
        "is_part": box != county,
        "whole_url": with_query(request, box=county.text(), page=None),
        "counted": _counted(found),
        "lights": _lights(found),
        "layers": [words(layer.title) for layer in layers if shapes],
        "table": case_table(
            declared,
            page.rows,
            visit,
            caption=_("Cases on this part of the map"),
            names=names_for(declared, page.rows),
            sort=asked.sort,
        ),
        "pages": pages_of(page),
        "empty": _empty(request, found, county),
    }
    return render(request, "desk/registers/map.html", context)


def _look(register: Register, visit: Visit, asked: Asked, county: Box) -> CaseMap:
    """The part that was asked for; at first sight, the part of the county in which cases stand."""

    def look(box: Box) -> CaseMap:
        return map_cases(register, actor=visit.actor, now=visit.now, box=box, wanted=asked.wanted)

    if asked.wanted.box:
        return look(fitted(asked.wanted.box))
    found = look(county)
    if not found.clusters:
        return found
    edges = [cluster.extent for cluster in found.clusters]
    west, south = min(edge[0] for edge in edges), min(edge[1] for edge in edges)
    east, north = max(edge[2] for edge in edges), max(edge[3] for edge in edges)
    around = moved(fitted(Box(west - 1, south - 1, east + 1, north + 1)), scale=_ROOM)
    is_much_closer = around.width * 2 < county.width
    return look(moved(around, scale=max(1, _CLOSEST / around.width))) if is_much_closer else found


def _mark(cluster: Cluster, register: Register, request: HttpRequest, visit: Visit) -> Mark:
    """One case leads to itself, several to a closer look; those that none parts, to their list."""
    if cluster.case is not None:
        light = case_light(cluster.case, visit)
        said = [cluster.case.number, heading(cluster.case), cluster.case.state_title]
        said.append(light.word or light_words()[light.level])
        label, url = " · ".join(said), reverse("case", args=[cluster.case.id])
        is_closer = False
    else:
        label = _label(cluster)
        west, south, east, north = cluster.extent
        is_closer = max(east - west, north - south) > _CLOSEST
        around = Box(west - 1, south - 1, east + 1, north + 1)
        if is_closer:
            around = moved(fitted(around), scale=_ROOM)
            url = with_query(request, box=around.text(), page=None)
        else:
            query = with_query(request, box=around.text(), page=None)
            url = reverse("register", args=[register.code]) + query
    return Mark(
        longitude=cluster.longitude,
        latitude=cluster.latitude,
        count=cluster.count,
        level=cluster.light.value,
        label=label,
        url=url,
        is_more=cluster.is_more,
        is_closer=is_closer,
    )


def _label(cluster: Cluster) -> str:
    """What a cluster says aloud: how many, and how they stand."""
    count = f"{cluster.count}+" if cluster.is_more else str(cluster.count)
    words_of = light_words()
    parts = [
        f"{words_of[light.value]} {number}"
        for light, number in cluster.lights.items()
        if number and light is not Light.NONE
    ]
    said = ngettext("%(count)s case", "%(count)s cases", cluster.count) % {"count": count}
    return f"{said}: {listed_text(parts)}" if parts else said


def _moves(request: HttpRequest, box: Box) -> list[tuple[str, str, str]]:
    """Steps and scales as addresses: (sign, what it does, address); empty ones are gaps."""
    steps = (
        ("", "", box),
        ("↑", _("Further north"), moved(box, up=_SHARE)),
        ("+", _("Closer"), moved(box, scale=0.5)),
        ("←", _("Further west"), moved(box, across=-_SHARE)),
        ("↓", _("Further south"), moved(box, up=-_SHARE)),
        ("→", _("Further east"), moved(box, across=_SHARE)),
        ("", "", box),
        ("", "", box),
        ("-", _("Further away"), moved(box, scale=2)),
    )
    return [
        (sign, label, with_query(request, box=target.text(), page=None) if sign else "")
        for sign, label, target in steps
    ]


def _counted(found: CaseMap) -> str:
    """How many are seen here, how many the list has, and how many have no place."""
    shown = f"{found.shown}+" if found.shown_is_more else str(found.shown)
    if found.more_than:
        return _("%(shown)s cases on this part of the map; more than %(total)s in the list.") % {
            "shown": shown,
            "total": found.total,
        }
    said = _("%(shown)s cases on this part of the map; %(total)s in the list.") % {
        "shown": shown,
        "total": found.total,
    }
    unplaced = found.total - found.placed
    if unplaced:
        said += " " + _("%(count)s of these have no place.") % {"count": unplaced}
    return said


def _lights(found: CaseMap) -> list[tuple[ShownLight, str]]:
    """The legend: each light with how many have it here."""
    counts: Mapping[Light, int] = {
        light: sum(cluster.lights[light] for cluster in found.clusters) for light in Light
    }
    more = "+" if found.shown_is_more else ""
    return [(ShownLight(level=light.value), f"{counts[light]}{more}") for light in counts]


def _empty(request: HttpRequest, found: CaseMap, county: Box) -> EmptyState:
    if found.total:
        return EmptyState(
            title=_("No case stands on this part of the map"),
            text=_("Move the map, or look at the whole county."),
            action_label=_("The whole county"),
            action_url=with_query(request, box=county.text(), page=None),
            icon="map",
        )
    return EmptyState(
        title=_("No case fits these filters"),
        text=_("Take a filter away, or look at the whole register."),
        action_label=_("Show all"),
        action_url=request.path,
        icon="filter",
    )
