"""Reads of cases: lists, one case, my work. Each in a fixed number of queries, whatever the size."""

import dataclasses
import datetime as dt
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from django.db import connection
from django.utils.translation import gettext as _

from honghu.base.problems import HonghuError, Invalid, NotFound
from honghu.kernel.cases.effects import Draft
from honghu.kernel.cases.permissions import Doer, check_guard, check_role, check_separation
from honghu.kernel.cases.rows import (
    CaseDetail,
    CasePage,
    CaseRow,
    DeadlineRow,
    Light,
    Possibility,
    StepRow,
    light_of,
)
from honghu.kernel.cases.search import query_terms
from honghu.kernel.cases.visibility import sight_of
from honghu.kernel.cases.wording import words
from honghu.kernel.parties.actor import Actor
from honghu.kernel.parties.queries import organisation_names
from honghu.kernel.registers.guards import Guard
from honghu.kernel.registers.model import SYSTEM, Action, FieldType, Register
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
_COLUMNS = (
    "id, register, register_version, number, title, state, version, facts, opened_at, changed_at, "
    "closed_at, due_at, due_provisional, amber_at"
)
_STEPS = """
SELECT s.id, s.sequence, s.action, s.from_state, s.to_state, s.person_id, s.organisation_id,
       p.name, o.name, s.at, s.claimed_at, f.form, s.evidence, e.position, s.form_digest,
       s.facts_digest
FROM cases_step s
LEFT JOIN cases_stepform f ON f.step_id = s.id
LEFT JOIN parties_person p ON p.id = s.person_id
LEFT JOIN parties_organisation o ON o.id = s.organisation_id
LEFT JOIN journal_entry e ON e.leaf_id = s.id
WHERE s.case_id = %s ORDER BY s.sequence
"""
_DEADLINES = """
SELECT code, rule, duration, started_at, due_at, provisional, status, ended_at, amber_at
FROM cases_deadline WHERE case_id = %s ORDER BY started_at, due_at
"""


@dataclasses.dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list is narrowed to. `text` is searched inside titles, numbers and text facts."""

    states: tuple[str, ...] = ()
    text: str = ""
    light: Light | None = None
    open_only: bool = False


def _loads(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str | bytes) else value


def _row(values: Sequence[Any], now: dt.datetime) -> CaseRow:
    (case_id, code, version, number, title, state, sequence, facts, opened_at, changed_at) = values[
        :10
    ]
    closed_at, due_at, provisional, amber_at = values[10:14]
    register = get_register(code, version)
    known = register.states.get(state)
    ended = closed_at is not None
    return CaseRow(
        case_id,
        code,
        version,
        number,
        title,
        state,
        sequence,
        _loads(facts),
        opened_at,
        changed_at,
        closed_at,
        due_at,
        provisional,
        light_of(now=now, due_at=due_at, amber_at=amber_at, ended=ended),
        words(known.title) if known else state,
        ended,
    )


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
        parts.append("state = ANY(%(states)s)")
        values["states"] = [state for state in wanted.states if state.isprintable()]
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
            f"SELECT {_COLUMNS} FROM cases_case WHERE {where} ORDER BY {order} "
            "LIMIT %(limit)s OFFSET %(offset)s",
            values,
        )
        rows = [_row(each, now) for each in cursor.fetchall()]
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
    return _find("id = %s", case_id, actor=actor, now=now)[0]


def find_case_by_number(number: str, *, actor: Actor, now: dt.datetime) -> CaseRow:
    """One case by its number. Raises NotFound as `find_case`."""
    # What cannot be printed stands in no number, and some of it in no database.
    wanted = number if number.isprintable() else ""
    return _find("number = %s", wanted, actor=actor, now=now)[0]


def find_case_of_step(step_id: uuid.UUID, *, actor: Actor, now: dt.datetime) -> CaseRow:
    """The case to which a step belongs. Raises NotFound as `find_case`."""
    condition = "id = (SELECT case_id FROM cases_step WHERE id = %s)"
    return _find(condition, step_id, actor=actor, now=now)[0]


def _find(
    condition: str, value: uuid.UUID | str, *, actor: Actor, now: dt.datetime
) -> tuple[CaseRow, Sequence[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS}, parties, counters, parent_id, "
            "(SELECT p.facts FROM cases_personalfacts p WHERE p.case_id = cases_case.id) "
            f"FROM cases_case WHERE {condition}",
            [value],
        )
        values = cursor.fetchone()
    if values is not None:
        row = _row(values, now)
        sight = sight_of(get_register(row.register, row.register_version), actor)
        parties = {each for known in _loads(values[14]).values() for each in known}
        if sight.everything or str(sight.organisation_id) in parties:
            return row, values
    message = _("There is no such case, or it is not yours to see.")
    raise NotFound(message, remedy=_("Check the number, or ask the office that keeps it."))


def children_of(case_id: uuid.UUID, *, register: str, now: dt.datetime) -> list[CaseRow]:
    """All cases of a register that belong to a case, the oldest first; for commands, unfiltered."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM cases_case WHERE parent_id = %s AND register = %s "
            "ORDER BY opened_at, id",
            [case_id, register],
        )
        return [_row(each, now) for each in cursor.fetchall()]


def cases_with_fact(register: str, *, fact: str, value: str, now: dt.datetime) -> list[CaseRow]:
    """All cases of a register whose fact has this value, the oldest first; for commands."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM cases_case WHERE register = %s AND facts @> %s::jsonb "
            "ORDER BY opened_at, id",
            [register, json.dumps({fact: value})],
        )
        return [_row(each, now) for each in cursor.fetchall()]


def _steps(case_id: uuid.UUID, register: Register) -> list[StepRow]:
    with connection.cursor() as cursor:
        cursor.execute(_STEPS, [case_id])
        rows = cursor.fetchall()
    steps = []
    for (
        step_id, sequence, action, origin, target, person_id, organisation_id, person,
        organisation, at, claimed_at, form, evidence, position, form_digest, facts_digest,
    ) in rows:  # fmt: skip
        declared, state = register.actions.get(action), register.states.get(target)
        steps.append(
            StepRow(
                id=step_id,
                sequence=sequence,
                action=action,
                action_title=words(declared.title) if declared else action,
                from_state=origin,
                to_state=target,
                to_title=words(state.title) if state else target,
                person_id=person_id,
                organisation_id=organisation_id,
                person=person or _("system"),
                organisation=organisation or "",
                at=at,
                claimed_at=claimed_at,
                form=_loads(form),
                evidence=evidence,
                position=position,
                form_digest=form_digest,
                facts_digest=facts_digest,
            )
        )
    return steps


def _deadlines(case_id: uuid.UUID, now: dt.datetime) -> list[DeadlineRow]:
    with connection.cursor() as cursor:
        cursor.execute(_DEADLINES, [case_id])
        rows = cursor.fetchall()
    return [
        DeadlineRow(
            code=code,
            rule=rule,
            duration=duration,
            started_at=started_at,
            due_at=due_at,
            provisional=provisional,
            status=status,
            ended_at=ended_at,
            light=light_of(now=now, due_at=due_at, amber_at=amber_at, ended=status != "running"),
        )
        for (
            code,
            rule,
            duration,
            started_at,
            due_at,
            provisional,
            status,
            ended_at,
            amber_at,
        ) in rows
    ]


def _related(
    case_id: uuid.UUID, parent_id: uuid.UUID | None, actor: Actor, now: dt.datetime
) -> tuple[CaseRow | None, list[CaseRow]]:
    """Parent and children that the actor may see, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS}, parties FROM cases_case WHERE parent_id = %s OR id = %s "
            "ORDER BY opened_at LIMIT 200",
            [case_id, parent_id],
        )
        values = cursor.fetchall()
    parent, children = None, []
    for each in values:
        sight = sight_of(get_register(each[1], each[2]), actor)
        parties = {known for ids in _loads(each[14]).values() for known in ids}
        if not sight.everything and str(sight.organisation_id) not in parties:
            continue
        row = _row(each, now)
        if row.id == parent_id:
            parent = row
        else:
            children.append(row)
    return parent, children


def possibilities(draft: Draft, actor: Actor, doers: Iterable[Doer]) -> list[Possibility]:
    """What the state allows, with the reason why not for what this actor may not do.

    Actions of the system itself are left out. A guard that asks about the form cannot be judged
    before the form is filled in, and is judged then.
    """
    known = list(doers)
    found = []
    for action in draft.register.actions.values():
        if draft.state not in action.origins or action.roles == frozenset({SYSTEM}):
            continue
        refusal = _refusal(draft, action, actor, known)
        found.append(
            Possibility(
                action,
                words(action.title),
                refusal is None,
                refusal.message if refusal else "",
                refusal.remedy if refusal else "",
            )
        )
    return sorted(found, key=lambda each: not each.allowed)


def asks_form(guard: Guard) -> bool:
    """Whether the guard reads the form, and so cannot be judged before it is filled in."""
    return any(name.startswith("form.") for name in guard.names)


def _refusal(
    draft: Draft, action: Action, actor: Actor, doers: Sequence[Doer]
) -> HonghuError | None:
    try:
        check_role(draft.register, action, actor, draft)
        check_separation(action, actor, doers)
        if action.guard is not None and not asks_form(action.guard):
            check_guard(action, draft, {})
    except HonghuError as error:
        return error
    return None


def get_case(case_id: uuid.UUID, *, actor: Actor, now: dt.datetime) -> CaseDetail:
    """A case with its steps, deadlines, relatives and possibilities, in five queries.

    Its facts include the personal ones: mask them before showing (PIPL art 51).

    Raises NotFound if there is none that the actor may see.
    """
    row, values = _find("id = %s", case_id, actor=actor, now=now)
    row = dataclasses.replace(row, facts=dict(row.facts) | (_loads(values[17]) or {}))
    register = get_register(row.register, row.register_version)
    parties, counters, parent_id = _loads(values[14]), _loads(values[15]), values[16]
    steps = _steps(case_id, register)
    draft = Draft(
        row.id, register, row.number, row.title, row.state, row.version, dict(row.facts),
        parties, counters, parent_id, row.opened_at,
    )  # fmt: skip
    doers = [Doer(step.action, step.person_id, step.organisation_id) for step in steps]
    parent, children = _related(case_id, parent_id, actor, now)
    return CaseDetail(
        row,
        register,
        parties,
        counters,
        parent,
        children,
        steps,
        _deadlines(case_id, now),
        possibilities(draft, actor, doers),
        _names(register, row, steps, parties),
    )


def _names(
    register: Register,
    row: CaseRow,
    steps: Sequence[StepRow],
    parties: Mapping[str, Sequence[str]],
) -> Mapping[str, str]:
    """Names of all organisations that the facts, the parties and the forms point to."""
    ids = {each for known in parties.values() for each in known}
    for code, field in register.fields.items():
        if field.type is FieldType.ORGANISATION and row.facts.get(code):
            ids.add(row.facts[code])
    for step in steps:
        action = register.actions.get(step.action)
        if action is None or step.form is None:
            continue
        fields = {code: register.fields[code] for code in action.facts} | dict(action.form)
        for code, field in fields.items():
            if field.type is FieldType.ORGANISATION and step.form.get(code):
                ids.add(step.form[code])
    found = organisation_names(uuid.UUID(each) for each in ids)
    return {str(key): name for key, name in found.items()}


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
            f"SELECT {_COLUMNS} FROM cases_case WHERE closed_at IS NULL AND "
            f"({' OR '.join(parts)}) ORDER BY due_at ASC NULLS LAST, id LIMIT %s",
            [*values, limit],
        )
        return [_row(each, now) for each in cursor.fetchall()]


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
