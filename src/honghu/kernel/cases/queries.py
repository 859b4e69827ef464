"""Reads of cases: lists (see `lists`), single rows. Each in a bounded number of queries."""

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from honghu.base.problems import NotFound
from honghu.kernel.cases.conditions import CaseFilter
from honghu.kernel.cases.lists import (
    COUNTED_TO,
    MAX_PAGE_SIZE,
    count_by_state,
    iterate_cases,
    list_cases,
)
from honghu.kernel.cases.orders import Sort
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.cases.selection import COLUMNS, case_row, loads
from honghu.kernel.cases.visibility import sight_of
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.model import Register
from honghu.kernel.registers.queries import get_register, latest_registers

__all__ = [
    "COUNTED_TO",
    "MAX_PAGE_SIZE",
    "CaseFilter",
    "Sort",
    "cases_with_fact",
    "children_of",
    "count_by_state",
    "find_case",
    "find_case_by_number",
    "find_case_of_step",
    "iterate_cases",
    "list_cases",
    "select_case",
    "visible_registers",
]


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
