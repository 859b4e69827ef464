"""What was published in a span of days: awards as they stand, and the cases of notices."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Iterable, Mapping

from honghu.domains.procurement.models import Award, Contract, Notice


@dataclasses.dataclass(frozen=True, slots=True)
class AwardOnDay:
    """A standing award, for counts. `amount_fen` is null for an award at a rate or unit prices."""

    id: uuid.UUID
    case_id: uuid.UUID | None
    amount_fen: int | None
    buyer_name: str
    project_name: str
    published_date: dt.date


def awards_published(*, from_date: dt.date, to_date: dt.date) -> list[AwardOnDay]:
    """The awards that stand, whose notices were published on these days, both included; one query."""
    rows = Award.objects.filter(
        published_date__range=(from_date, to_date), status=Award.Status.ACTIVE
    ).order_by("published_date", "id")
    found = rows.values_list(
        "id", "notice__case_id", "amount_fen", "buyer_name", "project_name", "published_date"
    )
    return [
        AwardOnDay(award, case, fen, buyer, project, day)
        for award, case, fen, buyer, project, day in found
        if day is not None
    ]


def cases_of_notices(digests: Iterable[str]) -> Mapping[str, uuid.UUID]:
    """The cases of notices by the SHA-256 of their bytes; a notice without a case is left out."""
    rows = Notice.objects.filter(sha256__in=list(digests), case_id__isnull=False)
    found = rows.values_list("sha256", "case_id")
    return {digest: case_id for digest, case_id in found if case_id is not None}


@dataclasses.dataclass(frozen=True, slots=True)
class ContractOnDay:
    """A published contract with its days, for terms: signing to publication. Null is unknown."""

    case_id: uuid.UUID | None
    buyer_name: str | None
    signed_date: dt.date | None
    published_date: dt.date


def contracts_published(*, from_date: dt.date, to_date: dt.date) -> list[ContractOnDay]:
    """The contracts published on these days, both included; one query."""
    rows = Contract.objects.filter(published_date__range=(from_date, to_date)).order_by("id")
    found = rows.values_list("notice__case_id", "buyer_name", "signed_date", "published_date")
    return [
        ContractOnDay(case, buyer, signed, day)
        for case, buyer, signed, day in found
        if day is not None
    ]
