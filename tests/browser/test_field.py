"""Field work on a phone whose network is cut: written down, closed, opened again, sent exactly once."""

import datetime as dt
import re
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.utils.timezone import localdate
from playwright.sync_api import Browser, BrowserContext, Geolocation, Page, Route, expect

from honghu.domains.rivers.readers import read_track
from honghu.kernel.cases.commands import open_case, perform
from honghu.kernel.cases.models import Case, Step
from honghu.kernel.cases.queries import find_case
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.evidence.models import EvidenceUse
from honghu.kernel.evidence.queries import open_content, uses_of_case
from honghu.kernel.parties.actor import SYSTEM
from honghu.site.county import PASSWORD, Member, settle
from tests.browser.window import SCREENSHOTS
from tests.walks.test_rivers import (
    CLEARED,
    FOUND,
    LISTED,
    PROBLEM,
    WORK,
    settle_rivers,
    shot,
)

pytestmark = pytest.mark.browser

HERE = Geolocation(longitude=113.3501, latitude=30.0801, accuracy=6)
ELSEWHERE = Geolocation(longitude=113.3601, latitude=30.0801, accuracy=6)


@pytest.fixture
def cast(committed_db: str, now: dt.datetime) -> dict[str, Member]:
    return settle_rivers(now)


@pytest.fixture
def phone(
    request: pytest.FixtureRequest, browser: Browser, address: str
) -> Iterator[BrowserContext]:
    context = browser.new_context(
        base_url=address,
        viewport={"width": 390, "height": 844},
        is_mobile=True,
        has_touch=True,
        locale=request.param,
        timezone_id="Asia/Shanghai",
        geolocation=HERE,
        permissions=["geolocation"],
    )
    context.set_default_timeout(20_000)
    yield context
    context.close()


def sign_in(page: Page, username: str) -> None:
    page.goto("/sign-in?next=/field/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/field/")
    started(page)


def started(page: Page) -> None:
    page.wait_for_selector("#field[data-started]")


def state_is(page: Page, state: str) -> None:
    page.wait_for_selector(f'.field-item[data-state="{state}"]')


def photograph(page: Page, slot: str, picture: Path) -> None:
    shelf = page.locator(f'[data-slot="{slot}"]')
    before = shelf.locator("[data-photos] li").count()
    shelf.locator("input[data-shot]").set_input_files(picture)
    expect(shelf.locator("[data-photos] li")).to_have_count(before + 1)


def write_down(page: Page, answers: dict[str, Any]) -> None:
    for name, value in answers.items():
        box = page.locator(f'#field-form [name="{name}"]').first
        if box.evaluate("box => box.tagName") == "SELECT":
            box.select_option(value)
        elif box.get_attribute("type") == "radio":
            page.check(f'#field-form [name="{name}"][value="{value}"]')
        else:
            box.fill(value)


@pytest.mark.parametrize("phone", ["en-GB"], indirect=True)
def test_what_is_found_without_a_connection_is_sent_once(
    phone: BrowserContext, cast: dict[str, Member], tmp_path: Path
) -> None:
    pictures = [tmp_path / f"{number}.jpg" for number in range(2)]
    for number, picture in enumerate(pictures):
        picture.write_bytes(shot(20 + number))
    page = phone.new_page()
    sign_in(page, "river-clerk")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")

    phone.set_offline(True)
    page.click('[data-task="river-problem/open"]')
    typed = {key: value for key, value in FOUND.items() if not key.startswith("place.")}
    write_down(page, typed | {"found_on": localdate().isoformat()})
    page.click("[data-locate]")
    page.wait_for_selector(".field-accuracy")
    for picture in pictures:
        photograph(page, "before", picture)
    page.screenshot(
        path=SCREENSHOTS / f"field-form-{page.evaluate('document.documentElement.lang')}.png",
        full_page=True,
    )
    # The page is closed in the middle of it, and opened again without a network.
    page.wait_for_timeout(400)
    page.close()
    page = phone.new_page()
    page.goto("/field/")
    started(page)
    state_is(page, "draft")
    page.screenshot(
        path=SCREENSHOTS / f"field-offline-{page.evaluate('document.documentElement.lang')}.png",
        full_page=True,
    )
    page.click(".field-item a.button--primary")
    expect(page.locator('[name="description"]')).to_have_value(FOUND["description"])
    expect(page.locator('[name="place.longitude"]')).to_have_value("113.350100")
    expect(page.locator("[data-photos] li")).to_have_count(2)
    page.click("#field-send")
    state_is(page, "ready")
    assert not Case.objects.filter(register=PROBLEM).exists()

    lost = _come_back(phone, page)
    state_is(page, "sent")
    case = Case.objects.get(register=PROBLEM)
    assert case.number in page.inner_text("#field-drafts")
    assert lost["number"] == case.number
    _arrived_once(case)
    # Nothing of it stays on the device but its number.
    assert page.evaluate(_KEPT) == 0


_KEPT = """new Promise(done => { const asked = indexedDB.open('honghu-field'); asked.onsuccess = () => {
  const all = asked.result.transaction('photos').objectStore('photos').getAll();
  all.onsuccess = () => done(all.result.length); }; })"""


def _come_back(
    phone: BrowserContext, page: Page, register: str = "river-problem"
) -> dict[str, Any]:
    """The network is back; what the server answered first, which is lost on its way."""
    lost: list[Any] = []

    def lose(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().json())
        route.abort()

    phone.route(f"**/api/v1/registers/{register}/cases", lose)
    phone.set_offline(False)
    state_is(page, "ready")
    page.wait_for_function("navigator.onLine")
    while not lost:
        page.wait_for_timeout(100)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    answer: dict[str, Any] = lost[0]
    return answer


def _arrived_once(case: Case) -> None:
    """One step, with the device's own time, and its photographs with time and place."""
    step = Step.objects.get(case=case)
    assert step.claimed_at is not None
    assert step.claimed_at < step.at
    uses = uses_of_case(case.id)
    assert {use.kind for use in uses} == {"before"}
    assert len(uses) == 2
    for use in uses:
        assert use.captured_at is not None
        assert use.captured_at < step.claimed_at
        assert use.place is not None
        assert (float(use.place.longitude), float(use.place.latitude)) == (113.3501, 30.0801)
    # Each photograph was uploaded once, although the form was sent twice.
    assert EvidenceUse.objects.filter(case_id=None, kind="photo").count() == 2


@pytest.mark.parametrize("phone", ["zh-CN"], indirect=True)
def test_a_refused_rectification_is_corrected_and_one_signed_out_waits(
    phone: BrowserContext, cast: dict[str, Member], now: dt.datetime, tmp_path: Path
) -> None:
    case = _to_be_rectified(cast, now)
    pictures = [tmp_path / f"{number}.jpg" for number in range(2)]
    for number, picture in enumerate(pictures):
        picture.write_bytes(shot(30 + number))
    page = phone.new_page()
    sign_in(page, "villager")
    phone.set_geolocation(ELSEWHERE)
    page.reload()
    started(page)
    page.click(f'[data-task="{case}/submit"]')
    write_down(page, {"summary": "水面已清，岸坡整洁"})
    photograph(page, "after", pictures[0])
    page.click("#field-send")
    state_is(page, "refused")
    assert "962" in page.inner_text(".field-wrong")
    # Too far from the place: what was written and photographed is still there.
    page.click(".field-item a.button--primary")
    expect(page.locator("#field-refusal")).to_be_visible()
    expect(page.locator('[name="summary"]')).to_have_value("水面已清，岸坡整洁")
    expect(page.locator("[data-photos] li")).to_have_count(1)
    page.screenshot(
        path=SCREENSHOTS / f"field-refused-{page.evaluate('document.documentElement.lang')}.png",
        full_page=True,
    )
    phone.set_geolocation(HERE)
    page.reload()
    started(page)
    photograph(page, "after", pictures[1])
    page.locator("[data-photos] li button").first.click()
    expect(page.locator("[data-photos] li")).to_have_count(1)
    # The session has ended meanwhile: the draft waits for its owner.
    phone.clear_cookies(name="sessionid")
    page.click("#field-send")
    state_is(page, "signin")
    sign_in(page, "river-clerk")
    assert Case.objects.get(pk=case).state == "in_progress"
    assert page.locator(".field-item").count() == 0
    phone.clear_cookies()
    sign_in(page, "villager")
    state_is(page, "sent")
    assert Case.objects.get(pk=case).state == "submitted"


def _to_be_rectified(cast: dict[str, Member], now: dt.datetime) -> uuid.UUID:
    clerk, head, villager = (
        cast[who].actor(localdate(now)) for who in ("river-clerk", "river-head", "villager")
    )
    before = store_evidence(
        content=shot(40), filename="before.jpg", actor=clerk, now=now, kind="photo"
    ).sha256
    form = {key: value for key, value in FOUND.items() if not key.startswith("place.")}
    form |= {"found_on": localdate(now).isoformat(), "place": "113.3501,30.0801"}
    case = open_case(
        PROBLEM, actor=clerk, now=now, idempotency_key="a", form=form, evidence={"before": [before]}
    ).case_id
    listed = LISTED | {"responsible": str(villager.organisation_id)}
    perform(case, "list", actor=clerk, now=now, idempotency_key="b", form=listed)
    perform(case, "issue", actor=head, now=now, idempotency_key="c")
    perform(case, "sign", actor=villager, now=now, idempotency_key="d")
    day = {"day": localdate(now).isoformat()}
    for action, line in (("record_input", WORK[0]), ("record_output", CLEARED)):
        perform(case, action, actor=villager, now=now, idempotency_key=action, form=line | day)
    return case


FIRST_STRETCH = [(113.3501, 30.0801), (113.3531, 30.0801), (113.3561, 30.0801), (113.3601, 30.0801)]
BY_CAR = (113.4200, 30.0801)
SECOND_STRETCH = [(113.3601, 30.0811), (113.3631, 30.0811), (113.3671, 30.0811)]
METRE_DEGREES = 96_334
"""Metres of a degree of longitude at 30.08° north."""


@pytest.mark.parametrize("phone", ["zh-CN"], indirect=True)
def test_a_track_with_a_pause_is_recorded_without_a_connection_and_sent_once(
    phone: BrowserContext, cast: dict[str, Member], now: dt.datetime
) -> None:
    post = _in_post(cast, now)
    page = phone.new_page()
    sign_in(page, "chief")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.set_offline(True)
    page.click('[data-task="river-patrol/file_track"]')
    write_down(
        page, {"post_number": post, "mode": "offline", "observations": "水面清洁", "findings": "0"}
    )

    page.click('[data-track="start"]')
    recorded = _walk(phone, page, FIRST_STRETCH, before=0)
    page.click('[data-track="pause"]')
    # Where the chief goes meanwhile is nobody's business, and no way made.
    phone.set_geolocation(Geolocation(longitude=BY_CAR[0], latitude=BY_CAR[1], accuracy=6))
    page.wait_for_timeout(300)
    assert _points(page) == recorded
    # The page is closed in the pause; what was recorded is there when it is opened again.
    page.close()
    page = phone.new_page()
    page.goto("/field/")
    started(page)
    page.click(".field-item a.button--primary")
    expect(page.locator("[data-track-state]")).to_contain_text(str(recorded))
    phone.set_geolocation(Geolocation(longitude=SECOND_STRETCH[0][0], latitude=30.0811, accuracy=6))
    page.click('[data-track="start"]')
    _walk(phone, page, SECOND_STRETCH, before=recorded)
    page.screenshot(path=SCREENSHOTS / "field-track.png", full_page=True)
    page.click('[data-track="finish"]')
    page.click("#field-send")
    state_is(page, "ready")
    assert not Case.objects.filter(register="river-patrol").exists()

    _come_back(phone, page, "river-patrol")
    state_is(page, "sent")
    case = Case.objects.get(register="river-patrol")
    assert Step.objects.filter(case=case).count() == 1
    (track,) = uses_of_case(case.id)
    with open_content(track.sha256) as file:
        stretches = read_track(file.read())
    assert len(stretches) == 2, "a segment for each stretch"
    assert EvidenceUse.objects.filter(case_id=None, kind="track").count() == 1
    facts = find_case(case.id, actor=SYSTEM, now=now).facts
    way = (0.0100 + 0.0070) * METRE_DEGREES
    assert facts["metres"] == pytest.approx(way, rel=0.01), "the drive in between does not count"
    assert facts["why_not_valid"] == ["too_short_in_time"]


def _in_post(cast: dict[str, Member], now: dt.datetime) -> str:
    """The number of the village chief's post on the section."""
    village, on = cast["villager"].organisation_id, localdate(now)
    chief = settle("chief", "方守河", village, ("river_chief",), now=now).actor(on)
    clerk = cast["river-clerk"].actor(on)
    form = {
        "chief_name": chief.name, "duty": "柳荡村村级河长", "level": "village",
        "organisation": str(village), "section_code": "FK-01-1", "from_on": on.isoformat(),
    }  # fmt: skip
    post = open_case(
        "chief-post", action="appoint", actor=clerk, now=now, idempotency_key="post", form=form
    )
    perform(post.case_id, "take_up", actor=chief, now=now, idempotency_key="take-up")
    return post.number


def _walk(
    phone: BrowserContext, page: Page, places: Sequence[tuple[float, float]], *, before: int
) -> int:
    """Move from place to place, each seen by the page before the next; how many points there are."""
    for longitude, latitude in places:
        here = Geolocation(longitude=longitude, latitude=latitude, accuracy=6)
        phone.set_geolocation(here)
        # A busy machine may lose a move that comes before the page watches.
        while not page.evaluate(_SEES, [longitude, latitude]):
            page.wait_for_timeout(250)
            phone.set_geolocation(here)
    page.wait_for_function(_TELLS, arg=before + len(places))
    return _points(page)


_SEES = """([longitude, latitude]) => new Promise(done => {
  const asked = indexedDB.open('honghu-field'); asked.onsuccess = () => {
    const all = asked.result.transaction('fixes').objectStore('fixes').getAll();
    all.onsuccess = () => done(all.result.some(
      fix => fix.longitude === longitude && fix.latitude === latitude)); }; })"""


_TELLS = """least =>
  Number(/\\d+/.exec(document.querySelector('[data-track-state]').textContent)?.[0]) >= least"""


def _points(page: Page) -> int:
    """How many points the page says it has recorded."""
    found = re.search(r"\d+", page.inner_text("[data-track-state]"))
    assert found is not None
    return int(found[0])
