"""The treasury's question before it pays: may this account receive this contract's money?

One statement, whatever the number of questions: which award each contract carries out, and what is
locked for it; two more where corrections replaced such awards.
"""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from honghu.domains.financing.models import TreasuryPayment
from honghu.domains.financing.queries.accounts import account_index
from honghu.domains.financing.rules.payees import Reason, Verdict, judge_payee
from honghu.domains.procurement.queries.contracts import (
    AWARDS_ASKED,
    ContractAward,
    first_awards,
)
from honghu.kernel.journal.statements import prepared_cursor
from honghu.kernel.parties.actor import Actor

OFFICE_ROLES: Final = frozenset({"treasury", "procurement_office", "procurement_clerk", "auditor"})
BANK_ROLES: Final = frozenset({"bank_manager", "bank_reviewer"})
BUYER_ROLE: Final = "buyer"
_BINDING: Final = frozenset({"buyer_confirmed", "locked"})
ASKED: Final = f"""
SELECT asked.name, asked.id, asked.buyer_name, asked.has_kin, lock.*
FROM ({AWARDS_ASKED}) AS asked LEFT JOIN LATERAL (
  SELECT l.loan_id, l.state, l.account_index, l.account_masked, l.bank_id,
    (SELECT c.facts->>'buyer' FROM cases_case c WHERE c.id = l.loan_id),
    (SELECT m.contract_fen - m.paid_fen FROM financing_limit m WHERE m.award_id = l.award_id)
  FROM financing_accountlock l
  WHERE l.award_id = asked.id AND l.state <> 'released' OFFSET 0
) AS lock ON true
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
    """The one lock of an award that is not released."""

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
    rows = _read(
        numbers=[each for each in asked if isinstance(each, str)],
        awards=[each for each in asked if isinstance(each, uuid.UUID)],
    )
    firsts = first_awards({row.award_id for row in rows if row.has_kin})
    # The lock stands with the first of a line of corrections, whichever of them was named.
    with_first = _read(awards=[each.first_award_id for each in firsts.values()]) if firsts else []
    locks = {row.award_id: row.lock for row in (*rows, *with_first)}
    known: dict[str, set[ContractAward]] = {}
    for row in rows:
        award = firsts.get(row.award_id) or ContractAward(row.award_id, row.buyer_name)
        known.setdefault(row.name, set()).add(award)
    return [_answer(each, known.get(str(each.contract), ()), locks, actor) for each in questions]


class _Row(NamedTuple):
    """An award that is asked about by this name, and what is locked for it."""

    name: str
    award_id: uuid.UUID
    buyer_name: str
    has_kin: bool
    lock: _Lock | None


def _read(*, numbers: Sequence[str] = (), awards: Sequence[uuid.UUID] = ()) -> list[_Row]:
    with prepared_cursor() as cursor:
        cursor.execute(ASKED, {"numbers": list(numbers), "awards": list(awards)})
        return [
            _Row._make((*row[:4], None if row[4] is None else _Lock(*row[4:])))
            for row in cursor.fetchall()
        ]


def _answer(
    question: PayeeQuestion,
    awards: Collection[ContractAward],
    locks: Mapping[uuid.UUID, _Lock | None],
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
