"""Move running cases from one version of their register to another, by a map of states and facts.

Each case moves in a transaction of its own, by a step of its own kind in the journal. What moved is
no longer of the old version: whoever comes back goes on where the last run stopped.
"""

import dataclasses
import datetime as dt
import json
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from honghu.base.identifiers import new_id
from honghu.base.problems import HonghuError, Invalid
from honghu.kernel.cases import deadlines, writing
from honghu.kernel.cases.effects import Draft
from honghu.kernel.cases.turns import roles_in_turn
from honghu.kernel.cases.writing import Beside
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.guards import Guard
from honghu.kernel.registers.model import Register
from honghu.kernel.registers.queries import get_register
from honghu.kernel.registers.versions import (
    Reason,
    VersionMap,
    guard_of,
    judge_map,
    lost_works,
    map_facts,
    map_parties,
)
from honghu.kernel.rulesets.queries import reading_one_edition

MIGRATION: Final = "migrate-version"
"""The step's action. No action of a register can be called so: their codes have no hyphen."""
_BATCH: Final = 500
_NEXT: Final = """
SELECT opened_at, id FROM cases_case
WHERE register = %(register)s AND register_version = %(version)s AND closed_at IS NULL
  AND (opened_at, id) > (%(at)s::timestamptz, %(id)s::uuid)
ORDER BY opened_at, id LIMIT %(limit)s
"""
_COUNT: Final = """
SELECT count(*) FROM cases_case
WHERE register = %s AND register_version = %s AND closed_at IS NULL
"""
_LOCK: Final = "SELECT 1 FROM cases_case WHERE id = %s FOR UPDATE"
# Read after the lock, by a statement of its own: what stands beside the row is then as new as it.
_READ: Final = """
SELECT number, title, state, version, facts, parties, counters, parent_id, opened_at,
  (SELECT facts FROM cases_personalfacts WHERE case_id = %(case)s),
  (SELECT array_agg(DISTINCT action) FROM cases_step
   WHERE case_id = %(case)s AND action = ANY(%(works)s::text[]))
FROM cases_case
WHERE id = %(case)s AND register_version = %(version)s AND closed_at IS NULL
"""
_DROP: Final = """
UPDATE cases_deadline SET ended_at = %(now)s, status = 'cancelled'
WHERE case_id = %(case)s AND status IN ('running', 'suspended')
  AND NOT (code = ANY(%(kept)s::text[]))
"""
_SUSPEND: Final = """
UPDATE cases_deadline SET status = 'suspended', suspended_at = %(now)s
WHERE case_id = %(case)s AND status = 'running'
"""
_BEFORE_ALL: Final = (dt.datetime(1, 1, 1, tzinfo=dt.UTC), uuid.UUID(int=0))


class UnableToMigrate(Invalid):
    """The map does not fit the two versions; `reasons` says where, all at once."""

    code = "migration-refused"

    def __init__(self, reasons: Sequence[Reason]) -> None:
        message = "; ".join(each.message for each in reasons)
        super().__init__(message, remedy=_("Correct the map and try it with a dry run."))
        self.reasons = tuple(reasons)


@dataclasses.dataclass(frozen=True, slots=True)
class RefusedCase:
    """A case that stays under its version, and why."""

    id: uuid.UUID
    number: str
    state: str
    reasons: tuple[Reason, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class MigrationReport:
    """What a migration did, or would do: cases moved, by old and new state; those refused."""

    moved: Mapping[tuple[str, str], int]
    refused: Sequence[RefusedCase]
    dry_run: bool

    @property
    def count(self) -> int:
        """How many cases moved."""
        return sum(self.moved.values())

    @property
    def reasons(self) -> Mapping[str, int]:
        """How many cases were refused for each reason."""
        return Counter(each.code for case in self.refused for each in dict.fromkeys(case.reasons))


@dataclasses.dataclass(frozen=True, slots=True)
class _Migration:
    """What is asked, with both versions read."""

    old: Register
    new: Register
    wanted: VersionMap
    guard: Guard | None
    works: frozenset[str]
    actor: Actor
    now: dt.datetime
    why: str
    dry_run: bool


def count_cases_of_version(register: str, version: int) -> int:
    """How many open cases stand under one version of a register."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [register, version])
        return int(cursor.fetchone()[0])


def migrate_cases(
    register: str,
    from_version: int,
    to_version: int,
    wanted: VersionMap,
    *,
    actor: Actor,
    now: dt.datetime,
    why: str = "",
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
) -> MigrationReport:
    """Move the open cases of one version to another, each in a transaction of its own.

    A running deadline goes on where the new state has a clock of the same code; others are
    cancelled, and the new state's clock starts. Cases that the map or the new version does not
    take stay as they are and are reported. Ended cases keep their version for ever. No module is
    told: a migration is no event of the business. A dry run judges every case and writes nothing.

    Raises NotFound for an unknown register or version, UnableToMigrate for a map that does not
    fit them or leads around a verification; then no case has moved.
    """
    old, new = get_register(register, from_version), get_register(register, to_version)
    reasons = judge_map(old, new, wanted)
    if from_version == to_version:
        reasons = (*reasons, Reason("same-version", "both versions are the same"))
    if reasons:
        raise UnableToMigrate(reasons)
    asked = _Migration(
        old, new, wanted, guard_of(new, wanted), lost_works(old, new), actor, now, why, dry_run
    )  # fmt: skip
    moved: Counter[tuple[str, str]] = Counter()
    refused: list[RefusedCase] = []
    for done, case_id in enumerate(_cases(register, from_version), start=1):
        verdict = _migrate_case(asked, case_id)
        if isinstance(verdict, RefusedCase):
            refused.append(verdict)
        elif verdict is not None:
            moved[verdict] += 1
        if progress is not None:
            progress(done)
    return MigrationReport(moved, refused, dry_run)


def _cases(register: str, version: int) -> Iterator[uuid.UUID]:
    """The open cases of a version, by place: whatever moves meanwhile, none is missed or met twice."""
    at, last = _BEFORE_ALL
    while True:
        with connection.cursor() as cursor:
            values: dict[str, Any] = {"register": register, "version": version, "limit": _BATCH}
            cursor.execute(_NEXT, values | {"at": at, "id": last})
            rows = cursor.fetchall()
        yield from (case_id for _opened, case_id in rows)
        if len(rows) < _BATCH:
            return
        at, last = rows[-1]


def _migrate_case(asked: _Migration, case_id: uuid.UUID) -> tuple[str, str] | RefusedCase | None:
    """Judge one case and, unless it is a dry run, move it; null if somebody else did meanwhile."""
    with transaction.atomic(), reading_one_edition(), connection.cursor() as cursor:
        if not asked.dry_run:
            cursor.execute(_LOCK, [case_id])
        read = _read(cursor, asked, case_id)
        if read is None:
            return None
        draft, personal, works = read
        moved, reasons = _judged(asked, draft, works)
        if reasons:
            return RefusedCase(case_id, draft.number, draft.state, reasons)
        if not asked.dry_run:
            try:
                with transaction.atomic():
                    _write(cursor, asked, draft, moved, personal)
            except HonghuError as refusal:
                reasons = (Reason(refusal.code, str(refusal)),)
                return RefusedCase(case_id, draft.number, draft.state, reasons)
        return draft.state, moved.state


def _read(
    cursor: CursorWrapper, asked: _Migration, case_id: uuid.UUID
) -> tuple[Draft, Mapping[str, Any], Sequence[str]] | None:
    values: dict[str, Any] = {
        "case": case_id,
        "version": asked.old.version,
        "works": sorted(asked.works),
    }
    cursor.execute(_READ, values)
    row = cursor.fetchone()
    if row is None:
        return None
    number, title, state, version, facts, parties, counters, parent_id, opened_at = row[:9]
    personal = _loads(row[9]) or {}
    draft = Draft(
        case_id, asked.old, number, title, state, version, _loads(facts) | personal,
        _loads(parties), _loads(counters), parent_id, opened_at,
    )  # fmt: skip
    return draft, personal, row[10] or ()


def _loads(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str | bytes) else value


def _judged(
    asked: _Migration, draft: Draft, works: Sequence[str]
) -> tuple[Draft, tuple[Reason, ...]]:
    """The case as the new version has it, and every reason why it cannot be."""
    facts, reasons = map_facts(asked.old, asked.new, asked.wanted, draft.facts)
    found = list(reasons)
    target = asked.wanted.states.get(draft.state)
    moved = dataclasses.replace(
        draft,
        register=asked.new,
        state=target or draft.state,
        facts=facts,
        parties=map_parties(asked.new, asked.old, asked.wanted, draft.parties),
    )
    found += [
        Reason("separation-lost", f"who did {work} would no longer be kept from checking it")
        for work in works
    ]
    if target is None:
        found.insert(0, Reason("state-not-mapped", f"the state {draft.state} is not in the map"))
        return moved, tuple(found)
    if not found:
        found += _unmet(asked, moved)
    return moved, tuple(found)


def _unmet(asked: _Migration, moved: Draft) -> Iterator[Reason]:
    """What the new version asks of a case in its state and this one does not have."""
    context = {"state": moved.state, "number": moved.number, "counters": dict(moved.counters)}
    if asked.guard is not None and not asked.guard.evaluate(moved.facts, {}, context):
        yield Reason("guard-refuses", f"the guard does not hold: {asked.guard.text}")
    turn = [
        asked.new.roles[code]
        for code in roles_in_turn(asked.new, moved.register.states[moved.state])
    ]
    fields = sorted({role.of for role in turn if role.of is not None})
    if turn and all(role.of is not None and not moved.parties.get(role.of) for role in turn):
        yield Reason("organisation-not-recorded", f"nobody is recorded under {', '.join(fields)}")
    try:
        deadlines.for_state(asked.new, moved.state, moved.facts, asked.now)
    except HonghuError as refusal:
        yield Reason(refusal.code, str(refusal))


def _write(
    cursor: CursorWrapper,
    asked: _Migration,
    draft: Draft,
    moved: Draft,
    personal: Mapping[str, Any],
) -> None:
    """Write the step, the case under its new version, and its clocks."""
    form: dict[str, Any] = {"from_version": asked.old.version, "to_version": asked.new.version}
    if asked.why:
        form["why"] = asked.why
    writing.record(
        cursor,
        writing.Record(
            new_id(),
            moved,
            MIGRATION,
            draft.state,
            asked.actor.person_id,
            asked.actor.organisation_id,
            asked.now,
            None,
            form,
            [],
            _clocks(cursor, asked, draft, moved),
            None,
            Beside(personal=personal),
        ),
    )
    cursor.execute(
        "UPDATE cases_case SET register_version = %s WHERE id = %s",
        [asked.new.version, moved.id],
    )


def _clocks(
    cursor: CursorWrapper, asked: _Migration, draft: Draft, moved: Draft
) -> deadlines.ClockMoves:
    """Keep the deadlines that the new state has too, cancel the others, start what is missing.

    A suspended state has no clock of its own: what stands still under it is kept if a state of the
    new version may run it on.
    """
    left, entered = asked.old.states[draft.state], asked.new.states[moved.state]
    own = entered.clock.code if entered.clock is not None else None
    known = {state.clock.code for state in asked.new.states.values() if state.clock is not None}
    others = known - ({left.clock.code} if left.clock is not None else set())
    kept = known if entered.suspended else others | ({own} if own is not None else set())
    cursor.execute(_DROP, {"case": moved.id, "now": asked.now, "kept": sorted(kept)})
    if entered.suspended:
        cursor.execute(_SUSPEND, {"case": moved.id, "now": asked.now})
        return deadlines.ClockMoves(None)
    if left.suspended:
        deadlines.resume(cursor, moved.id, own, asked.now)
    live = deadlines.read_live(cursor, moved.id)
    planned = deadlines.for_state(asked.new, moved.state, moved.facts, asked.now)
    if planned is None or planned.code in live:
        return deadlines.ClockMoves(_nearest(live))
    begun = deadlines.LiveDeadline(
        planned.due_at, planned.amber_at, planned.provisional, running=True
    )
    nearest = _nearest({**live, planned.code: begun})
    return deadlines.ClockMoves(nearest, started=planned)


def _nearest(live: deadlines.LiveDeadlines) -> deadlines.LiveDeadline | None:
    running = [each for each in live.values() if each.running]
    return min(running, key=lambda each: each.due_at, default=None)
