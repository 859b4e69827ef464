"""Finding where the same bytes, or nearly the same picture, served another case."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db import connection

from honghu.kernel.evidence.rows import Duplicate
from honghu.kernel.rulesets.queries import get_rule

_NEAR_RULE = "kernel.near_duplicate_bits"

# One statement whatever the number of files. Near duplicates come through the index over bands
# (migration 0002); the band probe finds all hashes that differ in 7 bits or fewer.
_SQL = """
SELECT q.sha256, u.id, u.case_id, u.evidence_id, u.kind, 0, true
FROM unnest(%(shas)s::text[]) AS q(sha256)
JOIN evidence_evidenceuse u ON u.evidence_id = q.sha256
WHERE u.case_id IS NOT NULL AND u.case_id IS DISTINCT FROM %(case)s::uuid
UNION ALL
SELECT q.sha256, u.id, u.case_id, u.evidence_id, u.kind,
       bit_count((e.perceptual_hash # q.hash)::bit(64))::integer, false
FROM unnest(%(shas)s::text[], %(hashes)s::bigint[]) AS q(sha256, hash)
JOIN evidence_evidence e ON evidence_bands(e.perceptual_hash) && evidence_probes(q.hash)
 AND e.perceptual_hash IS NOT NULL AND e.sha256 <> q.sha256
 AND bit_count((e.perceptual_hash # q.hash)::bit(64)) <= %(bits)s
JOIN evidence_evidenceuse u ON u.evidence_id = e.sha256
WHERE u.case_id IS NOT NULL AND u.case_id IS DISTINCT FROM %(case)s::uuid
ORDER BY 7 DESC, 6, 2
LIMIT %(limit)s
"""
_LIMIT = 200


def find_served(
    hashes: Mapping[str, int | None], *, on: dt.date, case_id: uuid.UUID | None = None
) -> dict[str, list[Duplicate]]:
    """For each SHA-256 (with its perceptual hash, null if none): uses of it, or of a content that
    looks the same, in cases other than `case_id`; the same bytes first, then by difference.

    How different still counts as the same is the rule kernel.near_duplicate_bits of that day. At
    most 200 uses are named in all. Raises RuleMissingError.
    """
    found: dict[str, list[Duplicate]] = defaultdict(list)
    if not hashes:
        return found
    parameters: dict[str, Any] = {
        "shas": list(hashes),
        "hashes": list(hashes.values()),
        "case": case_id,
        "bits": get_rule(_NEAR_RULE, on=on).as_int(),
        "limit": _LIMIT,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SQL, parameters)
        for sha256, use_id, other_case, other_sha256, kind, bits, exact in cursor.fetchall():
            found[sha256].append(Duplicate(use_id, other_case, other_sha256, kind, exact, bits))
    return found
