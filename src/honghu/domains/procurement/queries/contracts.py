"""Which award a contract carries out, for machines that ask about many contracts at once."""

import dataclasses
import uuid
from collections.abc import Mapping, Sequence
from typing import Final

from honghu.domains.procurement.models import Award
from honghu.kernel.journal.statements import prepared_cursor

_AWARDS_ASKED: Final = """
WITH RECURSIVE asked (name, id) AS (
  SELECT contract_no, award_id FROM procurement_contract
  WHERE contract_no = ANY(%(numbers)s::text[]) AND award_id IS NOT NULL
  UNION
  SELECT a.id::text, a.id FROM procurement_award a WHERE a.id = ANY(%(awards)s::uuid[])
), last (name, id, next) AS (
  SELECT asked.name, a.id, a.replaced_by_id FROM asked JOIN procurement_award a USING (id)
  UNION
  SELECT last.name, b.id, b.replaced_by_id FROM last JOIN procurement_award b ON b.id = last.next
), kin (name, root, id) AS (
  SELECT name, id, id FROM last WHERE next IS NULL
  UNION
  SELECT kin.name, kin.root, c.id FROM kin JOIN procurement_award c ON c.replaced_by_id = kin.id
)
SELECT kin.name, (array_agg(kin.id ORDER BY kin.id))[1], root.buyer_name
FROM kin JOIN procurement_award root ON root.id = kin.root
GROUP BY kin.name, kin.root, root.buyer_name
"""


@dataclasses.dataclass(frozen=True, slots=True)
class ContractAward:
    """The award that a contract carries out: the first one where corrections replaced awards."""

    first_award_id: uuid.UUID
    buyer_name: str


def awards_of_contracts(
    *, numbers: Sequence[str] = (), awards: Sequence[uuid.UUID] = ()
) -> Mapping[str, Sequence[ContractAward]]:
    """By contract number, and by award identifier as text, what each stands for; in one statement.

    A number that several contracts bear has several; one that nobody knows is missing. Contracts
    whose award is not known yet do not count.
    """
    found: dict[str, list[ContractAward]] = {}
    with prepared_cursor() as cursor:
        cursor.execute(_AWARDS_ASKED, {"numbers": list(numbers), "awards": list(awards)})
        for name, first, buyer in cursor.fetchall():
            found.setdefault(name, []).append(ContractAward(first, buyer))
    return found


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
