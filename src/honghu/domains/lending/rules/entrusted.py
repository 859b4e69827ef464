"""受托支付: when the lender itself must pay the borrower's counterparty, and on what evidence.

流动资金贷款管理办法 and 个人贷款管理办法, in force 2024-07-01. Before that day a working capital loan was
paid by the lender for "larger amounts", and the contract said from which amount on.
"""

import dataclasses
from enum import StrEnum
from typing import NamedTuple

from honghu.base.problems import Invalid
from honghu.domains.lending.rules.classification import FindRule


class LoanPurpose(StrEnum):
    """What the loan is for, as the two regulations divide it."""

    WORKING_CAPITAL = "working_capital"
    PERSONAL_CONSUMPTION = "personal_consumption"
    PERSONAL_BUSINESS = "personal_business"


class Credit(StrEnum):
    """The borrower's standing as assessed for the loan: 良好 or 一般."""

    GOOD = "good"
    ORDINARY = "ordinary"


class Demand(StrEnum):
    """What must be shown before the money leaves."""

    PAYMENT_ORDER = "payment_order"
    TRADE_CONTRACT = "trade_contract"
    USE_REPORT = "use_report"


class Reason(StrEnum):
    """Why the lender pays, or why it refuses to."""

    ABOVE_THRESHOLD = "above_threshold"
    ABOVE_CONTRACT_THRESHOLD = "above_contract_threshold"
    NEW_BORROWER = "new_borrower"
    PAYEE_NOT_AGREED = "payee_not_agreed"
    EVIDENCE_MISSING = "evidence_missing"


class UnableToDecidePayment(Invalid):
    """A fact is missing on which the manner of payment depends."""

    code = "unable-to-decide-payment"


class Payee(NamedTuple):
    """A counterparty by its account."""

    name: str
    account: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTerms:
    """What loan contract and assessment say about paying out.

    `agreed_payees` is the list of the contract. `threshold_fen`: from above which amount the
    contract has the lender pay; None if it names none. `credit` None: not assessed.
    """

    purpose: LoanPurpose
    agreed_payees: frozenset[Payee]
    threshold_fen: int | None = None
    is_new_borrower: bool = False
    credit: Credit | None = None


class Drawdown(NamedTuple):
    """Money asked for: `payee` None while the counterparty is not known yet."""

    payee: Payee | None
    amount_fen: int
    evidence: frozenset[Demand] = frozenset()


class PaymentDecision(NamedTuple):
    """Whether the money may leave, who pays, why, and what must be shown (`missing` of it is not)."""

    is_allowed: bool
    is_entrusted: bool
    reasons: tuple[Reason, ...]
    demands: frozenset[Demand]
    missing: frozenset[Demand]


def read_threshold(purpose: LoanPurpose, find: FindRule) -> int | None:
    """The threshold of the day in fen: an amount above it is paid by the lender; None: not set.

    `find` gives the row "lending.<code>" of that day, or None.
    """
    row = find(f"lending.entrusted_above.{purpose}")
    return None if row is None else row.as_money_fen()


def decide_payment(
    terms: PaymentTerms, drawdown: Drawdown, rule_threshold_fen: int | None
) -> PaymentDecision:
    """Whether, how and on what evidence a drawdown is paid; `rule_threshold_fen` is the day's.

    The contract may be stricter than the rule, never laxer. Raises UnableToDecidePayment if neither
    sets a threshold, if the standing of a new borrower is not assessed, or if an amount that the
    lender must pay has no payee yet.
    """
    if drawdown.amount_fen <= 0:
        raise UnableToDecidePayment(
            f"a drawdown of {drawdown.amount_fen} fen", remedy="give an amount above zero"
        )
    reasons = _entrusted_because(terms, drawdown, rule_threshold_fen)
    is_entrusted = bool(reasons)
    demands = _demanded(is_entrusted=is_entrusted)
    missing = demands - drawdown.evidence if is_entrusted else frozenset[Demand]()
    if is_entrusted and drawdown.payee is None:
        raise UnableToDecidePayment(
            "the lender must pay this amount, and the counterparty is not named",
            remedy="name the payee and the payee's account",
        )
    refusals = []
    if is_entrusted and drawdown.payee not in terms.agreed_payees:
        refusals.append(Reason.PAYEE_NOT_AGREED)
    if missing:
        refusals.append(Reason.EVIDENCE_MISSING)
    return PaymentDecision(not refusals, is_entrusted, (*reasons, *refusals), demands, missing)


def _entrusted_because(
    terms: PaymentTerms, drawdown: Drawdown, rule_threshold_fen: int | None
) -> list[Reason]:
    if rule_threshold_fen is None and terms.threshold_fen is None:
        raise UnableToDecidePayment(
            "neither the rules of the day nor the contract set an amount from which the lender pays",
            remedy="state the amount in the contract",
        )
    is_personal = terms.purpose is not LoanPurpose.WORKING_CAPITAL
    # A company's payment counts once its payee is known; a person must know the payee above it.
    is_counted = is_personal or drawdown.payee is not None
    reasons = []
    if rule_threshold_fen is not None and is_counted and drawdown.amount_fen > rule_threshold_fen:
        reasons.append(Reason.ABOVE_THRESHOLD)
    if terms.threshold_fen is not None and drawdown.amount_fen > terms.threshold_fen:
        reasons.append(Reason.ABOVE_CONTRACT_THRESHOLD)
    if terms.is_new_borrower and not is_personal:
        if terms.credit is None:
            raise UnableToDecidePayment(
                "the standing of a new borrower is not assessed",
                remedy="record whether it is good or ordinary",
            )
        if terms.credit is Credit.ORDINARY:
            reasons.append(Reason.NEW_BORROWER)
    return reasons


def _demanded(*, is_entrusted: bool) -> frozenset[Demand]:
    """What must be shown: before an entrusted payment, or afterwards as a report on the use."""
    if is_entrusted:
        return frozenset({Demand.PAYMENT_ORDER, Demand.TRADE_CONTRACT})
    return frozenset({Demand.USE_REPORT})
