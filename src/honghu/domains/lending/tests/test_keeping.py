"""Whatever happens to loans in the database, they are the fold of their events, and so is the ledger."""

import contextlib
import datetime as dt
import itertools
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from honghu.base.problems import HonghuError
from honghu.domains.lending import commands, queries
from honghu.domains.lending.commands.accruals import open_batch, post_batch
from honghu.domains.lending.commands.serving import serve_in_batch
from honghu.domains.lending.queries.kept import load_loan, standing_events
from honghu.domains.lending.queries.verify import verify_loans
from honghu.domains.lending.rules.allocation import CIVIL_CODE_561, PROCUREMENT_FINANCING
from honghu.domains.lending.rules.terms import PrepayEffect
from honghu.domains.lending.tests import lives
from honghu.kernel.ledger.chart import load_chart
from honghu.kernel.rulesets.commands import publish_rules

RULES = Path(__file__).resolve().parents[1] / "rulesets" / "lending.yaml"
_DAYS = st.integers(0, 480).map(lambda days: lives.START + dt.timedelta(days=days))
_AMOUNTS = st.one_of(st.integers(1, 300_000), st.integers(300_000, 1_500_000))
_NEW_DAYS = ["2026-03-01", "2026-04-01", "2026-06-01"]


class _RolledBackError(Exception):
    """Thrown after a command, so that all it did is rolled back."""


def _new_terms(owed_fen: int) -> dict[str, Any]:
    parts = [owed_fen // 2, owed_fen - owed_fen // 2]
    return {
        "principal_due": [
            {"date": day, "amount_fen": fen} for day, fen in zip(_NEW_DAYS[1:], parts, strict=True)
        ],
        "interest_due_dates": _NEW_DAYS,
        "maturity": _NEW_DAYS[-1],
        "rate": "7.2",
    }


def _owed(loan_id: Any, day: dt.date, *, everything: bool) -> int:
    state = load_loan(loan_id).state
    state = state.advance_to(max(day, state.as_of))
    return state.payoff_quote(state.as_of).total_fen if everything else state.principal_fen


def _calls(loan_id: Any, kind: str, day: dt.date, amount: int) -> Any:
    """The command that an operation stands for, and its values."""
    match kind:
        case "pay" | "recover" | "cost" | "disburse":
            return {"amount_fen": amount, "value_date": day}
        case "reprice":
            return {"value_date": day, "rate": Decimal(amount % 2400) / 100}
        case "extend":
            owed = _owed(loan_id, day, everything=False)
            return {"value_date": day, "terms": _new_terms(owed)}
        case "restructure":
            owed = _owed(loan_id, day, everything=True)
            return {
                "value_date": day,
                "terms": _new_terms(owed),
                "capitalises": True,
                "observed_until": day + dt.timedelta(days=365),
            }
        case "reverse":
            events = standing_events(loan_id) or lives.events(loan_id)
            return {"event_id": events[amount % len(events)].id}
        case _:
            return {"value_date": day}


_COMMANDS = {
    "pay": commands.record_payment,
    "recover": commands.record_recovery,
    "cost": commands.charge_cost,
    "disburse": commands.disburse,
    "reprice": commands.reprice_loan,
    "misuse": commands.mark_misused,
    "extend": commands.extend_loan,
    "restructure": commands.restructure_loan,
    "write_off": commands.write_off,
    "nonaccrual": commands.begin_nonaccrual,
    "accrual": commands.end_nonaccrual,
    "reverse": commands.reverse_event,
}
_OPERATIONS = st.tuples(
    st.sampled_from([*_COMMANDS, "pay", "pay", "pay", "serve", "serve", "reverse", "nonaccrual"]),
    _DAYS,
    _AMOUNTS,
    st.sampled_from(["once", "once", "once", "twice", "rolled back"]),
)
_TERMS = st.fixed_dictionaries(
    {
        "order": st.sampled_from([list(CIVIL_CODE_561), list(PROCUREMENT_FINANCING)]),
        "oldest_first": st.booleans(),
        "prepay_effect": st.sampled_from([str(each) for each in PrepayEffect]),
        "half_up": st.booleans(),
        "day_count": st.sampled_from(["actual/360", "actual/365", "actual/actual"]),
        "rate": st.sampled_from(["6", "4.35", "3.123456"]),
    }
)


def _serve(loan_id: Any, day: dt.date) -> None:
    batch_id = open_batch(business_date=day, now=lives.NOW)
    serve_in_batch(loan_id, to_date=day, batch_id=batch_id, now=lives.NOW)
    if day.day % 2:
        post_batch(batch_id=batch_id, now=lives.NOW)


def _run(loan_id: Any, number: int, operation: tuple[str, dt.date, int, str]) -> None:
    kind, day, amount, how = operation
    with contextlib.suppress(_RolledBackError, HonghuError), transaction.atomic():
        if kind == "recover" and lives.row(loan_id).status == "active":
            lives.do(commands.write_off, loan_id, value_date=day)
        if kind == "serve":
            _serve(loan_id, day)
        else:
            values = _calls(loan_id, kind, day, amount)
            key = f"{number} {kind}"
            first = lives.do(_COMMANDS[kind], loan_id, idempotency_key=key, **values)
            if how == "twice":
                again = lives.do(_COMMANDS[kind], loan_id, idempotency_key=key, **values)
                assert again.is_replayed
                assert again.event_id == first.event_id
                assert again.outcome == first.outcome
        if how == "rolled back":
            raise _RolledBackError


@pytest.fixture
def chart(db: None) -> None:
    """The chart of accounts, and the rules of non-accrual."""
    load_chart()
    publish_rules(RULES, now=lives.NOW, approved_by=None)


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(_TERMS, st.lists(_OPERATIONS, min_size=1, max_size=8))
def test_any_sequence_keeps_fold_tables_and_ledger_equal(chart, changes, operations):
    with contextlib.suppress(_RolledBackError), transaction.atomic():
        loan_id = lives.open_one(terms=lives.terms(**changes))
        lives.do(commands.disburse, loan_id, amount_fen=900_000, value_date=lives.START)
        for number, operation in enumerate(operations):
            _run(loan_id, number, operation)
            report = verify_loans()
            assert not report.faults, (operation, report.faults)
            assert report.loans == 1
            assert report.accounts > 0
        raise _RolledBackError


@settings(max_examples=5, suppress_health_check=list(HealthCheck))
@given(_TERMS, st.permutations(range(4)), st.lists(_AMOUNTS, min_size=4, max_size=4))
def test_late_knowledge_gives_what_early_knowledge_would_have(chart, changes, order, amounts):
    days = [dt.date(2025, 2, 1), dt.date(2025, 3, 20), dt.date(2025, 6, 10), dt.date(2025, 12, 1)]
    payments = list(zip(days, amounts, strict=True))

    def live(number: str, known: list[tuple[dt.date, int]]) -> tuple[Any, ...]:
        loan_id = lives.lend_one(number, terms=lives.terms(**changes))
        wrong = lives.do(
            commands.record_payment, loan_id, amount_fen=777, value_date=dt.date(2025, 1, 20)
        )
        for day, fen in known:
            lives.do(commands.record_payment, loan_id, amount_fen=fen, value_date=day)
        lives.do(commands.reverse_event, loan_id, event_id=wrong.event_id)
        kept = load_loan(loan_id)
        state = kept.state.advance_to(dt.date(2026, 1, 1))
        return state.claims, state.principal_fen, state.planned, state.accrued

    with contextlib.suppress(_RolledBackError), transaction.atomic():
        early = live("early", payments)
        late = live("late", [payments[place] for place in order])
        assert [sorted(early[0]), *early[1:]] == [sorted(late[0]), *late[1:]]
        assert not verify_loans().faults
        raise _RolledBackError


def test_splitting_a_payment_at_one_instant_changes_nothing(chart):
    day, whole = dt.date(2025, 4, 2), 250_001
    one, two = lives.lend_one("one"), lives.lend_one("two")
    lives.do(commands.record_payment, one, amount_fen=whole, value_date=day)
    for part in (1, 99_999, 150_001):
        lives.do(commands.record_payment, two, amount_fen=part, value_date=day)
    first, second = load_loan(one).state, load_loan(two).state
    assert sorted(first.claims) == sorted(second.claims)
    assert (first.principal_fen, first.planned, first.accrued) == (
        second.principal_fen,
        second.planned,
        second.accrued,
    )
    assert not verify_loans().faults
    assert len(list(itertools.chain(lives.events(one), lives.events(two)))) == 8


@pytest.mark.parametrize("method", ["equal_instalment", "equal_principal", "bullet"])
def test_a_loan_paid_on_time_repays_its_principal_and_what_was_expected(chart, method):
    schedule = {
        "principal": "12000.00",
        "annual_rate": "6",
        "start_date": lives.START.isoformat(),
        "n": 6,
        "every": 1,
        "unit": "months",
        "method": method,
        "interest_period": "daily",
        "day_count": "actual/360",
        "rounding": {"money": "2 decimals, half-up"},
    }
    contract = queries.draft_contract(
        schedule, overdue_markup_pct=Decimal(50), misuse_markup_pct=Decimal(100)
    )
    loan_id = lives.lend_one(terms=contract)
    plan = queries.plan_against_actual(loan_id)
    for row in plan:
        fen = (row.agreed_principal_fen or 0) + (row.agreed_interest_fen or 0)
        lives.do(commands.record_payment, loan_id, amount_fen=fen, value_date=row.date)
    assert sum(row.agreed_principal_fen or 0 for row in plan) == 12_000 * lives.YUAN
    assert queries.get_loan(loan_id).owed_fen == 0
    lives.do(commands.settle_loan, loan_id)
    after = queries.plan_against_actual(loan_id)
    assert [row.paid_fen for row in after] == [
        (row.agreed_principal_fen or 0) + (row.agreed_interest_fen or 0) for row in plan
    ]
    assert not verify_loans().faults
