"""Walk (b) by clicks alone: a problem of a river from finding to striking off, desktop and phone."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.utils.timezone import localdate

from honghu.site.county import Member
from tests.browser.people import People, seen_on
from tests.browser.titles import state_title
from tests.browser.window import DESKTOP, PHONE
from tests.walks.test_rivers import (
    CLEARED,
    FOUND,
    LISTED,
    PROBLEM,
    REVIEWED,
    WORK,
    settle_rivers,
    shot,
)

pytestmark = pytest.mark.browser


@pytest.fixture
def county_of_rivers(committed_db: str, now: dt.datetime) -> dict[str, Member]:
    """Offices, people and one river, in a database where commits are real."""
    return settle_rivers(now)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """What a phone took: before, of another place, after, and on the check."""
    (tmp_path / "before.jpg").write_bytes(shot(11))
    (tmp_path / "elsewhere.jpg").write_bytes(shot(12, 113.3601))
    (tmp_path / "after.jpg").write_bytes(shot(13))
    (tmp_path / "check.jpg").write_bytes(shot(14))
    return tmp_path


@seen_on((DESKTOP, "zh-hans"), (PHONE, "en"))
def test_a_problem_is_struck_off_by_clicks(
    people: People, county_of_rivers: dict[str, Member], pictures: Path
) -> None:
    today = localdate().isoformat()
    clerk = people.at("river-clerk").open(f"/registers/{PROBLEM}/open/open")
    found: dict[str, Any] = FOUND | {"found_on": today, "evidence.before": pictures / "before.jpg"}
    people.send("river-clerk", PROBLEM, "open", found)
    village = str(county_of_rivers["villager"].organisation_id)
    people.do("river-clerk", PROBLEM, "list", LISTED | {"responsible": village}, "listed")
    people.do("river-head", PROBLEM, "issue", {}, "issued")
    people.do("villager", PROBLEM, "sign", {}, "in_progress")
    for line in WORK:
        people.begin("villager", PROBLEM, "record_input")
        people.send("villager", PROBLEM, "record_input", line | {"day": today})
    people.begin("villager", PROBLEM, "record_output")
    people.send("villager", PROBLEM, "record_output", CLEARED | {"day": today})

    # A photograph of another place is refused beside its field; what was typed stays.
    people.begin("villager", PROBLEM, "submit")
    done = {"summary": "水面已清，岸坡整洁", "evidence.after": pictures / "elsewhere.jpg"}
    villager = people.send("villager", PROBLEM, "submit", done, status=422)
    assert villager.value("summary") == "水面已清，岸坡整洁"
    # One of the right place is added; the other one stays as it was received.
    people.send("villager", PROBLEM, "submit", {"evidence.after": pictures / "after.jpg"})
    people.do("town-checker", PROBLEM, "first_check", {"result": "passed"}, "checked")
    check = REVIEWED | {"evidence.check": pictures / "check.jpg"}
    people.do("river-head", PROBLEM, "review", check, "struck_off")

    clerk = people.find("river-clerk", PROBLEM, "柳荡闸")
    state = clerk.page.locator(".desk-stand b").first.inner_text()
    assert state == state_title(PROBLEM, "struck_off", people.language)
    clerk.sees("鄂D12345", "1850")
    clerk.photograph("river-walk-struck-off")
