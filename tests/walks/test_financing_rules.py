"""The rules of the thread as the database and the write path keep them, by rule number."""

import datetime as dt
import uuid

import pytest

from honghu.base.identifiers import new_id
from honghu.base.problems import HonghuError, Invalid, NotFound
from honghu.domains.financing.commands.disbursements import OverCeiling, UnableToDisburse
from honghu.domains.financing.commands.limits import apply_ceiling
from honghu.domains.financing.commands.locks import UnableToLockAccount
from honghu.domains.financing.commands.payments import PaymentRecordedBefore
from honghu.domains.financing.commands.quotes import UnableToChooseQuote, UnableToQuote
from honghu.domains.financing.models import AccountLock, Limit
from honghu.domains.financing.queries import get_ceiling
from honghu.kernel.cases.commands import WrongState, open_case
from honghu.kernel.cases.permissions import NotYourTurn, SameHands
from honghu.kernel.cases.queries import cases_with_fact, children_of, find_case
from honghu.kernel.ledger.commands import post_transfers
from honghu.kernel.ledger.problems import BoundPassed
from honghu.kernel.ledger.records import NewTransfer
from honghu.kernel.parties.commands import appoint
from honghu.site.county import Member
from tests import notices
from tests.thread import Thread, begin


@pytest.fixture
def thread(county: dict[str, Member], now: dt.datetime) -> Thread:
    return begin(county, now)


def _quote_form(thread: Thread, **changes: object) -> dict[str, object]:
    until = thread.now.date() + dt.timedelta(days=10)
    return {
        "amount": 70_000_000,
        "rate": "2.76",
        "reference_rate": "3.65",
        "ratio": "90",
        "tenor_months": 6,
        "fee": 0,
        "collateral": False,
        "valid_until": until.isoformat(),
    } | changes


def _applied(thread: Thread, *banks: str) -> uuid.UUID:
    application = thread.application().id
    names = ("bank_one", "bank_two", "bank_three")
    form: dict[str, object] = {
        name: str(thread.cast[bank].organisation_id)
        for name, bank in zip(names, banks, strict=False)
    }
    expires = thread.now.date() + dt.timedelta(days=60)
    thread.do(
        application,
        "authorise",
        "supplier",
        form | {"consent": True, "expires_on": expires.isoformat()},
    )
    thread.do(
        application,
        "apply",
        "supplier",
        {"amount": 70_000_000, "tenor_months": 6, "purpose": "备货"},
    )
    return application


def _quote(thread: Thread, application: uuid.UUID, who: str, **changes: object) -> uuid.UUID:
    return open_case(
        "financing-quote",
        action="draft",
        actor=thread.cast[who].actor(thread.now.date()),
        now=thread.now,
        idempotency_key=str(uuid.uuid4()),
        parent_id=application,
        form=_quote_form(thread, **changes),
    ).case_id


def _loan_at_lock(thread: Thread) -> uuid.UUID:
    loan = thread.placed()
    thread.take(notices.contract(), "contract.txt")
    thread.file_contract()
    return loan


def _locked(thread: Thread) -> uuid.UUID:
    loan = _loan_at_lock(thread)
    thread.do(
        loan,
        "propose_lock",
        "lianhu-manager",
        {"account_no": "4210830123456789", "registration_no": "ZD1"},
    )
    thread.do(loan, "confirm_account", "buyer", {"result": "confirmed"})
    thread.do(loan, "lock", "lianhu-reviewer")
    return loan


_WHY = {"override_reason": "采购人书面确认无质疑"}


def _drawn(thread: Thread) -> uuid.UUID:
    loan = _locked(thread)
    thread.do(loan, "propose_disbursement", "lianhu-manager", {"amount": 70_000_000} | _WHY)
    thread.do(loan, "disburse", "lianhu-reviewer", {"result": "released"})
    return loan


def test_rule_01_an_award_alone_gives_credit_but_no_money(thread: Thread) -> None:
    loan = thread.placed()
    assert thread.see(loan).state == "awaiting_contract"
    with pytest.raises(WrongState):
        thread.do(loan, "propose_disbursement", "lianhu-manager", {"amount": 100} | _WHY)


def test_rule_02_a_contract_that_differs_goes_to_a_person(thread: Thread) -> None:
    loan = thread.placed()
    thread.take(notices.contract(amount="980000.00元"), "contract.txt")
    row = thread.see(loan)
    assert row.state == "contract_doubt"
    assert row.facts["mismatch"] in {"金额", "Amount"}  # the installation's language
    assert row.facts["contract_amount"] is None


def test_rule_03_drawing_in_the_challenge_period_needs_a_recorded_reason(
    county: dict[str, Member], now: dt.datetime
) -> None:
    thread = begin(county, now, notices.award(published="2026年05月29日"))
    loan = _locked(thread)
    with pytest.raises(UnableToDisburse, match="2026-06-10") as refusal:
        thread.do(loan, "propose_disbursement", "lianhu-manager", {"amount": 70_000_000})
    assert "override_reason" in refusal.value.fields
    thread.do(loan, "propose_disbursement", "lianhu-manager", {"amount": 70_000_000} | _WHY)


def test_rule_04_the_ledger_itself_holds_the_ceiling(thread: Thread) -> None:
    loan = _locked(thread)
    limit = Limit.objects.get(pk=thread.award.id)
    # A warranty recorded late lowers the ceiling to 0.9 x 600,000 = 540,000 yuan.
    limit.warranty_fen = 40_000_000
    apply_ceiling(limit, now=thread.now)
    with pytest.raises(OverCeiling):
        thread.do(loan, "propose_disbursement", "lianhu-manager", {"amount": 54_000_001} | _WHY)
    thread.do(loan, "propose_disbursement", "lianhu-manager", {"amount": 54_000_000} | _WHY)
    ceiling = get_ceiling(thread.award.id)
    assert ceiling is not None
    assert ceiling.residual_fen == 0


def test_rule_05_an_award_at_a_rate_has_no_amount_and_no_ceiling(
    county: dict[str, Member], now: dt.datetime
) -> None:
    thread = begin(county, now, notices.award(amount="折扣率：92%"))
    assert thread.award.amount_fen is None
    assert thread.application().facts["award_amount"] is None


def test_rule_07_the_server_refuses_a_quote_above_the_share(thread: Thread) -> None:
    application = _applied(thread, "lianhu-manager")
    with pytest.raises(Invalid) as refusal:
        _quote(thread, application, "lianhu-manager", rate="2.93", fee=100, collateral=True)
    assert set(refusal.value.fields) == {"rate", "fee", "collateral"}
    assert children_of(application, register="financing-quote", now=thread.now) == []


def test_rule_09_one_live_lock_an_award(thread: Thread) -> None:
    loan = _loan_at_lock(thread)
    AccountLock.objects.create(
        award_id=thread.award.id,
        loan_id=uuid.uuid4(),
        bank_id=thread.cast["jianghe-manager"].organisation_id,
        account_index="0" * 64,
        account_masked="****0000",
        state=AccountLock.State.LOCKED,
        proposed_at=thread.now,
    )
    form = {"account_no": "4210830123456789", "registration_no": "ZD1"}
    with pytest.raises(UnableToLockAccount) as refusal:
        thread.do(loan, "propose_lock", "lianhu-manager", form)
    assert "江荷" not in str(refusal.value)


def test_rule_11_payment_to_another_account_is_a_risk_the_same_day(thread: Thread) -> None:
    loan = _drawn(thread)
    before = thread.see(loan).facts["outstanding"]
    thread.do(
        loan,
        "record_payment",
        "treasury",
        {
            "amount": 10_000_000,
            "paid_on": thread.now.date().isoformat(),
            "account_no": "9999999999999999",
            "reference": "GK-OTHER",
        },
    )
    (risk,) = children_of(loan, register="risk-event", now=thread.now)
    assert risk.state == "raised"
    assert risk.facts["kind"] == "other_account"
    assert risk.opened_at == thread.now
    assert thread.see(loan).facts["outstanding"] == before


def test_rule_15_the_same_reference_is_never_booked_twice(thread: Thread) -> None:
    loan = _drawn(thread)
    payment = {
        "amount": 10_000_000,
        "paid_on": thread.now.date().isoformat(),
        "account_no": "4210 8301 2345 6789",
        "reference": "GK-1",
    }
    thread.do(loan, "record_payment", "treasury", payment)
    assert thread.see(loan).facts["outstanding"] == 60_000_000
    with pytest.raises(PaymentRecordedBefore):
        thread.do(loan, "record_payment", "treasury", payment)
    assert thread.see(loan).facts["outstanding"] == 60_000_000


def test_rule_17_maker_is_never_checker(thread: Thread) -> None:
    """One person with both roles of the bank may do either step, never both."""
    both = thread.cast["lianhu-manager"]
    appoint(
        person_id=both.person_id,
        organisation_id=both.organisation_id,
        role="bank_reviewer",
        from_date=dt.date(2026, 1, 1),
    )
    application = _applied(thread, "lianhu-manager")
    quote = _quote(thread, application, "lianhu-manager")
    with pytest.raises(SameHands):
        thread.do(quote, "offer", "lianhu-manager")
    thread.do(quote, "offer", "lianhu-reviewer")


def test_rule_17_settlement_is_verified_by_another_organisation(thread: Thread) -> None:
    loan = _drawn(thread)
    with pytest.raises(WrongState):
        thread.do(loan, "verify_settlement", "office", {"result": "passed"})
    with pytest.raises(HonghuError):
        thread.do(loan, "apply_settlement", "lianhu-manager")


def test_rule_19_a_bank_without_authorisation_neither_quotes_nor_sees(thread: Thread) -> None:
    application = _applied(thread, "lianhu-manager")
    with pytest.raises(UnableToQuote):
        _quote(thread, application, "jianghe-manager")
    stranger = thread.cast["jianghe-manager"].actor(thread.now.date())
    with pytest.raises(NotFound):
        find_case(application, actor=stranger, now=thread.now)


def test_a_quote_of_another_application_cannot_be_chosen(
    thread: Thread, county: dict[str, Member], now: dt.datetime
) -> None:
    other = begin(county, now, notices.award(number="HHCG-2026-119", project="另一项目"))
    application, elsewhere = _applied(thread, "lianhu-manager"), _applied(other, "lianhu-manager")
    quote = _quote(other, elsewhere, "lianhu-manager")
    other.do(quote, "offer", "lianhu-reviewer")
    number = other.see(quote).number
    with pytest.raises(UnableToChooseQuote):
        thread.do(application, "choose", "supplier", {"quote": number})


def test_edge_correction_freezes_what_is_not_drawn_and_invites_anew(thread: Thread) -> None:
    loan = _locked(thread)
    thread.do(loan, "propose_disbursement", "lianhu-manager", {"amount": 70_000_000} | _WHY)
    thread.take(notices.correction(), "correction.txt")
    assert thread.see(loan).state == "frozen"
    ceiling = get_ceiling(thread.award.id)
    assert ceiling is not None
    assert ceiling.exposure_fen == 0
    applications = cases_with_fact(
        "financing-application", fact="project_no", value=notices.NUMBER, now=thread.now
    )
    amounts = {row.state: row.facts["award_amount"] for row in applications}
    assert amounts == {"placed": 100_000_000, "invited": 90_000_000}


def test_edge_correction_after_drawing_is_a_risk_not_an_undoing(thread: Thread) -> None:
    loan = _drawn(thread)
    thread.take(notices.correction(), "correction.txt")
    assert thread.see(loan).state == "repaying"
    (risk,) = children_of(loan, register="risk-event", now=thread.now)
    assert risk.facts["kind"] == "award_changed"


def test_edge_termination_voids_application_and_quotes(thread: Thread) -> None:
    application = _applied(thread, "lianhu-manager", "jianghe-manager")
    quote = _quote(thread, application, "lianhu-manager")
    thread.take(notices.termination(), "termination.txt")
    assert thread.see(application).state == "void"
    assert thread.see(quote).state == "withdrawn"


def test_edge_termination_voids_the_loan_and_releases_its_lock(thread: Thread) -> None:
    loan = _locked(thread)
    thread.take(notices.termination(), "termination.txt")
    assert thread.see(loan).state == "void"
    assert AccountLock.objects.get(loan_id=loan).state == AccountLock.State.RELEASED


def test_a_stranger_performs_nothing(thread: Thread) -> None:
    application = thread.application().id
    with pytest.raises(NotYourTurn):
        thread.do(application, "authorise", "office", {"consent": True})


def test_the_bound_stands_in_the_database_itself(thread: Thread) -> None:
    """Around the commands: the ledger refuses an amount above the ceiling by itself."""
    _locked(thread)
    limit = Limit.objects.get(pk=thread.award.id)
    with pytest.raises(BoundPassed):
        post_transfers(
            [
                NewTransfer(
                    id=new_id(),
                    debit_account_id=limit.used_account_id,
                    credit_account_id=limit.contra_account_id,
                    amount_fen=90_000_001,
                    value_date=thread.now.date(),
                    kind="limit_reserved",
                )
            ],
            now=thread.now,
        )
