"""What a supervisor asks of all registers at once: open, overdue, closed on time, returned, late.

Every question is one statement over all registers; nothing is counted case by case.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from honghu.kernel.registers.model import Register

_OPEN: Final = """
SELECT register, count(*), count(*) FILTER (WHERE due_at < %(now)s),
  count(*) FILTER (WHERE due_at >= %(now)s AND amber_at <= %(now)s)
FROM cases_case WHERE closed_at IS NULL AND register = ANY(%(registers)s) GROUP BY register
"""
# Nothing changes a case after its end but a note: `changed_at` finds the few through the index.
_CLOSED: Final = """
SELECT c.register, count(*), count(*) FILTER (WHERE NOT EXISTS (
  SELECT 1 FROM cases_deadline d WHERE d.case_id = c.id AND d.status = 'missed'))
FROM cases_case c
JOIN unnest(%(end_registers)s::text[], %(end_states)s::text[]) AS e (register, state)
  ON c.register = e.register AND c.state = e.state
WHERE c.changed_at >= %(since)s AND c.closed_at >= %(since)s AND c.closed_at < %(now)s
GROUP BY c.register
"""
_MOVES: Final = """
SELECT m.register, m.kind, count(*)
FROM unnest(%(registers)s::text[], %(actions)s::text[], %(states)s::text[], %(kinds)s::text[])
  AS m (register, action, state, kind)
JOIN cases_step s ON s.register = m.register AND s.action = m.action AND s.to_state = m.state
  AND s.at >= %(since)s AND s.at < %(now)s
GROUP BY m.register, m.kind
"""
_REBOUNDS: Final = """
SELECT register, count(*) FROM cases_case
WHERE rebound_of_id IS NOT NULL AND opened_at >= %(since)s AND register = ANY(%(registers)s)
GROUP BY register
"""
_ORGANISATIONS: Final = """
SELECT p.organisation::uuid, count(*) FILTER (WHERE c.closed_at IS NULL),
  count(*) FILTER (WHERE c.closed_at IS NULL AND c.due_at < %(now)s),
  count(*) FILTER (WHERE c.closed_at IS NOT NULL),
  count(*) FILTER (WHERE c.closed_at IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM cases_deadline d WHERE d.case_id = c.id AND d.status = 'missed')),
  count(*) FILTER (WHERE c.rebound_of_id IS NOT NULL)
FROM cases_case c
CROSS JOIN LATERAL jsonb_array_elements_text(c.parties -> %(field)s) AS p (organisation)
WHERE c.register = %(register)s AND (c.closed_at IS NULL OR c.closed_at >= %(since)s)
GROUP BY 1 ORDER BY 3 DESC, 2 DESC, 1 LIMIT 200
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a register, or an organisation in one, stands: open ones now, the rest in the period."""

    open: int = 0
    overdue: int = 0
    near: int = 0
    closed: int = 0
    on_time: int = 0
    returned: int = 0
    extended: int = 0
    rebounds: int = 0


def standing_by_register(
    registers: Sequence[Register], *, since: dt.datetime, now: dt.datetime
) -> dict[str, Standing]:
    """The standing of every register, by code, in four statements."""
    ends, moves = _ends(registers), list(_moves(registers))
    values: dict[str, Any] = {
        "now": now, "since": since, "registers": [one.code for one in registers],
        "end_registers": [register for register, _ in ends],
        "end_states": [state for _, state in ends],
    }  # fmt: skip
    opened = {row[0]: row[1:] for row in _read(_OPEN, values)}
    closed = {row[0]: row[1:] for row in _read(_CLOSED, values)}
    rebounds = dict(_read(_REBOUNDS, values))
    columns = zip(*moves, strict=True) if moves else ((), (), (), ())
    named = dict(
        zip(("registers", "actions", "states", "kinds"), map(list, columns), strict=True)
    )  # fmt: skip
    moved = {(code, kind): count for code, kind, count in _read(_MOVES, values | named)}
    return {
        one.code: Standing(
            open=opened.get(one.code, (0, 0, 0))[0],
            overdue=opened.get(one.code, (0, 0, 0))[1],
            near=opened.get(one.code, (0, 0, 0))[2],
            closed=closed.get(one.code, (0, 0))[0],
            on_time=closed.get(one.code, (0, 0))[1],
            returned=moved.get((one.code, "returned"), 0),
            extended=moved.get((one.code, "extended"), 0),
            rebounds=rebounds.get(one.code, 0),
        )
        for one in registers
    }


def standing_by_organisation(
    register: Register, field: str, *, since: dt.datetime, now: dt.datetime
) -> dict[uuid.UUID, Standing]:
    """The standing of each organisation that a field of the register records, the latest first.

    At most 200, in one statement; returns and extensions are told by register only.
    """
    values = {"now": now, "since": since, "register": register.code, "field": field}
    return {
        row[0]: Standing(
            open=row[1], overdue=row[2], closed=row[3], on_time=row[4], rebounds=row[5]
        )
        for row in _read(_ORGANISATIONS, values)
    }


def party_fields(register: Register) -> tuple[str, ...]:
    """The fields whose organisations have roles in the register."""
    return tuple(dict.fromkeys(role.of for role in register.roles.values() if role.of is not None))


def _ends(registers: Iterable[Register]) -> list[tuple[str, str]]:
    return [
        (register.code, state.code)
        for register in registers
        for state in register.states.values()
        if state.end is not None
    ]


def _moves(registers: Iterable[Register]) -> Iterable[tuple[str, str, str, str]]:
    """The moves that send a case back, and those that extend a term: register, action, state, kind.

    Back is any decision or verification into a state that the file names before the one it leaves.
    """
    for register in registers:
        order = {code: place for place, code in enumerate(register.states)}
        for action in register.actions.values():
            if action.counts == "extensions":
                for state in set(action.targets.values()) or register.states:
                    yield register.code, action.code, state, "extended"
            elif action.kind in {"verification", "decision"}:
                first = min((order[code] for code in action.origins if code in order), default=0)
                for state in set(action.targets.values()):
                    if order[state] < first and register.states[state].end is None:
                        yield register.code, action.code, state, "returned"


def _read(statement: str, values: Mapping[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, dict(values))
        return list(cursor.fetchall())
