"""A bank's statement by clicks: read, shown, kept, filed; what is doubtful settled by two houses."""

import datetime as dt
import time
from pathlib import Path

import pytest
from django.utils.timezone import localdate
from playwright.sync_api import expect

from honghu.site.county import Member
from tests.browser.people import People, seen_on
from tests.browser.titles import state_title
from tests.browser.window import DESKTOP, PHONE
from tests.statements import Line, camt
from tests.thread import Thread, begin

pytestmark = pytest.mark.browser

LOAN, EXCEPTION = "financing-loan", "statement-exception"
BANK = "lianhu-manager"


@pytest.fixture
def thread(committed_county: dict[str, Member]) -> Thread:
    """A loan of 700,000 yuan, drawn today into a locked account."""
    thread = begin(committed_county, dt.datetime.fromtimestamp(time.time(), tz=dt.UTC))
    thread.drawn()
    return thread


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """What the bank's machine has: a statement of today, and the same cut off in the middle."""
    lines = [
        Line("300000.00", payment_no="GK-1"),
        Line("100000.00", text="货款"),
        Line("88.00", payer="洪湖某某公司", text="往来"),
        Line("-500.00", payer="洪湖某某公司", text="划转"),
    ]
    whole = camt(lines, day=localdate())
    (tmp_path / "statement.xml").write_bytes(whole)
    (tmp_path / "broken.xml").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "voucher.txt").write_text("国库支付凭证", encoding="utf-8")
    return tmp_path


def _bring_in(people: People, files: Path) -> None:
    """A file that ends in the middle is refused with its place; the whole one is shown, then kept."""
    bank = people.to(BANK, people.pick("导入对账单", "Import a statement"))
    read = people.said("Read the file")
    bank.fill({"file": files / "broken.xml"}).press(bank.button(read), status=422)
    assert "broken.xml" in bank.fault_of("file")
    bank.fill({"file": files / "statement.xml"}).press(bank.button(read))
    bank.sees("400,088.00", "399,588.00", "****6789").photograph("statement-preview")
    bank.press(bank.button(people.said("Keep the statement")))
    # Where no worker runs, looking at the page files the entries; then it shows where each went.
    expect(bank.page.locator("main .progress")).to_have_count(0, timeout=15_000)
    bank.look().sees(people.said("recorded: {number}").partition("{")[0]).photograph("statement")


def _propose(people: People) -> None:
    """From the statement's entry to its exception, and which loan it pays, off the suggestions."""
    bank = people.at(BANK)
    bank.press(bank.page.locator("main .tabs a").nth(2)).sees("100,000.00")
    bank.press(bank.page.locator("main tbody th a").first)
    people.begin(BANK, EXCEPTION, "match")
    loan = bank.page.locator("main datalist option").first.get_attribute("value")
    assert loan
    people.send(BANK, EXCEPTION, "match", {"loan": loan, "grounds": "国库拨款，附言漏写编号"})
    bank.sees(state_title(EXCEPTION, "proposed", people.language)).photograph("statement-exception")


@seen_on((PHONE, "zh-hans"), (DESKTOP, "en"))
def test_a_statement_by_clicks(people: People, thread: Thread, files: Path) -> None:
    _bring_in(people, files)
    _propose(people)
    answers = {"result": "passed", "evidence.check": files / "voucher.txt"}
    people.do("treasury", EXCEPTION, "verify", answers, "settled")
    # Both payments stand on the loan: what the bank saw, the treasury sees.
    people.find("treasury", LOAN, thread.award.project_name[:6]).sees("GK-1", "300,000.00")
    assert "100,000.00" in people.at("treasury").text
    # Money that was taken for nobody's can be asked about: then a person decides.
    bank = people.to(BANK, people.pick("银行对账单", "Statements"))
    bank.press(bank.page.locator("main tbody th a").first)
    bank.press(bank.button(people.said("Ask about it"))).sees("88.00")
