"""Cases on a map at any size: counted in squares by the database, singly where one stands alone.

A map is the list in another form: the same filter, the same sight, the same numbers. As far as lists
are counted a map is exact. Beyond, each square is counted up to a bound of its own, and says so.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.db import connection

from honghu.base.spots import Box, Grid, grid_of
from honghu.kernel.cases.conditions import CaseFilter, Conditions, conditions_of, fits_row
from honghu.kernel.cases.lists import COUNTED_TO
from honghu.kernel.cases.rows import CaseRow, Light
from honghu.kernel.cases.selection import COLUMNS, case_row
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.model import FieldType, Register

CELLS_ACROSS: Final = 12
"""Squares across a map, if nothing else is asked: each as wide as a finger."""
CELLS_ACROSS_MAX: Final = 24
SQUARE_COUNTED_TO: Final = 1_000
_LOOK_MAX: Final = 3_000
"""So many rows of a square are looked through for conditions that the index of spots cannot answer."""
_BY_INDEX: Final = ("state", "closed_at", "(closed_at", "due_at", "amber_at")
"""How conditions begin that the index of spots answers alone."""

_COUNTS: Final = """
count(*) AS n,
count(*) FILTER (WHERE closed_at IS NULL AND due_at < %(now)s) AS red,
count(*) FILTER (WHERE closed_at IS NULL AND due_at >= %(now)s AND amber_at <= %(now)s) AS amber,
count(*) FILTER (WHERE closed_at IS NULL AND due_at >= %(now)s AND amber_at > %(now)s) AS green,
avg(longitude_udeg)::integer AS longitude, avg(latitude_udeg)::integer AS latitude,
min(longitude_udeg) AS west, min(latitude_udeg) AS south,
max(longitude_udeg) AS east, max(latitude_udeg) AS north, min(spot) AS spot
"""
_FEW: Final = """
WITH hits AS MATERIALIZED (
  SELECT spot, longitude_udeg, latitude_udeg, closed_at, due_at, amber_at FROM cases_case
  WHERE {where} LIMIT %(most)s
), known AS (SELECT count(*) AS total, count(spot) AS placed FROM hits)
SELECT known.total, known.placed, squares.* FROM known LEFT JOIN (
  SELECT spot >> %(shift)s AS square, {counts} FROM hits, known
  WHERE known.total < %(most)s AND longitude_udeg BETWEEN %(west)s AND %(east)s
    AND latitude_udeg BETWEEN %(south)s AND %(north)s
  GROUP BY 1) squares ON true
"""
_MANY: Final = """
SELECT squares.* FROM unnest(%(lows)s::bigint[]) low, LATERAL (
  WITH seen AS MATERIALIZED (
    SELECT spot, longitude_udeg, latitude_udeg, closed_at, due_at, amber_at, ({tail}) AS fits
    FROM cases_case WHERE {head} AND spot >= low AND spot < low + %(step)s
      AND longitude_udeg BETWEEN %(west)s AND %(east)s
      AND latitude_udeg BETWEEN %(south)s AND %(north)s LIMIT %(look)s)
  SELECT (SELECT count(*) FROM seen) AS looked, {counts} FROM seen WHERE fits) squares
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Cluster:
    """Cases of one square of a map.

    `count` and the lights are exact, unless `is_more`: then there are more than these. `box` is where
    they stand, `longitude` and `latitude` their middle, in micro-degrees. `case` is the one case of a
    cluster of one.
    """

    count: int
    lights: Mapping[Light, int]
    longitude: int
    latitude: int
    extent: tuple[int, int, int, int]
    is_more: bool = False
    case: CaseRow | None = None

    @property
    def light(self) -> Light:
        """The worst light of them."""
        ranked = (Light.RED, Light.AMBER, Light.GREEN)
        return next((light for light in ranked if self.lights[light]), Light.NONE)


@dataclasses.dataclass(frozen=True, slots=True)
class CaseMap:
    """A list as a map: how many it has, how many of these have a place, and the squares of a box.

    `total` and `placed` are exact, unless `more_than`.
    """

    box: Box
    clusters: Sequence[Cluster]
    total: int
    placed: int
    more_than: bool

    @property
    def shown(self) -> int:
        """How many cases stand in the box, as far as they were counted."""
        return sum(cluster.count for cluster in self.clusters)

    @property
    def shown_is_more(self) -> bool:
        """Whether more stand in the box than were counted."""
        return any(cluster.is_more for cluster in self.clusters)


def has_places(register: Register) -> bool:
    """Whether cases of the register may stand on a map."""
    return any(
        field.type is FieldType.PLACE and not field.personal for field in register.fields.values()
    )


def map_cases(
    register: Register,
    *,
    actor: Actor,
    now: dt.datetime,
    box: Box,
    wanted: CaseFilter | None = None,
    cells_across: int = CELLS_ACROSS,
) -> CaseMap:
    """The cases in a box that the actor may see, counted in squares; two or three queries.

    `wanted` is the list's filter, its box apart. Raises Invalid as `list_cases` does for a field
    that is not there, ValueError for more than CELLS_ACROSS_MAX squares.
    """
    if not 1 <= cells_across <= CELLS_ACROSS_MAX:
        message = f"a map has 1 to {CELLS_ACROSS_MAX} squares across"
        raise ValueError(message)
    # The box is looked at square by square, and not as a filter.
    filtered = dataclasses.replace(wanted or CaseFilter(), box=None)
    conditions = conditions_of(register, actor, filtered, now)
    if conditions is None:
        return CaseMap(box, (), 0, 0, more_than=False)
    grid = grid_of(box, cells_across=cells_across)
    values = dict(conditions.values) | {
        "now": now,
        "most": COUNTED_TO + 1,
        "shift": 2 * grid.level,
        "west": box.west,
        "east": box.east,
        "south": box.south,
        "north": box.north,
    }
    total, placed, squares = _few(conditions, values)
    more_than = total > COUNTED_TO
    if more_than:
        total, placed = COUNTED_TO, min(placed, COUNTED_TO)
        squares = _many(conditions, values, grid)
    clusters = _singled(squares, conditions, now)
    return CaseMap(box, clusters, total, placed, more_than=more_than)


def _few(
    conditions: Conditions, values: Mapping[str, Any]
) -> tuple[int, int, list[tuple[Cluster, int]]]:
    """Everything that fits, if it is no more than lists are counted to: exact."""
    rows = _rows(_FEW.format(where=conditions.where, counts=_COUNTS), values)
    total, placed = rows[0][:2]
    found = [_cluster(row[3:], is_more=False) for row in rows if row[2] is not None]
    return total, placed, found


def _many(
    conditions: Conditions, values: Mapping[str, Any], grid: Grid
) -> list[tuple[Cluster, int]]:
    """Each square for itself, up to a bound: the index of spots alone where that can answer."""
    head: list[str] = ["register = %(register)s"]
    tail: list[str] = []
    for part in conditions.head(by_state=True)[1:] + conditions.tail(by_state=True):
        (head if part.startswith(_BY_INDEX) else tail).append(part)
    look = _LOOK_MAX if tail else SQUARE_COUNTED_TO + 1
    query = _MANY.format(tail=fits_row(tail), head=" AND ".join(head), counts=_COUNTS)
    rows = _rows(query, dict(values) | {"lows": grid.lows, "step": grid.step, "look": look})
    return [_cluster(row[1:], is_more=row[0] == look) for row in rows if row[1]]


def _cluster(row: Sequence[Any], *, is_more: bool) -> tuple[Cluster, int]:
    """A cluster and its first spot."""
    count, red, amber, green, longitude, latitude, west, south, east, north, spot = row
    none = count - red - amber - green
    lights = {Light.RED: red, Light.AMBER: amber, Light.GREEN: green, Light.NONE: none}
    extent = (west, south, east, north)
    return Cluster(count, lights, longitude, latitude, extent, is_more=is_more), spot


def _singled(
    found: Iterable[tuple[Cluster, int]], conditions: Conditions, now: dt.datetime
) -> list[Cluster]:
    """The clusters, those of one with their case."""
    known = list(found)
    alone = [spot for cluster, spot in known if cluster.count == 1 and not cluster.is_more]
    cases = _cases_at(alone, conditions, now) if alone else {}
    return [
        dataclasses.replace(cluster, case=cases.get(spot)) if cluster.count == 1 else cluster
        for cluster, spot in known
    ]


def _cases_at(spots: Sequence[int], conditions: Conditions, now: dt.datetime) -> dict[int, CaseRow]:
    rows = _rows(
        f"SELECT spot, {COLUMNS} FROM cases_case WHERE {conditions.where}"
        " AND spot = ANY(%(spots)s::bigint[])",
        dict(conditions.values) | {"spots": list(spots)},
    )
    return {row[0]: case_row(row[1:], now) for row in rows}


def _rows(query: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
