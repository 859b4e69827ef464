"""Routes of maps: a list as squares of a map, and the ground below it, both as GeoJSON (RFC 7946)."""

import uuid
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.conf import settings
from django.utils.translation import gettext as _
from ninja import Path, Query, Router

from honghu.api.access import ApiRequest
from honghu.api.assembly import replies
from honghu.api.bodies import Reply
from honghu.api.registers import register_of
from honghu.api.values import SEARCHABLE, Code
from honghu.base.problems import Invalid, NotFound
from honghu.base.spots import Box, read_box
from honghu.kernel.cases.clusters import (
    CELLS_ACROSS,
    CELLS_ACROSS_MAX,
    Cluster,
    has_places,
    map_cases,
)
from honghu.kernel.cases.queries import CaseFilter
from honghu.kernel.cases.rows import Light
from honghu.kernel.modules.registry import all_layers
from honghu.kernel.shapes.queries import shapes_in

router = Router(tags=["maps"])

BoxText = Annotated[
    str,
    Query(
        pattern=SEARCHABLE,
        max_length=100,
        description="west,south,east,north in degrees (WGS 84); empty for the whole county.",
    ),
]


class PointReply(Reply):
    """A point: longitude, latitude in degrees (WGS 84)."""

    type: Literal["Point"] = "Point"
    coordinates: tuple[float, float]


class ClusterReply(Reply):
    """Cases of one square. `count` and lights are exact unless `is_more`: then there are more.

    `box` is where they stand: west, south, east, north. The case of a cluster of one is told.
    """

    count: int
    is_more: bool
    light: Light
    lights: dict[Light, int]
    box: tuple[float, float, float, float]
    case_id: uuid.UUID | None
    number: str | None
    title: str | None
    state: str | None
    state_title: str | None


class ClusterFeature(Reply):
    """A cluster at the middle of its cases."""

    type: Literal["Feature"] = "Feature"
    geometry: PointReply
    properties: ClusterReply


class CaseMapReply(Reply):
    """A list as a map. `total` and `placed` (those with a place) are the whole list's, exact unless
    `more_than`; `features` are those in the box."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[ClusterFeature]
    bbox: tuple[float, float, float, float]
    total: int
    placed: int
    more_than: bool


class ShapeProperties(Reply):
    """By which code the county's rolls know it."""

    code: str
    name: str


class ShapeFeature(Reply):
    """A line or an area; `geometry` is a GeoJSON geometry."""

    type: Literal["Feature"] = "Feature"
    geometry: dict[str, Any]
    properties: ShapeProperties


class LayerReply(Reply):
    """The lines and areas of a layer of which a part may lie in the box."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[ShapeFeature]


@router.get("/registers/{code}/map", response=replies({200: CaseMapReply}, 404))
def map_register_cases(
    request: ApiRequest,
    *,
    code: Path[Code],
    box: BoxText = "",
    cells: Annotated[int, Query(ge=1, le=CELLS_ACROSS_MAX)] = CELLS_ACROSS,
    state: Annotated[list[Code], Query(max_length=50)] = [],  # noqa: B006 ninja copies it
    text: Annotated[str, Query(pattern=SEARCHABLE, max_length=200)] = "",
    light: Query[Light | None] = None,
    open: Query[bool] = False,  # noqa: A002 the word in the address
) -> CaseMapReply:
    """Map the cases that you may see: the filters of the list, counted in squares of a box."""
    caller = request.auth
    register = register_of(code, caller)
    if not has_places(register):
        message = _("The cases of this register have no place.")
        raise NotFound(message, remedy=_("Look at the list."))
    found = map_cases(
        register,
        actor=caller.actor,
        now=caller.now,
        box=_box(box),
        wanted=CaseFilter(tuple(state), text, light, open),
        cells_across=cells,
    )
    return CaseMapReply(
        features=[_feature(cluster) for cluster in found.clusters],
        bbox=_edges(found.box.west, found.box.south, found.box.east, found.box.north),
        total=found.total,
        placed=found.placed,
        more_than=found.more_than,
    )


@router.get("/map/layers/{layer}", response=replies({200: LayerReply}, 404))
def read_map_layer(
    request: ApiRequest,  # noqa: ARG001 ninja gives it
    layer: Path[Code],
    box: BoxText = "",
) -> LayerReply:
    """Read the ground of maps: waters, sections, grids."""
    if layer not in {known.code for known in all_layers()}:
        message = _("There is no such layer.")
        known = ", ".join(sorted(each.code for each in all_layers()))
        raise NotFound(message, remedy=_("Ask for one of {names}.").format(names=known))
    return LayerReply(
        features=[
            ShapeFeature(
                geometry=dict(row.geometry),
                properties=ShapeProperties(code=row.code, name=row.name),
            )
            for row in shapes_in(_box(box), layers=[layer])
        ]
    )


def _box(text: str) -> Box:
    try:
        return read_box(text or settings.HONGHU_COUNTY_BOX)
    except ValueError as error:
        message = _("A box is west,south,east,north in degrees, west of east and south of north.")
        raise Invalid(message, fields={"box": message}) from error


def _edges(*edges: int) -> tuple[float, float, float, float]:
    west, south, east, north = (float(Decimal(edge).scaleb(-6)) for edge in edges)
    return (west, south, east, north)


def _feature(cluster: Cluster) -> ClusterFeature:
    case = cluster.case
    longitude, latitude = cluster.longitude / 1e6, cluster.latitude / 1e6
    return ClusterFeature(
        geometry=PointReply(coordinates=(longitude, latitude)),
        properties=ClusterReply(
            count=cluster.count,
            is_more=cluster.is_more,
            light=cluster.light,
            lights=dict(cluster.lights),
            box=_edges(*cluster.extent),
            case_id=case.id if case else None,
            number=case.number if case else None,
            title=case.title if case else None,
            state=case.state if case else None,
            state_title=case.state_title if case else None,
        ),
    )
