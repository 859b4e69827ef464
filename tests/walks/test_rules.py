"""The rules of 政采贷 by number, those that test_financing_rules does not show yet."""

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from honghu.base.problems import Invalid
from honghu.domains.financing.commands.account_changes import UnableToChangeAccount
from honghu.domains.financing.commands.banks import BankFiledBefore, BankNotFiled
from honghu.domains.financing.commands.days import begin_day
from honghu.domains.financing.commands.disbursements import UnableToDisburse
from honghu.domains.financing.commands.quotes import UnableToQuote
from honghu.domains.financing.commands.sanctions import ProposalDiffers, SupplierBlocked
from honghu.domains.financing.figures import counters
from honghu.domains.financing.models import AccountLock
from honghu.domains.financing.queries import get_ceiling, list_encumbrances
from honghu.domains.financing.queries.banks import filing_of
from honghu.domains.financing.queries.claims import listed_buyers
from honghu.domains.financing.queries.overdue import overdue_loans
from honghu.kernel.cases.permissions import GuardRefuses, NotYourTurn, SameHands
from honghu.kernel.ledger.queries import transfers_of_case
from honghu.site.county import PRODUCT, Member
from tests import notices
from tests.machine import machine
from tests.thread import ACCOUNT, WHY, Thread, begin

NEW = "6222000011112222"


@pytest.fixture
def thread(county: dict[str, Member], now: dt.datetime) -> Thread:
    return begin(county, now)


def _challenge(thread: Thread) -> uuid.UUID:
    form = {
        "award": str(thread.award.id),
        "challenger": "荆州碧荷商贸有限公司",
        "received_on": thread.now.date().isoformat(),
        "subject": "评审标准",
    }
    return thread.open(
        "award-challenge", "lodge", "clerk", form=form, evidence={"letter": [thread.file("clerk")]}
    )


def test_rule_02_and_03_a_pending_challenge_blocks_drawing(thread: Thread) -> None:
    """Whatever reason the bank gives: signing and performance are suspended (条例 54)."""
    loan = thread.locked()
    challenge = _challenge(thread)
    with pytest.raises(UnableToDisburse):
        thread.do(loan, "propose_disbursement", "lianhu-manager", {"amount": 100} | WHY)
    thread.do(
        challenge,
        "answer",
        "clerk",
        {"outcome": "质疑不成立"},
        evidence={"answer": [thread.file("clerk")]},
    )
    thread.do(challenge, "verify", "office", {"result": "passed_dismissed"})
    thread.do(loan, "propose_disbursement", "lianhu-manager", {"amount": 100} | WHY)


def test_rule_03_a_challenge_after_the_proposal_stops_the_disbursement(thread: Thread) -> None:
    loan = thread.locked()
    thread.do(loan, "propose_disbursement", "lianhu-manager", {"amount": 100} | WHY)
    _challenge(thread)
    with pytest.raises(UnableToDisburse):
        thread.do(loan, "disburse", "lianhu-reviewer", {"result": "released"})


def test_rule_05_an_unpriced_award_has_no_ceiling_to_draw_on(
    county: dict[str, Member], now: dt.datetime
) -> None:
    """At a rate the ceiling stays unknown until the priced contract: never 0, never a product."""
    thread = begin(county, now, notices.award(amount="折扣率：92%"))
    application = thread.applied("lianhu", amount=50_000_000)
    quote = thread.quote(application, "lianhu", amount=50_000_000)
    thread.do(quote, "offer", "lianhu-reviewer")
    number = thread.see(quote).number
    thread.do(application, "choose", "supplier", {"quote": number})
    (loan,) = thread.children(application, "financing-loan")
    ceiling = get_ceiling(thread.award.id)
    assert ceiling is not None
    assert (ceiling.contract_fen, ceiling.ceiling_fen, ceiling.residual_fen) == (None, None, None)
    thread.investigate(loan.id)
    thread.take(notices.contract(amount="600000.00元"), "contract.txt")
    priced = get_ceiling(thread.award.id)
    assert priced is not None
    assert priced.ceiling_fen == 54_000_000


def test_rule_06_a_quote_lies_within_its_banks_product(thread: Thread) -> None:
    """The server refuses what the product does not allow, every fault at once."""
    old = thread.open(
        "bank-product",
        "draft",
        "lianhu-manager",
        form=PRODUCT
        | {
            "effective_from": (thread.now.date() + dt.timedelta(days=1)).isoformat(),
            "ratio_max": "70",
            "tenor_months_max": 5,
            "amount_max": 60_000_000,
            "rate_min": "2.80",
            "sectors": ["services"],
        },
    )
    thread.do(old, "verify", "office", {"result": "passed"})
    application = thread.applied("lianhu")
    # Today the version before it still holds; from tomorrow on the new one.
    thread.quote(application, "lianhu", valid_until="2026-08-01")
    thread.later(days=1)
    for quote in thread.children(application, "financing-quote"):
        thread.do(quote.id, "withdraw", "lianhu-manager", {"reason": "产品更新"})
    with pytest.raises(Invalid) as refusal:
        thread.quote(application, "lianhu")
    assert set(refusal.value.fields) == {"ratio", "tenor_months", "amount", "rate"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rate_max", "2.93"),
        ("rate_min", "2.925"),
        ("tenor_months_max", 37),
        ("amount_min", 8_900_000_001),
        ("effective_from", "2026-05-31"),
        ("effective_to", "2026-05-31"),
    ],
)
def test_rule_06_a_product_lies_within_the_scheme(
    thread: Thread, field: str, value: object
) -> None:
    form = PRODUCT | {"effective_from": "2026-06-01"} | {field: value}
    with pytest.raises(Invalid) as refusal:
        thread.open("bank-product", "draft", "lianhu-manager", form=form)
    assert field in refusal.value.fields


def test_rule_07_the_reference_rate_is_the_one_that_the_bank_declared(thread: Thread) -> None:
    """A higher reference rate in the quote would lift the cap of 80 %."""
    application = thread.applied("lianhu")
    with pytest.raises(Invalid) as refusal:
        thread.quote(application, "lianhu", reference_rate="5.00", rate="4.00")
    assert set(refusal.value.fields) == {"reference_rate", "rate"}


def test_rule_08_no_guarantee_but_a_natural_persons(thread: Thread) -> None:
    application = thread.applied("lianhu")
    with pytest.raises(Invalid) as refusal:
        thread.quote(application, "lianhu", guarantee="company")
    assert set(refusal.value.fields) == {"guarantee"}
    thread.quote(application, "lianhu", guarantee="natural_person")


def test_rule_09_every_filed_bank_sees_the_encumbrance_and_not_the_holder(
    thread: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread.locked()
    monkeypatch.setattr(timezone, "now", lambda: thread.now)
    (row,) = list_encumbrances()
    assert (row.award_id, row.residual_fen) == (thread.award.id, 90_000_000)
    path = f"/awards/{thread.award.id}/encumbrance"
    answer = machine("changqu-manager", now=thread.now).get(path)
    assert answer.body == {"encumbered": True, "residual_fen": 90_000_000}
    supplier = thread.cast["supplier"].username
    assert machine(supplier, now=thread.now).get(path).status == 403


def _change(thread: Thread, loan: uuid.UUID) -> uuid.UUID:
    form = {"new_account_no": NEW, "reason": "开户行调整"}
    return thread.open("account-change", "request", "supplier", loan, form)


def _published(thread: Thread, change: uuid.UUID) -> None:
    form = {"published_on": thread.now.date().isoformat()}
    thread.do(change, "publish", "buyer", form, evidence={"notice": [thread.file("buyer")]})


def _passed(thread: Thread, change: uuid.UUID) -> None:
    check = {"check": [thread.file("office")]}
    thread.do(change, "verify", "office", {"result": "passed"}, evidence=check)


def test_rule_10_an_account_changes_with_all_four_conditions_and_is_logged(thread: Thread) -> None:
    loan = thread.drawn()
    change = _change(thread, loan)
    consent = {"consent": [thread.file("lianhu-reviewer")]}
    thread.do(change, "consent", "lianhu-reviewer", evidence=consent)
    thread.do(change, "confirm", "buyer")
    _published(thread, change)
    _passed(thread, change)
    assert thread.see(change).state == "changed"
    locks = AccountLock.objects.filter(loan_id=loan).order_by("version")
    assert [(each.version, each.state) for each in locks] == [(1, "released"), (2, "locked")]
    thread.pay(loan, 10_000_000)
    (risk,) = thread.children(loan, "risk-event")
    assert risk.facts["kind"] == "other_account"
    thread.pay(loan, 10_000_000, account=NEW)
    assert thread.see(loan).facts["outstanding"] == 60_000_000


@pytest.mark.parametrize("left_out", ["consent", "confirm", "publish"])
def test_rule_10_any_condition_missing_is_refused_and_named(thread: Thread, left_out: str) -> None:
    loan = thread.drawn()
    change = _change(thread, loan)
    if left_out != "consent":
        consent = {"consent": [thread.file("lianhu-reviewer")]}
        thread.do(change, "consent", "lianhu-reviewer", evidence=consent)
    if left_out != "confirm":
        thread.do(change, "confirm", "buyer")
    if left_out != "publish":
        _published(thread, change)
    with pytest.raises(UnableToChangeAccount) as refusal:
        _passed(thread, change)
    named = {"consent": "银行", "confirm": "采购人", "publish": "公告"}
    english = {"consent": "consent", "confirm": "confirmation", "publish": "publication"}
    assert named[left_out] in refusal.value.message or english[left_out] in refusal.value.message
    assert AccountLock.objects.get(loan_id=loan).version == 1


def test_rule_12_a_buyer_refuses_only_with_a_reason_of_a_kind(thread: Thread) -> None:
    loan = thread.at_lock()
    thread.do(loan, "propose_lock", "lianhu-manager", ACCOUNT)
    for form in ({}, {"reason": "不便"}, {"reason_code": "other"}):
        with pytest.raises(GuardRefuses):
            thread.do(loan, "confirm_account", "buyer", {"result": "refused"} | form)
    form = {"result": "refused", "reason_code": "contract", "reason": "合同已约定账户"}
    thread.do(loan, "confirm_account", "buyer", form)
    assert thread.see(loan).state == "locking"


def test_rule_12_a_refused_account_change_names_its_kind(thread: Thread) -> None:
    change = _change(thread, thread.drawn())
    with pytest.raises(Invalid):
        thread.do(change, "refuse", "buyer", {"explanation": "不便"})
    thread.do(change, "refuse", "buyer", {"refusal": "dispute", "explanation": "质量争议"})
    assert thread.see(change).state == "refused"


def _claim(thread: Thread, **changes: object) -> uuid.UUID:
    form = {
        "award": str(thread.award.id),
        "amount": 100_000_000,
        "basis": "delivery",
        "event_on": "2026-05-20",
    }
    delivery = {"delivery": [thread.file("supplier")]}
    return thread.open("payment-due", "claim", "supplier", form=form | changes, evidence=delivery)


@pytest.mark.parametrize(
    ("changes", "due_on"),
    [
        ({}, "2026-06-19"),
        ({"agreed_days": 60}, "2026-07-19"),
        ({"basis": "progress", "event_on": "2026-05-31"}, "2026-06-30"),
        # Acceptance agreed by 25 May, done on the 22nd; then late; then not done at all.
        ({"acceptance_due_on": "2026-05-25", "accepted_on": "2026-05-22"}, "2026-06-21"),
        ({"acceptance_due_on": "2026-05-25", "accepted_on": "2026-05-30"}, "2026-06-24"),
        ({"acceptance_due_on": "2026-05-25"}, "2026-06-24"),
    ],
)
def test_rule_13_the_payment_term(thread: Thread, changes: dict[str, object], due_on: str) -> None:
    assert thread.see(_claim(thread, **changes)).facts["due_on"] == due_on


def test_rule_13_no_more_than_sixty_days_may_be_agreed(thread: Thread) -> None:
    with pytest.raises(Invalid) as refusal:
        _claim(thread, agreed_days=61)
    assert "agreed_days" in refusal.value.fields


@pytest.mark.parametrize(
    ("changes", "disputed", "interest"),
    [
        # 1,000,000 yuan, 10 days: x 0.0005 a day; at an agreed 3.65 %; 400,000 in dispute.
        ({}, None, 500_000),
        ({"agreed_rate": "3.65", "lpr_at_contract": "3.00"}, None, 100_000),
        ({}, 40_000_000, 300_000),
    ],
)
def test_rule_14_late_payment_bears_interest_on_the_undisputed_part(
    thread: Thread, changes: dict[str, object], disputed: int | None, interest: int
) -> None:
    claim = _claim(thread, **changes)
    if disputed is not None:
        form = {"disputed": disputed, "reason": "部分设备返修"}
        thread.do(claim, "dispute", "buyer", form)
    thread.later(days=28)
    voucher = {"voucher": [thread.file("treasury")]}
    thread.do(claim, "pay", "treasury", {"paid_on": "2026-06-29"}, evidence=voucher)
    facts = thread.see(claim).facts
    assert (facts["overdue_days"], facts["late_interest"]) == (10, interest)


def test_rule_14_an_agreed_rate_below_the_lpr_does_not_hold(thread: Thread) -> None:
    for rates in ({"agreed_rate": "2.99", "lpr_at_contract": "3.00"}, {"agreed_rate": "3.65"}):
        with pytest.raises(Invalid) as refusal:
            _claim(thread, **rates)
        assert "agreed_rate" in refusal.value.fields


def test_the_list_of_31_march_names_what_was_overdue_at_the_years_end(thread: Thread) -> None:
    _claim(thread)
    form = {"disputed": 30_000_000, "reason": "部分设备返修"}
    thread.do(_claim(thread), "dispute", "buyer", form)
    (row,) = listed_buyers(2026)
    assert (row.buyer, row.contracts, row.amount_fen) == (notices.BUYER, 2, 170_000_000)
    assert row.longest_days == 195
    assert listed_buyers(2025) == []


def test_a_receivable_is_confirmed_within_thirty_days(thread: Thread) -> None:
    thread.drawn()
    form = {"award": str(thread.award.id), "amount": 60_000_000}
    case = thread.open("receivable-confirmation", "request", "supplier", form=form)
    row = thread.see(case)
    assert row.due_at is not None
    assert (row.due_at - thread.now).days in {29, 30}
    assert thread.sees(case, "lianhu-manager")
    proof = {"confirmation": [thread.file("buyer")]}
    with pytest.raises(Invalid):
        thread.do(case, "confirm", "buyer", {"confirmed_amount": 60_000_001}, evidence=proof)
    thread.do(case, "confirm", "buyer", {"confirmed_amount": 60_000_000}, evidence=proof)
    assert thread.see(case).state == "confirmed"


def _flag(thread: Thread, who: str = "lianhu-manager") -> uuid.UUID:
    form = {
        "supplier": str(thread.cast["supplier"].organisation_id),
        "kind": "fraud",
        "facts_found": "合同印章与备案不符",
    }
    return thread.open(
        "supplier-sanction", "flag", who, form=form, evidence={"proof": [thread.file(who)]}
    )


def _investigated(thread: Thread, case: uuid.UUID, **form: object) -> None:
    thread.do(case, "freeze", "office", {"result": "frozen", "reason": "线索可信"})
    report = {"report": [thread.file("clerk")]}
    thread.do(case, "investigate", "clerk", {"findings": "查实"} | form, evidence=report)


def test_rule_18_fraud_is_flagged_frozen_sanctioned_by_different_hands(thread: Thread) -> None:
    loan = thread.locked()
    case = _flag(thread)
    assert not thread.sees(case, "jianghe-manager")
    with pytest.raises(NotYourTurn):
        thread.do(case, "freeze", "lianhu-reviewer", {"result": "frozen", "reason": "x"})
    with pytest.raises(Invalid) as refusal:
        _investigated(thread, case, proposal="sanction", fine_ratio="2", ban_months=48)
    assert set(refusal.value.fields) == {"fine_ratio", "ban_months"}
    assert thread.see(loan).state == "frozen"
    report = {"report": [thread.file("clerk")]}
    form = {"findings": "查实", "proposal": "sanction", "fine_ratio": "0.8", "ban_months": 12}
    thread.do(case, "investigate", "clerk", form, evidence=report)
    decision = {"decision": [thread.file("office")]}
    with pytest.raises(ProposalDiffers):
        thread.do(case, "verify", "office", {"result": "passed_clear"}, evidence=decision)
    thread.do(case, "verify", "office", {"result": "passed_sanction"}, evidence=decision)
    assert thread.see(case).facts["until"] == "2027-06-01"
    with pytest.raises(SupplierBlocked):
        thread.do(loan, "resume", "lianhu-reviewer", {"reason": "x"})


def test_rule_18_a_frozen_supplier_makes_no_new_intent_and_a_cleared_one_does(
    thread: Thread,
) -> None:
    case = _flag(thread, "clerk")
    _investigated(thread, case, proposal="clear")
    with pytest.raises(SupplierBlocked):
        thread.authorise("lianhu")
    decision = {"decision": [thread.file("office")]}
    thread.do(case, "verify", "office", {"result": "passed_clear"}, evidence=decision)
    thread.applied("lianhu")


def test_rule_18_a_loan_past_its_maturity_is_a_risk_once(thread: Thread) -> None:
    loan = thread.drawn()
    assert overdue_loans(now=thread.now) == []
    assert begin_day(now=thread.now) == (0, 0)
    thread.later(days=200)
    assert overdue_loans(now=thread.now) == [loan]
    assert begin_day(now=thread.now)[1] == 1
    thread.later(days=1)
    begin_day(now=thread.now)
    (risk,) = thread.children(loan, "risk-event")
    assert risk.facts["kind"] == "overdue"


def test_rule_17_a_filing_is_verified_by_another_person(thread: Thread) -> None:
    bank = str(thread.cast["lianhu-manager"].organisation_id)
    form = {"bank": bank, "agreement_no": "协议-2"}
    proof = {"agreement": [thread.file("clerk")]}
    with pytest.raises(BankFiledBefore):
        thread.open("serving-bank", "apply", "clerk", form=form, evidence=proof)


def test_a_bank_whose_filing_is_withdrawn_serves_no_more(thread: Thread) -> None:
    application = thread.applied("lianhu")
    quote = thread.quote(application, "lianhu")
    filing = filing_of(thread.cast["lianhu-manager"].organisation_id, now=thread.now)
    assert filing is not None
    reason = {"withdraw_reason": "收取其他费用"}
    thread.do(filing.id, "propose_withdrawal", "clerk", reason)
    with pytest.raises((SameHands, NotYourTurn)):
        thread.do(filing.id, "verify_withdrawal", "clerk", {"result": "passed"})
    thread.do(filing.id, "verify_withdrawal", "office", {"result": "passed"})
    assert thread.see(quote).state == "withdrawn"
    assert not thread.sees(application, "lianhu-manager")
    with pytest.raises(UnableToQuote):
        thread.quote(application, "lianhu")
    with pytest.raises(BankNotFiled):
        thread.open(
            "bank-product",
            "draft",
            "lianhu-manager",
            form=PRODUCT | {"effective_from": "2026-06-02"},
        )


def test_rule_20_every_figure_is_backed_by_cases_and_the_ledger(thread: Thread) -> None:
    loan = thread.drawn(60_000_000)
    found = {each.code: each for each in counters(now=thread.now)}
    assert {code: each.value for code, each in found.items()} == {
        "banks_serving": 3,
        "banks_lending": 1,
        "suppliers_financed": 1,
        "principal_lent": 60_000_000,
    }
    assert found["principal_lent"].cases == (loan,)
    assert len(found["banks_serving"].cases) == 3
    assert any(row.facts.kind == "loan_disbursed" for row in transfers_of_case(loan))
