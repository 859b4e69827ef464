"""How things stand: sanctions, challenges, loans not drawn yet, the version of a case's register."""

import datetime as dt
import uuid
from typing import Final

from django.utils.timezone import localdate

from honghu.domains.financing.models import Authorisation
from honghu.domains.procurement.queries import kindred_awards
from honghu.kernel.cases.queries import cases_with_fact
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.registers.model import SYSTEM
from honghu.kernel.registers.queries import get_register

SANCTIONS, CHALLENGES = "supplier-sanction", "award-challenge"
_FROZEN = frozenset({"frozen", "investigated"})
APPROVED: Final = frozenset(
    {
        "awaiting_contract",
        "contract_doubt",
        "locking",
        "confirming",
        "confirmed",
        "ready",
        "releasing",
    }
)
"""States of a loan that the bank has approved and of which nothing is drawn."""
UNDRAWN: Final = APPROVED | {"reviewing", "approving"}
"""States of a loan of which nothing is drawn."""


def is_blocked(supplier_id: uuid.UUID, *, now: dt.datetime) -> bool:
    """Whether the supplier is frozen, or under a sanction whose term is not over (rule 18)."""
    today = localdate(now).isoformat()
    return any(
        each.state in _FROZEN or (each.state == "sanctioned" and each.facts["until"] >= today)
        for each in cases_with_fact(SANCTIONS, fact="supplier", value=str(supplier_id), now=now)
    )


def is_challenged(award_id: uuid.UUID, *, now: dt.datetime) -> bool:
    """Whether a challenge of the award, or of one it replaced, waits for its answer (rule 3)."""
    return any(
        not each.ended
        for award in kindred_awards(award_id)
        for each in cases_with_fact(CHALLENGES, fact="award", value=str(award), now=now)
    )


def is_authorised(application_id: uuid.UUID | None, bank_id: uuid.UUID, *, on: dt.date) -> bool:
    """Whether the supplier's authorisation of this bank for an application stands on a day."""
    if application_id is None:
        return False
    return Authorisation.objects.filter(
        application_id=application_id, bank_id=bank_id, withdrawn_at=None, expires_date__gte=on
    ).exists()


def takes_from_system(row: CaseRow, action: str) -> bool:
    """Whether the register's version under which a case was opened lets the system do this."""
    declared = get_register(row.register, row.register_version).actions.get(action)
    return declared is not None and SYSTEM in declared.roles
