"""Reads of urban management: problems that may be the same."""

import datetime as dt
import json
import uuid
from decimal import Decimal
from typing import Final

from django.db import connection

from honghu.base.earth import Point, metres_between

PROBLEMS: Final = "urban-problem"

# What was spotted within the window was opened after it began; the index on opening times helps.
_NEAR: Final = """
SELECT id, facts->'place'->>'lon', facts->'place'->>'lat'
FROM cases_case
WHERE register = %(register)s AND id <> %(but)s AND facts @> %(same)s::jsonb
  AND opened_at >= %(since)s AND (facts->>'spotted_at')::timestamptz BETWEEN %(since)s AND %(until)s
  AND state NOT IN ('refused', 'voided', 'merged', 'start')
ORDER BY opened_at, id
"""


def similar_problem(
    but: uuid.UUID,
    *,
    category: str,
    place: Point,
    spotted_at: dt.datetime,
    window: dt.timedelta,
    metres: int,
) -> uuid.UUID | None:
    """The first problem of the kind spotted so near in place and time, other than `but`; or null."""
    with connection.cursor() as cursor:
        cursor.execute(
            _NEAR,
            {
                "register": PROBLEMS,
                "but": but,
                "same": json.dumps({"category": category}),
                "since": spotted_at - window,
                "until": spotted_at + window,
            },
        )
        rows = cursor.fetchall()
    for case_id, lon, lat in rows:
        if metres_between(place, Point(Decimal(lon), Decimal(lat))) <= metres:
            return uuid.UUID(str(case_id))
    return None
