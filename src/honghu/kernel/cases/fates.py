"""What became of cases: closed in a period, on time or late, sent back, prolonged, come back.

Lists are narrowed by it, and figures of supervision count by the same conditions, so that a number
opens to exactly its rows.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from honghu.kernel.cases.judgements import JUDGED, judged_values
from honghu.kernel.registers.model import Register

# The case is named without its table: lists ask for it under another name.
ON_TIME: Final = """NOT EXISTS (
  SELECT 1 FROM (SELECT id AS this_case) this
  JOIN cases_deadline d ON d.case_id = this_case AND d.status = 'missed')"""
"""No deadline of the case was missed."""
_MOVED: Final = """EXISTS (
  SELECT 1 FROM (SELECT id AS this_case) this JOIN cases_step s ON s.case_id = this_case
  AND (s.action, s.to_state) IN (
    SELECT * FROM unnest(%({fate}_actions)s::text[], %({fate}_states)s::text[])))"""


class Fate(StrEnum):
    """What is asked of the cases that were closed in a period; or, of those opened in it, rebounds;
    or, of those judged in it, whether who asked for it was satisfied."""

    CLOSED = "closed"
    ON_TIME = "on-time"
    LATE = "late"
    RETURNED = "returned"
    EXTENDED = "extended"
    REBOUND = "rebound"
    SATISFIED = "satisfied"
    DISSATISFIED = "dissatisfied"


@dataclass(frozen=True, slots=True)
class Within:
    """What became of cases since an instant, up to now."""

    since: dt.datetime
    fate: Fate


def closing_states(register: Register) -> list[str]:
    """The ends that say the problem is solved: what was rejected, merged or withdrawn is not closed."""
    return [state.code for state in register.states.values() if state.closes]


def moves_of(register: Register, fate: Fate) -> list[tuple[str, str]]:
    """The moves (action, state) that send a case back, or prolong its term.

    Back is any decision or verification into a state that the file names before the one it leaves.
    """
    return list(_returns(register) if fate is Fate.RETURNED else _extensions(register))


def _extensions(register: Register) -> Iterator[tuple[str, str]]:
    for action in register.actions.values():
        if action.counts == "extensions":
            for state in set(action.targets.values()) or register.states:
                yield action.code, state


def _returns(register: Register) -> Iterator[tuple[str, str]]:
    order = {code: place for place, code in enumerate(register.states)}
    for action in register.actions.values():
        if action.counts == "extensions" or action.kind not in {"verification", "decision"}:
            continue
        first = min((order[code] for code in action.origins if code in order), default=0)
        for state in set(action.targets.values()):
            if order[state] < first and register.states[state].end is None:
                yield action.code, state


def moved(fate: Fate) -> str:
    """The condition that a step of the case made one of the moves of `move_values`."""
    return _MOVED.format(fate=fate)


def move_values(register: Register, fate: Fate) -> dict[str, list[str]]:
    """The values of `moved(fate)`."""
    moves = moves_of(register, fate)
    return {
        f"{fate}_actions": [action for action, _state in moves],
        f"{fate}_states": [state for _action, state in moves],
    }


def conditions(register: Register, within: Within) -> tuple[list[str], dict[str, Any]]:
    """The conditions of a fate on `cases_case` with their values; `now` is another's."""
    values: dict[str, Any] = {"since": within.since}
    if within.fate is Fate.REBOUND:
        parts = ["rebound_of_id IS NOT NULL", "opened_at >= %(since)s", "opened_at < %(now)s"]
        return parts, values
    if within.fate in {Fate.SATISFIED, Fate.DISSATISFIED}:
        verdict = "" if within.fate is Fate.SATISFIED else "NOT "
        inner = f"SELECT j.case_id FROM ({JUDGED}) j WHERE {verdict}j.is_content"  # noqa: S608
        return [f"id IN ({inner})"], values | judged_values()
    values["ends"] = closing_states(register)
    # Nothing changes a case after its end but a note: `changed_at` finds the few through the index.
    parts = [
        "state = ANY(%(ends)s)", "changed_at >= %(since)s", "closed_at >= %(since)s",
        "closed_at < %(now)s",
    ]  # fmt: skip
    if within.fate is Fate.ON_TIME:
        parts.append(ON_TIME)
    elif within.fate is Fate.LATE:
        parts.append(ON_TIME.removeprefix("NOT "))
    elif within.fate in {Fate.RETURNED, Fate.EXTENDED}:
        parts.append(moved(within.fate))
        values |= move_values(register, within.fate)
    return parts, values
