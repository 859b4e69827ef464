"""Every page of the desk, opened and photographed at both widths in both languages."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack

import pytest
from django.utils.timezone import now as clock  # noqa: TID251 the pages read the clock themselves
from playwright.sync_api import Browser

from honghu.kernel.parties.queries import find_organisation
from honghu.site.county import settle, settle_county
from tests import notices
from tests.browser.gallery import LOAN_LIFE, PROJECTS, Gallery, hang
from tests.browser.people import People
from tests.browser.server import served
from tests.browser.window import DESKTOP, PHONE, Language, Window

pytestmark = pytest.mark.browser

LANGUAGES: tuple[Language, ...] = ("zh-hans", "en")


@pytest.fixture(scope="module")
def gallery(
    browser: Browser, clone_database: Callable[[], AbstractContextManager[str]]
) -> Iterator[tuple[Gallery, str]]:
    """The cases to look at and the address where they are served."""
    now = clock()
    with clone_database():
        county = settle_county(now=now - LOAN_LIFE)
        hung = hang(county, now)
        supplier = find_organisation(name=notices.SUPPLIER)
        assert supplier is not None
        settle("supplier", "苏荷生", supplier.id, ("supplier",), now=now)
        with served() as address:
            yield hung, address


@pytest.fixture(params=LANGUAGES)
def people(
    request: pytest.FixtureRequest, browser: Browser, gallery: tuple[Gallery, str]
) -> Iterator[People]:
    with ExitStack() as stack:
        yield People(browser, gallery[1], DESKTOP, request.param, stack)


@pytest.fixture
def stranger(people: People) -> Iterator[Window]:
    with Window(people.browser, people.address, people.device, people.language) as window:
        yield window


def _both_widths(window: Window, name: str) -> None:
    """Photograph the page as it is, and as a narrow window shows it."""
    window.photograph(name)
    window.page.set_viewport_size({"width": PHONE.width, "height": PHONE.height})
    window.look().photograph(name, PHONE.width)
    window.page.set_viewport_size({"width": DESKTOP.width, "height": DESKTOP.height})


def test_pages_for_everybody(stranger: Window, gallery: tuple[Gallery, str]) -> None:
    for name, path, status in (
        ("sign-in", "/sign-in", 200),
        ("journal", "/journal/", 200),
        ("policy", "/financing/policy", 200),
        ("styleguide", "/styleguide", 200),
        ("offline", "/offline", 200),
        ("error-404", "/nowhere", 404),
    ):
        stranger.open(path, status=status)
        _both_widths(stranger, name)


def test_receipts(stranger: Window, gallery: tuple[Gallery, str]) -> None:
    """A real receipt is valid; with one figure changed it is not."""
    hung, _address = gallery
    stranger.open("/verify")
    _both_widths(stranger, "verify")
    for name, text, verdict in (
        ("verify-valid", hung.receipt, "valid"),
        ("verify-altered", hung.altered_receipt(), "wrong"),
    ):
        stranger.fill({"receipt": text})
        stranger.press(stranger.page.locator("main form button"))
        assert stranger.page.locator(f".desk-verdict--{verdict}").count() == 1
        _both_widths(stranger, name)


def test_pages_of_the_supplier(people: People, gallery: tuple[Gallery, str]) -> None:
    hung, _address = gallery
    supplier = people.at("supplier")
    _both_widths(supplier, "my-work-supplier")
    supplier.open(hung.cases["invited"])
    assert supplier.page.locator("img[src*='.svg'][width='160']").is_visible()
    _both_widths(supplier, "case-invited")
    _both_widths(supplier.open(f"{hung.cases['invited']}actions/authorise"), "action-authorise")
    _both_widths(supplier.open(hung.cases["quoting"]).sees("2.76", "2.84"), "case-quoting")
    supplier.open(f"{hung.cases['quoting']}actions/invite", status=409)
    _both_widths(supplier, "action-shut")
    supplier.open("/procurement/notices/take", status=403)
    _both_widths(supplier, "error-403")


def test_pages_of_the_bank(people: People, gallery: tuple[Gallery, str]) -> None:
    hung, _address = gallery
    bank = people.at("lianhu-manager")
    _both_widths(bank, "my-work-bank")
    _both_widths(bank.open("/registers/risk-event/"), "list-empty")
    _both_widths(bank.open(hung.cases["repaying"]), "case-repaying")
    parent = hung.cases["quoting"].split("/")[2]
    bank.open(f"/registers/financing-quote/open/draft?parent={parent}")
    _both_widths(bank, "opening-form")
    bank.page.evaluate("document.querySelector('main form').noValidate = true")
    bank.press(bank.page.locator("main form .button--primary"), status=422)
    _both_widths(bank, "opening-form-faults")


def test_pages_of_the_office(people: People, gallery: tuple[Gallery, str]) -> None:
    hung, _address = gallery
    office = people.at("office")
    _both_widths(office, "my-work-office")
    for name, path in (
        ("list", "/registers/financing-loan/"),
        ("list-applications", "/registers/financing-application/"),
        ("list-filtered", "/registers/financing-application/?state=quoting&q=荷塘"),
        ("list-nothing-found", "/registers/financing-application/?q=zzzz"),
        ("search", f"/search?q={PROJECTS['settled'][1][-8:-4]}"),
        ("case-settled", hung.cases["settled"]),
        ("step-proof", hung.step),
        ("lifecycle", "/registers/financing-loan/lifecycle?at=repaying"),
        ("rules", "/rules"),
        ("rule", "/rules/financing.rate_cap_of_reference"),
        ("list-notices", "/registers/procurement-notice/"),
        ("choose-organisation", "/choose-organisation"),
    ):
        _both_widths(office.open(path), name)
    office.open("/registers/procurement-notice/")
    office.press(office.page.locator("#list tbody th a").first)
    _both_widths(office, "case-notice")


def test_page_of_the_clerk(people: People) -> None:
    _both_widths(people.at("clerk").open("/procurement/notices/take"), "take-notices")


def test_language_stays_with_the_reader(people: People) -> None:
    """Switched once, every further page speaks it; switched back, the first again."""
    window = people.at("office")
    first = window.page.locator("h1").inner_text()
    window.switch_language().open("/").look()
    assert window.page.locator("h1").inner_text() != first
    window.switch_language()
    assert window.page.locator("h1").inner_text() == first
