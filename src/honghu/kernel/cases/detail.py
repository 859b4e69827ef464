"""One case with everything that its page shows, in a fixed number of queries."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from honghu.base.problems import HonghuError
from honghu.kernel.cases.effects import Draft
from honghu.kernel.cases.migrating import MIGRATION
from honghu.kernel.cases.naming import names_of, references
from honghu.kernel.cases.permissions import Doer, check_guard, check_role, check_separation
from honghu.kernel.cases.queries import select_case
from honghu.kernel.cases.rows import (
    CaseDetail,
    CaseRow,
    DeadlineRow,
    Possibility,
    StepRow,
    light_of,
)
from honghu.kernel.cases.selection import COLUMNS, case_row, loads
from honghu.kernel.cases.visibility import sight_of
from honghu.kernel.cases.wording import words
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.guards import Guard
from honghu.kernel.registers.model import SYSTEM, Action, FieldType, Register
from honghu.kernel.registers.queries import get_register

_STEPS = """
SELECT s.id, s.sequence, s.action, s.from_state, s.to_state, s.person_id, s.organisation_id,
       p.name, o.name, s.at, s.claimed_at, f.form, s.evidence, e.position, s.form_digest,
       s.facts_digest, s.register_version
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


def _steps(case_id: uuid.UUID, register: Register) -> list[StepRow]:
    with connection.cursor() as cursor:
        cursor.execute(_STEPS, [case_id])
        rows = cursor.fetchall()
    steps = []
    for (
        step_id, sequence, action, origin, target, person_id, organisation_id, person,
        organisation, at, claimed_at, form, evidence, position, form_digest, facts_digest, version,
    ) in rows:  # fmt: skip
        # A case may have moved to another version since: its steps are told in their own words.
        own = register if version == register.version else get_register(register.code, version)
        state = own.states.get(target)
        steps.append(
            StepRow(
                id=step_id,
                sequence=sequence,
                action=action,
                action_title=_action_title(own, action),
                from_state=origin,
                to_state=target,
                to_title=words(state.title) if state else target,
                person_id=person_id,
                organisation_id=organisation_id,
                person=person or _("system"),
                organisation=organisation or "",
                at=at,
                claimed_at=claimed_at,
                form=loads(form),
                evidence=evidence,
                position=position,
                form_digest=form_digest,
                facts_digest=facts_digest,
                register_version=version,
            )
        )
    return steps


def _action_title(register: Register, action: str) -> str:
    if action == MIGRATION:
        return _("Moved to version {version} of the register").format(version=register.version)
    declared = register.actions.get(action)
    return words(declared.title) if declared else action


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
            f"SELECT {COLUMNS}, parties FROM cases_case WHERE parent_id = %s OR id = %s "
            "ORDER BY opened_at LIMIT 200",
            [case_id, parent_id],
        )
        values = cursor.fetchall()
    parent, children = None, []
    for each in values:
        sight = sight_of(get_register(each[1], each[2]), actor)
        parties = {known for ids in loads(each[14]).values() for known in ids}
        if not sight.everything and str(sight.organisation_id) not in parties:
            continue
        row = case_row(each, now)
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


def facts_refuse(action: Action, facts: Mapping[str, Any]) -> bool:
    """Whether an action's guard is judged by the facts alone, and does not hold for these."""
    guard = action.guard
    if guard is None or any(not name.startswith("facts.") for name in guard.names):
        return False
    return not guard.evaluate(facts, {})


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
    row, values = select_case("id = %s", case_id, actor=actor, now=now)
    row = dataclasses.replace(row, facts=dict(row.facts) | (loads(values[17]) or {}))
    register = get_register(row.register, row.register_version)
    parties, counters, parent_id = loads(values[14]), loads(values[15]), values[16]
    if not sight_of(register, actor).everything:
        parties = _without_competitors(parties, actor)
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


def _without_competitors(
    parties: Mapping[str, Sequence[str]], actor: Actor
) -> Mapping[str, Sequence[str]]:
    """The parties as one of them sees them: of several in the same part it sees itself alone.

    Banks that bid for one loan learn of one another neither here nor from personal form fields.
    """
    own = str(actor.organisation_id)
    return {field: [own] if own in known else known for field, known in parties.items()}


def _names(
    register: Register,
    row: CaseRow,
    steps: Sequence[StepRow],
    parties: Mapping[str, Sequence[str]],
) -> Mapping[str, str]:
    """Names of all records that the facts, the parties and the forms point to."""
    pairs = [(field, row.facts.get(code)) for code, field in register.fields.items()]
    for step in steps:
        action = register.actions.get(step.action)
        if action is None or step.form is None:
            continue
        fields = {code: register.fields[code] for code in action.facts} | dict(action.form)
        pairs += [(field, step.form.get(code)) for code, field in fields.items()]
    wanted = references(pairs)
    wanted.setdefault(FieldType.ORGANISATION, set()).update(*parties.values())
    return names_of(wanted)
