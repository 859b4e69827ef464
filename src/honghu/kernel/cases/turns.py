"""My work: the cases in which it is somebody's turn."""

import datetime as dt
import json
from typing import Any

from django.db import connection

from honghu.kernel.cases.queries import COUNTED_TO
from honghu.kernel.cases.rows import (
    CaseRow,
)
from honghu.kernel.cases.selection import COLUMNS, case_row
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.queries import latest_registers


def _turns(actor: Actor) -> tuple[list[str], list[Any]]:
    """The (register, state) pairs in which it is this actor's turn, as SQL."""
    parts: list[str] = []
    values: list[Any] = []
    for register in latest_registers():
        states: dict[str | None, set[str]] = {}
        for state in register.states.values():
            if state.end is not None:
                continue
            turn = set(state.waits_for) or {
                role
                for action in register.actions.values()
                if state.code in action.origins and action.kind not in {"note", "system"}
                for role in action.roles
            }
            for code in turn & set(register.roles):
                if actor.holds(code):
                    states.setdefault(register.roles[code].of, set()).add(state.code)
        for field, codes in states.items():
            part = "(register = %s AND state = ANY(%s)"
            values += [register.code, sorted(codes)]
            if field is not None:
                part += " AND party_ids @> ARRAY[%s]::uuid[] AND parties @> %s::jsonb"
                organisation = str(actor.organisation_id)
                values += [organisation, json.dumps({field: [organisation]})]
            parts.append(part + ")")
    return parts, values


def my_work(*, actor: Actor, now: dt.datetime, limit: int = 100) -> list[CaseRow]:
    """Open cases in which it is this actor's turn, the most urgent first, in one query."""
    parts, values = _turns(actor)
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS} FROM cases_case WHERE closed_at IS NULL AND "
            f"({' OR '.join(parts)}) ORDER BY due_at ASC NULLS LAST, id LIMIT %s",
            [*values, limit],
        )
        return [case_row(each, now) for each in cursor.fetchall()]


def count_my_work(*, actor: Actor) -> int:
    """How many open cases wait for this actor, counted up to COUNTED_TO."""
    parts, values = _turns(actor)
    if not parts:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT 1 FROM cases_case WHERE closed_at IS NULL AND "
            f"({' OR '.join(parts)}) LIMIT %s) c",
            [*values, COUNTED_TO],
        )
        return int(cursor.fetchone()[0])
