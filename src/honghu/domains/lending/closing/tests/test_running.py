"""A day is closed whole: whatever stops it, whoever runs it, however often."""

import datetime as dt
import multiprocessing
import os
import random
import threading
import time
import uuid
from decimal import Decimal

import pytest
from django.db import connection, connections, transaction
from django.db.models import Sum
from django.utils import timezone, translation
from typer.testing import CliRunner

from honghu.domains.lending.cli import app
from honghu.domains.lending.closing import progress, repricing, running
from honghu.domains.lending.closing.models import (
    ClassChange,
    Closing,
    ClosingSkip,
    Reminder,
    RiskStatement,
)
from honghu.domains.lending.closing.problems import ClosingRuns, UnableToClose
from honghu.domains.lending.closing.progress import only_one
from honghu.domains.lending.closing.running import close_day
from honghu.domains.lending.closing.tests.portfolio import (
    LENDERS,
    START,
    at,
    lend,
    portfolio,
    settle,
)
from honghu.domains.lending.commands import changes
from honghu.domains.lending.commands.payments import record_payment
from honghu.domains.lending.commands.reversals import reverse_event
from honghu.domains.lending.models import Accrual, Event, Loan
from honghu.domains.lending.queries.books import control_account_id
from honghu.domains.lending.queries.kept import load_loan
from honghu.domains.lending.queries.verify import verify_loans
from honghu.domains.lending.readers.lpr import read_lpr_table
from honghu.domains.lending.rules.postings import Part
from honghu.domains.lending.rules.problems import UnableToReplay
from honghu.kernel.ledger.queries import balance

STEPS = ["reprice", "serve", "post", "nonaccrual", "classify", "provide", "remind"]
# Everything that a close writes, without ids and instants of its own.
TABLES = {
    "lending_loan": "lending_loan.*",
    "lending_claim": "lending_claim.*",
    "lending_instalment": "loan_id, revision, number, planned_fen",
    "lending_accrual": "loan_id, number, from_date, to_date, interest_units, interest_fen,"
    " compound_fen, penalty_fen, is_off_balance",
    "lending_accrualsum": "lender_id, product, is_off_balance, loans, interest_fen, penalty_fen",
    "lending_closingstep": "business_date, step, chunk, counts",
    "lending_closingskip": "loan_id, business_date, reason, resolved_at IS NULL",
    "lending_classchange": "loan_id, number, business_date, before, after, findings",
    "lending_reminder": "loan_id, due_date, kind, business_date, amount_fen",
    "lending_provision": "business_date, lender_id, product, risk_class, balance_fen, required_fen",
    "lending_closing": "business_date, report",
    "ledger_entry": "account_id, value_date, amount_fen",
}


class Crash(Exception):  # noqa: N818 not an error of ours
    """What a test stops a run with."""


def close(day, **options):
    sizes = {"loans_a_chunk": 4, "borrowers_a_chunk": 2, "workers": 1}
    return close_day(day, now=at(day), today=day, **(sizes | options))


def close_until(last, first=START + dt.timedelta(days=1), **options):
    day = first
    while day <= last:
        close(day, **options)
        day += dt.timedelta(days=1)


def written():
    found = {}
    with connection.cursor() as cursor:
        for table, columns in TABLES.items():
            cursor.execute(f"SELECT row({columns})::text FROM {table} ORDER BY 1")
            found[table] = [row[0] for row in cursor.fetchall()]
    return found


@pytest.fixture(scope="session")
def settled(settle_once):
    return settle_once(lambda: (settle(), portfolio(7, seed=7))[1])


@pytest.fixture
def lent(request, settled):
    assert settled.enter(request)
    return list(settled.value)


def test_a_day_has_its_steps_its_report_and_a_ledger_that_agrees(lent):
    day = START + dt.timedelta(days=20)
    seen: list[running.Progress] = []
    report = close(day, on_progress=seen.append)
    assert list(dict.fromkeys(each.step for each in seen)) == STEPS
    assert all(each.done <= each.chunks for each in seen)
    served = report["counts"]["serve"]
    assert served["quiet"] + served["due"] + served["caught_up"] == len(lent)
    assert report["skipped"] == {"count": 0, "loans": []}
    for row in report["earned"]:
        for part, income in (("interest", Part.INTEREST_INCOME), ("penalty", Part.PENALTY_INCOME)):
            account = control_account_id(
                income, uuid.UUID(row["lender"]), row["product"], row["currency"]
            )
            assert balance(account).balance_fen == row[part]
    required: dict[tuple[uuid.UUID, str, str], int] = {}
    for each in report["classes"]:
        key = (uuid.UUID(each["lender"]), each["product"], each["currency"])
        required[key] = required.get(key, 0) + each["required"]
    assert required
    for key, fen in required.items():
        assert balance(control_account_id(Part.ALLOWANCE, *key)).balance_fen == fen > 0
    assert sum(row["allowance"] for row in report["ledger"]) == sum(required.values())
    lent_fen = Loan.objects.aggregate(sum=Sum("lent_fen"))["sum"]
    assert sum(row["principal"] for row in report["ledger"]) == lent_fen
    assert sum(each["loans"] for each in report["ageing"]) == len(
        Loan.objects.filter(oldest_due_date__lt=day)
    )


def test_a_month_of_closes_leaves_loans_accruals_and_ledger_that_verify(lent):
    for number in range(1, 36, 6):
        close(START + dt.timedelta(days=number))
    assert Loan.objects.filter(oldest_due_date__isnull=False).exists()
    assert verify_loans().faults == ()


def test_interest_overdue_for_over_90_days_leaves_income_and_comes_back_when_all_is_paid(db):
    settle()
    contract = {
        "principal_due": [{"date": "2026-12-20", "amount_fen": 1_000_000}],
        "interest_due_dates": ["2026-01-20", "2026-02-20", "2026-06-20", "2026-12-20"],
        "maturity": "2026-12-20",
        "rate": "3.6",
        "penalty": {"overdue_markup_pct": "50", "misuse_markup_pct": "100"},
    }
    chooser = random.Random(1)  # noqa: S311 a test's choice
    lent = {"lender": LENDERS[0], "principal_fen": 1_000_000, "chooser": chooser}
    late = lend(1, contract=contract, **lent)
    other = lend(2, contract=contract | {"interest_due_dates": ["2026-12-20"]}, **lent)
    turns = dt.date(2026, 4, 21)  # 91 days after 20 January
    for day, began in ((turns - dt.timedelta(days=1), 0), (turns, 1), (turns, 1)):
        assert close(day)["counts"]["nonaccrual"]["began"] == began
    late.refresh_from_db()
    assert (late.is_nonaccrual, late.is_principal_first) == (True, False)
    assert income_of(late) == 0
    day = dt.date(2026, 5, 1)
    close(day)
    assert verify_loans().faults == ()
    fen = load_loan(late.id).state.payoff_quote(day).total_fen - 1_000_000
    assert off_balance(late) == fen
    pay = {"actor": None, "now": at(day), "loan_id": late.id, "value_date": day}
    record_payment(**pay, idempotency_key="some", amount_fen=100)
    assert income_of(late) == 100
    record_payment(**pay, idempotency_key="rest", amount_fen=fen - 100)
    assert close(day + dt.timedelta(days=1))["counts"]["nonaccrual"]["ended"] == 1
    assert (off_balance(late), Loan.objects.filter(is_nonaccrual=True).count()) == (0, 0)
    day += dt.timedelta(days=2)
    close(day)
    assert verify_loans().faults == ()
    # Late or in time, the same was earned in the end; late it bore compound interest, too.
    assert income_of(other) < income_of(late) < income_of(other) + 100
    wrong = Event.objects.get(loan_id=late.id, kind="nonaccrual_began")
    back = {"actor": None, "now": at(day), "loan_id": late.id}
    with pytest.raises(UnableToReplay, match="nothing to end"):
        reverse_event(**back, idempotency_key="back", event_id=wrong.id)
    # A payment that comes to light late is booked on its day, before the interest left income.
    early = dt.date(2026, 3, 2)
    record_payment(**back, idempotency_key="late", amount_fen=77, value_date=early)
    assert verify_loans().faults == ()


def income_of(loan):
    """What a loan's accruals brought to the incomes, by the subledger."""
    sums = Accrual.objects.filter(loan_id=loan.id, is_off_balance=False).aggregate(
        interest=Sum("interest_fen"), compound=Sum("compound_fen"), penalty=Sum("penalty_fen")
    )
    return sum(sums.values())


def off_balance(loan):
    """What the ledger keeps beside the books of the loan's lender and product."""
    account = control_account_id(Part.OFF_CONTRA, loan.lender_id, loan.product, loan.currency)
    return balance(account).balance_fen


def test_the_command_closes_what_is_open_and_says_what_it_skipped(lent, monkeypatch):
    day = START + dt.timedelta(days=2)
    monkeypatch.setattr(timezone, "now", lambda: at(day))

    def run(*asked):
        with translation.override("en"):
            return CliRunner().invoke(*asked)

    first = run(app, ["close", "--date", str(day - dt.timedelta(days=1))])
    assert first.exit_code == 0
    assert f"{len(lent)} loans served" in first.output
    Loan.objects.filter(pk=lent[0].id).update(fault="in dispute")
    second = run(app, ["close"])
    assert second.exit_code == 2
    assert "in dispute (correct the loan's data" in second.output
    for wrong, message in (
        (["--date", "2026-13-01"], "is no day"),
        (["--date", str(day + dt.timedelta(days=1))], "is not over"),
        (["--date", str(day), "--through", str(START)], "backwards"),
    ):
        refused = run(app, ["close", *wrong])
        assert refused.exit_code == 1
        assert message in refused.output


def test_a_second_run_changes_nothing(lent):
    close_until(START + dt.timedelta(days=9), first=START + dt.timedelta(days=7))
    before = written()
    last = START + dt.timedelta(days=9)
    assert close(last) == Closing.objects.get(pk=last).report
    assert written() == before


def test_a_run_stopped_anywhere_is_finished_by_the_next(lent, monkeypatch):
    day = START + dt.timedelta(days=14)
    close_until(day - dt.timedelta(days=1), first=day - dt.timedelta(days=2))
    do_once = progress.do_once

    def run_with(stop_at, *, is_after):
        """Stop at one step of one chunk: before its transaction ends, or just after."""
        calls = iter(range(1000))

        def stopping(date, step, chunk, now, work):
            if next(calls) != stop_at:
                return do_once(date, step, chunk, now, work)

            def stopped():
                work()
                raise Crash

            if is_after:
                do_once(date, step, chunk, now, work)
                raise Crash
            return do_once(date, step, chunk, now, stopped)

        monkeypatch.setattr(running, "do_once", stopping)
        mark = str(connection.savepoint())
        try:
            close(day)
            is_stopped = False
        except Crash:
            is_stopped = True
            monkeypatch.setattr(running, "do_once", do_once)
            close(day)
        result = written()
        connection.savepoint_rollback(mark)
        return is_stopped, result

    _, whole = run_with(-1, is_after=False)
    assert len(whole["lending_claim"]) > 3
    stops = 0
    while run_with(stops, is_after=False) == (True, whole):
        assert run_with(stops, is_after=True) == (True, whole)
        stops += 1
    assert run_with(stops, is_after=False) == (False, whole)
    assert stops >= len(STEPS) + 3  # several chunks of loans, each step at least once


def test_days_go_forward_and_none_is_left_unfinished(lent, monkeypatch):
    first, second = START + dt.timedelta(days=1), START + dt.timedelta(days=2)
    with pytest.raises(UnableToClose, match="is not over"):
        close_day(second, now=at(first), today=first)
    with monkeypatch.context() as patched:
        patched.setattr(running, "build_report", lambda _closing: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            close(first)
    with pytest.raises(UnableToClose, match="is not finished"):
        close(second)
    close(first)
    close(second)
    with pytest.raises(UnableToClose, match="is before it"):
        close(START)


def test_what_was_skipped_is_reported_and_taken_up_by_the_same_day_or_the_next(lent):
    day = START + dt.timedelta(days=1)
    now_locked, later = lent[0], lent[1]
    Loan.objects.filter(pk__in=[now_locked.id, later.id]).update(
        locked_until=at(day) + dt.timedelta(hours=1)
    )
    report = close(day)
    assert report["skipped"]["count"] == 2
    assert {each["reason"] for each in report["skipped"]["loans"]} == {"locked"}
    assert all(each["remedy"] for each in report["skipped"]["loans"])
    assert report["counts"]["serve"]["quiet"] == len(lent) - 2
    Loan.objects.filter(pk=now_locked.id).update(locked_until=None)
    again = close(day)
    assert [each["loan"] for each in again["skipped"]["loans"]] == [str(later.id)]
    assert Loan.objects.get(pk=now_locked.id).served_to == day
    Loan.objects.filter(pk=later.id).update(locked_until=None)
    close(day + dt.timedelta(days=1))
    assert not ClosingSkip.objects.filter(resolved_at=None).exists()
    (one,) = Accrual.objects.filter(loan_id=later.id)
    assert (one.from_date, one.to_date) == (START, day + dt.timedelta(days=1))


def contract(days, rate="6", **more):
    """One instalment, after so many days."""
    due = START + dt.timedelta(days=days)
    return {
        "principal_due": [{"date": due.isoformat(), "amount_fen": 100_000}],
        "interest_due_dates": [due.isoformat()],
        "maturity": due.isoformat(),
        "rate": rate,
        "penalty": {
            "overdue_markup_pct": "50",
            "misuse_markup_pct": "100",
            "is_compounding": True,
        },
        **more,
    }


def one_loan(number, borrower, days, fen=100_000, lender=LENDERS[0], **more):
    agreed = contract(days, **more)
    agreed["principal_due"][0]["amount_fen"] = fen
    return lend(
        number,
        chooser=random.Random(1),  # noqa: S311 a test's choice
        borrower=uuid.UUID(int=borrower),
        principal_fen=fen,
        lender=lender,
        contract=agreed,
    )


def test_reminders_are_made_once_for_a_due_date_and_once_when_overdue(db):
    settle()
    loan = one_loan(1, 1, days=10)
    for number in (1, 2, 3, 4, 9, 10, 11, 12):
        close(START + dt.timedelta(days=number))
    due = START + dt.timedelta(days=10)
    found = {(row.kind, row.due_date): row for row in Reminder.objects.filter(loan_id=loan.id)}
    assert set(found) == {("due_soon", due), ("overdue", due)}
    assert found["due_soon", due].business_date == due - dt.timedelta(days=7)
    assert found["due_soon", due].amount_fen == 100_000 + 167
    assert found["overdue", due].business_date == due + dt.timedelta(days=1)


def test_one_bad_loan_takes_the_debtors_other_loans_with_it(db):
    settle()
    bad = one_loan(1, 1, days=10, fen=20_000)
    good = one_loan(2, 1, days=300, fen=100_000)
    elsewhere = one_loan(3, 1, days=300, fen=1_000_000, lender=LENDERS[1])
    shielded = one_loan(4, 1, days=300, fen=10_000)
    stranger = one_loan(5, 2, days=300)
    RiskStatement.objects.create(
        number=1, loan_id=shielded.id, is_shielded=True, stated_by=LENDERS[0], stated_at=at(START)
    )
    overdue_from = START + dt.timedelta(days=10)

    def classes(day):
        close(day)
        return [
            Loan.objects.get(pk=loan.id).risk_class
            for loan in (bad, good, elsewhere, shielded, stranger)
        ]

    assert classes(overdue_from) == ["normal"] * 5
    after_90 = ["special_mention", "normal", "normal", "normal", "normal"]
    assert classes(overdue_from + dt.timedelta(days=90)) == after_90
    # 15 % of the debtor's claims here are bad; elsewhere that is a warning
    after_91 = ["substandard", "substandard", "special_mention", "normal", "normal"]
    assert classes(overdue_from + dt.timedelta(days=91)) == after_91
    changes = ClassChange.objects.filter(loan_id=good.id).order_by("number")
    assert [(row.before, row.after) for row in changes] == [
        (None, "normal"),
        ("normal", "substandard"),
    ]
    assert changes[1].findings[0] == ["substandard", "debtor_bad_share"]


def test_a_floating_loan_is_repriced_on_its_day_and_a_rate_not_published_is_not_guessed(
    db, monkeypatch
):
    settle()
    reset = START + dt.timedelta(days=3)
    lpr = {"tenor": "1y", "points_bp": "55", "reset_dates": [reset.isoformat()]}
    floating = one_loan(1, 1, days=60, lpr=lpr)
    one_loan(2, 1, days=60, lpr=lpr)
    known = read_lpr_table("date,one_year,five_years\n2025-12-20,3.10,3.60\n")
    unpublished = read_lpr_table("date,one_year,five_years\n2025-11-20,3.10,3.60\n")
    close_until(reset - dt.timedelta(days=1))
    monkeypatch.setattr(repricing, "known_lpr", lambda: unpublished)
    mark = str(connection.savepoint())
    report = close(reset)
    assert report["skipped"]["count"] == 2
    assert "no LPR is known" in report["skipped"]["loans"][0]["detail"]
    connection.savepoint_rollback(mark)
    monkeypatch.setattr(repricing, "known_lpr", lambda: known)
    monkeypatch.setattr(changes, "known_lpr", lambda: known)
    assert close(reset)["counts"]["reprice"] == {"repriced": 2, "not_repriced": 0}
    assert Loan.objects.get(pk=floating.id).rate == Decimal("3.65")
    found = Accrual.objects.filter(loan_id=floating.id).order_by("number")
    assert [row.to_date for row in found] == [START + dt.timedelta(days=n) for n in (1, 2, 3)]
    close(reset + dt.timedelta(days=1))
    assert [row.interest_units for row in found.all()][-1] == 100_000 * 365 * 10**8


@pytest.fixture
def really_lent(committed_db):
    settle()
    return portfolio(8, seed=9)


def test_two_runs_at_once_one_refuses_and_one_waits(really_lent):
    day = START + dt.timedelta(days=1)
    entered, leave = threading.Event(), threading.Event()

    def hold():
        with only_one(wait=False):
            entered.set()
            leave.wait(10)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    entered.wait(10)
    with pytest.raises(ClosingRuns, match="another close"):
        close(day)
    assert not Closing.objects.exists()
    threading.Timer(0.3, leave.set).start()
    assert close(day, wait=True, workers=2)["counts"]["serve"]["quiet"] == len(really_lent)
    holder.join()


def test_a_loan_that_somebody_holds_is_skipped_and_the_rest_is_not_kept_waiting(really_lent):
    day = START + dt.timedelta(days=1)
    entered, leave = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            Loan.objects.select_for_update().get(pk=really_lent[0].id)
            entered.set()
            leave.wait(20)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    entered.wait(10)
    began = time.monotonic()
    report = close(day, workers=2)
    assert time.monotonic() - began < 10
    leave.set()
    holder.join()
    assert [(each["loan"], each["reason"]) for each in report["skipped"]["loans"]] == [
        (str(really_lent[0].id), "busy")
    ]
    assert close(day)["skipped"]["count"] == 0


def test_a_killed_process_leaves_a_day_that_the_next_run_finishes(really_lent):
    day = START + dt.timedelta(days=14)
    connections.close_all()

    def die(step_to_die_in):
        do_once = progress.do_once

        def deadly(date, step, chunk, now, work):
            if step == step_to_die_in:
                with transaction.atomic():
                    work()
                    os._exit(9)
            return do_once(date, step, chunk, now, work)

        setattr(running, "do_once", deadly)  # noqa: B010 not a name that it exports
        close(day, workers=2)

    for step in ("serve", "post", "remind"):
        child = multiprocessing.get_context("fork").Process(target=die, args=(step,))
        child.start()
        child.join(60)
        assert child.exitcode == 9
        connections.close_all()
        assert not Closing.objects.exclude(finished_at=None).exists()
        connections.close_all()
    report = close(day, workers=2)
    served = report["counts"]["serve"]
    assert served["quiet"] + served["due"] + served["caught_up"] == len(really_lent)
    assert Accrual.objects.filter(to_date=day).count() == len(really_lent)
