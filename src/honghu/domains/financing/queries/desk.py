"""What one organisation has in the registers of financing, for the home pages of its people."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from honghu.domains.financing.queries.standing import takes_from_system
from honghu.kernel.cases.queries import cases_with_fact
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.cases.selection import COLUMNS, case_row, loads
from honghu.kernel.parties.queries import get_organisation

OWN_LIMIT = 400
"""So many cases of an organisation are gathered, open ones first; the registers have them all."""

_OWN = f"""
SELECT {COLUMNS}, parties FROM cases_case
WHERE party_ids @> ARRAY[%(organisation)s]::uuid[] AND register = ANY(%(registers)s)
ORDER BY closed_at IS NOT NULL, due_at NULLS LAST, changed_at DESC, id LIMIT %(limit)s
"""  # noqa: S608 columns of the kernel's own


@dataclasses.dataclass(frozen=True, slots=True)
class OwnCase:
    """A case of an organisation, with the parties that say whose turn it is."""

    row: CaseRow
    parties: Mapping[str, Sequence[str]]


def own_cases(
    organisation_id: uuid.UUID, *, registers: Sequence[str], now: dt.datetime
) -> list[OwnCase]:
    """The organisation's cases in these registers: open ones by deadline, then the ended ones.

    One statement, OWN_LIMIT rows at most. The caller names registers that its reader may see.
    """
    values: dict[str, Any] = {
        "organisation": str(organisation_id), "registers": list(registers), "limit": OWN_LIMIT,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_OWN, values)
        return [OwnCase(case_row(each[:-1], now), loads(each[-1])) for each in cursor.fetchall()]


def claimable(organisation_id: uuid.UUID, *, now: dt.datetime) -> list[CaseRow]:
    """Awards made to the organisation's name that are not its own yet.

    One that prints another code than the organisation's is left to the procurement office.
    """
    own = get_organisation(organisation_id)
    named = cases_with_fact("financing-application", fact="supplier_name", value=own.name, now=now)
    return [
        row
        for row in named
        if row.state == "unclaimed"
        and takes_from_system(row, "identify")
        and row.facts.get("supplier_uscc") in {None, own.uscc}
    ]
