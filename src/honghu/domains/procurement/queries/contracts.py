"""Which award a contract carries out, for machines that ask about many contracts at once."""

import dataclasses
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from honghu.domains.procurement.models import Award
from honghu.kernel.journal.statements import prepared_cursor

# The lateral read keeps the planner at one index look-up a row, however small the tables are. The
# arrays come by a SELECT that hides their length: the planner would take each length for a better
# plan than the prepared one, and plan anew at every question, which costs twice the answer.
AWARDS_ASKED: Final = """
SELECT asked.name, award.id, award.buyer_name, award.has_kin
FROM (
  SELECT contract_no, award_id FROM procurement_contract
  WHERE contract_no = ANY((SELECT %(numbers)s::text[])::text[]) AND award_id IS NOT NULL
  UNION
  SELECT id::text, id FROM unnest((SELECT %(awards)s::uuid[])) AS named (id)
) AS asked (name, id), LATERAL (
  SELECT a.id, a.buyer_name, a.replaced_by_id IS NOT NULL
    OR EXISTS (SELECT FROM procurement_award b WHERE b.replaced_by_id = a.id) AS has_kin
  FROM procurement_award a WHERE a.id = asked.id OFFSET 0
) AS award
"""
"""To be joined with what else is asked of awards, so that both are one statement.

Of contract numbers `numbers`, and of `awards` by their identifier as `name`: the award that each
carries out (null ones are left out; a number that several contracts bear has several), its buyer,
and whether corrections replaced it or it replaces another: then `first_awards` says which counts.
"""
_KIN: Final = """
WITH RECURSIVE last (named, id, next) AS (
  SELECT a.id, a.id, a.replaced_by_id FROM procurement_award a
  WHERE a.id = ANY(%(awards)s::uuid[])
  UNION
  SELECT last.named, b.id, b.replaced_by_id
  FROM last JOIN procurement_award b ON b.id = last.next
), kin (named, root, id) AS (
  SELECT named, id, id FROM last WHERE next IS NULL
  UNION
  SELECT kin.named, kin.root, c.id FROM kin JOIN procurement_award c ON c.replaced_by_id = kin.id
)
SELECT kin.named, (array_agg(kin.id ORDER BY kin.id))[1], root.buyer_name
FROM kin JOIN procurement_award root ON root.id = kin.root
GROUP BY kin.named, kin.root, root.buyer_name
"""


@dataclasses.dataclass(frozen=True, slots=True)
class ContractAward:
    """The award that a contract carries out: the first one where corrections replaced awards."""

    first_award_id: uuid.UUID
    buyer_name: str


def first_awards(awards: Collection[uuid.UUID]) -> Mapping[uuid.UUID, ContractAward]:
    """Of awards that corrections replaced, or that replace others, the first of their line.

    One statement; none for no awards.
    """
    if not awards:
        return {}
    with prepared_cursor() as cursor:
        cursor.execute(_KIN, {"awards": list(awards)})
        return {named: ContractAward(first, buyer) for named, first, buyer in cursor.fetchall()}


@dataclasses.dataclass(frozen=True, slots=True)
class AwardNumbers:
    """What a remittance may name an award by; null where its notice states none."""

    project_no: str | None
    plan_no: str | None
    buyer_name: str


def numbers_of_awards(awards: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, AwardNumbers]:
    """Project and plan numbers and buyers of awards, in one query."""
    rows = Award.objects.filter(pk__in=awards).values_list(
        "id", "project_no", "plan_no", "buyer_name"
    )
    return {each: AwardNumbers(project, plan, buyer) for each, project, plan, buyer in rows}
