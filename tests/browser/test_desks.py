"""Each desk of contract financing by clicks: supplier, bank, buyer, treasury, finance bureau.

On a wide screen and on a phone, in both languages. What lies between is done by commands: the walk
of every single click is in test_walk.
"""

import datetime as dt
import time
from pathlib import Path

import pytest
from django.utils.timezone import localdate

from honghu.kernel.relay.commands import relay_steps
from honghu.site.county import Member
from tests import notices
from tests.browser.people import People, seen_on
from tests.browser.titles import action_title, state_title
from tests.browser.window import DESKTOP, PHONE
from tests.thread import ACCOUNT, WHY, Thread, begin

pytestmark = pytest.mark.browser

APPLICATION, OPPORTUNITY, LOAN = (
    "financing-application",
    "financing-opportunity",
    "financing-loan",
)


@pytest.fixture
def thread(committed_county: dict[str, Member]) -> Thread:
    """An award with two offered quotes, today."""
    thread = begin(committed_county, _now())
    application = thread.applied("lianhu", "jianghe")
    for bank, rate in (("lianhu", "2.76"), ("jianghe", "2.84")):
        thread.do(thread.quote(application, bank, rate=rate), "offer", f"{bank}-reviewer")
    return thread


def _now() -> dt.datetime:
    """The instant that the pages see: they are served for real."""
    return dt.datetime.fromtimestamp(time.time(), tz=dt.UTC)


def _choose(people: People, thread: Thread) -> None:
    """From the supplier's home to the quotes side by side, and the choice on that page."""
    title = people.pick("我的政采贷", "My contract financing")
    supplier = people.to(thread.cast["supplier"].username, title).sees(thread.award.project_name)
    supplier.photograph("desk-supplier-home")
    supplier.press(supplier.link(people.said("Compare and choose")))
    supplier.sees("2.76", "2.84", "莲湖").photograph("desk-supplier-quotes")
    supplier.press(supplier.page.locator("main a[href*='?choose=']").first)
    supplier.photograph("desk-supplier-choice")
    supplier.press(supplier.button(people.said("Choose this quote")))
    supplier.sees(state_title(APPLICATION, "placed", people.language))


def _look_for(people: People, thread: Thread) -> None:
    """A bank narrows the opportunities, saves the view, and is told of a new one."""
    bank = people.to_register("changqu-manager", OPPORTUNITY)
    bank.page.locator("[name='fact.amount_band']").select_option("to_2m")
    with bank.page.expect_response(lambda answer: "amount_band=to_2m" in answer.url):
        bank.page.locator(".filters button").click()
    bank.page.wait_for_url("**amount_band=to_2m*")
    bank.look().photograph("desk-bank-opportunities")
    bank.press(bank.page.locator("main a[href*='/views?']").last)
    bank.fill({"name": "百万上下", "telling": ["true"]}).photograph("desk-bank-save-view")
    bank.press(bank.button(people.said("Save")))
    thread.now = _now()
    thread.take(notices.award(number="HHCG-2026-202", project="洪湖市荷塘小学课桌椅采购项目"))
    relay_steps(now=_now())
    bank.open("/inbox").sees(people.said("New in a list that you saved."))


def _lend(people: People, thread: Thread) -> None:
    """The bank's two persons, the buyer's confirmation by clicks, the money."""
    loan = thread.children(thread.application().id, LOAN)[0].id
    thread.investigate(loan)
    thread.take(notices.contract(), "contract.txt")
    thread.file_contract()
    thread.do(loan, "propose_lock", "lianhu-manager", ACCOUNT)
    buyer = thread.cast["buyer"].username
    people.turn(buyer, LOAN, "confirm_account").photograph("desk-buyer-confirm")
    people.send(buyer, LOAN, "confirm_account", {"result": "confirmed"})
    people.at(buyer).sees(state_title(LOAN, "confirmed", people.language))
    thread.do(loan, "lock", "lianhu-reviewer")
    thread.do(loan, "propose_disbursement", "lianhu-manager", {"amount": 70_000_000} | WHY)
    thread.do(loan, "disburse", "lianhu-reviewer", {"result": "released"})


def _pay(people: People, thread: Thread, statement: Path) -> None:
    """The treasury records its payment by clicks; the bank applies for settlement."""
    answers = {
        "amount": "1000000",
        "paid_on": localdate().isoformat(),
        "account_no": ACCOUNT["account_no"],
        "reference": "GK20261123000009",
    }
    people.turn("treasury", LOAN, "record_payment")
    treasury = people.send("treasury", LOAN, "record_payment", answers)
    treasury.sees("GK20261123000009").photograph("desk-treasury-paid")
    people.do(
        "lianhu-manager", LOAN, "apply_settlement", {"evidence.statement": statement}, "settling"
    ).photograph("desk-bank-settling")


def _settle(people: People, registry: Path) -> None:
    """The finance bureau sees where all loans stand, and verifies the settlement."""
    office = people.turn("office", LOAN, "verify_settlement")
    answers = {"result": "passed", "evidence.registry": registry}
    office = people.send("office", LOAN, "verify_settlement", answers)
    office.sees(state_title(LOAN, "settled", people.language)).photograph("desk-bureau-settled")
    assert action_title(LOAN, "freeze", people.language) not in office.text


@seen_on((DESKTOP, "zh-hans"), (PHONE, "en"))
def test_each_desk_of_contract_financing(people: People, thread: Thread, tmp_path: Path) -> None:
    paper = tmp_path / "paper.txt"
    paper.write_text("贷款本息结清、登记注销证明", encoding="utf-8")
    _choose(people, thread)
    _look_for(people, thread)
    _lend(people, thread)
    _pay(people, thread, paper)
    _settle(people, paper)
