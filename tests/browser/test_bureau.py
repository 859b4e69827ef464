"""The finance bureau's desk by clicks: scheme, filing of banks, board, coverage, lists, reports, sanctions.

Once on a wide screen in Chinese, once on a phone in English. What others do lies behind it by
commands: a loan that is drawn, a payment that was due last year.
"""

import datetime as dt
import io
import time
from pathlib import Path

import openpyxl
import pytest
from django.utils.timezone import localdate

from honghu.domains.financing.reports.registry import REPORTS
from honghu.site.county import Member, ensure_organisation
from tests import notices
from tests.browser.people import People, seen_on
from tests.browser.titles import action_title, state_title
from tests.browser.window import DESKTOP, PHONE
from tests.thread import Thread, begin

pytestmark = pytest.mark.browser

SCHEME, FILING, SANCTION = "financing-scheme", "serving-bank", "supplier-sanction"
NEW_BANK = "荷叶村镇银行"
PASSED = {"result": "passed"}


@pytest.fixture
def thread(committed_county: dict[str, Member]) -> Thread:
    """A loan of 700,000 yuan, and 300,000 yuan that the buyer has owed since last year."""
    now = dt.datetime.fromtimestamp(time.time(), tz=dt.UTC)
    thread = begin(committed_county, now)
    thread.drawn()
    last_year = localdate().replace(month=5, day=1).replace(year=localdate().year - 1)
    form = {
        "award": str(thread.award.id),
        "amount": 30_000_000,
        "basis": "delivery",
        "event_on": last_year.isoformat(),
    }
    evidence = {"delivery": [thread.file("supplier")]}
    thread.open("payment-due", "claim", "supplier", form=form, evidence=evidence)
    ensure_organisation(NEW_BANK, "bank", now=now)
    return thread


def _scheme(people: People, paper: Path) -> None:
    """The clerk enters the scheme, the head approves it: it holds."""
    answers = {
        "scheme_name": "洪湖市政府采购合同融资实施方案",
        "document_no": "洪财采发〔2026〕1号",
        "issued_by": "洪湖市财政局",
        "effective_from": localdate().isoformat(),
        "summary": "政府引导、市场运作",
        "evidence.document": paper,
    }
    people.to_register("clerk", SCHEME)
    people.begin("clerk", SCHEME, "draft")
    people.send("clerk", SCHEME, "draft", answers).sees(
        state_title(SCHEME, "drafted", people.language)
    )
    people.do("office", SCHEME, "approve", PASSED, "in_force")


def _filing(people: People, paper: Path) -> None:
    """A bank is filed by the clerk's hand and the head's."""
    window = people.to_register("clerk", FILING)
    people.begin("clerk", FILING, "apply")
    window.page.locator("main [name=bank]").select_option(label=NEW_BANK)
    answers = {"agreement_no": "洪采融协20261123", "evidence.agreement": paper}
    people.send("clerk", FILING, "apply", answers)
    people.do("office", FILING, "verify", PASSED, "filed").sees(NEW_BANK)


def _board(people: People, thread: Thread) -> None:
    """From the board to the case behind a bank's exposure, and to the coverage of notices."""
    office = people.to("office", people.pick("政采贷监测", "Monitoring board"))
    office.sees("700,000.00", people.said("proved by the ledger")).photograph("bureau-board")
    bank = office.page.locator("section[aria-labelledby=banks] tbody th a").first
    office.press(bank).sees(people.said("Loans open"), "700,000.00")
    office.press(office.page.locator("main tbody th a").first).sees(thread.award.project_name)
    office = people.to("office", people.pick("政采贷监测", "Monitoring board"))
    office.press(office.link(people.said("The channel printed in notices (D1) is report R8")))
    office.sees("R8").photograph("bureau-coverage")


def _reports(people: People) -> None:
    """Each of R1 to R8 from the list, as a page, an Excel and a Word file."""
    title = people.pick("政采贷报表", "Financing reports")
    for code, report in REPORTS.items():
        office = people.to("office", title)
        office.press(office.link(people.pick(report.title.zh, report.title.en)))
        if code == "r5":  # what was due last year
            office.fill({"from": f"{localdate().year - 1}-01-01"})
            office.press(office.page.locator("main .filters button"))
        assert office.page.locator("main table").count() == (code != "r6"), code
        office.photograph(f"bureau-{code}")
        if code == "r6":  # no account was changed
            continue
        book = openpyxl.load_workbook(io.BytesIO(office.download("Excel").read_bytes())).active
        assert book is not None
        assert book.max_row > 3, code
        assert office.download("Word").read_bytes()[:2] == b"PK", code
        if code == "r1":
            office.sees("700,000.00")


def _overdue(people: People) -> None:
    """The clerk prepares last year's list, the head counts again and publishes; anybody reads it."""
    title, year = people.pick("逾期未付款项", "Overdue payments"), localdate().year - 1
    clerk = people.to("clerk", title).sees(notices.BUYER, "300,000.00")
    clerk.press(clerk.button(people.said("Prepare the list"))).photograph("bureau-overdue")
    assert not clerk.button(people.said("Count again and publish")).is_visible()
    office = people.to("office", title)
    office.press(office.button(people.said("Count again and publish")))
    office.press(office.link(people.said("As published")))
    office.sees(str(year), notices.BUYER, "300,000.00").photograph("bureau-overdue-published")
    assert notices.SUPPLIER not in office.text


def _sanction(people: People, thread: Thread, paper: Path) -> None:
    """Flag, freeze, investigation and sanction, by turns of two persons."""
    window = people.to_register("clerk", SANCTION)
    people.begin("clerk", SANCTION, "flag")
    window.page.locator("main [name=supplier]").select_option(label=notices.SUPPLIER)
    flag = {"kind": "fraud", "facts_found": "验收单印章不符", "evidence.proof": paper}
    people.send("clerk", SANCTION, "flag", flag)
    frozen = {"result": "frozen", "reason": "先行冻结"}
    people.do("office", SANCTION, "freeze", frozen, "frozen")
    found = {
        "proposal": "sanction",
        "findings": "经核验收单系伪造",
        "fine_ratio": "2",
        "ban_months": "12",
        "evidence.report": paper,
    }
    # A fine above the statute comes back beside its field, with all that was typed.
    people.turn("clerk", SANCTION, "investigate")
    clerk = people.at("clerk").fill(found)
    clerk.press(clerk.button(action_title(SANCTION, "investigate", people.language)), status=422)
    assert clerk.fault_of("fine_ratio")
    assert clerk.value("findings") == found["findings"]
    people.send("clerk", SANCTION, "investigate", {"fine_ratio": "0.8"})
    decided = {"result": "passed_sanction", "evidence.decision": paper}
    people.do("office", SANCTION, "verify", decided, "sanctioned").photograph("bureau-sanction")
    board = people.to("office", people.pick("政采贷监测", "Monitoring board"))
    board.press(board.link(people.said("Sanctions"))).sees(notices.SUPPLIER)


@seen_on((DESKTOP, "zh-hans"), (PHONE, "en"))
def test_the_finance_bureau_by_clicks(people: People, thread: Thread, tmp_path: Path) -> None:
    paper = tmp_path / "paper.txt"
    paper.write_text("盖章文件", encoding="utf-8")
    _scheme(people, paper)
    _filing(people, paper)
    _board(people, thread)
    _reports(people)
    _overdue(people)
    _sanction(people, thread, paper)
