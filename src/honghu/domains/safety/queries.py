"""Reads of work safety: self-checks, penalties, and the cells of a campaign's table."""

import datetime as dt
import uuid
from typing import Final

from django.db import connection

from honghu.domains.safety.rules import CampaignCells
from honghu.kernel.cases.queries import cases_with_fact

INSPECTIONS: Final = "safety-inspection"
PENALTIES: Final = "safety-penalty"

_CELLS: Final = """
SELECT
  count(*) FILTER (WHERE source = 'department'),
  count(*) FILTER (WHERE source = 'department' AND rectified),
  count(*) FILTER (WHERE source = 'self'),
  count(*) FILTER (WHERE source = 'self' AND rectified),
  count(*) FILTER (WHERE listed),
  count(*) FILTER (WHERE listed AND rectified)
FROM (
  SELECT facts->>'source' AS source,
    state IN ('accepted', 'awaiting_resume', 'closed') AS rectified,
    facts->>'listed_on' IS NOT NULL AS listed
  FROM cases_case
  WHERE register = 'safety-hazard' AND facts @> %s::jsonb AND state <> 'merged'
) hazards
"""


def self_checks_of(organisation_id: uuid.UUID, *, now: dt.datetime) -> list[tuple[dt.date, int]]:
    """Days of an organisation's recorded self-checks, with the number of hazards found."""
    rows = cases_with_fact(INSPECTIONS, fact="enterprise", value=str(organisation_id), now=now)
    return [
        (dt.date.fromisoformat(row.facts["inspected_on"]), row.facts["found"])
        for row in rows
        if row.facts["kind"] == "self"
        and row.facts.get("found") is not None
        and row.state != "void"
    ]


def penalties_for_major(organisation_id: uuid.UUID, *, now: dt.datetime) -> list[dt.date]:
    """Days of an organisation's penalties for major hazards, without revoked ones."""
    rows = cases_with_fact(PENALTIES, fact="enterprise", value=str(organisation_id), now=now)
    return [
        dt.date.fromisoformat(row.facts["decided_on"])
        for row in rows
        if row.facts["for_major"] and row.state != "revoked"
    ]


def has_open_closure(organisation_id: uuid.UUID, *, now: dt.datetime) -> bool:
    """Whether a request to close the organisation is under way."""
    rows = cases_with_fact("safety-closure", fact="enterprise", value=str(organisation_id), now=now)
    return any(not row.ended for row in rows)


def campaign_cells(campaign_id: uuid.UUID) -> CampaignCells:
    """The six cells of a campaign, counted from its major hazards as they stand; in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_CELLS, [f'{{"campaign": "{campaign_id}", "level": "major"}}'])
        return CampaignCells(*cursor.fetchone())
