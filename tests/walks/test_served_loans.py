"""Contract loans as lending serves them: to the fen, early, late, in parts; paid out to whom agreed."""

import datetime as dt
import uuid
from fractions import Fraction

import pytest

from honghu.base.problems import Invalid
from honghu.domains.financing.commands import entrusted
from honghu.domains.financing.commands.entrusted import UnableToPayOut
from honghu.domains.financing.models import TreasuryPayment
from honghu.domains.financing.queries import payments_of_loan
from honghu.domains.lending.queries import (
    LoanFilter,
    get_loan,
    list_loans,
    overdue_on,
    quote_payoff,
)
from honghu.kernel.cases.commands import open_case
from honghu.kernel.parties.actor import SYSTEM
from honghu.site.county import Member
from honghu.site.story import INVESTIGATED
from tests import notices
from tests.thread import ACCOUNT, WHY, Thread, assert_whole, begin, served

LENT = 70_000_000
PAYEE = {"payee_one": "江城钢材有限公司", "payee_one_account": "6222 0000 1111 2222"}
NAMED = {"payee": "江城钢材有限公司", "payee_account": "6222000011112222"}


@pytest.fixture
def thread(county: dict[str, Member], now: dt.datetime) -> Thread:
    return begin(county, now)


def _parts(case_id: uuid.UUID) -> list[tuple[int, int, int]]:
    """Interest, principal and release of each payment."""
    return [
        (row.interest_fen, row.principal_fen, row.released_fen) for row in payments_of_loan(case_id)
    ]


def test_rule_15_less_than_the_interest_then_more_than_all(thread: Thread) -> None:
    """30 days of 2.76 % of actual/360 on 700,000 yuan are 1,610 yuan."""
    loan = thread.drawn()
    thread.later(days=30)
    thread.pay(loan, 100_000)
    assert thread.see(loan).facts["unpaid_interest"] == 61_000
    thread.later(days=30)
    thread.pay(loan, 80_000_000)
    assert _parts(loan) == [(100_000, 0, 0), (222_000, LENT, 9_778_000)]
    assert thread.see(loan).facts["unpaid_interest"] == 0
    assert_whole(thread, loan)
    paper = {"statement": [thread.file("lianhu-manager")]}
    thread.do(loan, "apply_settlement", "lianhu-manager", evidence=paper)
    proof = {"registry": [thread.file("office")]}
    thread.do(loan, "verify_settlement", "office", {"result": "passed"}, evidence=proof)
    assert served(loan).status == "settled"


def test_a_payment_known_late_counts_from_its_own_day(thread: Thread) -> None:
    loan = thread.drawn()
    early = (thread.now.date() + dt.timedelta(days=30)).isoformat()
    thread.later(days=60)
    thread.pay(loan, 20_000_000)
    assert _parts(loan) == [(322_000, 19_678_000, 0)]
    thread.later(days=1)
    thread.pay(loan, 10_000_000, paid_on=early)
    # 60,161,000 fen x 0.0276 x 30 / 360 = 138,370.3 fen
    assert _parts(loan) == [(161_000, 9_839_000, 0), (138_370, 19_861_630, 0)]
    assert served(loan).owed_principal_fen == 70_000_000 - 9_839_000 - 19_861_630
    assert_whole(thread, loan)


def test_an_early_repayment_is_what_was_quoted_for_the_day(thread: Thread) -> None:
    loan = thread.drawn()
    quoted = quote_payoff(served(loan).id, thread.now.date() + dt.timedelta(days=41))
    # 70,000,000 fen x 0.0276 x 41 / 360 = 220,033.3 fen
    assert (quoted.interest_fen, quoted.total_fen) == (220_033, 70_220_033)
    thread.later(days=41)
    thread.pay(loan, quoted.total_fen)
    assert _parts(loan) == [(220_033, LENT, 0)]
    assert_whole(thread, loan)


def test_an_overdue_loan_bears_penalty_from_the_first_day(thread: Thread) -> None:
    """1.3 times the rate on principal, and on the interest that was not paid (银发〔2003〕251号)."""
    loan = thread.drawn()
    drawn, due = thread.now.date(), served(loan).maturity_date
    thread.later(days=(due - drawn).days)
    assert overdue_on(due) == []
    thread.later(days=10)
    ((_lending, case_id, days, owed),) = overdue_on(due + dt.timedelta(days=10))
    assert (case_id, days) == (loan, 10)
    interest = round(Fraction(LENT * 276 * (due - drawn).days, 360 * 10_000))
    penalty, compound = (round(Fraction(fen * 3588, 3_600_000)) for fen in (LENT, interest))
    assert owed == LENT + interest + penalty + compound
    thread.pay(loan, owed + 5)
    paid = TreasuryPayment.objects.get(loan_id=loan)
    assert (paid.interest_fen, paid.penalty_fen, paid.compound_fen) == (interest, penalty, compound)
    assert (paid.principal_fen, paid.released_fen) == (LENT, 5)
    assert_whole(thread, loan)


def test_credit_given_back_is_another_loan_when_it_is_approved_again(thread: Thread) -> None:
    loan = thread.locked()
    first = served(loan)
    thread.do(loan, "propose_disbursement", "lianhu-manager", {"amount": LENT} | WHY)
    assert get_loan(first.id).reserved_fen == LENT
    thread.take(notices.correction(), "correction.txt")
    assert get_loan(first.id).reserved_fen == 0
    thread.do(loan, "resume", "lianhu-reviewer", {"reason": "更正不影响本笔"})
    thread.investigate(loan)
    rows = list_loans(LoanFilter(case_id=loan))
    assert {row.number: row.status for row in rows} == {
        first.number: "void",
        f"{first.number}-2": "approved",
    }
    assert_whole(thread, loan)


def test_the_tenor_counts_from_the_drawing(thread: Thread) -> None:
    loan = thread.locked()
    approved = served(loan).maturity_date
    thread.later(days=9)
    thread.do(loan, "propose_disbursement", "lianhu-manager", {"amount": 60_000_000} | WHY)
    thread.do(loan, "disburse", "lianhu-reviewer", {"result": "released"})
    row = served(loan)
    assert row.maturity_date > approved
    assert thread.see(loan).facts["matures_on"] == row.maturity_date.isoformat()
    assert_whole(thread, loan)


def _new_borrower(thread: Thread, **agreed: str) -> uuid.UUID:
    """A first loan to a borrower of ordinary standing, ready to be drawn."""
    form = {
        "award": str(thread.award.id),
        "supplier": str(thread.cast["supplier"].organisation_id),
        "bank": str(thread.cast["lianhu-manager"].organisation_id),
        "buyer": str(thread.cast["buyer"].organisation_id),
        "amount": LENT,
        "rate": "2.76",
        "ratio": "90",
        "tenor_months": 6,
        "loan_kind": "first",
    }
    loan = open_case(
        "financing-loan",
        action="open",
        actor=SYSTEM,
        now=thread.now,
        idempotency_key=str(uuid.uuid4()),
        parent_id=thread.application().id,
        form=form,
    ).case_id
    standing = {"credit_standing": "ordinary", "opinion": "好", "checklist": list(INVESTIGATED)}
    thread.do(loan, "propose", "lianhu-manager", standing | agreed)
    thread.do(loan, "approve", "lianhu-reviewer", {"result": "approved"})
    thread.take(notices.contract(), "contract.txt")
    thread.file_contract()
    thread.do(loan, "propose_lock", "lianhu-manager", ACCOUNT)
    thread.do(loan, "confirm_account", "buyer", {"result": "confirmed"})
    thread.do(loan, "lock", "lianhu-reviewer")
    return loan


def test_money_that_the_bank_pays_itself_goes_to_an_agreed_payee_with_papers(
    thread: Thread,
) -> None:
    loan = _new_borrower(thread, **PAYEE)
    ask = {"amount": LENT} | WHY
    papers = {name: [thread.file("lianhu-manager")] for name in ("payment_order", "trade_contract")}
    for form, evidence, field in (
        (ask, papers, "payee"),
        (ask | NAMED | {"payee_account": "6222000011113333"}, papers, "payee"),
        (ask | NAMED, {"payment_order": papers["payment_order"]}, "payment_order"),
    ):
        with pytest.raises(UnableToPayOut) as refusal:
            thread.do(loan, "propose_disbursement", "lianhu-manager", form, evidence=evidence)
        assert set(refusal.value.fields) == {field}
        assert served(loan).reserved_fen == 0
    thread.do(loan, "propose_disbursement", "lianhu-manager", ask | NAMED, evidence=papers)
    thread.do(loan, "disburse", "lianhu-reviewer", {"result": "released"})
    assert served(loan).lent_fen == LENT
    assert_whole(thread, loan)


def test_the_terms_of_paying_out_are_complete_before_the_bank_decides(
    thread: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A payee has an account; until 2024-06-30 no rule set an amount, so the contract had to."""
    with pytest.raises(Invalid) as refusal:
        _new_borrower(thread, payee_two="江城钢材有限公司")
    assert set(refusal.value.fields) == {"payee_two_account"}
    monkeypatch.setattr(entrusted, "find_rule", lambda _code, **_on: None)
    with pytest.raises(Invalid) as refusal:
        _new_borrower(thread)
    assert set(refusal.value.fields) == {"entrusted_above"}
