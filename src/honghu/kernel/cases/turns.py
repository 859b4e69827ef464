"""My work: the cases in which it is somebody's turn."""

import dataclasses
import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

from django.db import connection

from honghu.kernel.cases.permissions import ruling_action
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.cases.selection import COLUMNS, case_row
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.model import Register, Role, State
from honghu.kernel.registers.queries import registers_with_earlier

WORK_COUNTED_TO = 1_000
"""Somebody's work is counted up to here; beyond, it is «more than»."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Turn:
    """A state of a register in which it is the actor's turn; for `of` roles: as these parties."""

    register: str
    state: str
    parties: tuple[str, ...] | None


def _turns(actor: Actor) -> Iterator[_Turn]:
    """The states of the latest versions, and of earlier ones those that the latest does not know."""
    for latest, earlier in registers_with_earlier():
        met: set[str] = set()
        for register in (latest, *earlier):
            for state in register.states.values():
                if state.code in met:
                    continue
                met.add(state.code)
                roles = _ruling_roles(latest, register, state)
                fields = {role.of for role in roles if actor.holds(role.code)}
                if fields:
                    parties = None if None in fields else tuple(sorted(map(str, fields)))
                    yield _Turn(register.code, state.code, parties)


def _ruling_roles(latest: Register, register: Register, state: State) -> list[Role]:
    """The roles in turn as the latest version defines them; what it does not know stays as it was.

    Where a state names no role that it waits for, the latest roles of its actions are in turn.
    """
    if register is latest or state.waits_for or state.end is not None or state.rests:
        codes = roles_in_turn(register, state)
        return [latest.roles.get(code) or register.roles[code] for code in codes]
    found: dict[str, Role] = {}
    for action in register.actions.values():
        if state.code in action.origins and action.kind not in {"note", "system"}:
            by, declared = ruling_action(register, action)
            found |= {code: by.roles[code] for code in declared.roles if code in by.roles}
    return list(found.values())


def roles_in_turn(register: Register, state: State) -> set[str]:
    """The codes of the roles whose turn it is in a state; none where the case ended or rests."""
    if state.end is not None or state.rests:
        return set()
    turn = set(state.waits_for) or {
        role
        for action in register.actions.values()
        if state.code in action.origins and action.kind not in {"note", "system"}
        for role in action.roles
    }
    return turn & set(register.roles)


_OWN = """
WITH own AS MATERIALIZED (
  SELECT id, register, state, due_at, parties FROM cases_case
  WHERE party_ids @> ARRAY[%(organisation)s]::uuid[] AND closed_at IS NULL LIMIT %(few)s + 1
), small AS MATERIALIZED (SELECT count(*) <= %(few)s AS yes FROM own)
"""
# In one state the open cases by due time: all (an office), or one organisation's. Who has few open
# cases has them collected before; who has many finds them soon among all (the bound keeps the
# planner from another idea).
_OFFICE_TURN = """(
SELECT id, due_at FROM cases_case
WHERE register = %({register})s AND state = %({state})s AND closed_at IS NULL
ORDER BY due_at, id LIMIT %(limit)s)
"""
_PARTY_TURN = """(
SELECT id, due_at FROM own WHERE register = %({register})s AND state = %({state})s
  AND parties @> ANY(%({parties})s::jsonb[]) AND (SELECT yes FROM small))
UNION ALL (
SELECT id, due_at FROM (
  SELECT id, due_at, party_ids, parties FROM cases_case
  WHERE register = %({register})s AND state = %({state})s AND closed_at IS NULL
    AND NOT (SELECT yes FROM small)
  ORDER BY due_at, id LIMIT %(all)s
) open
WHERE party_ids @> ARRAY[%(organisation)s]::uuid[] AND parties @> ANY(%({parties})s::jsonb[])
LIMIT %(limit)s)
"""
_FEW = 2_000
_ALL = 100_000_000


def _work(actor: Actor, limit: int) -> tuple[str, dict[str, Any]] | None:
    """A query of the open cases in which it is the actor's turn, at least the first `limit` ones."""
    organisation = str(actor.organisation_id)
    values: dict[str, Any] = {
        "organisation": organisation, "few": _FEW, "all": _ALL, "limit": limit,
    }  # fmt: skip
    parts = []
    for number, turn in enumerate(_turns(actor)):
        names = {name: f"{name}{number}" for name in ("register", "state", "parties")}
        values |= {names["register"]: turn.register, names["state"]: turn.state}
        if turn.parties is not None:
            values[names["parties"]] = [json.dumps({f: [organisation]}) for f in turn.parties]
        parts.append((_OFFICE_TURN if turn.parties is None else _PARTY_TURN).format(**names))
    if not parts:
        return None
    head = _OWN if any("own" in part for part in parts) else "WITH"
    joint = "," if head is _OWN else ""
    return f"{head}{joint} turns AS MATERIALIZED ({' UNION ALL '.join(parts)})", values


def my_work(*, actor: Actor, now: dt.datetime, limit: int = 100) -> list[CaseRow]:
    """Open cases in which it is this actor's turn, the most urgent first, in one query."""
    found = _work(actor, limit)
    if found is None:
        return []
    query, values = found
    with connection.cursor() as cursor:
        cursor.execute(
            f"{query}, page AS MATERIALIZED (SELECT id FROM turns"
            " ORDER BY due_at ASC NULLS LAST, id LIMIT %(limit)s)"
            f" SELECT {COLUMNS} FROM page JOIN cases_case USING (id)"
            " ORDER BY due_at ASC NULLS LAST, id",
            values,
        )
        return [case_row(each, now) for each in cursor.fetchall()]


def count_my_work(*, actor: Actor) -> int:
    """How many open cases wait for this actor, counted up to WORK_COUNTED_TO + 1."""
    found = _work(actor, WORK_COUNTED_TO + 1)
    if found is None:
        return 0
    query, values = found
    with connection.cursor() as cursor:
        cursor.execute(f"{query} SELECT count(*) FROM turns", values)
        return min(int(cursor.fetchone()[0]), WORK_COUNTED_TO + 1)
