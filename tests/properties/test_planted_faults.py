"""Faults planted in the code, to see that the tests would find them."""

import dataclasses
import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connection
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from honghu.domains.financing.commands import disbursements, limits
from honghu.kernel.cases import commands, writing
from honghu.kernel.cases.writing import Claim
from honghu.kernel.ledger.commands import set_bounds
from honghu.kernel.parties.commands import appoint
from honghu.site.county import Member
from tests import notices
from tests.properties.forms import ACCOUNT
from tests.properties.invariants import Watch
from tests.properties.machine import CreditThread
from tests.properties.test_financing_thread import SETTINGS
from tests.thread import Thread, begin

WHY = {"override_reason": "采购人书面确认无质疑"}


@pytest.fixture
def thread(county: dict[str, Member], now: dt.datetime) -> Thread:
    return begin(county, now)


def _lock(thread: Thread, **terms: Any) -> uuid.UUID:
    loan = thread.placed()
    thread.take(notices.contract(), "contract.txt")
    thread.file_contract()
    account = {"account_no": ACCOUNT, "registration_no": "ZD1"} | terms
    thread.do(loan, "propose_lock", "lianhu-manager", account)
    thread.do(loan, "confirm_account", "buyer", {"result": "confirmed"})
    thread.do(loan, "lock", "lianhu-reviewer")
    return loan


def test_the_watch_finds_nothing_where_nothing_is_wrong(thread: Thread) -> None:
    watch = Watch()
    loan = _lock(thread)
    watch.look()
    thread.do(loan, "propose_disbursement", "lianhu-manager", {"amount": 70_000_000} | WHY)
    watch.look()


@pytest.mark.slow
def test_keys_that_are_not_claimed_are_found_by_the_machine(
    county: dict[str, Member], now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`perform` and `open_case` forget which key was used."""
    for name in ("claim", "claim_and_lock"):
        honest = getattr(writing, name)

        def forgetful(cursor: Any, wanted: Claim, *rest: Any, honest: Any = honest) -> Any:
            return honest(cursor, dataclasses.replace(wanted, key=str(uuid.uuid4())), *rest)

        monkeypatch.setattr(writing, name, forgetful)
    CreditThread.county, CreditThread.start = county, now
    quick = settings(SETTINGS, phases=[Phase.generate], report_multiple_bugs=False)
    with pytest.raises(Exception, match=r"replayed|did two things|not possible|state"):
        run_state_machine_as_test(CreditThread, settings=quick)


def test_own_work_verified_is_found(thread: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    """`perform` without its check of separation: the same manager drafts and offers."""
    monkeypatch.setattr(commands, "check_separation", lambda *_all: None)
    manager = thread.cast["lianhu-manager"]
    appoint(
        person_id=manager.person_id,
        organisation_id=manager.organisation_id,
        role="bank_reviewer",
        from_date=dt.date(2026, 1, 1),
    )
    thread.cast["lianhu-reviewer"] = manager
    thread.story.cast = thread.cast
    thread.placed()
    with pytest.raises(AssertionError, match="by the doer of draft"):
        Watch().look()


def test_money_above_the_ceiling_is_found(thread: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger's account without its upper bound, and the command without its own look at it."""

    def unbounded(**asked: Any) -> Any:
        return set_bounds(**(asked | {"max_fen": None}))

    monkeypatch.setattr(limits, "set_bounds", unbounded)
    monkeypatch.setattr(disbursements, "require_ceiling", lambda *_all: 10**15)
    watch = Watch()
    loan = _lock(thread, warranty=40_000_000)
    watch.look()
    thread.do(loan, "propose_disbursement", "lianhu-manager", {"amount": 70_000_000} | WHY)
    with pytest.raises(AssertionError, match="70000000 open, ceiling 54000000"):
        watch.look()


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE cases_case SET title = 'x' WHERE closed_at IS NOT NULL", "ended case"),
        ("UPDATE cases_case SET state = 'repaying' WHERE closed_at IS NULL", "follow their steps"),
        ("UPDATE cases_case SET version = version + 1", "ended case|follow their steps"),
        ("DELETE FROM journal_queue", "exactly one leaf"),
        ("DELETE FROM cases_idempotencykey", "exactly one leaf, form, key"),
        ("UPDATE cases_case SET due_at = now() WHERE due_at IS NOT NULL", "due"),
        ("UPDATE financing_limit SET paid_fen = 100000000", "reserved|open, ceiling"),
    ],
)
def test_rows_that_were_changed_are_found(thread: Thread, statement: str, told: str) -> None:
    """What the checks look at, changed behind their back."""
    watch = Watch()
    loan = _lock(thread)
    watch.look()
    if "financing_limit" in statement:
        watch.exposures.clear()
        thread.do(loan, "propose_disbursement", "lianhu-manager", {"amount": 70_000_000} | WHY)
    with connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount > 0
    with pytest.raises(AssertionError, match=told):
        watch.look()
