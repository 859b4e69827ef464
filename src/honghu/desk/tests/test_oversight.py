"""Oversight: every number opens its rows, what is kept is what the cases give, ranks are explained."""

import dataclasses
import datetime as dt
import re
import uuid
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from typer.testing import CliRunner

from honghu.analytics.kept import count_differences, keep_days
from honghu.analytics.models import ClosedDay
from honghu.analytics.oversight import Period, Standing, by_organisation, by_register
from honghu.cli.oversight import app
from honghu.desk.tests.cast import Cast, picture
from honghu.kernel.cases.commands import open_case
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.registers.queries import get_register, latest_registers
from honghu.kernel.rulesets.commands import publish_rules

REGISTER = "ditch-weeds"
MOMENT = dt.timedelta(seconds=1)
ROWS = re.compile(r'<tr role="row".*?</tr>', re.DOTALL)
CELLS = re.compile(r'<td role="cell"[^>]*>(.*?)</td>', re.DOTALL)
LINK = re.compile(r'<a href="([^"]+)">(.*?)</a>', re.DOTALL)


def _photo(cast: Cast, who: str, shade: int) -> str:
    content = picture(shade)
    return store_evidence(
        content=content, filename="a.png", actor=cast.actor(who), now=cast.now, kind="photo"
    ).sha256


def _close(
    cast: Cast, town: str, days: tuple[int, ...], shade: int, *, fails: int = 0
) -> uuid.UUID:
    """A case opened, cleared and verified so many days before now; sent back as often as asked."""
    opened, cleared, verified = (cast.now - dt.timedelta(days=each) for each in days)
    case_id = dataclasses.replace(cast, now=opened).issued(town=town).case_id
    who = {"north": "wei", "south": "min"}[town]
    at_work = dataclasses.replace(cast, now=cleared)
    checking = dataclasses.replace(cast, now=verified)
    for turn in range(fails + 1):
        at_work.do(
            case_id, "submit", who, form={"cleared": "1", "checklist": ["banks"]},
            evidence={"after": [_photo(at_work, who, shade * 10 + turn)]},
        )  # fmt: skip
        checking.do(
            case_id, "verify", "lan", form={"result": "failed" if turn < fails else "passed"},
            evidence={"check": [_photo(checking, "lan", shade * 10 + 5 + turn)]},
        )  # fmt: skip
        at_work = checking
    return case_id


@pytest.fixture
def weeds(cast: Cast) -> Cast:
    """Closed: three in the north (one late, one sent back), two in the south; open: four."""
    _close(cast, "north", (20, 19, 18), 1)
    _close(cast, "north", (25, 5, 4), 2)
    first = _close(cast, "north", (12, 11, 10), 3, fails=1)
    _close(cast, "south", (9, 8, 7), 4)
    _close(cast, "south", (200, 199, 198), 5)
    _close(cast, "south", (1, 0, 0), 6)
    old = dataclasses.replace(cast, now=cast.now - dt.timedelta(days=60))
    old.issued(town="south")
    cast.issued(town="north")
    cast.weeds()
    open_case(
        REGISTER, actor=cast.actor("lan"), now=cast.now, idempotency_key="again", rebound_of_id=first,
        form={"ditch": "Sihu ditch", "urgent": False},
    )  # fmt: skip
    return cast


def test_the_numbers_and_their_days(weeds: Cast) -> None:
    register, period = get_register(REGISTER), Period(90, weeds.now + MOMENT)
    live = by_register([register], period)
    assert live == {
        REGISTER: Standing(
            open=4, overdue=1, near=0, closed=5, on_time=4, returned=1, extended=0, rebounds=1
        )
    }
    towns = by_organisation([register], period)
    north, south = (weeds.organisations[town] for town in ("north", "south"))
    assert towns[north] == Standing(open=1, closed=3, on_time=2, returned=1)
    assert towns[south] == Standing(open=1, overdue=1, closed=2, on_time=2)
    assert by_organisation([register], period, field="responsible") == towns

    # Kept or counted: the same; and keeping twice keeps nothing twice.
    assert keep_days(latest_registers(), now=weeds.now) == 1
    assert keep_days(latest_registers(), now=weeds.now) == 0
    assert ClosedDay.objects.filter(field="*").count() == 5
    assert by_register([register], period) == live
    assert by_organisation([register], period) == towns
    year = by_register([register], Period(365, weeds.now + MOMENT))[REGISTER]
    assert (year.closed, year.on_time) == (6, 5)
    assert count_differences(latest_registers()) == (0, 0)

    # What somebody alters is told, and counted anew.
    ClosedDay.objects.filter(field="*", closed=1).update(closed=2)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM analytics_answer WHERE organisation_id = %s", [north])
    refused = CliRunner().invoke(app, ["verify"])
    assert refused.exit_code == 1
    assert "10 rows of days and 1 rows of open cases differ" in refused.stderr
    assert CliRunner().invoke(app, ["rebuild"]).exit_code == 0
    assert CliRunner().invoke(app, ["verify"]).exit_code == 0
    assert by_organisation([register], period) == towns


def _numbers(client: Client, address: str) -> list[tuple[str, int, str]]:
    """Every number of the page's tables that opens something: address, number, row."""
    found = []
    for row in ROWS.findall(client.get(address).content.decode()):
        for cell in CELLS.findall(row):
            link = LINK.search(cell)
            if link is not None:
                text = re.sub(r"<[^>]*>", " ", link[2]).split()
                number = text[-1].partition("/")[0] if "/" in text[-1] else text[0]
                found.append((unescape(link[1]), int(number.replace(",", "")), row))
    return found


def _rows_of(client: Client, address: str) -> int:
    page = client.get(address).content.decode()
    body = page.partition("<tbody")[2].partition("</tbody>")[0]
    return len(ROWS.findall(body))


def test_every_number_opens_exactly_its_rows(weeds: Cast) -> None:
    keep_days(latest_registers(), now=weeds.now)
    client = weeds.client("bo")
    opened = 0
    for page in (
        "/supervision?days=30",
        "/supervision?days=365",
        f"/supervision/{REGISTER}?days=90",
        f"/supervision/organisations/{weeds.organisations['north']}?days=90",
    ):
        for address, number, _row in _numbers(client, page):
            assert address.startswith("/registers/"), address
            assert _rows_of(client, address) == number, (page, address)
            opened += 1
    assert opened >= 20
    # Of towns and offices the numbers span registers: they open the page that tells them apart.
    for address, number, _row in _numbers(client, "/supervision?by=towns&days=90"):
        assert address.startswith("/supervision/organisations/")
        assert number
    # What is listed stays listed when another filter is added.
    address = _numbers(client, f"/supervision/{REGISTER}?days=90")[0][0]
    page = client.get(address).content.decode()
    assert '<input type="hidden" name="organisation" value="' in page


def test_the_ranking_says_its_rule(weeds: Cast) -> None:
    client = weeds.client("bo")
    page = client.get("/supervision?by=towns&days=90").content.decode()
    assert "with fewer than 5 cases closed there is no rank" in page
    assert "66.7 %" in page
    assert "2/3" in page
    publish_rules(
        "domain: kernel\nrules:\n  - code: ranking_least\n    title: {zh: 最少, en: Fewest}\n"
        "    unit: count\n    rows:\n      - {value: 2, from: 2026-01-01, source: 试, mark: D}\n",
        now=weeds.now, approved_by=None,
    )  # fmt: skip
    rows = ROWS.findall(client.get("/supervision?by=towns&days=90").content.decode())[1:]
    ranks = [re.sub(r"<[^>]*>", "", CELLS.findall(row)[0]) for row in rows]
    names = ["south" if "south" in row else "north" for row in rows]
    assert list(zip(ranks, names, strict=True)) == [("1", "south"), ("2", "north")]


def test_it_is_for_those_who_see_all(weeds: Cast) -> None:
    client = weeds.client("wei")
    assert (
        "Weeds in ditches" not in client.get("/supervision").content.decode().partition("<main")[2]
    )
    assert client.get(f"/supervision/{REGISTER}").status_code == 403
    north = weeds.organisations["north"]
    assert client.get(f"/supervision/organisations/{north}").status_code == 403
