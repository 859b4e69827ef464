"""Rule 4 under real concurrency: 64 banks' officers want one contract's ceiling at once.

The database's own bound decides; exactly as many win as fit. `HONGHU_RACE_ROUNDS=100` runs the
hundred rounds of the acceptance criterion; the suite runs a few.
"""

import datetime as dt
import os
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg
import pytest
from django.db import connection

from honghu.domains.financing.commands.disbursements import OverCeiling
from honghu.domains.financing.queries import get_ceiling
from honghu.kernel.cases.commands import open_case, perform
from honghu.kernel.cases.writing import Done
from honghu.kernel.ledger.queries import trial_balance
from honghu.kernel.parties.actor import SYSTEM
from honghu.site.county import Member, settle
from honghu.site.story import INVESTIGATED
from tests import notices
from tests.races.crowd import crowd
from tests.thread import Thread, begin

ATTEMPTS = 64
ROUNDS = int(os.environ.get("HONGHU_RACE_ROUNDS", "4"))
CEILING_FEN = 90_000_000
"""0.9 of the contract's 1,000,000 yuan, no prepayment, no warranty."""

AMOUNTS_FEN = (12_000_000, 1_400_000, 90_000_000, 30_000_001)
"""Of these 7, 64, 1 and 2 fit into the ceiling."""

BANKS = ("lianhu", "jianghe", "changqu")
MANAGERS = ("lianhu-manager", "jianghe-manager", "changqu-manager")


def _open_loan(thread: Thread, number: int) -> uuid.UUID:
    """A loan on the award that is ready for disbursement, without waiting for the other 63."""
    bank = BANKS[number % len(BANKS)]
    manager = thread.cast[f"{bank}-manager"]
    loan = open_case(
        "financing-loan",
        action="open",
        actor=SYSTEM,
        now=thread.now,
        idempotency_key=f"race:{number}",
        parent_id=thread.application().id,
        form={
            "award": str(thread.award.id),
            "supplier": str(thread.cast["supplier"].organisation_id),
            "bank": str(manager.organisation_id),
            "buyer": str(thread.cast["buyer"].organisation_id),
            "amount": CEILING_FEN,
            "rate": "2.76",
            "ratio": "90",
            "tenor_months": 6,
            "loan_kind": "first",
        },
    ).case_id
    story: tuple[tuple[str, str, dict[str, object]], ...] = (
        ("propose", f"{bank}-manager", {"credit_standing": "good", "opinion": "好", "checklist": list(INVESTIGATED)}),
        ("approve", f"{bank}-reviewer", {"result": "approved"}),
        ("propose_lock", f"{bank}-manager", {"account_no": f"42108301{number:08d}", "registration_no": f"ZD{number}"}),
        ("confirm_account", "buyer", {"result": "confirmed"}),
        ("lock", f"{bank}-reviewer", {}),
    )  # fmt: skip
    for action, who, form in story:
        thread.do(loan, action, who, form)
    return loan


@pytest.fixture
def ready(
    committed_county: dict[str, Member],
    owner_connection: psycopg.Connection[Any],
    now: dt.datetime,
) -> tuple[Thread, list[uuid.UUID]]:
    """An award with a priced contract and 64 loans of three banks, all ready to be disbursed.

    Rule 9 (one live lock an award) would let one bank through; it is taken away here, so that
    rule 4 has to hold by itself.
    """
    thread = begin(committed_county, now)
    thread.take(notices.contract(), "contract.txt")
    thread.file_contract()
    reviewer = thread.cast["changqu-manager"]
    thread.cast["changqu-reviewer"] = settle(
        "changqu-reviewer", "渠复核", reviewer.organisation_id, ("bank_reviewer",), now=now
    )
    owner_connection.execute("DROP INDEX lock_live_once")
    with connection.cursor() as cursor:
        # Four hundred steps of preparation need not each reach the disk; the race itself does.
        cursor.execute("SET synchronous_commit TO off")
    return thread, [_open_loan(thread, number) for number in range(ATTEMPTS)]


def _propose(thread: Thread, loan: uuid.UUID, number: int, amount_fen: int) -> Callable[[], Done]:
    who = thread.cast[MANAGERS[number % len(MANAGERS)]]
    return partial(
        perform,
        loan,
        "propose_disbursement",
        actor=who.actor(thread.now.date()),
        now=thread.now,
        idempotency_key=str(uuid.uuid4()),
        form={"amount": amount_fen, "override_reason": "采购人书面确认无质疑"},
    )


def _give_back(thread: Thread, loan: uuid.UUID, number: int) -> None:
    thread.do(loan, "disburse", f"{BANKS[number % len(BANKS)]}-reviewer", {"result": "returned"})


@pytest.mark.slow
def test_the_ceiling_admits_exactly_what_fits(
    ready: tuple[Thread, list[uuid.UUID]], django_db_blocker: Any
) -> None:
    thread, loans = ready
    with crowd(ATTEMPTS, django_db_blocker) as hands:
        for turn in range(ROUNDS):
            amount = AMOUNTS_FEN[turn % len(AMOUNTS_FEN)]
            fit = min(CEILING_FEN // amount, ATTEMPTS)
            results = hands.rush(
                [_propose(thread, loan, n, amount) for n, loan in enumerate(loans)]
            )
            won = [n for n, each in enumerate(results) if isinstance(each, Done)]
            lost = [each for each in results if not isinstance(each, Done)]
            assert len(won) == fit, (turn, amount, [str(each) for each in lost[:3]])
            assert {type(each) for each in lost} <= {OverCeiling}
            ceiling = get_ceiling(thread.award.id)
            assert ceiling is not None
            assert ceiling.exposure_fen == fit * amount <= CEILING_FEN
            for n in won:
                _give_back(thread, loans[n], n)
    ceiling = get_ceiling(thread.award.id)
    assert ceiling is not None
    assert (ceiling.exposure_fen, ceiling.residual_fen) == (0, CEILING_FEN)
    assert _greatest_exposure(thread.award.id) <= CEILING_FEN
    assert sum(row.debit_fen - row.credit_fen for row in trial_balance(thread.now.date())) == 0


def _greatest_exposure(award_id: uuid.UUID) -> int:
    """The most that was ever reserved or drawn at once, from the account's chain of entries."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(e.balance_fen + e.pending_debit_fen) FROM ledger_entry e "
            "JOIN financing_limit l ON l.used_account_id = e.account_id WHERE l.award_id = %s",
            [award_id],
        )
        return int(cursor.fetchone()[0])
