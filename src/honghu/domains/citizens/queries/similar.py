"""Reports that may be the same as another one."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from django.utils.timezone import localdate

from honghu.base.earth import Point
from honghu.domains.citizens.queries.rule_rows import nearness
from honghu.domains.citizens.rules.likeness import Likeness, Said, compare
from honghu.kernel.cases.selection import loads

CANDIDATES_MAX: Final = 500
SHOWN_MAX: Final = 5

_CANDIDATES: Final = """
SELECT c.id, c.number, c.state, c.opened_at, c.facts, p.facts
FROM cases_case c LEFT JOIN cases_personalfacts p ON p.case_id = c.id
WHERE c.register = 'public-report' AND c.facts @> jsonb_build_object('service', %(service)s::text)
  AND c.opened_at BETWEEN %(since)s AND %(until)s AND c.state IN ('received', 'handling', 'answered')
  AND c.id IS DISTINCT FROM %(but)s
ORDER BY c.opened_at DESC LIMIT %(limit)s
"""


@dataclasses.dataclass(frozen=True, slots=True)
class SimilarReport:
    """A report that may be the same, and why it is taken for it."""

    case_id: uuid.UUID
    number: str
    state: str
    opened_at: dt.datetime
    public_text: str | None
    likeness: Likeness


def point_of(place: Mapping[str, str] | None) -> Point | None:
    """A place fact as a point; null stays null."""
    return None if place is None else Point(Decimal(place["lon"]), Decimal(place["lat"]))


def similar_reports(
    service: str, said: Said, *, but: uuid.UUID | None = None
) -> Sequence[SimilarReport]:
    """Open reports of the service that may be the same, the likest first: one query, at most five."""
    near = nearness(localdate(said.at))
    window = dt.timedelta(hours=max(near.hours, near.words_hours))
    asked: dict[str, Any] = {
        "service": service,
        "since": said.at - window,
        "until": said.at + window,
        "but": but,
        "limit": CANDIDATES_MAX,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, asked)
        rows = cursor.fetchall()
    found = []
    for case_id, number, state, opened_at, facts_text, personal_text in rows:
        facts, personal = loads(facts_text), loads(personal_text) or {}
        other = Said(point_of(facts.get("place")), opened_at, words_of(personal))
        likeness = compare(said, other, near)
        if likeness is not None:
            text = facts.get("public_text")
            found.append(SimilarReport(case_id, number, state, opened_at, text, likeness))
    found.sort(key=lambda each: (-each.likeness.words_percent, each.likeness.metres or 0))
    return found[:SHOWN_MAX]


def words_of(facts: Mapping[str, Any]) -> str:
    """The words by which a report is compared: what and where."""
    return " ".join(filter(None, [facts.get("description"), facts.get("address")]))
