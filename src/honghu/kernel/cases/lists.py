"""Lists of cases at any size: pages, streams, counts.

A list is read in one of three ways, whichever the rows themselves ask for; statistics of the
database don't know how often words stand together. What an index answers alone is read off it.
Else the first rows of the order are looked through: what many cases have is found there at once.
What few have is collected by the index of words, organisations and facts, and sorted. Only what
many have, but none of the first, costs more: a second look, then all of it.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from honghu.base.problems import Invalid
from honghu.kernel.cases.conditions import CaseFilter, Conditions, conditions_of, fits_row
from honghu.kernel.cases.orders import (
    ORDERS,
    Place,
    Segment,
    place_of,
    read_place,
    write_place,
)
from honghu.kernel.cases.rows import CasePage, CaseRow
from honghu.kernel.cases.selection import COLUMNS, case_row, loads
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.model import Register

COUNTED_TO = 10_000
"""Lists are counted up to here; beyond, the page says «more than»: nobody pages that far."""

MAX_PAGE_SIZE = 200
_FIRST_LOOK = 2_000
_SECOND_LOOK_MAX = 20_000
_PROMISING = 40
"""So many in the first look, and a second look costs less than to collect and sort them all."""

_ROWS_PER_FETCH = 2_000


@dataclasses.dataclass(frozen=True, slots=True)
class _Asked:
    """A page that is asked for: conditions, order, where it begins, how many rows."""

    conditions: Conditions
    segments: Sequence[tuple[int, Segment]]
    place: Place | None
    is_backwards: bool
    skip: int
    limit: int

    @property
    def values(self) -> dict[str, Any]:
        """As SQL parameters."""
        paging = {"limit": self.limit, "skip": self.skip, "need": self.skip + self.limit}
        return (
            dict(self.conditions.values) | paging | dict(self.place.values() if self.place else {})
        )

    def behind(self, number: int, segment: Segment) -> tuple[str, ...]:
        """The condition that a segment begins behind the place."""
        if self.place is None or self.place.segment != number:
            return ()
        return (segment.behind(backwards=self.is_backwards),)


@dataclasses.dataclass(frozen=True, slots=True)
class _Found:
    """Rows that were found; whether these are the right ones; how many fit as far as was seen.

    `is_all` says that everything was seen, so that `fitting` is all there is.
    """

    rows: list[CaseRow]
    is_page: bool
    fitting: int
    is_all: bool


def list_cases(
    register: Register,
    *,
    actor: Actor,
    now: dt.datetime,
    wanted: CaseFilter | None = None,
    sort: str = "-changed_at",
    page: int = 1,
    page_size: int = 50,
    after: str | None = None,
    before: str | None = None,
) -> CasePage:
    """One page of the register's cases that the actor may see, in one to four queries.

    It begins after (or ends before) a place that an earlier page gave, else at the page's number;
    with a place, `page` only says how far it is. Deep pages are to be asked for by place.

    Raises Invalid for an unknown sorting, an impossible page, a place of another list.
    """
    if sort not in ORDERS or page < 1 or not 1 <= page_size <= MAX_PAGE_SIZE:
        message = _("There is no such page or sorting.")
        raise Invalid(message, remedy=_("Sort by {names}.").format(names=", ".join(ORDERS)))
    conditions = conditions_of(register, actor, wanted or CaseFilter(), now)
    if conditions is None:
        return CasePage((), 0, more_than=False, page=1, page_size=page_size)
    token = after or before
    place = read_place(token, sort) if token else None
    is_backwards = place is not None and not after
    asked = _Asked(
        conditions,
        _segments(sort, place, conditions, is_backwards=is_backwards),
        place,
        is_backwards,
        0 if place else (page - 1) * page_size,
        page_size + 1,
    )
    found, total, more_than = _find(asked, now)
    return _page(asked, found, _Count(total, more_than), sort=sort, page=page)


def _segments(
    sort: str, place: Place | None, conditions: Conditions, *, is_backwards: bool
) -> Sequence[tuple[int, Segment]]:
    """The segments from the place on, each with its number, in the order of reading."""
    numbered = list(enumerate(ORDERS[sort]))
    if place is not None:
        numbered = (
            numbered[: place.segment + 1][::-1] if is_backwards else numbered[place.segment :]
        )
    wanted = [
        (number, segment)
        for number, segment in numbered
        if None in (segment.is_dated, conditions.is_dated)
        or segment.is_dated is conditions.is_dated
    ]
    return wanted or numbered[:1]


@dataclasses.dataclass(frozen=True, slots=True)
class _Count:
    total: int | None
    more_than: bool


def _page(asked: _Asked, found: _Found, count: _Count, *, sort: str, page: int) -> CasePage:
    """The page from one row more than it shows; `count.total` is null if none was counted."""
    size = asked.limit - 1
    rows, has_more = found.rows[:size], len(found.rows) > size
    if asked.is_backwards:
        rows.reverse()
        page = page if has_more else 1
    seen_before = (page - 1) * size if asked.place else 0
    total, more_than = count.total, count.more_than
    if total is None:
        total = seen_before + (len(rows) if asked.is_backwards else found.fitting)
        more_than = asked.is_backwards or not found.is_all
    first = bool(asked.place or asked.skip) if not asked.is_backwards else has_more
    last = has_more or asked.is_backwards
    return CasePage(
        rows,
        total,
        more_than,
        page=page,
        page_size=size,
        next=write_place(place_of(rows[-1], sort), sort) if rows and last else None,
        previous=write_place(place_of(rows[0], sort), sort) if rows and first else None,
    )


def _find(asked: _Asked, now: dt.datetime) -> tuple[_Found, int | None, bool]:
    """The rows, and the total if it was counted, and whether there are more than these."""
    found = _walk(asked, now, look=_FIRST_LOOK)
    if not asked.conditions.parts and not (found.is_all and asked.place is None):
        total = _count(asked.conditions)
        if not found.is_page:
            found = _walk(asked, now, look=None)
        return found, min(total, COUNTED_TO), total > COUNTED_TO
    if found.is_page:
        return found, None, False
    # As many as fitted in the first look will fit in the second: enough for the page, twice over.
    look = min(2 * _FIRST_LOOK * asked.values["need"] // max(found.fitting, 1), _SECOND_LOOK_MAX)
    if found.fitting >= _PROMISING:
        found = _walk(asked, now, look=look)
        if found.is_page:
            return found, None, False
    few = _collect(asked, now)
    if few.is_page:
        return few, few.fitting, False
    if found.fitting < _PROMISING:
        found = _walk(asked, now, look=look)
    if not found.is_page:
        found = _walk(asked, now, look=None)
    return found, COUNTED_TO, True


def _walk(asked: _Asked, now: dt.datetime, *, look: int | None) -> _Found:
    """Read the rows in their order, looking at that many of each segment; null: at all of them."""
    walks: list[str] = []
    wholes: list[int] = []
    for number, segment in asked.segments:
        head, tail = segment.parted(asked.conditions)
        head += asked.behind(number, segment)
        if look is None:
            head, tail = [*head, *tail], []
        width = look if tail and look is not None else asked.skip + asked.limit
        wholes.append(width)
        order = segment.order_by(backwards=asked.is_backwards)
        if walks:  # A further segment is read only if those before it do not fill the page.
            fitting = " + ".join(
                f"(SELECT count(*) FROM walk{index} WHERE fits)" for index in range(len(walks))
            )
            head.append(f"{fitting} < %(need)s")
        walks.append(
            f"walk{len(walks)} AS MATERIALIZED (SELECT id, {len(walks)} AS part,"
            f" row_number() OVER () AS place, ({fits_row(tail)}) AS fits"
            f" FROM (SELECT {'*' if tail else 'id'} FROM cases_case WHERE {' AND '.join(head)}"
            f" ORDER BY {order} LIMIT {width}) rows)"
        )
    union = " UNION ALL ".join(f"SELECT * FROM walk{index}" for index in range(len(walks)))
    counts = ", ".join(
        f"(SELECT jsonb_build_array(count(*), count(*) FILTER (WHERE fits)) FROM walk{index})"
        for index in range(len(walks))
    )
    seen, parts, rows = _select(
        f"WITH {', '.join(walks)}, page AS (SELECT id, part, place FROM ({union}) walked"
        " WHERE fits ORDER BY part, place LIMIT %(limit)s OFFSET %(skip)s)"
        f" SELECT jsonb_build_array({counts}), part, {COLUMNS} FROM (SELECT) one"
        " LEFT JOIN (page JOIN cases_case USING (id)) ON true ORDER BY part, place",
        asked.values,
        now,
    )
    return _judge(asked, seen, wholes, parts, rows)


def _judge(
    asked: _Asked,
    seen: Sequence[tuple[int, int]],
    wholes: Sequence[int],
    parts: Sequence[int],
    rows: list[CaseRow],
) -> _Found:
    """Whether what was seen is enough: up to the segment that was not seen to its end."""
    open_part, fitting = len(seen), 0
    for part, (looked, fit) in enumerate(seen):
        fitting += fit
        is_last_read = fitting >= asked.skip + asked.limit and part + 1 < len(seen)
        if looked >= wholes[part] or is_last_read:
            open_part = part
            break
    right = [row for part, row in zip(parts, rows, strict=True) if part <= open_part]
    is_full, is_all = len(right) == asked.limit, open_part == len(seen)
    return _Found(right, is_full or is_all, fitting, is_all)


def _collect(asked: _Asked, now: dt.datetime) -> _Found:
    """Collect all that fits, up to COUNTED_TO, and sort it."""
    sorted_parts = " UNION ALL ".join(
        f"SELECT id, {part} AS part, row_number() OVER"
        f" (ORDER BY {segment.order_by(backwards=asked.is_backwards)}) AS place FROM hits WHERE "
        + " AND ".join((*segment.where, *segment.also, *asked.behind(number, segment), "true"))
        for part, (number, segment) in enumerate(asked.segments)
    )
    total, _parts, rows = _select(
        "WITH hits AS MATERIALIZED (SELECT id, number, opened_at, changed_at, closed_at, due_at"
        f" FROM cases_case WHERE {asked.conditions.where} LIMIT {COUNTED_TO + 1}),"
        f" page AS (SELECT id, part, place FROM ({sorted_parts}) parts"
        " ORDER BY part, place LIMIT %(limit)s OFFSET %(skip)s)"
        f" SELECT to_jsonb((SELECT count(*) FROM hits)), part, {COLUMNS} FROM (SELECT) one"
        " LEFT JOIN (page JOIN cases_case USING (id)) ON true ORDER BY part, place",
        asked.values,
        now,
    )
    return _Found(rows, total <= COUNTED_TO, total, is_all=True)


def _select(
    query: str, values: Mapping[str, Any], now: dt.datetime
) -> tuple[Any, list[int], list[CaseRow]]:
    """What a query counted, the segments of its rows, and the rows; there may be none."""
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        found = cursor.fetchall()
    rows = [each for each in found if each[1] is not None]
    return loads(found[0][0]), [row[1] for row in rows], [case_row(row[2:], now) for row in rows]


def _count(conditions: Conditions) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM cases_case WHERE {conditions.where}"
            f" LIMIT {COUNTED_TO + 1}) counted",
            conditions.values,
        )
        return int(cursor.fetchone()[0])


def iterate_cases(
    register: Register,
    *,
    actor: Actor,
    now: dt.datetime,
    wanted: CaseFilter | None = None,
    sort: str = "-changed_at",
) -> Iterator[CaseRow]:
    """Every case of the list in its order, through a server-side cursor in bounded memory.

    All rows are of one moment. A transaction stays open while it is read. Raises Invalid for an
    unknown sorting (when the first row is asked for).
    """
    if sort not in ORDERS:
        message = _("There is no such page or sorting.")
        raise Invalid(message, remedy=_("Sort by {names}.").format(names=", ".join(ORDERS)))
    conditions = conditions_of(register, actor, wanted or CaseFilter(), now)
    if conditions is None:
        return
    # A server-side cursor is never carried out in parallel: the parts come one after the other.
    query = " UNION ALL ".join(
        f"SELECT * FROM (SELECT {COLUMNS} FROM cases_case WHERE "
        + " AND ".join((conditions.where, *segment.where, *segment.also))
        + f" ORDER BY {segment.order_by()}) part{part}"
        for part, segment in enumerate(ORDERS[sort])
    )
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(query, conditions.values)
        while batch := cursor.fetchmany(_ROWS_PER_FETCH):
            yield from (case_row(each, now) for each in batch)


def count_by_state(
    register: Register, *, actor: Actor, now: dt.datetime
) -> Mapping[str, int] | None:
    """How many visible cases stand in each state, each counted up to COUNTED_TO + 1.

    Null if the actor sees some of the register's cases only, and more than COUNTED_TO of them:
    these no index counts by state.
    """
    conditions = conditions_of(register, actor, CaseFilter(), now)
    if conditions is None:
        return {}
    query = _COUNT_SOME if conditions.parts else _COUNT_EACH
    with connection.cursor() as cursor:
        cursor.execute(
            query.format(where=conditions.where), {**conditions.values, "most": COUNTED_TO + 1}
        )
        counts = dict(cursor.fetchall())
    return None if conditions.parts and sum(counts.values()) > COUNTED_TO else counts


# The states are found by hopping through the index from one to the next.
_COUNT_EACH = """
WITH RECURSIVE states AS (
  (SELECT state FROM cases_case WHERE {where} ORDER BY state LIMIT 1)
  UNION ALL
  SELECT (SELECT state FROM cases_case WHERE {where} AND state > s.state ORDER BY state LIMIT 1)
  FROM states s WHERE s.state IS NOT NULL
)
SELECT s.state, (SELECT count(*) FROM (
  SELECT 1 FROM cases_case WHERE {where} AND state = s.state LIMIT %(most)s) counted)
FROM states s WHERE s.state IS NOT NULL
"""
_COUNT_SOME = """
SELECT state, count(*) FROM (
  SELECT state FROM cases_case WHERE {where} LIMIT %(most)s) counted GROUP BY state
"""
