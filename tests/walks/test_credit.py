"""Walk (a): from an award notice to a verified settlement, and back from money to the notice."""

import datetime as dt
import uuid

import pytest

from honghu.domains.financing.models import AccountLock
from honghu.domains.financing.queries import get_ceiling, payments_of_loan
from honghu.domains.procurement.queries import get_award, get_notice
from honghu.kernel.cases.detail import get_case
from honghu.kernel.evidence.queries import open_content
from honghu.kernel.journal.commands import sequence, sign_checkpoint
from honghu.kernel.journal.keys import load_signer
from honghu.kernel.journal.verify import verify_log
from honghu.kernel.ledger.queries import transfers_of_case, trial_balance
from honghu.kernel.parties.actor import SYSTEM
from honghu.site.county import Member
from tests import notices
from tests.thread import Thread, begin


@pytest.fixture
def thread(county: dict[str, Member], now: dt.datetime) -> Thread:
    return begin(county, now)


@pytest.fixture
def settled(thread: Thread) -> tuple[Thread, uuid.UUID]:
    loan = thread.placed()
    assert thread.see(loan).state == "awaiting_contract"
    thread.take(notices.contract(), "contract.txt")
    assert thread.see(loan).state == "locking"
    thread.story.lend(loan)
    thread.story.repay(loan, 100_000_000)
    thread.story.settle(loan)
    return thread, loan


def test_award_notice_becomes_settled_loan(settled: tuple[Thread, uuid.UUID]) -> None:
    thread, loan = settled
    row = thread.see(loan)
    assert row.state == "settled"
    assert row.ended
    assert row.facts["outstanding"] == 0
    assert row.facts["unpaid_interest"] == 0


def test_payments_split_into_interest_principal_release(
    settled: tuple[Thread, uuid.UUID],
) -> None:
    """Hand calculation: 700,000 yuan at 2.76 % act/360; 46 days, then 33 on the rest."""
    _thread, loan = settled
    first, second = payments_of_loan(loan)
    # 70,000,000 fen x 0.0276 x 46 / 360 = 246,866.67 fen
    assert first.interest_fen == 246_867
    assert first.principal_fen == 50_000_000 - 246_867
    assert first.released_fen == 0
    # 20,246,867 fen x 0.0276 x 33 / 360 = 51,224.57 fen, less the 0.33 paid too much before
    assert second.interest_fen == 51_224
    assert second.principal_fen == 70_000_000 - first.principal_fen
    assert second.released_fen == 50_000_000 - second.interest_fen - second.principal_fen


def test_money_balances_to_the_fen(settled: tuple[Thread, uuid.UUID]) -> None:
    thread, loan = settled
    rows = trial_balance(thread.now.date() + dt.timedelta(days=365))
    assert sum(row.debit_fen for row in rows) == sum(row.credit_fen for row in rows) > 0
    assert len(transfers_of_case(loan)) >= 12
    ceiling = get_ceiling(thread.award.id)
    assert ceiling is not None
    assert ceiling.exposure_fen == 0
    assert ceiling.paid_fen == 100_000_000
    assert AccountLock.objects.get(loan_id=loan).state == AccountLock.State.RELEASED


def test_money_can_be_followed_back_to_the_notice(settled: tuple[Thread, uuid.UUID]) -> None:
    thread, loan = settled
    transfer = transfers_of_case(loan)[0]
    detail = get_case(loan, actor=SYSTEM, now=thread.now)
    assert transfer.facts.step_id in {step.id for step in detail.steps}
    assert detail.parent is not None
    award = get_award(uuid.UUID(detail.row.facts["award"]))
    notice = get_notice(award.notice_id)
    with open_content(notice.sha256) as file:
        content = file.read()
    assert content == notices.award()
    start, end = notice.readings["lots[0].amount"]["span"]
    assert "100" in content.decode()[start:end]


def test_every_step_is_in_a_log_that_verifies(settled: tuple[Thread, uuid.UUID]) -> None:
    thread, loan = settled
    while sequence(now=thread.now):
        pass
    signer = load_signer()
    sign_checkpoint(now=thread.now, signer=signer)
    report = verify_log(vkeys=[signer.verifier.vkey])
    assert report.fault_count == 0
    steps = get_case(loan, actor=SYSTEM, now=thread.now).steps
    assert all(step.position is not None for step in steps)
    assert report.size >= len(steps)


def test_same_notice_twice_changes_nothing(settled: tuple[Thread, uuid.UUID]) -> None:
    thread, loan = settled
    before = thread.see(loan)
    again = thread.take(notices.award())
    assert not again.new
    assert thread.see(loan) == before
