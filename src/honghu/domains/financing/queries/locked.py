"""Contracts for which an account is locked, as bank statements are matched with them."""

import dataclasses
import uuid

from honghu.domains.financing.models import AccountLock, Limit, Loan
from honghu.domains.procurement.queries import first_award
from honghu.domains.procurement.queries.contracts import numbers_of_awards
from honghu.kernel.cases.models import Case
from honghu.kernel.parties.queries import organisation_names

_BINDING = (AccountLock.State.BUYER_CONFIRMED, AccountLock.State.LOCKED)


@dataclasses.dataclass(frozen=True, slots=True)
class LockedRow:
    """A loan with the account that its contract is paid into, and what remittances may name.

    `left_fen` is what the contract still leaves to be paid, null while it has no price.
    """

    loan_id: uuid.UUID
    loan_number: str
    bank_id: uuid.UUID
    account_index: str
    buyer_name: str
    contract_no: str | None
    project_no: str | None
    plan_no: str | None
    left_fen: int | None


def locked_contracts() -> list[LockedRow]:
    """All contracts whose buyer has agreed to pay into one account; four queries in all."""
    locks = list(AccountLock.objects.filter(state__in=_BINDING))
    cases = Case.objects.in_bulk([lock.loan_id for lock in locks])
    awards = [lock.award_id for lock in locks]
    numbers, limits = numbers_of_awards(awards), Limit.objects.in_bulk(awards)
    buyers = {case.facts.get("buyer") for case in cases.values()} - {None}
    names = organisation_names(uuid.UUID(each) for each in buyers)
    found = []
    for lock in locks:
        case, award, limit = (
            cases[lock.loan_id],
            numbers.get(lock.award_id),
            limits.get(lock.award_id),
        )
        buyer = case.facts.get("buyer")
        found.append(
            LockedRow(
                lock.loan_id,
                case.number,
                lock.bank_id,
                lock.account_index,
                names[uuid.UUID(buyer)] if buyer else (award.buyer_name if award else ""),
                case.facts.get("contract_no"),
                award.project_no if award else None,
                award.plan_no if award else None,
                None if limit is None else _left(limit),
            )
        )
    return found


def left_to_pay(loan_id: uuid.UUID) -> int | None:
    """What the contract of a loan still leaves to be paid, in fen; null while it has no price."""
    award = Loan.objects.filter(pk=loan_id).values_list("award_id", flat=True).first()
    limit = None if award is None else Limit.objects.filter(pk=first_award(award)).first()
    return None if limit is None else _left(limit)


def _left(limit: Limit) -> int | None:
    return None if limit.contract_fen is None else limit.contract_fen - limit.paid_fen


def is_account_of(bank_id: uuid.UUID, account_index: str) -> bool:
    """Whether the account is or was proposed or locked for a loan of this bank."""
    return AccountLock.objects.filter(bank_id=bank_id, account_index=account_index).exists()
