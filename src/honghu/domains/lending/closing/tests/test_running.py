"""A day is closed whole: whatever stops it, whoever runs it, however often."""

import datetime as dt
import multiprocessing
import os
import threading
import time
import uuid

import pytest
from django.db import connection, connections, transaction
from django.db.models import Sum
from django.utils import timezone, translation
from typer.testing import CliRunner

from honghu.domains.lending.cli import app
from honghu.domains.lending.closing import progress, running
from honghu.domains.lending.closing.models import (
    Closing,
    ClosingSkip,
)
from honghu.domains.lending.closing.problems import ClosingRuns, UnableToClose
from honghu.domains.lending.closing.progress import only_one
from honghu.domains.lending.closing.running import close_day
from honghu.domains.lending.closing.tests.portfolio import (
    START,
    at,
    close,
    close_until,
    portfolio,
    settle,
)
from honghu.domains.lending.models import Accrual, Loan
from honghu.domains.lending.queries.books import control_account_id
from honghu.domains.lending.queries.verify import verify_loans
from honghu.domains.lending.rules.postings import Part
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
