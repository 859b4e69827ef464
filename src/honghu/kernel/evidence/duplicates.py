"""Finding where the same bytes, or nearly the same picture, served another case."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from django.db import connection

from honghu.kernel.evidence.rows import Duplicate
from honghu.kernel.rulesets.queries import get_rule
from honghu.kernel.rulesets.values import RuleValueError

_NEAR_RULE: Final = "kernel.near_duplicate_bits"

# The band probe (migration 0002) finds every hash that differs in so many bits, and no more surely.
_NEAR_BITS_MAX: Final = 7
_USES_PER_FILE: Final = 20

# One statement whatever the number of files. The bound is per file: one that serves everywhere
# must not hide where another one served.
_SQL = """
SELECT q.sha256, d.*
FROM unnest(%(shas)s::text[], %(hashes)s::bigint[]) AS q(sha256, hash)
CROSS JOIN LATERAL (
  (SELECT u.id, u.case_id, u.evidence_id, u.kind, 0 AS bits, true AS exact
   FROM evidence_evidenceuse u
   WHERE u.evidence_id = q.sha256
     AND u.case_id IS NOT NULL AND u.case_id IS DISTINCT FROM %(case)s::uuid
   ORDER BY u.id LIMIT %(limit)s)
  UNION ALL
  (SELECT u.id, u.case_id, u.evidence_id, u.kind,
          bit_count((e.perceptual_hash # q.hash)::bit(64))::integer AS bits, false
   FROM evidence_evidence e JOIN evidence_evidenceuse u ON u.evidence_id = e.sha256
   WHERE evidence_bands(e.perceptual_hash) && evidence_probes(q.hash)
     AND e.perceptual_hash IS NOT NULL AND e.sha256 <> q.sha256
     AND bit_count((e.perceptual_hash # q.hash)::bit(64)) <= %(bits)s
     AND u.case_id IS NOT NULL AND u.case_id IS DISTINCT FROM %(case)s::uuid
   ORDER BY bits, u.id LIMIT %(limit)s)
) AS d
ORDER BY q.sha256, d.exact DESC, d.bits, d.id
"""


def find_served(
    hashes: Mapping[str, int | None], *, on: dt.date, case_id: uuid.UUID | None = None
) -> dict[str, list[Duplicate]]:
    """For each SHA-256 (with its perceptual hash, null if none): uses of it, or of a content that
    looks the same, in cases other than `case_id`; the same bytes first, then by difference.

    How different still counts as the same is the rule kernel.near_duplicate_bits of that day, at
    most 7. For each file up to 20 uses of each sort are named. Raises RuleMissingError, and
    RuleValueError for a rule beyond 7 bits, where some would be missed.
    """
    found: dict[str, list[Duplicate]] = defaultdict(list)
    if not hashes:
        return found
    near = get_rule(_NEAR_RULE, on=on)
    if near.as_int() > _NEAR_BITS_MAX:
        raise RuleValueError(
            f"{_NEAR_RULE} is {near.as_int()}, more than {_NEAR_BITS_MAX}",
            remedy=f"publish a row with at most {_NEAR_BITS_MAX}",
        )
    parameters: dict[str, Any] = {
        "shas": list(hashes),
        "hashes": list(hashes.values()),
        "case": case_id,
        "bits": near.as_int(),
        "limit": _USES_PER_FILE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SQL, parameters)
        for sha256, use_id, other_case, other_sha256, kind, bits, exact in cursor.fetchall():
            found[sha256].append(Duplicate(use_id, other_case, other_sha256, kind, exact, bits))
    return found
