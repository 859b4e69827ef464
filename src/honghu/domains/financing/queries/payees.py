"""The treasury's question before it pays: may this account receive this contract's money?

Two statements, whatever the number of questions: which award each contract carries out, and what
is locked for it; a third one where corrections replaced such awards.
"""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from honghu.domains.financing.models import TreasuryPayment
from honghu.domains.financing.queries.accounts import account_index
from honghu.domains.financing.rules.payees import Reason, Verdict, judge_payee
from honghu.domains.procurement.queries.contracts import ContractAward, awards_of_contracts
from honghu.kernel.journal.statements import prepared_cursor
from honghu.kernel.parties.actor import Actor

OFFICE_ROLES: Final = frozenset({"treasury", "procurement_office", "procurement_clerk", "auditor"})
BANK_ROLES: Final = frozenset({"bank_manager", "bank_reviewer"})
BUYER_ROLE: Final = "buyer"
_BINDING: Final = frozenset({"buyer_confirmed", "locked"})
_LOCKS: Final = """
SELECT l.award_id, l.loan_id, l.state, l.account_index, l.account_masked, l.bank_id,
  (SELECT c.facts->>'buyer' FROM cases_case c WHERE c.id = l.loan_id),
  (SELECT m.contract_fen - m.paid_fen FROM financing_limit m WHERE m.award_id = l.award_id)
FROM financing_accountlock l
WHERE l.award_id = ANY(%(awards)s::uuid[]) AND l.state <> 'released'
"""


@dataclasses.dataclass(frozen=True, slots=True)
class PayeeQuestion:
    """One payment to be made: `contract` is a contract number, or an award's identifier as text."""

    contract: str | uuid.UUID
    account_no: str
    amount_fen: int


@dataclasses.dataclass(frozen=True, slots=True)
class PayeeAnswer:
    """The verdict, and the account expected (its last digits); null where none is to be told."""

    verdict: Verdict
    expected_account: str | None = None
    loan_id: uuid.UUID | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class _Lock:
    loan_id: uuid.UUID
    state: str
    account_index: str
    account_masked: str
    bank_id: uuid.UUID
    buyer_id: str | None
    left_fen: int | None


_TEXTS: Final[Mapping[Reason, str]] = {
    "locked-account": gettext_noop("The buyer agreed to pay this contract into this account."),
    "other-account": gettext_noop("The buyer agreed to pay this contract into another account."),
    "contract-unknown": gettext_noop("No such contract is known here, or it is not yours to see."),
    "contract-ambiguous": gettext_noop("Several contracts bear this number."),
    "not-financed": gettext_noop("No account is locked for this contract: see the contract."),
    "lock-not-confirmed": gettext_noop("An account is proposed; the buyer has not agreed yet."),
    "above-contract": gettext_noop("The amount is more than the contract leaves to be paid."),
}


def payee_text(reason: Reason) -> str:
    """What a reason says, in the reader's language."""
    return _(_TEXTS[reason])


def alike_payments(
    loan_id: uuid.UUID, *, amount_fen: int, from_date: dt.date, days: int
) -> list[str]:
    """References of standing payments of this amount on a loan within so many days of a day."""
    near = dt.timedelta(days=days)
    rows = TreasuryPayment.objects.filter(
        loan_id=loan_id,
        amount_fen=amount_fen,
        paid_date__range=(from_date - near, from_date + near),
        retracted_at=None,
    )
    return list(rows.order_by("paid_date", "id").values_list("reference", flat=True))


def may_ask(actor: Actor) -> bool:
    """Whether the actor holds a role that has to do with payments on contracts."""
    return bool(actor.roles & (OFFICE_ROLES | BANK_ROLES)) or actor.holds(BUYER_ROLE)


def check_payees(questions: Sequence[PayeeQuestion], *, actor: Actor) -> list[PayeeAnswer]:
    """Answer each question, in their order.

    Offices learn of every contract, a bank of those locked with it, a buyer of its own; for all
    others a contract is unknown, whether it exists or not.
    """
    asked = {each.contract for each in questions}
    known = awards_of_contracts(
        numbers=[each for each in asked if isinstance(each, str)],
        awards=[each for each in asked if isinstance(each, uuid.UUID)],
    )
    locks = _locks({award.first_award_id for each in known.values() for award in each})
    return [_answer(each, known.get(str(each.contract), ()), locks, actor) for each in questions]


def _locks(awards: set[uuid.UUID]) -> Mapping[uuid.UUID, _Lock]:
    if not awards:
        return {}
    with prepared_cursor() as cursor:
        cursor.execute(_LOCKS, {"awards": list(awards)})
        return {award: _Lock(*rest) for award, *rest in cursor.fetchall()}


def _answer(
    question: PayeeQuestion,
    awards: Sequence[ContractAward],
    locks: Mapping[uuid.UUID, _Lock],
    actor: Actor,
) -> PayeeAnswer:
    seen = [each for each in awards if _in_sight(each, locks.get(each.first_award_id), actor)]
    if not seen:
        return PayeeAnswer(Verdict("unknown", "contract-unknown"))
    if len(seen) > 1:
        return PayeeAnswer(Verdict("unknown", "contract-ambiguous"))
    lock = locks.get(seen[0].first_award_id)
    if lock is None:
        return PayeeAnswer(Verdict("unknown", "not-financed"))
    is_binding = lock.state in _BINDING
    verdict = judge_payee(
        is_binding=is_binding,
        is_same_account=lock.account_index == account_index(question.account_no),
        amount_fen=question.amount_fen,
        left_fen=lock.left_fen,
    )
    return PayeeAnswer(verdict, lock.account_masked if is_binding else None, lock.loan_id)


def _in_sight(award: ContractAward, lock: _Lock | None, actor: Actor) -> bool:
    if actor.roles & OFFICE_ROLES:
        return True
    if actor.roles & BANK_ROLES and lock is not None and lock.bank_id == actor.organisation_id:
        return True
    if not actor.holds(BUYER_ROLE):
        return False
    buyer = None if lock is None else lock.buyer_id
    return buyer == str(actor.organisation_id) or (
        buyer is None and award.buyer_name == actor.organisation_name
    )
