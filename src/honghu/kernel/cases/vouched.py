"""What no leaf records by itself, but a step vouches for: its form, its evidence, the case.

A form is told by its digest with its salt, evidence by the digests of the files. A case is told by
its last step: state, version, and the digest of its public facts.
"""

from collections.abc import Iterator
from typing import Any

from django.db import connection

from honghu.base.hashing import HashingError, canonical_json, sha256
from honghu.kernel.cases.selection import loads
from honghu.kernel.journal.faults import Fault
from honghu.kernel.journal.sources import ROWS_PER_FETCH, Vouched

_COUNT = "SELECT 2 * (SELECT count(*) FROM cases_step) + (SELECT count(*) FROM cases_case)"
# Each of the three finds as well what stands alone on either side.
_FORMS = """
SELECT coalesce(s.id, f.step_id) AS row_id, s.id, s.form_digest, f.form, f.salt
FROM cases_step s FULL JOIN cases_stepform f ON f.step_id = s.id
"""
_EVIDENCE = """
SELECT coalesce(s.id, u.step_id) AS row_id, s.id,
  ARRAY(SELECT DISTINCT unnest(s.evidence) ORDER BY 1), coalesce(u.used, '{}')
FROM cases_step s FULL JOIN (
  SELECT step_id, array_agg(DISTINCT evidence_id::text ORDER BY evidence_id::text) AS used
  FROM evidence_evidenceuse WHERE step_id IS NOT NULL GROUP BY step_id
) u ON u.step_id = s.id
"""
_CASES = """
SELECT coalesce(s.id, c.id) AS row_id, s.id, c.number, c.state, c.version, c.facts, s.to_state, s.sequence,
  s.facts_digest
FROM cases_case c FULL JOIN (
  SELECT DISTINCT ON (case_id) * FROM cases_step ORDER BY case_id, sequence DESC
) s ON s.case_id = c.id
"""
_PLACED = (
    "SELECT looked.*, e.position FROM ({}) looked LEFT JOIN journal_entry e ON leaf_id = row_id"
)


def _count() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT)
        return int(cursor.fetchone()[0])


def _look() -> Iterator[Fault | None]:
    checks = ((_FORMS, _form_fault), (_EVIDENCE, _evidence_fault), (_CASES, _case_fault))
    for query, check in checks:
        with connection.chunked_cursor() as cursor:
            cursor.execute(_PLACED.format(query))
            while batch := cursor.fetchmany(ROWS_PER_FETCH):
                yield from (check(row) for row in batch)


def _form_fault(row: tuple[Any, ...]) -> Fault | None:
    step_id, recorded, digest, form, salt, position = row
    if recorded is None:
        return Fault("vouched_stray", "cases_stepform", step_id)
    if salt is None:
        return Fault("vouched_missing", "cases_stepform", step_id, position, position)
    content = _canonical(form)
    if content is not None and sha256(bytes(salt) + content).hex() == digest:
        return None
    return Fault("vouched_changed", "cases_stepform", step_id, position, position, "form")


def _evidence_fault(row: tuple[Any, ...]) -> Fault | None:
    step_id, recorded, named, used, position = row
    if recorded is None:
        return Fault("vouched_stray", "evidence_evidenceuse", step_id)
    if named == used:
        return None
    lost = ", ".join(sorted(set(named) - set(used)) or sorted(set(used) - set(named)))
    return Fault("vouched_changed", "evidence_evidenceuse", step_id, position, position, lost)


def _case_fault(row: tuple[Any, ...]) -> Fault | None:
    row_id, step_id, number, state, version, facts, to_state, sequence, digest, position = row
    if step_id is None:
        return Fault("vouched_stray", "cases_case", row_id, detail=number)
    if number is None:
        return Fault("vouched_missing", "cases_case", step_id, position, position)
    content = _canonical(facts)
    said = {
        "state": state == to_state,
        "version": version == sequence,
        "facts": content is not None and sha256(content).hex() == digest,
    }
    wrong = ", ".join(name for name, is_right in said.items() if not is_right)
    if not wrong:
        return None
    detail = f"{number}: {wrong}"
    return Fault("vouched_changed", "cases_case", step_id, position, position, detail)


def _canonical(value: Any) -> bytes | None:
    """The bytes that were hashed; null for what no step ever wrote, as a fraction."""
    try:
        return canonical_json(loads(value))
    except HashingError:
        return None


VOUCHED = Vouched(_count, _look)
"""All forms, evidence and cases, compared with the steps whenever the journal is verified."""
