"""A register's map by pointer and keyboard: closer, further, a mark opens its case, back to the list."""

import datetime as dt
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from honghu.kernel.cases.commands import open_case
from honghu.kernel.evidence.commands import store_evidence
from honghu.site.county import PASSWORD
from tests.walks.test_rivers import FOUND, PROBLEM, settle_rivers, shot

pytestmark = pytest.mark.browser

PLACES = ("113.3501,30.0801", "113.3521,30.0821", "113.3541,30.0841", "113.8,29.8")


@pytest.fixture
def placed(committed_db: str, now: dt.datetime) -> None:
    """Three problems near one another and one far away."""
    clerk = settle_rivers(now)["river-clerk"].actor(now.date())
    form = {key: value for key, value in FOUND.items() if not key.startswith("place.")}
    for number, place in enumerate(PLACES):
        picture = store_evidence(
            content=shot(50 + number), filename="a.jpg", actor=clerk, now=now, kind="photo"
        ).sha256
        open_case(
            PROBLEM,
            actor=clerk,
            now=now,
            idempotency_key=str(number),
            form=form | {"found_on": now.date().isoformat(), "place": place},
            evidence={"before": [picture]},
        )


def width(page: Page) -> float:
    """How wide the seen part of the county is, in degrees."""
    west, _south, east, _north = map(
        float, (page.locator("svg.map-picture").get_attribute("data-box") or "").split(",")
    )
    return east - west


def test_the_map_is_moved_and_its_marks_lead_on(
    placed: None, browser: Browser, address: str
) -> None:
    context = browser.new_context(
        base_url=address, locale="en-GB", viewport={"width": 1440, "height": 1000}
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"/sign-in?next=/registers/{PROBLEM}/?light=red")
    page.fill("input[name=username]", "river-clerk")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**light=red")
    # From the list to the map: the same filter, the same number.
    page.locator("nav.tabs a", has_text=re.compile("Map|地图")).first.click()
    page.wait_for_url(f"**/{PROBLEM}/map?light=red")
    expect(page.locator(".map-count")).to_have_text("3")
    expect(page.locator("a.map-mark")).to_have_count(2)
    whole = width(page)
    # A crowd is looked at more closely until its cases stand alone.
    page.locator("a.map-mark[data-map-go]").click()
    page.wait_for_function("() => document.querySelectorAll('a.map-mark').length === 3")
    assert width(page) < whole
    assert "light=red" in page.url
    close = width(page)
    page.locator("a.map-mark").first.focus()
    page.keyboard.press("-")
    page.wait_for_function(
        f"() => {{ const [w, , e] = document.querySelector('svg.map-picture').dataset.box.split(',').map(Number); return e - w > {close * 1.5}; }}"
    )
    # Dragged aside, the cases leave the picture, and the table with it.
    box = page.locator("svg.map-picture").bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.85)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] - box["width"] / 3, middle[1], steps=4)
    page.mouse.up()
    expect(page.locator("#map-title")).to_be_visible()
    page.wait_for_function("() => document.querySelectorAll('a.map-mark').length === 3")
    page.go_back()
    page.wait_for_load_state()
    page.locator("a.map-mark").first.click()
    page.wait_for_url("**/cases/*/")
    assert faults == []
    context.close()
