"""Forms under real hands: sent twice, left half done, filled in by keyboard alone."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.utils.timezone import localdate
from playwright.sync_api import Browser, Dialog

from honghu.kernel.cases.detail import get_case
from honghu.kernel.parties.actor import SYSTEM
from honghu.site.county import PASSWORD, Member, settle
from tests import thread
from tests.browser.titles import action_title
from tests.browser.window import DESKTOP, Window

pytestmark = pytest.mark.browser

APPLICATION = "financing-application"
STOPS_AT_MOST = 80

_FOCUSED = """() => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  return {
    words: element.outerHTML.slice(0, 120),
    ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    inSight: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""


@pytest.fixture
def begun(committed_county: dict[str, Member], now: dt.datetime) -> thread.Thread:
    """An award whose supplier is invited and can sign in."""
    begun = thread.begin(committed_county, now)
    supplier = begun.cast["supplier"].organisation_id
    settle("supplier", "苏荷生", supplier, ("supplier",), now=now)
    return begun


@pytest.fixture
def window(browser: Browser, begun: thread.Thread, address: str) -> Iterator[Window]:
    with Window(browser, address, DESKTOP, "zh-hans") as opened:
        yield opened


def _form(begun: thread.Thread, action: str) -> str:
    return f"/cases/{begun.application().id}/actions/{action}"


def _consent(begun: thread.Thread) -> dict[str, object]:
    return {
        "consent": True,
        "bank_one": str(begun.cast["lianhu-manager"].organisation_id),
        "expires_on": (localdate() + dt.timedelta(days=90)).isoformat(),
    }


def _steps(begun: thread.Thread) -> list[str]:
    found = get_case(begun.application().id, actor=SYSTEM, now=begun.now)
    return [step.action for step in found.steps]


def test_double_click_makes_one_step(window: Window, begun: thread.Thread) -> None:
    window.sign_in("supplier").open(_form(begun, "authorise")).fill(_consent(begun))
    with window.page.expect_navigation(url="**/cases/*/"):
        window.button(action_title(APPLICATION, "authorise", "zh-hans")).dblclick()
    window.look()
    assert _steps(begun) == ["invite", "authorise"]
    assert window.page.locator(".moment").count() == 2


def test_form_sent_twice_makes_one_step(window: Window, begun: thread.Thread) -> None:
    window.sign_in("supplier").open(_form(begun, "authorise")).fill(_consent(begun))
    window.photograph("action-form")
    sent = window.page.evaluate(
        "() => Object.fromEntries(new FormData(document.querySelector('main form')))"
    )
    request = window.page.context.request
    said = []
    for _ in range(2):
        answer = request.post(_form(begun, "authorise"), form=sent)
        assert answer.status == 200
        said.append(answer.text())
    assert _steps(begun) == ["invite", "authorise"]
    titles = [text.count('class="moment ') for text in said]
    assert titles == [2, 2]


def test_leaving_a_changed_form_asks_first(window: Window, begun: thread.Thread) -> None:
    window.sign_in("supplier").open(_form(begun, "authorise"))
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    window.page.on("dialog", stay)
    window.page.locator("[name=bank_one]").select_option(index=1)
    window.page.locator(".brand").click(no_wait_after=True)
    window.page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    assert "/actions/authorise" in window.page.url


def test_fault_stands_beside_the_field_as_one_leaves_it(
    window: Window, begun: thread.Thread
) -> None:
    begun.do(begun.application().id, "authorise", "supplier", _consent(begun))
    window.sign_in("supplier").open(_form(begun, "apply"))
    window.page.fill("[name=amount]", "many")
    window.page.locator("[name=tenor_months]").focus()
    assert window.fault_of("amount")
    assert window.page.get_attribute("[name=amount]", "aria-invalid") == "true"
    window.page.fill("[name=amount]", "700000")
    window.page.locator("[name=tenor_months]").focus()
    assert not window.fault_of("amount")
    window.look()


def _tab_to(window: Window, selector: str) -> None:
    """Press Tab until the element has the focus; at every stop one sees where one is."""
    wanted = window.page.locator(selector).first
    for _ in range(STOPS_AT_MOST):
        window.page.keyboard.press("Tab")
        stop = window.page.evaluate(_FOCUSED)
        assert stop["ring"], f"no ring around {stop['words']}"
        assert stop["inSight"], f"out of sight: {stop['words']}"
        if wanted.evaluate("each => each === document.activeElement"):
            return
    pytest.fail(f"{selector} was not reached in {STOPS_AT_MOST} stops")


def test_keyboard_alone_is_enough(window: Window, begun: thread.Thread) -> None:
    """Sign in, find what waits, fill the form in and send it, without a mouse."""
    page, keys = window.page, window.page.keyboard
    window.open("/sign-in")
    _tab_to(window, "[name=username]")
    keys.type("supplier")
    _tab_to(window, "[name=password]")
    keys.type(PASSWORD)
    with page.expect_navigation():
        keys.press("Enter")
    _tab_to(window, ".skip")
    keys.press("Enter")
    verb = action_title(APPLICATION, "authorise", "zh-hans")
    _tab_to(window, f".desk-work-verbs a:text-is('{verb}')")
    with page.expect_navigation():
        keys.press("Enter")
    window.look()
    _tab_to(window, "[name=consent]")
    keys.press("Space")
    _tab_to(window, "[name=bank_one]")
    keys.press("ArrowDown")
    _tab_to(window, "[name=expires_on]")
    day = localdate() + dt.timedelta(days=90)
    keys.type(f"{day:%m%d%Y}")
    assert window.value("expires_on") == day.isoformat()
    _tab_to(window, "main form .button--primary")
    with page.expect_navigation():
        keys.press("Enter")
    window.look()
    assert _steps(begun) == ["invite", "authorise"]
