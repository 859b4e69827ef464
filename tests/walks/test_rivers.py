"""Walk (b): a problem of a river from finding to striking off, through the pages; and back again."""

import dataclasses
import datetime as dt
import io
import random
import re
import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from honghu.analytics.figure import Scope
from honghu.analytics.queries import figure_rows, measure
from honghu.analytics.registry import get_figure
from honghu.domains.rivers.queries import lines_of_case
from honghu.kernel.cases.commands import open_case
from honghu.kernel.cases.models import Case
from honghu.kernel.cases.queries import find_case
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.documents.commands import open_series
from honghu.kernel.documents.queries import document_pdf, documents_of_case
from honghu.kernel.evidence.queries import read_content
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.models import Account
from honghu.site.county import Member, ensure_organisation, settle

PROBLEM = "river-problem"
OFFICES = {
    "city": ("洪湖市河湖长制办公室", "office", "洪河办"),
    "town": ("峰口镇人民政府", "township", "峰河办"),
    "village": ("峰口镇柳荡村村民委员会", "village", "柳荡村"),
}
PEOPLE = (
    ("river-clerk", "苏青禾", "city", ("river_supervisor", "river_officer")),
    ("river-head", "江望平", "city", ("river_head",)),
    ("town-checker", "陶柳生", "town", ("town_checker",)),
    ("villager", "杜满仓", "village", ("rectifier",)),
)
SERIES = ("整改通知", "验收单", "销号申请表")
FOUND: dict[str, Any] = {
    "section_code": "FK-01-1",
    "location": "柳荡闸下游200米",
    "place.longitude": "113.3501",
    "place.latitude": "30.0801",
    "source": "superior",
    "category": "water_hyacinth",
    "description": "水葫芦成片，影响行洪",
}
LISTED = {
    "level": "city",
    "severity": "minor",
    "measure": "人工打捞，船只配合，外运处置",
    "responsible_person": "杜满仓",
}
REVIEWED = {"result": "passed", "checklist": ["cleared", "pairs", "quantities"]}
WORK: tuple[dict[str, str], ...] = (
    {"kind": "labour", "amount": "12"},
    {"kind": "truck", "amount": "1", "vehicle": "鄂D12345"},
    {"kind": "boat", "amount": "2"},
)
CLEARED = {
    "material": "water_hyacinth",
    "measure_unit": "m2",
    "amount": "1850",
    "site": "峰口镇堆沤场",
}


def shot(seed: int, longitude: float = 113.3501, latitude: float = 30.0801) -> bytes:
    """A photograph as a phone takes it: of its own look, with the place in it."""
    image = Image.frombytes("RGB", (8, 6), random.Random(seed).randbytes(144)).resize((64, 48))  # noqa: S311
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: _degrees(latitude), 3: "E", 4: _degrees(longitude)}
    content = io.BytesIO()
    image.save(content, "JPEG", exif=exif)
    return content.getvalue()


def _degrees(value: float) -> tuple[float, float, float]:
    minutes = (value - int(value)) * 60
    return (float(int(value)), float(int(minutes)), round((minutes - int(minutes)) * 60, 4))


def settle_rivers(now: dt.datetime) -> dict[str, Member]:
    """Offices, people with sign-ins, document series, and one section of a river on the roll.

    Into a database in which the registers are published (`shipped`).
    """
    organisations = {
        code: ensure_organisation(name, kind, now=now)
        for code, (name, kind, _mark) in OFFICES.items()
    }
    for code, (name, _kind, mark) in OFFICES.items():
        for series in SERIES:
            open_series(
                code=series,
                organ_mark=f"{mark}{series}",
                organisation_id=organisations[code],
                organ_name=name,
                now=now,
            )
    cast = {
        username: settle(username, name, organisations[office], roles, now=now)
        for username, name, office, roles in PEOPLE
    }
    clerk = cast["river-clerk"].actor(now.date())
    water = {"code": "HH-FK-01", "name": "中府河", "kind": "river", "level": "town"}
    section = {
        "code": "FK-01-1",
        "water_body_code": "HH-FK-01",
        "seq": 1,
        "bank": "both",
        "begins": "柳荡闸",
        "ends": "陈赵桥",
        "length_m": 2600,
        "town": str(organisations["town"]),
        "region": "421083105",
    }
    for register, form in (("water-body", water), ("river-section", section)):
        open_case(
            register, action="enter", actor=clerk, now=now, idempotency_key=register, form=form
        )
    return cast


@dataclasses.dataclass
class Pages:
    """Everybody at a window of their own, without a browser."""

    cast: dict[str, Member]

    def client(self, username: str) -> Client:
        """The window of somebody."""
        client = Client()
        account = Account.objects.get(username=username)
        client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def send(
        self,
        username: str,
        url: str,
        form: Mapping[str, Any],
        *,
        files: Mapping[str, bytes],
        status: int = 302,
    ) -> str:
        """Open a form, fill it in, send it; where the answer leads, or the page that refuses."""
        client = self.client(username)
        opened = client.get(url)
        if opened.status_code != 200:
            # Who may not do it is not even shown the form.
            assert opened.status_code == status, f"{username} {url}: {opened.status_code}"
            return opened.content.decode()
        drawn = opened.content.decode()
        hidden = dict(re.findall(r'<input type="hidden" name="(_\w+)" value="([^"]*)"', drawn))
        uploads = {
            f"evidence.{slot}": SimpleUploadedFile(f"{slot}.jpg", content, "image/jpeg")
            for slot, content in files.items()
        }
        answer = client.post(url, hidden | dict(form) | uploads)
        text = answer.content.decode()
        main = re.sub(r"<[^>]+>|\s+", " ", text.partition("<main")[2])
        assert answer.status_code == status, f"{username} {url}: {main[:2000]}"
        return answer["Location"] if status == 302 else text

    def open(self, username: str, form: Mapping[str, Any], **files: bytes) -> uuid.UUID:
        """Open a problem; its id, out of the address that the answer leads to."""
        url = reverse("open-case", args=[PROBLEM, "open"])
        return uuid.UUID(self.send(username, url, form, files=files).rstrip("/").rpartition("/")[2])

    def act(
        self,
        username: str,
        case: uuid.UUID,
        action: str,
        form: Mapping[str, Any] | None = None,
        *,
        status: int = 302,
        **files: bytes,
    ) -> str:
        """Perform an action by its form."""
        url = reverse("case-action", args=[case, action])
        return self.send(username, url, form or {}, status=status, files=files)

    def read(self, username: str, case: uuid.UUID) -> str:
        """The page of a case as somebody sees it."""
        return self.client(username).get(reverse("case", args=[case])).content.decode()


@pytest.fixture
def pages(shipped: None) -> Pages:
    return Pages(settle_rivers(_midnight()))


def _midnight(days: int = 0) -> dt.datetime:
    """The beginning of today, or of a day near it: the pages have the real clock."""
    day = timezone.localdate() + dt.timedelta(days=days)
    return dt.datetime.combine(day, dt.time(), timezone.get_default_timezone())


def see(case: uuid.UUID) -> CaseRow:
    return find_case(case, actor=SYSTEM, now=_midnight(1))


def test_a_problem_is_found_rectified_verified_and_struck_off(pages: Pages) -> None:
    today = timezone.localdate().isoformat()
    village = str(pages.cast["villager"].organisation_id)
    _check_section_is_chosen(pages)
    case = pages.open("river-clerk", FOUND | {"found_on": today}, before=shot(1))
    pages.act("river-clerk", case, "list", LISTED | {"responsible": village})
    pages.act("river-head", case, "issue")
    notice = see(case).facts["notice_number"]
    assert re.fullmatch(r"洪河办整改通知〔\d{4}〕1号", notice)
    pages.act("villager", case, "sign")
    for line in WORK:
        pages.act("villager", case, "record_input", line | {"day": today})
    pages.act("villager", case, "record_output", CLEARED | {"day": today})

    # The photograph from before proves nothing, nor does one of another place.
    done = {"summary": "水面已清，岸坡整洁"}
    pages.act("villager", case, "submit", done, status=409, after=shot(1))
    refused = pages.act("villager", case, "submit", done, status=422, after=shot(2, 113.3601))
    assert "水面已清" in refused, "what was typed is not lost"
    pages.act("villager", case, "submit", done, after=shot(3, 113.3503))
    assert see(case).state == "submitted"

    # Nobody checks own work; the town checks first, the city strikes off.
    pages.act("villager", case, "first_check", {"result": "passed"}, status=403)
    pages.act("town-checker", case, "first_check", {"result": "failed", "opinion": "岸边仍有残留"})
    pages.act("villager", case, "submit", done, after=shot(4))
    pages.act("town-checker", case, "first_check", {"result": "passed"})
    pages.act("town-checker", case, "review", REVIEWED, status=403, check=shot(5))
    pages.act("river-head", case, "review", REVIEWED, check=shot(6))

    row = see(case)
    assert (row.state, row.facts["inputs"]) == ("struck_off", "12人次，1辆次，2艘次")
    assert Case.objects.get(pk=case).counters["returns"] == 1
    papers = {paper.series: paper for paper in documents_of_case(case)}
    assert set(papers) == {"整改通知", "销号申请表", "验收单"}
    assert papers["整改通知"].content is not None
    assert "于" in papers["整改通知"].content.body[1], "the notice names the last day"
    assert papers["验收单"].content is not None
    assert papers["验收单"].content.data["pairs"], "the photographs in pairs"
    for paper in papers.values():
        assert document_pdf(paper, read_content).startswith(b"%PDF")
    shown = pages.read("river-clerk", case)
    assert shown.count('class="pair"') >= 1
    panel = shown.partition('id="pairs-title"')[2].partition("</section>")[0]
    assert "SHA-256" not in panel, "nobody reads digests beside photographs"
    for words in (notice, "销号办结", "鄂D12345", "1850", "12人次", "陶柳生", "江望平"):
        assert words in shown, words
    _check_figures(case)
    _comes_back(pages, row.number, today)


def _check_section_is_chosen(pages: Pages) -> None:
    """On the page and on the phone the section is picked by its name; nobody types its code."""
    client = pages.client("river-clerk")
    page = client.get(reverse("open-case", args=[PROBLEM, "open"])).content.decode()
    (task,) = [
        each
        for each in client.get(reverse("field-tasks")).json()["tasks"]
        if each["key"] == f"{PROBLEM}/open"
    ]
    for html in (page, task["html"]):
        box = re.search(r'<select[^>]*name="section_code".*?</select>', html, re.DOTALL)
        assert box is not None
        assert 'value="FK-01-1"' in box[0]
        assert "中府河 柳荡闸—陈赵桥" in box[0]


def _check_figures(case: uuid.UUID) -> None:
    """From the figure back to the case, its step and its line."""
    scope = Scope(end=_midnight(1))
    assert measure(get_figure("rivers.rectified_city"), scope).value == 1
    assert measure(get_figure("rivers.rectified_town"), scope).value == 0
    assert measure(get_figure("rivers.plants_cleared"), scope).value == 1850
    assert measure(get_figure("rivers.rubbish_cleared"), scope).value is None
    (row,) = figure_rows(get_figure("rivers.truck"), scope)
    assert row.case_id == case
    assert str(lines_of_case(case)[1].id) == row.key


def _comes_back(pages: Pages, number: str, today: str) -> None:
    """Plants drift back: a new case, linked; the river is no longer rectified."""
    form = FOUND | {"found_on": today, "earlier": number}
    back = pages.open("river-clerk", form, before=shot(7))
    village = str(pages.cast["villager"].organisation_id)
    pages.act("river-clerk", back, "list", LISTED | {"responsible": village})
    earlier = Case.objects.get(pk=back).rebound_of
    assert earlier is not None
    assert earlier.number == number
    scope = Scope(end=_midnight(1))
    assert measure(get_figure("rivers.rectified_city"), scope).value == 0
    assert measure(get_figure("rivers.rebound_rate"), scope).value == 1
