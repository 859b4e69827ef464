"""Reads of financing: ceilings, locks, quotes side by side, the loan of an application."""

import dataclasses
import datetime as dt
import uuid
from decimal import Decimal

from django.utils.translation import gettext as _

from honghu.base.problems import NotFound
from honghu.domains.financing.models import AccountLock, Authorisation, Limit, Loan, TreasuryPayment
from honghu.domains.financing.queries.served import lent_loans
from honghu.domains.financing.rules import ceiling_fen
from honghu.domains.procurement.queries import get_award, kindred_awards
from honghu.kernel.cases.models import Case
from honghu.kernel.ledger.queries import balance


@dataclasses.dataclass(frozen=True, slots=True)
class Ceiling:
    """How much may still be drawn on an award, across all banks (rule 4). All in fen.

    `ceiling_fen` and `residual_fen` are null while no priced contract exists (rule 5).
    `encumbered` says that an account is locked, never by whom (rule 9).
    """

    contract_fen: int | None
    ratio: Decimal
    paid_fen: int
    prepayment_fen: int
    warranty_fen: int
    ceiling_fen: int | None
    exposure_fen: int
    residual_fen: int | None
    encumbered: bool


def get_ceiling(award_id: uuid.UUID) -> Ceiling | None:
    """The ceiling of an award; null before the first loan asked for it."""
    kindred = kindred_awards(award_id)
    limit = Limit.objects.filter(pk=kindred[0]).first()
    if limit is None:
        return None
    ceiling = ceiling_fen(
        contract_fen=limit.contract_fen,
        ratio=limit.ratio,
        paid_fen=limit.paid_fen,
        prepayment_fen=limit.prepayment_fen,
        warranty_fen=limit.warranty_fen,
    )
    row = balance(limit.used_account_id)
    exposure = row.balance_fen + (row.incoming_fen or 0)
    return Ceiling(
        limit.contract_fen,
        limit.ratio,
        limit.paid_fen,
        limit.prepayment_fen,
        limit.warranty_fen,
        ceiling,
        exposure,
        None if ceiling is None else max(ceiling - exposure, 0),
        is_encumbered(award_id),
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Encumbrance:
    """A contract for which an account is locked, as every filed bank may know it: not by whom.

    `residual_fen` is null while no priced contract exists.
    """

    award_id: uuid.UUID
    project_no: str | None
    project_name: str
    lot: str | None
    residual_fen: int | None


def list_encumbrances() -> list[Encumbrance]:
    """All encumbered contracts, by project (rule 9)."""
    live = AccountLock.objects.exclude(state="released").values_list("award_id", flat=True)
    found = []
    for award_id in sorted(set(live)):
        award, ceiling = get_award(award_id), get_ceiling(award_id)
        residual = None if ceiling is None else ceiling.residual_fen
        found.append(
            Encumbrance(award_id, award.project_no, award.project_name, award.lot, residual)
        )
    return sorted(found, key=lambda each: (each.project_name, each.lot or ""))


def is_encumbered(award_id: uuid.UUID) -> bool:
    """Whether an account is locked for the award, or for one that corrections joined to it."""
    live = AccountLock.objects.filter(award_id__in=kindred_awards(award_id))
    return live.exclude(state="released").exists()


def live_loans(award_id: uuid.UUID) -> list[uuid.UUID]:
    """The loans on an award, or one joined to it by corrections, whose cases are open."""
    ids = Loan.objects.filter(award_id__in=kindred_awards(award_id)).values_list("case_id")
    return list(Case.objects.filter(pk__in=ids, closed_at=None).values_list("id", flat=True))


def loan_of_application(application_id: uuid.UUID) -> uuid.UUID:
    """The loan that was opened from an application. Raises NotFound before a quote is chosen."""
    found = (
        Case.objects.filter(parent_id=application_id, register="financing-loan")
        .values_list("id", flat=True)
        .first()
    )
    if found is None:
        message = _("No quote of this application has been chosen yet.")
        raise NotFound(message)
    return found


@dataclasses.dataclass(frozen=True, slots=True)
class PaymentRow:
    """A treasury payment and what it settles as the loan stands, in fen.

    Compound and penalty interest are null where they are not known. One that was taken back settles
    nothing any more: its parts are what it had settled until then.
    """

    reference: str
    amount_fen: int
    paid_date: dt.date
    into_lock: bool
    interest_fen: int
    principal_fen: int
    released_fen: int
    compound_fen: int | None
    penalty_fen: int | None
    recovered_fen: int
    retracted_at: dt.datetime | None


def payments_of_loan(loan_id: uuid.UUID) -> list[PaymentRow]:
    """The payments recorded for a loan, in the order of their dates, those taken back among them."""
    rows = TreasuryPayment.objects.filter(loan_id=loan_id).order_by("paid_date", "id")
    return [
        PaymentRow(
            row.reference,
            row.amount_fen,
            row.paid_date,
            row.into_lock,
            row.interest_fen,
            row.principal_fen,
            row.released_fen,
            row.compound_fen,
            row.penalty_fen,
            row.recovered_fen,
            row.retracted_at,
        )
        for row in rows
    ]


def bank_may_see_award(award_id: uuid.UUID, bank_id: uuid.UUID, *, on: dt.date) -> bool:
    """Whether a supplier's authorisation of this bank for the award stands on a day (rule 19).

    The bank of an open loan on the award needs none: it has lent.
    """
    authorised = Authorisation.objects.filter(
        award_id=award_id, bank_id=bank_id, withdrawn_at=None, expires_date__gte=on
    ).exists()
    if authorised:
        return True
    return Loan.objects.filter(case_id__in=live_loans(award_id), bank_id=bank_id).exists()


def has_drawn_before(supplier_id: uuid.UUID) -> bool:
    """Whether the supplier ever drew a contract loan: a repeat loan is due sooner."""
    return bool(lent_loans(Loan.objects.filter(supplier_id=supplier_id)))
