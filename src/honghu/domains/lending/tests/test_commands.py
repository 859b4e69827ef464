"""What each command does to a loan and the books, and what it refuses."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from honghu.base.identifiers import new_id
from honghu.base.problems import HonghuError
from honghu.domains.lending import commands, queries
from honghu.domains.lending.commands.booking import Booked
from honghu.domains.lending.queries.verify import verify_loans
from honghu.domains.lending.rules.postings import Part
from honghu.domains.lending.rules.problems import LoanTermsError
from honghu.domains.lending.rules.terms import DatedAmount
from honghu.domains.lending.tests import lives
from honghu.kernel.ledger.chart import load_chart
from honghu.kernel.ledger.commands import open_account
from honghu.kernel.ledger.queries import balance, get_transfers
from honghu.kernel.rulesets.commands import publish_rules

DUE = dt.date(2025, 2, 10)
PRINCIPAL = 12_000 * lives.YUAN
# 31 days at 6 % of actual/360 on 12,000 yuan: 12,000 * 0.06 * 31 / 360
FIRST_INTEREST = 62_00


@pytest.fixture(autouse=True)
def chart(db: None) -> Any:
    """The chart before each test; afterwards the loans must be what their events make of them."""
    load_chart()
    yield
    assert verify_loans().faults == ()


def refusal(command: Any, loan_id: Any, **values: Any) -> str:
    """The code with which a command is refused; nothing of it stays."""
    before = lives.row(loan_id).version
    with pytest.raises(HonghuError) as caught, transaction.atomic():
        lives.do(command, loan_id, **values)
    assert lives.row(loan_id).version == before
    return caught.value.code


def pay(loan_id: Any, fen: int, day: dt.date = DUE, **values: Any) -> Booked:
    """A payment."""
    return lives.do(commands.record_payment, loan_id, amount_fen=fen, value_date=day, **values)


def test_a_loan_is_opened_once_with_plan_and_books():
    loan_id = lives.open_one()
    assert lives.open_one() == loan_id
    loan = queries.get_loan(loan_id)
    assert (loan.status, loan.available_fen, loan.version) == ("approved", PRINCIPAL, 1)
    plan = queries.plan_against_actual(loan_id)
    assert [row.agreed_principal_fen for row in plan] == [1000 * lives.YUAN] * 12
    assert plan[0].agreed_interest_fen == FIRST_INTEREST
    assert lives.books() == {}
    assert [each.id for each in queries.list_loans(queries.LoanFilter(status="approved"))] == [
        loan_id
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"terms": lives.terms(rate="4.1234567")}, "loan_terms"),
        ({"terms": lives.terms(rate="-1")}, "loan_terms"),
        ({"terms": lives.terms(penalty={"overdue_markup_pct": "50"})}, "loan_terms"),
        ({"terms": lives.terms(day_count="30/360")}, "loan_terms"),
        ({"terms": lives.terms(order=["interest", "interest"])}, "loan_terms"),
        ({"terms": lives.terms(maturity="2025-03-10")}, "loan_terms"),
        ({"terms": {**lives.terms(), "lpr_points": 3}}, "loan_terms"),
        ({"approved_fen": 0}, "lending-amount"),
        ({"start_date": dt.date(2025, 2, 10)}, "lending-amount"),
        ({"idempotency_key": "open L-1"}, "lending-key-reused"),
        ({"idempotency_key": "k" * 201}, "lending-key"),
        ({"idempotency_key": "other", "borrower_id": lives.LENDER}, "lending-number-taken"),
    ],
)
def test_opening_refuses(changes, code):
    lives.open_one("L-1")
    with pytest.raises(HonghuError) as caught, transaction.atomic():
        lives.open_one("L-1" if "borrower_id" in changes else "L-2", **changes)
    assert caught.value.code == code


def test_markups_keep_to_the_rule_book():
    folder = Path(commands.__file__).parents[1] / "rulesets"
    publish_rules(folder / "markups.yaml", now=lives.NOW, approved_by=None)
    for number, (overdue, misuse) in enumerate([("29.99", "50"), ("50.01", "50"), ("30", "49")]):
        markups = {"overdue_markup_pct": overdue, "misuse_markup_pct": misuse}
        with pytest.raises(LoanTermsError, match="markup"), transaction.atomic():
            lives.open_one(f"M-{number}", terms=lives.terms(penalty=markups))
    lives.open_one("M-9")


def test_a_quote_of_a_day_that_has_passed_is_what_would_have_cleared_the_loan():
    loan_id = lives.lend_one()
    before = queries.quote_payoff(loan_id, DUE)
    pay(loan_id, 300_00, dt.date(2025, 2, 11))
    lives.do(commands.charge_cost, loan_id, amount_fen=9_00, value_date=dt.date(2025, 4, 1))
    assert queries.quote_payoff(loan_id, DUE) == before
    assert before.total_fen == PRINCIPAL + FIRST_INTEREST


def test_tranches_stay_within_what_was_approved():
    loan_id = lives.open_one()
    lives.do(commands.disburse, loan_id, amount_fen=7_000_00, value_date=lives.START)
    lives.do(commands.disburse, loan_id, amount_fen=5_000_00, value_date=dt.date(2025, 1, 20))
    assert lives.books() == {"principal": PRINCIPAL, "money": -PRINCIPAL, **_running(loan_id)}
    assert refusal(commands.disburse, loan_id, amount_fen=1, value_date=DUE) == (
        "lending-over-approved"
    )


def _running(loan_id: Any) -> dict[str, int]:
    fen = queries.get_loan(loan_id).running_interest_fen
    assert fen == 11_67  # 10 days on 7,000 yuan
    return {"interest": fen, "interest_income": fen}


def test_a_disbursement_is_reserved_by_one_and_posted_or_given_back_by_another():
    loan_id, now = lives.open_one(), lives.NOW
    supplier = open_account(id=new_id(), kind="supplier_account", now=now).id
    reserve = {"value_date": lives.START, "to_account_id": supplier}
    first = lives.do(commands.reserve_disbursement, loan_id, amount_fen=8_000_00, **reserve)
    assert queries.get_loan(loan_id).available_fen == 4_000_00
    assert refusal(
        commands.reserve_disbursement, loan_id, amount_fen=4_000_01, value_date=lives.START
    ) == ("lending-over-approved")
    assert refusal(commands.void_loan, loan_id) == "lending-still-owed"
    second = lives.do(commands.reserve_disbursement, loan_id, amount_fen=4_000_00, **reserve)
    lives.do(commands.void_disbursement, loan_id, reserved_event_id=second.event_id)
    post = {"reserved_event_id": first.event_id, "value_date": lives.START}
    lives.do(commands.post_disbursement, loan_id, **post)
    assert balance(supplier).balance_fen == 8_000_00
    assert balance(supplier).incoming_fen == 0
    assert queries.get_loan(loan_id).reserved_fen == 0
    assert refusal(commands.post_disbursement, loan_id, **post) == "ledger_resolved"
    assert refusal(
        commands.post_disbursement, loan_id, reserved_event_id=new_id(), value_date=DUE
    ) == ("lending-event-unknown")


def test_a_payment_settles_costs_interest_principal_and_releases_the_rest():
    loan_id = lives.lend_one()
    lives.do(commands.charge_cost, loan_id, amount_fen=30_00, value_date=dt.date(2025, 2, 1))
    outcome = pay(loan_id, 1_000_00).outcome
    assert outcome == {"costs": 30_00, "interest": FIRST_INTEREST, "principal": 907_80 + 20}
    loan = queries.get_loan(loan_id)
    assert (loan.due_principal_fen, loan.principal_fen) == (92_00, 11_000_00)
    assert loan.oldest_due_date == DUE
    rest = queries.quote_payoff(loan_id, DUE).total_fen
    released = pay(loan_id, rest + 5_00).outcome["released"]
    assert released == 5_00
    assert lives.books(Part.RELEASED, Part.PRINCIPAL, Part.INTEREST, Part.COSTS) == {
        "released": 5_00
    }
    assert queries.list_loans(queries.LoanFilter(overdue_since=DUE)) == []


def test_the_same_request_is_answered_and_another_under_its_key_refused():
    loan_id = lives.lend_one()
    first = pay(loan_id, 500_00, idempotency_key="one")
    again = pay(loan_id, 500_00, idempotency_key="one")
    assert again == Booked(loan_id, first.event_id, first.sequence, True, first.outcome)
    assert lives.row(loan_id).version == first.sequence
    values = {"amount_fen": 500_01, "value_date": DUE, "idempotency_key": "one"}
    assert refusal(commands.record_payment, loan_id, **values) == "lending-key-reused"
    other = lives.lend_one("L-2")
    values["amount_fen"] = 500_00
    assert refusal(commands.record_payment, other, **values) == "lending-key-reused"


def test_a_late_payment_bears_penalty_and_compound_interest_from_the_first_day():
    loan_id = lives.lend_one()
    outcome = pay(loan_id, 1_000_00, dt.date(2025, 2, 20)).outcome
    # 10 days: 9 % on 1,000 yuan overdue; 6 % on 62 yuan of unpaid interest, before the maturity
    assert outcome["penalty"] == 2_50
    assert outcome["compound"] == 10
    assert outcome["interest"] == FIRST_INTEREST


def test_a_payment_before_the_day_served_lets_the_loan_be_lived_afresh():
    loan_id = lives.lend_one()
    pay(loan_id, 500_00, dt.date(2025, 3, 31))
    late = pay(loan_id, 1_062_00, DUE)
    assert late.outcome == {"interest": FIRST_INTEREST, "principal": 1_000_00}
    kinds = {each.facts.kind for each in get_transfers(lives.events(loan_id)[-1].transfer_ids)}
    assert kinds == {"loan_paid", "loan_accrued", "loan_adjusted"}
    fresh = lives.lend_one("L-2")
    pay(fresh, 1_062_00, DUE)
    pay(fresh, 500_00, dt.date(2025, 3, 31))
    mine, theirs = queries.get_loan(loan_id), queries.get_loan(fresh)
    assert mine.owed_fen == theirs.owed_fen
    assert mine.due_interest_fen == theirs.due_interest_fen


def test_reversing_everything_leaves_empty_books():
    loan_id = lives.lend_one()
    first = pay(loan_id, 3_000_00)
    lives.do(commands.mark_misused, loan_id, value_date=dt.date(2025, 3, 1))
    lives.do(commands.reprice_loan, loan_id, value_date=dt.date(2025, 3, 5), rate=Decimal("4.5"))
    assert refusal(commands.reverse_event, loan_id, event_id=new_id()) == "lending-event-unknown"
    opened = lives.events(loan_id)[0].id
    assert refusal(commands.reverse_event, loan_id, event_id=opened) == "lending-not-reversible"
    for event in reversed(lives.events(loan_id)[1:]):
        lives.do(commands.reverse_event, loan_id, event_id=event.id)
    assert lives.books() == {}
    assert queries.get_loan(loan_id).status == "approved"
    row = next(each for each in queries.events_of(loan_id) if each.id == first.event_id)
    assert row.reversed_by is not None
    assert refusal(commands.reverse_event, loan_id, event_id=first.event_id) in {
        "lending-not-reversible",
        "lending-wrong-state",
    }


def test_repricing_follows_the_contract_or_is_told():
    lpr = {"tenor": "1y", "points_bp": 50, "reset_dates": ["2023-07-01"]}
    loan_id = lives.open_one(terms=lives.terms(lpr=lpr), start_date=dt.date(2023, 6, 1))
    day = dt.date(2023, 7, 1)
    assert refusal(commands.reprice_loan, loan_id, value_date=DUE) == "lpr"
    lives.do(commands.reprice_loan, loan_id, value_date=day)
    # 3.55 % was published on 20 June 2023
    assert queries.get_loan(loan_id).rate == Decimal("4.05")
    bad = {"value_date": day, "rate": Decimal("3.1234567")}
    assert refusal(commands.reprice_loan, loan_id, **bad) == "loan_terms"


@pytest.mark.parametrize(
    ("effect", "plan"),
    [
        ("reduce_term", [1_000_00] * 8),
        ("reduce_instalment", [727_28] * 3 + [727_27] * 8),
        ("defer_next_instalments", [1_000_00] * 8),
    ],
)
def test_prepaid_principal_changes_the_plan_as_agreed_and_as_quoted(effect, plan):
    loan_id = lives.lend_one(terms=lives.terms(prepay_effect=effect))
    quote = queries.quote_prepayment(loan_id, DUE, 4_062_00)
    assert quote.prepaid_principal_fen == 3_000_00
    assert quote.interest_saved_fen > 0
    pay(loan_id, 4_062_00)
    rows = [row for row in queries.plan_against_actual(loan_id) if row.planned_fen]
    assert sorted(row.planned_fen or 0 for row in rows) == sorted(plan)
    assert quote.plan == tuple(DatedAmount(row.date, row.planned_fen or 0) for row in rows)
    first = rows[0].date
    assert (first == dt.date(2025, 3, 10)) == (effect != "defer_next_instalments")


def _terms(fen: int, day: str = "2026-09-10") -> dict[str, Any]:
    part = {"date": day, "amount_fen": fen}
    return {"principal_due": [part], "interest_due_dates": [day], "maturity": day, "rate": "5"}


def test_extension_replaces_the_plan_before_the_maturity():
    loan_id, day = lives.lend_one(), dt.date(2026, 1, 5)
    values = {"value_date": day, "terms": _terms(1_000_00)}
    assert refusal(commands.extend_loan, loan_id, **{**values, "terms": _terms(1_000_01)}) == (
        "lending-amount"
    )
    late = {**values, "value_date": dt.date(2026, 1, 10)}
    late["terms"] = _terms(1)
    assert refusal(commands.extend_loan, loan_id, **late) in {"lending-amount", "unable_to_replay"}
    lives.do(commands.extend_loan, loan_id, **values)
    loan = queries.get_loan(loan_id)
    assert (loan.maturity_date, loan.contract_revision) == (dt.date(2026, 9, 10), 1)
    assert loan.due_principal_fen == 11_000_00
    assert loan.rate == 5
    extended = lives.events(loan_id)[-1]
    lives.do(commands.reverse_event, loan_id, event_id=extended.id)
    assert queries.get_loan(loan_id).maturity_date == dt.date(2026, 1, 10)


@pytest.mark.parametrize("capitalises", [True, False])
def test_restructuring_takes_all_principal_into_a_new_plan(capitalises):
    loan_id, day = lives.lend_one(), dt.date(2025, 7, 1)
    quote = queries.quote_payoff(loan_id, day)
    fen = quote.total_fen if capitalises else quote.principal_fen
    values = {
        "value_date": day,
        "terms": _terms(fen),
        "capitalises": capitalises,
        "observed_until": dt.date(2026, 7, 1),
    }
    wrong = {**values, "terms": _terms(fen - 1)}
    assert refusal(commands.restructure_loan, loan_id, **wrong) == "lending-amount"
    short = {**values, "observed_until": day}
    assert refusal(commands.restructure_loan, loan_id, **short) == "lending-amount"
    lives.do(commands.restructure_loan, loan_id, **values)
    loan = queries.get_loan(loan_id)
    assert (loan.principal_fen, loan.due_principal_fen) == (fen, 0)
    assert loan.observed_until == dt.date(2026, 7, 1)
    assert (loan.oldest_due_date is None) == capitalises
    lives.do(commands.reverse_event, loan_id, event_id=lives.events(loan_id)[-1].id)
    assert queries.get_loan(loan_id).observed_until is None
    assert queries.quote_payoff(loan_id, day) == quote


def test_a_loss_goes_to_the_allowance_and_what_is_recovered_comes_back():
    loan_id, day = lives.lend_one(), dt.date(2026, 3, 1)
    owed = queries.quote_payoff(loan_id, day).total_fen
    recovery = {"amount_fen": 1_000_00, "value_date": dt.date(2026, 4, 1)}
    assert refusal(commands.record_recovery, loan_id, **recovery) == "lending-wrong-state"
    lives.do(commands.write_off, loan_id, value_date=day)
    assert refusal(commands.record_payment, loan_id, **recovery) == "unable_to_replay"
    lives.do(commands.record_recovery, loan_id, **recovery)
    assert lives.books(Part.ALLOWANCE, Part.WRITTEN_OFF, Part.PRINCIPAL, Part.PENALTY) == {
        "allowance": -(owed - 1_000_00),
        "written_off": owed - 1_000_00,
    }
    assert refusal(commands.settle_loan, loan_id) == "lending-still-owed"
    loss = next(each for each in lives.events(loan_id) if each.kind == "written_off")
    assert refusal(commands.reverse_event, loan_id, event_id=loss.id) == "unable_to_replay"
    lives.do(commands.reverse_event, loan_id, event_id=lives.events(loan_id)[-1].id)
    lives.do(commands.reverse_event, loan_id, event_id=loss.id)
    assert queries.get_loan(loan_id).status == "active"
    assert lives.books(Part.ALLOWANCE, Part.WRITTEN_OFF) == {}


def test_a_cleared_loan_is_settled_and_a_reversal_opens_it_again():
    loan_id = lives.lend_one()
    assert refusal(commands.settle_loan, loan_id) == "lending-still-owed"
    last = pay(loan_id, queries.quote_payoff(loan_id, DUE).total_fen)
    lives.do(commands.settle_loan, loan_id)
    assert queries.get_loan(loan_id).status == "settled"
    assert refusal(commands.charge_cost, loan_id, amount_fen=1, value_date=DUE) == (
        "lending-wrong-state"
    )
    lives.do(commands.reverse_event, loan_id, event_id=last.event_id)
    assert queries.get_loan(loan_id).owed_fen == PRINCIPAL + FIRST_INTEREST


def test_days_and_amounts_that_cannot_be_are_refused():
    loan_id = lives.lend_one()
    ahead, before = dt.date(2026, 6, 2), dt.date(2025, 1, 9)
    for day in (ahead, before):
        assert refusal(commands.record_payment, loan_id, amount_fen=1, value_date=day) == (
            "lending-day"
        )
    for fen in (0, -1):
        assert refusal(commands.charge_cost, loan_id, amount_fen=fen, value_date=DUE) == (
            "lending-amount"
        )
    assert refusal(
        commands.disburse, lives.open_one("L-2"), amount_fen=1, value_date=dt.date(2026, 1, 10)
    ) == ("unable_to_replay")
    void = lives.open_one("L-3")
    lives.do(commands.void_loan, void)
    assert refusal(commands.disburse, void, amount_fen=1, value_date=DUE) == "lending-wrong-state"
    with pytest.raises(queries.LoanUnknown):
        pay(new_id(), 1)


def test_the_plan_says_what_came_of_it():
    loan_id = lives.lend_one()
    pay(loan_id, 1_062_00, dt.date(2025, 2, 15))
    row = queries.plan_against_actual(loan_id)[0]
    assert (row.date, row.due_principal_fen, row.due_interest_fen) == (DUE, 1_000_00, 62_00)
    assert row.last_paid_date == dt.date(2025, 2, 15)
    # 1.25 yuan of penalty and 5 fen of compound interest came first
    assert (row.open_fen, row.paid_fen) == (1_30, 1_060_70)


def test_queries_do_not_grow_with_the_life_of_a_loan(
    django_assert_num_queries, django_assert_max_num_queries
):
    loans = [lives.lend_one(f"Q-{number}") for number in range(5)]
    for month in (2, 3, 4):
        day = dt.date(2025, month, 10)
        # a savepoint and its release besides nine statements
        with django_assert_max_num_queries(11):
            pay(loans[0], 1_050_00, day)
    with django_assert_num_queries(1):
        assert len(queries.list_loans(queries.LoanFilter(lender_id=lives.LENDER))) == 5
    with django_assert_num_queries(1):
        assert len(queries.events_of(loans[0])) == 5
    assert [row.revision for row in queries.contracts_of(loans[0])] == [0]
    after = queries.list_loans(queries.LoanFilter(), after_id=sorted(loans)[2], limit=1)
    assert [row.id for row in after] == [sorted(loans)[3]]
