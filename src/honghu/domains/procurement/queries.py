"""Reads: notices with their spans, awards, contracts."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from honghu.base.problems import NotFound
from honghu.domains.procurement.models import Award, Contract, Notice
from honghu.domains.procurement.rules import KnownAward


@dataclasses.dataclass(frozen=True, slots=True)
class AwardRow:
    """An award. `amount_fen` and `rate` are null where the notice does not state them."""

    id: uuid.UUID
    notice_id: uuid.UUID
    lot: str | None
    lot_name: str | None
    project_no: str | None
    plan_no: str | None
    project_name: str
    buyer_name: str
    supplier_name: str | None
    supplier_uscc: str | None
    amount_fen: int | None
    rate: Decimal | None
    rate_kind: str | None
    consortium_members: Sequence[str]
    published_date: dt.date | None
    status: str

    @property
    def is_active(self) -> bool:
        """Whether the award stands."""
        return self.status == Award.Status.ACTIVE


@dataclasses.dataclass(frozen=True, slots=True)
class ContractRow:
    """A published contract; `differences` names what differs from its award (rule 2)."""

    id: uuid.UUID
    notice_id: uuid.UUID
    award_id: uuid.UUID | None
    contract_no: str | None
    contract_name: str | None
    supplier_name: str | None
    buyer_name: str | None
    amount_fen: int | None
    signed_date: dt.date | None
    published_date: dt.date | None
    differences: Sequence[str]


@dataclasses.dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice with every field as it was read."""

    id: uuid.UUID
    sha256: str
    filename: str
    kind: str
    status: str
    version: int
    project_no: str | None
    project_name: str | None
    buyer: str | None
    published_date: dt.date | None
    case_id: uuid.UUID | None
    reader_version: str
    readings: Mapping[str, Mapping[str, Any]]


def _award(row: Award) -> AwardRow:
    return AwardRow(
        row.id,
        row.notice_id,
        row.lot,
        row.lot_name,
        row.project_no,
        row.plan_no,
        row.project_name,
        row.buyer_name,
        row.supplier_name,
        row.supplier_uscc,
        row.amount_fen,
        row.rate,
        row.rate_kind,
        tuple(row.consortium_members),
        row.published_date,
        row.status,
    )


def get_award(award_id: uuid.UUID) -> AwardRow:
    """One award. Raises NotFound."""
    row = Award.objects.filter(pk=award_id).first()
    if row is None:
        message = f"there is no award {award_id}"
        raise NotFound(message)
    return _award(row)


def list_awards(*, limit: int = 100, before: uuid.UUID | None = None) -> list[AwardRow]:
    """The newest awards; `before` continues after the last id of a page."""
    rows = Award.objects.order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [_award(row) for row in rows[:limit]]


def awards_of_notice(notice_id: uuid.UUID) -> list[AwardRow]:
    """The awards that a notice made, in the order of its lots."""
    return [_award(row) for row in Award.objects.filter(notice_id=notice_id).order_by("position")]


def get_contract(contract_id: uuid.UUID) -> ContractRow:
    """One contract. Raises NotFound."""
    row = Contract.objects.filter(pk=contract_id).first()
    if row is None:
        message = f"there is no contract {contract_id}"
        raise NotFound(message)
    return _contract(row)


def contracts_of_award(award_id: uuid.UUID) -> list[ContractRow]:
    """The contracts that carry out an award, the newest first."""
    return [_contract(row) for row in Contract.objects.filter(award_id=award_id).order_by("-id")]


def _contract(row: Contract) -> ContractRow:
    return ContractRow(
        row.id,
        row.notice_id,
        row.award_id,
        row.contract_no,
        row.contract_name,
        row.supplier_name,
        row.buyer_name,
        row.amount_fen,
        row.signed_date,
        row.published_date,
        tuple(row.differences),
    )


def get_notice(notice_id: uuid.UUID) -> NoticeRow:
    """One notice with its readings. Raises NotFound."""
    row = Notice.objects.filter(pk=notice_id).first()
    if row is None:
        message = f"there is no notice {notice_id}"
        raise NotFound(message)
    return NoticeRow(
        row.id,
        row.sha256,
        row.filename,
        row.kind,
        row.status,
        row.version,
        row.project_no,
        row.project_name,
        row.buyer,
        row.published_date,
        row.case_id,
        row.reader_version,
        row.readings,
    )


def known_awards(
    *,
    numbers: Sequence[str],
    project_name: str | None,
) -> list[KnownAward]:
    """Standing awards that a later notice may concern: same numbers, or the same project name."""
    standing = Award.objects.filter(status=Award.Status.ACTIVE)
    found = standing.none()
    if numbers:
        found = standing.filter(project_no__in=numbers) | standing.filter(plan_no__in=numbers)
    rows = list(found)
    if not rows and project_name:
        rows = list(standing.filter(project_name=project_name))
    return [
        KnownAward(
            row.id,
            row.project_no,
            row.plan_no,
            row.project_name,
            row.buyer_name,
            row.lot,
            row.supplier_name,
            row.amount_fen,
        )
        for row in rows
    ]
