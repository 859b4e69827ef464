"""Walk (a) by clicks alone: from an award notice to a verified settlement, each at a window."""

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from django.utils.timezone import localdate
from django.utils.translation import gettext
from playwright.sync_api import Browser

from honghu.site.county import Member, ensure_organisation, settle
from honghu.site.story import INVESTIGATED
from tests import notices
from tests.browser.people import People
from tests.browser.titles import refusal_of, state_title
from tests.browser.window import DESKTOP, PHONE, Device, Language

pytestmark = pytest.mark.browser

APPLICATION, QUOTE, LOAN = "financing-application", "financing-quote", "financing-loan"
FILING = "contract-filing"
ACCOUNT = "4210830112345678"
SAME_HANDS = "You did the step that this action checks."
ROLE = "This is for: {roles}"
QUOTED = {
    "amount": "700000",
    "reference_rate": "3.65",
    "ratio": "90",
    "tenor_months": "6",
    "fee": "0",
    "collateral": False,
}


def _day(days: int) -> str:
    """A day from today on the county's calendar, as a date box takes it."""
    return (localdate() + dt.timedelta(days=days)).isoformat()


@pytest.fixture
def registered(committed_county: dict[str, Member], now: dt.datetime) -> dict[str, Member]:
    """Supplier and buyer have registered before the notice comes; each has somebody to sign in."""
    supplier = ensure_organisation(notices.SUPPLIER, "enterprise", now=now)
    buyer = ensure_organisation(notices.BUYER, "institution", now=now)
    # Holds both roles of the bank: only the rule of two persons keeps the maker from checking.
    bank = committed_county["lianhu-manager"].organisation_id
    settle("lianhu-manager", "陈一舟", bank, ("bank_reviewer",), now=now)
    return committed_county | {
        "supplier": settle("supplier", "苏荷生", supplier, ("supplier",), now=now),
        "buyer": settle("buyer", "白购清", buyer, ("buyer",), now=now),
    }


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """What people have on their own machines."""
    (tmp_path / "award.txt").write_bytes(notices.award())
    (tmp_path / "contract.txt").write_bytes(notices.contract())
    (tmp_path / "empty.txt").touch()
    (tmp_path / "statement.txt").write_text("贷款本息结清证明", encoding="utf-8")
    (tmp_path / "registry.txt").write_text("动产融资登记注销证明", encoding="utf-8")
    return tmp_path


class Walk:
    """The people, the papers, and the case that is followed."""

    def __init__(self, people: People, registered: dict[str, Member], files: Path) -> None:
        self.people = people
        self.registered = registered
        self.files = files

    def take_notice(self, name: str) -> None:
        """The clerk uploads a notice that was saved from the website."""
        clerk = self.people.at("clerk").open("/procurement/notices/take")
        clerk.fill({"notices": self.files / name})
        clerk.press(clerk.page.locator("main form button"))
        assert clerk.page.locator("main .badge--green").count() == 1, clerk.text

    def apply(self) -> None:
        """Consent, two banks, application. Without consent nothing is done and nothing is lost."""
        people = self.people
        supplier = people.turn("supplier", APPLICATION, "authorise")
        answers: dict[str, Any] = {
            "bank_one": self._bank("lianhu"),
            "bank_two": self._bank("jianghe"),
            "expires_on": _day(90),
        }
        people.send("supplier", APPLICATION, "authorise", answers | {"consent": False}, status=422)
        assert supplier.page.locator(".error-summary").is_visible()
        assert {name: supplier.value(name) for name in answers} == answers
        people.send("supplier", APPLICATION, "authorise", {"consent": True})
        wanted = {"amount": "700000", "tenor_months": "6", "purpose": "采购原料和支付工资"}
        people.do("supplier", APPLICATION, "apply", wanted, "quoting")

    def _bank(self, name: str) -> str:
        return str(self.registered[f"{name}-manager"].organisation_id)

    def quote(self, bank: str, rate: str) -> str:
        """A bank's manager drafts; what breaks the scheme comes back beside its field."""
        people, manager = self.people, f"{bank}-manager"
        window = people.find(manager, APPLICATION, "荷塘")
        people.begin(manager, QUOTE, "draft")
        answers = QUOTED | {"rate": "9.9", "valid_until": _day(15)}
        people.send(manager, QUOTE, "draft", answers, status=422)
        assert window.fault_of("rate")
        assert not window.fault_of("amount")
        assert window.value("rate") == "9.9"
        assert window.value("amount") == "700000"
        assert window.value("valid_until") == _day(15)
        people.send(manager, QUOTE, "draft", {"rate": rate})
        number = window.case_number()
        self.refused(manager, QUOTE, "offer", SAME_HANDS if bank == "lianhu" else ROLE)
        people.do(f"{bank}-reviewer", QUOTE, "offer", {}, "offered")
        return number

    def refused(self, username: str, register: str, action: str, why: str = ROLE) -> None:
        """The case page that is open says to this person why not, in the language of the page."""
        with translation.override(self.people.language):
            # What stands before a name that is filled in is enough.
            words = gettext(why).partition("{")[0]
        assert words in self.people.refusal(username, register, action)

    def choose(self, number: str) -> None:
        """The supplier sees the quotes side by side and chooses one."""
        people = self.people
        supplier = people.find("supplier", APPLICATION, "荷塘").sees("2.76", "2.84")
        people.begin("supplier", APPLICATION, "choose")
        people.send("supplier", APPLICATION, "choose", {"quote": number})
        supplier.sees(state_title(APPLICATION, "placed", people.language))

    def approve(self) -> None:
        """The bank's two persons; the first is told why he may not be the second."""
        people = self.people
        answers = {
            "checklist": list(INVESTIGATED),
            "credit_standing": "good",
            "opinion": "履约记录良好，中标公告原文已核对",
        }
        people.do("lianhu-manager", LOAN, "propose", answers, "approving")
        self.refused("lianhu-manager", LOAN, "approve", SAME_HANDS)
        decided = {"result": "approved", "opinion": "同意"}
        people.do("lianhu-reviewer", LOAN, "approve", decided, "awaiting_contract")

    def lend(self) -> None:
        """Contract filed, account proposed, confirmed, locked; money proposed and approved."""
        people, manager, reviewer = self.people, "lianhu-manager", "lianhu-reviewer"
        copy = {"evidence.copy": self.files / "statement.txt"}
        people.do("buyer", FILING, "submit_copy", copy, "submitted")
        people.do("office", FILING, "verify", {"result": "passed"}, "filed")
        account = {
            "account_no": ACCOUNT,
            "registration_no": "ZD202611230001",
            "warranty": "0",
            "prepayment": "0",
        }
        people.do(manager, LOAN, "propose_lock", account, "confirming")
        people.do("buyer", LOAN, "confirm_account", {"result": "confirmed"}, "confirmed")
        self.refused("buyer", LOAN, "lock")
        people.do(reviewer, LOAN, "lock", {}, "ready")
        wanted = {"amount": "700000", "override_reason": "采购人已书面确认，质疑期内未收到质疑"}
        people.do(manager, LOAN, "propose_disbursement", wanted, "releasing")
        self.refused(manager, LOAN, "disburse", SAME_HANDS)
        people.do(reviewer, LOAN, "disburse", {"result": "released"}, "repaying")

    def repay(self) -> None:
        """The treasury records two payments; the bank may not settle before the second."""
        people = self.people
        for reference in ("GK20261123000001", "GK20261123000002"):
            payment = {
                "amount": "500000",
                "paid_on": _day(0),
                "account_no": ACCOUNT,
                "reference": reference,
            }
            if reference.endswith("1"):
                people.do("treasury", LOAN, "record_payment", payment, "repaying").sees(reference)
                people.find("lianhu-manager", LOAN, "荷塘")
                why = people.refusal("lianhu-manager", LOAN, "apply_settlement")
                assert why.strip() == refusal_of(LOAN, "apply_settlement", people.language)
                continue
            # The same amount on the same day may be the same payment: the person says that it is not.
            people.turn("treasury", LOAN, "record_payment")
            asked = people.send("treasury", LOAN, "record_payment", payment, status=409)
            asked.sees("GK20261123000001").photograph("walk-alike-payment")
            sure = people.send("treasury", LOAN, "record_payment", {"_sure": ["true"]})
            sure.sees(reference)

    def settle(self) -> None:
        """The bank applies with its statement; the finance office verifies with the registry's.

        A file that holds nothing is refused beside its field, and the opinion is not lost.
        """
        people = self.people
        paper: dict[str, Any] = {"evidence.statement": self.files / "statement.txt"}
        people.do("lianhu-manager", LOAN, "apply_settlement", paper, "settling")
        office = people.turn("office", LOAN, "verify_settlement")
        verified: dict[str, Any] = {"result": "passed", "opinion": "账实相符，登记已注销"}
        slot = "evidence.registry"
        empty = {slot: self.files / "empty.txt"}
        people.send("office", LOAN, "verify_settlement", verified | empty, status=422)
        assert office.fault_of(slot)
        assert office.value("opinion") == verified["opinion"]
        people.send("office", LOAN, "verify_settlement", {slot: self.files / "registry.txt"})


@pytest.fixture(params=[(DESKTOP, "zh-hans"), (PHONE, "en")], ids=["desktop-zh", "phone-en"])
def walk(
    request: pytest.FixtureRequest,
    browser: Browser,
    registered: dict[str, Member],
    address: str,
    files: Path,
) -> Iterator[Walk]:
    device: Device
    language: Language
    device, language = request.param
    with ExitStack() as stack:
        yield Walk(People(browser, address, device, language, stack), registered, files)


def test_award_notice_becomes_settled_loan_by_clicks(walk: Walk) -> None:
    walk.take_notice("award.txt")
    walk.apply()
    best = walk.quote("lianhu", "2.76")
    walk.quote("jianghe", "2.84")
    walk.choose(best)
    walk.approve()
    walk.take_notice("contract.txt")
    walk.lend()
    walk.repay()
    walk.settle()
    office = walk.people.at("office").look()
    state = office.page.locator(".desk-stand b").first.inner_text()
    assert state == {"zh-hans": "已结清", "en": "Settled"}[walk.people.language]
    office.photograph("walk-settled")
    assert re.search(r"700,000\.00", office.text)
