"""A citizen reports by clicks, without account; an officer files it; the citizen sees it: two devices."""

import datetime as dt
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page

from honghu.site.county import PASSWORD, ensure_organisation, settle
from tests.browser.window import DESKTOP, PHONE, Device
from tests.walks.test_public_reports import photograph

pytestmark = pytest.mark.browser
_WORDS = "人行道沿石断裂，老人绊倒"


@pytest.fixture
def officer(committed_db: str) -> str:
    """An officer who looks at reports and files urban problems; the name to sign in with."""
    now = timezone.now() - dt.timedelta(days=1)  # noqa: TID251 the browser lives today
    centre = ensure_organisation("洪湖市城市管理监督中心", "office", now=now)
    settle("officer", "岑受理", centre, ("report_officer", "urban_supervision"), now=now)
    return "officer"


def _page(browser: Browser, address: str, device: Device, language: str) -> Page:
    context = browser.new_context(
        base_url=address,
        viewport={"width": device.width, "height": device.height},
        has_touch=device.is_phone,
        locale=language,
        geolocation={"longitude": 113.4512, "latitude": 29.8123},
        permissions=["geolocation"],
    )
    return context.new_page()


@pytest.mark.parametrize(
    ("device", "language"), [(PHONE, "zh-CN"), (DESKTOP, "en-GB")], ids=["phone-zh", "desktop-en"]
)
def test_a_report_by_clicks(  # noqa: PLR0917 fixtures
    browser: Browser, officer: str, address: str, tmp_path: Path, device: Device, language: str
) -> None:
    citizen = _page(browser, address, device, language)
    citizen.goto("/sign-in")
    citizen.click("a[href='/report']")
    citizen.click("a[href='/report/new/urban-problem.kerb']")
    picture = tmp_path / "kerb.jpg"
    picture.write_bytes(photograph(9, taken="").read())
    citizen.set_input_files("input[name=photos]", picture)
    citizen.click("[data-locate]")
    citizen.wait_for_function("document.querySelector('[data-longitude]').value !== ''")
    citizen.fill("textarea[name=description]", _WORDS)
    citizen.wait_for_timeout(3200)
    citizen.click("button.citizens-send")
    citizen.wait_for_url("**/report/mine/**")
    own, number = citizen.url, citizen.url.split("/")[5]
    citizen.fill("textarea[name=remark]", "晚上没有路灯")
    citizen.click("button[value=remark]")
    citizen.wait_for_selector("#messages .notice")
    assert citizen.evaluate("document.documentElement.scrollWidth") == device.width
    assert citizen.evaluate("document.querySelector('.evidence img').naturalWidth") > 0

    desk = _page(browser, address, DESKTOP, language)
    desk.goto("/sign-in")
    desk.fill("[name=username]", officer)
    desk.fill("[name=password]", PASSWORD)
    desk.keyboard.press("Enter")
    desk.wait_for_url(lambda url: "sign-in" not in url)
    desk.goto(f"/c/{number}")
    desk.click("a[href*='/file?parent']")
    assert desk.input_value("[name=problem]") == _WORDS
    desk.fill("[name=grid]", "新堤街道03网格")
    desk.check("[name=kind][value=component]")
    desk.click(".form-actions button")
    desk.wait_for_url("**/cases/*/")
    citizen.goto(own)
    assert citizen.locator(".moment").count() == 3
    assert "洪城管" in citizen.locator(".timeline").inner_text()
    citizen.context.close()
    desk.context.close()
