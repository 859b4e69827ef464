"""Reads of cases: lists, counts, single rows. Each in a fixed number of queries."""

import dataclasses
import datetime as dt
import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from django.db import connection
from django.utils.translation import gettext as _

from honghu.base.problems import Invalid, NotFound
from honghu.kernel.cases.rows import (
    CasePage,
    CaseRow,
    Light,
)
from honghu.kernel.cases.search import query_terms
from honghu.kernel.cases.selection import COLUMNS, case_row, loads
from honghu.kernel.cases.visibility import sight_of
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.model import Register
from honghu.kernel.registers.queries import get_register, latest_registers

COUNTED_TO = 10_000
"""Lists are counted up to here; beyond, the page says «more than»: nobody pages that far."""

MAX_PAGE_SIZE = 200

Sort = Literal[
    "-changed_at", "changed_at", "due_at", "-due_at", "-opened_at", "opened_at", "number"
]
_ORDERS: Mapping[str, str] = {
    "-changed_at": "changed_at DESC, id DESC",
    "changed_at": "changed_at, id",
    "due_at": "due_at ASC NULLS LAST, id",
    "-due_at": "due_at DESC NULLS LAST, id",
    "-opened_at": "opened_at DESC, id DESC",
    "opened_at": "opened_at, id",
    "number": "number",
}


@dataclasses.dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list is narrowed to. `text` is searched inside titles, numbers and text facts."""

    states: tuple[str, ...] = ()
    text: str = ""
    light: Light | None = None
    open_only: bool = False


_LIGHTS = {
    Light.RED: "closed_at IS NULL AND due_at < %(now)s",
    Light.AMBER: "closed_at IS NULL AND due_at >= %(now)s AND amber_at <= %(now)s",
    Light.GREEN: "closed_at IS NULL AND due_at >= %(now)s AND amber_at > %(now)s",
    Light.NONE: "(closed_at IS NOT NULL OR due_at IS NULL)",
}


def _where(
    register: Register, actor: Actor, wanted: CaseFilter, now: dt.datetime
) -> tuple[str, dict[str, Any]] | None:
    """The WHERE clause of a list; null if the actor may see nothing of the register."""
    sight = sight_of(register, actor)
    if sight.nothing:
        return None
    parts, values = ["register = %(register)s"], {"register": register.code, "now": now}
    if not sight.everything:
        parts.append("party_ids @> ARRAY[%(organisation)s]::uuid[]")
        values["organisation"] = sight.organisation_id
    if wanted.states:
        states = [state for state in wanted.states if state.isprintable()]
        # One state by equality: the index that is ordered by due time within it can be read in
        # that order, which it cannot be for a list of states.
        parts.append("state = %(states)s" if len(states) == 1 else "state = ANY(%(states)s)")
        values["states"] = states[0] if len(states) == 1 else states
    if wanted.open_only:
        parts.append("closed_at IS NULL")
    if wanted.light is not None:
        parts.append(_LIGHTS[wanted.light])
    terms = query_terms(wanted.text)
    if terms:
        parts.append("search @> %(terms)s::text[]")
        values["terms"] = terms
    return " AND ".join(parts), values


def list_cases(
    register: Register,
    *,
    actor: Actor,
    now: dt.datetime,
    wanted: CaseFilter | None = None,
    sort: str = "-changed_at",
    page: int = 1,
    page_size: int = 50,
) -> CasePage:
    """One page of the register's cases that the actor may see, in two queries.

    Raises Invalid for an unknown sorting or an impossible page.
    """
    order = _ORDERS.get(sort)
    if order is None or page < 1 or not 1 <= page_size <= MAX_PAGE_SIZE:
        message = _("There is no such page or sorting.")
        raise Invalid(message, remedy=_("Sort by {names}.").format(names=", ".join(_ORDERS)))
    found = _where(register, actor, wanted or CaseFilter(), now)
    if found is None:
        return CasePage((), 0, more_than=False, page=1, page_size=page_size)
    where, values = found
    values |= {"limit": page_size, "offset": (page - 1) * page_size, "counted_to": COUNTED_TO + 1}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS} FROM cases_case WHERE {where} ORDER BY {order} "
            "LIMIT %(limit)s OFFSET %(offset)s",
            values,
        )
        rows = [case_row(each, now) for each in cursor.fetchall()]
        cursor.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM cases_case WHERE {where} LIMIT %(counted_to)s) c",
            values,
        )
        total = cursor.fetchone()[0]
    return CasePage(
        rows, min(total, COUNTED_TO), total > COUNTED_TO, page=page, page_size=page_size
    )


def count_by_state(register: Register, *, actor: Actor, now: dt.datetime) -> Mapping[str, int]:
    """How many visible cases stand in each state."""
    found = _where(register, actor, CaseFilter(), now)
    if found is None:
        return {}
    where, values = found
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT state, count(*) FROM cases_case WHERE {where} GROUP BY state", values
        )
        return dict(cursor.fetchall())


def visible_registers(actor: Actor) -> list[Register]:
    """The registers of which the actor may see anything."""
    return [each for each in latest_registers() if not sight_of(each, actor).nothing]


def find_case(case_id: uuid.UUID, *, actor: Actor, now: dt.datetime) -> CaseRow:
    """One case as a row. Raises NotFound if there is none, or none that the actor may see."""
    return select_case("id = %s", case_id, actor=actor, now=now)[0]


def find_case_by_number(number: str, *, actor: Actor, now: dt.datetime) -> CaseRow:
    """One case by its number. Raises NotFound as `find_case`."""
    # What cannot be printed stands in no number, and some of it in no database.
    wanted = number if number.isprintable() else ""
    return select_case("number = %s", wanted, actor=actor, now=now)[0]


def find_case_of_step(step_id: uuid.UUID, *, actor: Actor, now: dt.datetime) -> CaseRow:
    """The case to which a step belongs. Raises NotFound as `find_case`."""
    condition = "id = (SELECT case_id FROM cases_step WHERE id = %s)"
    return select_case(condition, step_id, actor=actor, now=now)[0]


def select_case(
    condition: str, value: uuid.UUID | str, *, actor: Actor, now: dt.datetime
) -> tuple[CaseRow, Sequence[Any]]:
    """The case that fits the condition, and its columns; for this package's own queries.

    Raises NotFound if there is none that the actor may see.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS}, parties, counters, parent_id, "
            "(SELECT p.facts FROM cases_personalfacts p WHERE p.case_id = cases_case.id) "
            f"FROM cases_case WHERE {condition}",
            [value],
        )
        values = cursor.fetchone()
    if values is not None:
        row = case_row(values, now)
        sight = sight_of(get_register(row.register, row.register_version), actor)
        parties = {each for known in loads(values[14]).values() for each in known}
        if sight.everything or str(sight.organisation_id) in parties:
            return row, values
    message = _("There is no such case, or it is not yours to see.")
    raise NotFound(message, remedy=_("Check the number, or ask the office that keeps it."))


def children_of(case_id: uuid.UUID, *, register: str, now: dt.datetime) -> list[CaseRow]:
    """All cases of a register that belong to a case, the oldest first; for commands, unfiltered."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS} FROM cases_case WHERE parent_id = %s AND register = %s "
            "ORDER BY opened_at, id",
            [case_id, register],
        )
        return [case_row(each, now) for each in cursor.fetchall()]


def cases_with_fact(register: str, *, fact: str, value: str, now: dt.datetime) -> list[CaseRow]:
    """All cases of a register whose fact has this value, the oldest first; for commands."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS} FROM cases_case WHERE register = %s AND facts @> %s::jsonb "
            "ORDER BY opened_at, id",
            [register, json.dumps({fact: value})],
        )
        return [case_row(each, now) for each in cursor.fetchall()]
