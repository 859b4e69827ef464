"""Rules 4, 11 and 15: ceilings across banks and corrections, payments at any time of a loan."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest

from honghu.domains.financing.commands.disbursements import OverCeiling
from honghu.domains.financing.models import Limit
from honghu.domains.financing.queries import get_ceiling, payments_of_loan
from honghu.domains.procurement.models import Award
from honghu.domains.procurement.queries import first_award, kindred_awards
from honghu.kernel.cases.commands import open_case
from honghu.kernel.cases.detail import get_case
from honghu.kernel.parties.actor import SYSTEM
from honghu.site.county import Member
from tests import notices
from tests.thread import ACCOUNT, WHY, Thread, begin


@pytest.fixture
def thread(county: dict[str, Member], now: dt.datetime) -> Thread:
    return begin(county, now)


def _rival_loan(thread: Thread, ratio: str, award: uuid.UUID | None = None) -> uuid.UUID:
    """A loan of another bank on the same award, whose contract is known."""
    loan = open_case(
        "financing-loan",
        action="open",
        actor=SYSTEM,
        now=thread.now,
        idempotency_key=str(uuid.uuid4()),
        parent_id=thread.application().id,
        form={
            "award": str(award or thread.award.id),
            "supplier": str(thread.cast["supplier"].organisation_id),
            "bank": str(thread.cast["jianghe-manager"].organisation_id),
            "buyer": str(thread.cast["buyer"].organisation_id),
            "amount": 70_000_000,
            "rate": "2.76",
            "ratio": ratio,
            "tenor_months": 6,
            "loan_kind": "first",
        },
    ).case_id
    thread.investigate(loan, "jianghe")
    return loan


def test_rule_04_a_second_bank_does_not_change_the_ratio(thread: Thread) -> None:
    loan = thread.locked()
    _rival_loan(thread, "50")
    assert Limit.objects.get(pk=thread.award.id).ratio == Decimal("0.9")
    thread.do(loan, "propose_disbursement", "lianhu-manager", {"amount": 70_000_000} | WHY)
    ceiling = get_ceiling(thread.award.id)
    assert ceiling is not None
    assert (ceiling.ceiling_fen, ceiling.residual_fen) == (90_000_000, 20_000_000)


def test_rule_04_a_bank_is_held_to_its_own_lower_ratio(thread: Thread) -> None:
    first = thread.locked()
    second = _rival_loan(thread, "50")
    thread.do(first, "void", "lianhu-reviewer", {"reason": "供应商放弃"})
    thread.do(second, "propose_lock", "jianghe-manager", ACCOUNT)
    thread.do(second, "confirm_account", "buyer", {"result": "confirmed"})
    thread.do(second, "lock", "jianghe-reviewer")
    with pytest.raises(OverCeiling):
        thread.do(second, "propose_disbursement", "jianghe-manager", {"amount": 50_000_001} | WHY)
    thread.do(second, "propose_disbursement", "jianghe-manager", {"amount": 50_000_000} | WHY)


def test_rule_04_two_awards_replaced_by_one_share_its_ceiling(
    thread: Thread, county: dict[str, Member], now: dt.datetime
) -> None:
    """What is open on either counts against the one award that takes their place."""
    thread.drawn(40_000_000)
    other = begin(county, now, notices.award(number="HHCG-2026-777", project="另一项目"))
    loan = other.placed()
    other.take(notices.contract(number="HHCG-2026-777", project="另一项目"), "contract-2.txt")
    other.file_contract()
    account = {"account_no": "4210830123456780", "registration_no": "ZD2"}
    other.do(loan, "propose_lock", "lianhu-manager", account)
    other.do(loan, "confirm_account", "buyer", {"result": "confirmed"})
    other.do(loan, "lock", "lianhu-reviewer")
    other.do(loan, "propose_disbursement", "lianhu-manager", {"amount": 30_000_000} | WHY)
    other.do(loan, "disburse", "lianhu-reviewer", {"result": "released"})
    joint = begin(county, now, notices.award(number="HHCG-2026-888", project="合并项目"))
    both = (thread.award.id, other.award.id)
    Award.objects.filter(pk__in=both).update(status="replaced", replaced_by=joint.award.id)
    assert set(kindred_awards(other.award.id)) == {*both, joint.award.id}
    assert first_award(joint.award.id) == first_award(other.award.id) == thread.award.id
    _rival_loan(thread, "90", joint.award.id)
    ceiling = get_ceiling(joint.award.id)
    assert ceiling is not None
    assert ceiling.exposure_fen == 70_000_000
    other.pay(loan, 30_000_000, account="4210830123456780")
    after = get_ceiling(thread.award.id)
    assert after is not None
    assert after.exposure_fen == 40_000_000


def test_a_payment_before_drawing_lowers_the_ceiling_and_is_released(thread: Thread) -> None:
    loan = thread.locked()
    thread.pay(loan, 40_000_000)
    (paid,) = payments_of_loan(loan)
    assert (paid.interest_fen, paid.principal_fen, paid.released_fen) == (0, 0, 40_000_000)
    ceiling = get_ceiling(thread.award.id)
    assert ceiling is not None
    assert ceiling.residual_fen == 54_000_000
    with pytest.raises(OverCeiling):
        thread.do(loan, "propose_disbursement", "lianhu-manager", {"amount": 54_000_001} | WHY)


def test_rule_04_a_ceiling_that_fell_since_the_proposal_stops_the_disbursement(
    thread: Thread,
) -> None:
    loan = thread.locked()
    thread.do(loan, "propose_disbursement", "lianhu-manager", {"amount": 70_000_000} | WHY)
    thread.pay(loan, 40_000_000)
    with pytest.raises(OverCeiling):
        thread.do(loan, "disburse", "lianhu-reviewer", {"result": "released"})
    thread.do(loan, "disburse", "lianhu-reviewer", {"result": "returned"})
    counters = get_case(loan, actor=SYSTEM, now=thread.now).counters
    assert counters["disbursement_decisions"] == 1
    assert "returns" not in counters


def test_edge_overpayment_while_settling_is_released(thread: Thread) -> None:
    loan = thread.drawn()
    thread.pay(loan, 80_000_000)
    thread.do(
        loan,
        "apply_settlement",
        "lianhu-manager",
        evidence={"statement": [thread.file("lianhu-manager")]},
    )
    thread.pay(loan, 20_000_000)
    *_first, last = payments_of_loan(loan)
    assert (last.principal_fen, last.released_fen) == (0, 20_000_000)
    assert thread.see(loan).state == "settling"


def test_edge_prepayment_lowers_the_base_once(thread: Thread) -> None:
    """30 % agreed, then paid: the ceiling is 0.9 x 70 before and after; never 0.9 x 40."""
    loan = thread.locked(prepayment=30_000_000)
    for _paid in (False, True):
        ceiling = get_ceiling(thread.award.id)
        assert ceiling is not None
        assert ceiling.ceiling_fen == 63_000_000
        if not _paid:
            thread.pay(loan, 30_000_000, purpose="prepayment")


def test_edge_warranty_stays_outside_the_ceiling(thread: Thread) -> None:
    thread.locked(warranty=5_000_000)
    ceiling = get_ceiling(thread.award.id)
    assert ceiling is not None
    assert (ceiling.warranty_fen, ceiling.ceiling_fen) == (5_000_000, 85_500_000)


def test_rule_11_another_account_before_the_buyer_agreed_is_no_risk(thread: Thread) -> None:
    loan = thread.at_lock()
    thread.pay(loan, 10_000_000, account="6222000011112222")
    assert thread.children(loan, "risk-event") == []
    ceiling = get_ceiling(thread.award.id)
    assert ceiling is not None
    assert ceiling.paid_fen == 10_000_000


def test_rule_11_payment_to_another_account_names_the_excess(thread: Thread) -> None:
    """70 lent, 50 of 100 paid elsewhere: 45 may be open, 25 are too much."""
    loan = thread.drawn()
    thread.pay(loan, 50_000_000, account="9999999999999999")
    (risk,) = thread.children(loan, "risk-event")
    assert risk.facts["kind"] == "other_account"
    assert "250,000.00" in risk.facts["detail"]
    assert risk.opened_at == thread.now
