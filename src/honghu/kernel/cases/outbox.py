"""What steps have to tell the outside: taken by whoever passes it on, each message once."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection

from honghu.kernel.cases.selection import loads

_TAKE = """
WITH taken AS MATERIALIZED (
  SELECT id, case_id FROM cases_outboxmessage WHERE delivered_at IS NULL
  ORDER BY created_at LIMIT %s FOR UPDATE SKIP LOCKED
)
SELECT s.id, s.case_id, s.sequence, s.register, s.register_version, s.action, s.from_state,
  s.to_state, s.person_id, s.organisation_id, s.at, c.number, c.state, c.version, c.parties,
  left_by.person_id, left_by.organisation_id, running.duration
FROM taken JOIN cases_step s ON s.id = taken.id JOIN cases_case c ON c.id = taken.case_id
LEFT JOIN LATERAL (
  SELECT p.person_id, p.organisation_id FROM cases_step p
  WHERE p.case_id = s.case_id AND p.sequence < s.sequence AND s.to_state <> s.from_state
    AND p.from_state = s.to_state AND p.to_state <> p.from_state
  ORDER BY p.sequence DESC LIMIT 1
) left_by ON true
LEFT JOIN LATERAL (
  SELECT d.duration FROM cases_deadline d WHERE d.case_id = c.id AND d.status = 'running'
  ORDER BY d.due_at LIMIT 1
) running ON true
ORDER BY s.case_id, s.sequence
"""
_DONE = "UPDATE cases_outboxmessage SET delivered_at = %s WHERE id = ANY(%s)"
_FORGET = "DELETE FROM cases_outboxmessage WHERE delivered_at < %s"


@dataclasses.dataclass(frozen=True, slots=True)
class StepMessage:
    """A step that somebody may have to hear of, with its case as it is now.

    `left_by` is who took the case out of this state before, as person and organisation: a case
    that comes back is theirs again. `clock` is the duration of the nearest running deadline, empty
    where it has none or is a date of the case itself.
    """

    step_id: uuid.UUID
    case_id: uuid.UUID
    sequence: int
    register: str
    register_version: int
    action: str
    from_state: str
    to_state: str
    person_id: uuid.UUID | None
    organisation_id: uuid.UUID | None
    at: dt.datetime
    number: str
    state: str
    version: int
    parties: Mapping[str, Sequence[str]]
    left_by: tuple[uuid.UUID, uuid.UUID] | None
    clock: str


_PLAIN = tuple(each.name for each in dataclasses.fields(StepMessage))[:-3]


def take_messages(limit: int) -> list[StepMessage]:
    """Lock messages that wait and read their steps; each case's in its order.

    Inside the caller's transaction, which marks them when it has passed them on. Messages that
    another worker holds are left to it. Steps of transactions that rolled back have none.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [limit])
        rows = cursor.fetchall()
    return [_message(*row) for row in rows]


def _message(*row: Any) -> StepMessage:
    *plain, parties, person_id, organisation_id, clock = row
    known = dict(zip(_PLAIN, plain, strict=True))
    left_by = (person_id, organisation_id) if person_id is not None else None
    return StepMessage(**known, parties=loads(parties), left_by=left_by, clock=clock or "")


def mark_delivered(step_ids: Iterable[uuid.UUID], *, now: dt.datetime) -> None:
    """Note that these messages were passed on, in the transaction that did so."""
    with connection.cursor() as cursor:
        cursor.execute(_DONE, [now, list(step_ids)])


def forget_delivered(*, before: dt.datetime) -> int:
    """Delete messages that were passed on before this instant; how many.

    Nothing is lost by it: what happened is the step, and what was told stands with whoever told it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [before])
        return int(cursor.rowcount)
