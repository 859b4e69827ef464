"""All commands on loans, and the close of business, in random order beside the fold.

`HONGHU_THOROUGH=1` looks much longer, from a new seed each time.
"""

import contextlib
import datetime as dt
import os
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from honghu.base.problems import HonghuError
from honghu.domains.lending.closing.tests import portfolio
from honghu.domains.lending.commands import booking, changes, disbursing, opening, reversals
from honghu.domains.lending.models import Event
from honghu.kernel.rulesets.commands import publish_rules
from tests.properties.lending_machine import LendingMachine
from tests.properties.lending_model import OVERDUE_DAYS, PRINCIPAL_FIRST_FROM

THOROUGH = os.environ.get("HONGHU_THOROUGH") == "1"
SETTINGS = settings(
    max_examples=300 if THOROUGH else 12,
    stateful_step_count=60 if THOROUGH else 30,
    derandomize=not THOROUGH,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # Shrinking takes minutes; the example as it was found tells enough.
    phases=[Phase.generate],
)


# Arrears of weeks, not months, leave income, so that short lives come to it and out of it again.
_COUNTY = f"""
domain: lending
rules:
  - code: nonaccrual_overdue_days
    title: {{zh: 转为非应计的逾期天数, en: Days overdue beyond which interest is off income}}
    unit: days
    rows: [{{value: {OVERDUE_DAYS}, from: 2010-12-05, region: "421083", source: this test, mark: I}}]
  - code: nonaccrual_receipts
    title: {{zh: 非应计贷款还款的受偿顺序, en: What receipts of a non-accrual loan settle first}}
    unit: text
    rows:
      - {{value: contract_order, from: 2010-12-05, region: "421083", source: this test, mark: I}}
      - {{value: principal_first, from: {PRINCIPAL_FIRST_FROM}, region: "421083", source: this test, mark: I}}
"""


@pytest.fixture
def rules(db: None) -> None:
    """Rule rows and the chart of accounts."""
    portfolio.settle()
    publish_rules(_COUNTY, now=dt.datetime(2023, 1, 1, tzinfo=dt.UTC), approved_by=None)


@pytest.mark.slow
def test_random_lives_of_loans_agree_with_the_fold(rules: None) -> None:
    LendingMachine.seen.clear()
    run_state_machine_as_test(LendingMachine, settings=SETTINGS)
    assert LendingMachine.seen["began"]
    assert LendingMachine.seen["ended"]


class _NoTransaction:
    """Commands without a transaction of their own."""

    @staticmethod
    @contextlib.contextmanager
    def atomic() -> Iterator[None]:
        yield


class _LostRollback:
    """Commands that keep what came before a refusal, unless the database itself refused."""

    @staticmethod
    @contextlib.contextmanager
    def atomic() -> Iterator[None]:
        refused: HonghuError | None = None
        with transaction.atomic():
            try:
                yield
            except HonghuError as refusal:
                if isinstance(refusal.__cause__, DatabaseError):
                    raise
                refused = refusal
        if refused is not None:
            raise refused


def _without_transactions(patch: pytest.MonkeyPatch) -> None:
    for module in (booking, changes, disbursing, opening, reversals):
        patch.setattr(module, "transaction", _NoTransaction, raising=False)


def _with_lost_rollbacks(patch: pytest.MonkeyPatch) -> None:
    for module in (booking, changes, disbursing, reversals):
        patch.setattr(module, "transaction", _LostRollback, raising=False)


def _with_new_keys(patch: pytest.MonkeyPatch) -> None:
    """The key is made at each delivery."""
    honest = booking.draft_event

    def forgetful(*asked: Any) -> Event:
        event = honest(*asked)
        event.idempotency_key = str(uuid.uuid4())
        return event

    for module in (booking, changes, disbursing, opening, reversals):
        patch.setattr(module, "draft_event", forgetful, raising=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    "plant",
    [_without_transactions, _with_lost_rollbacks, _with_new_keys],
    ids=["no transaction", "lost rollback", "no unique id"],
)
def test_the_machine_finds_planted_faults(
    rules: None, monkeypatch: pytest.MonkeyPatch, plant: Callable[[pytest.MonkeyPatch], None]
) -> None:
    plant(monkeypatch)
    quick = settings(SETTINGS, max_examples=200, report_multiple_bugs=False)
    # By the model, or by the database, which refuses what a half-done command left.
    with pytest.raises((AssertionError, DatabaseError)):
        run_state_machine_as_test(LendingMachine, settings=quick)
