"""What the public reports, through both doors: page and Open311, to the answer and the judgement."""

import datetime as dt
import io
import json
import re
import uuid
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from honghu.analytics.figure import Scope
from honghu.analytics.queries import measure
from honghu.analytics.registry import get_figure
from honghu.api.limits import Buckets
from honghu.domains.citizens.commands import limiting
from honghu.domains.citizens.pages import door
from honghu.kernel.cases.detail import get_case
from honghu.kernel.cases.models import Case
from honghu.kernel.cases.queries import find_case_by_number
from honghu.kernel.documents.commands import open_series
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.models import Account
from honghu.kernel.parties.tokens import issue_token
from honghu.site.county import ensure_organisation, settle
from tests.walks.test_urban import Walk

PHONE, RESIDENT_ID = "13812345678", "42108319900101001X"
KERB = "urban-problem.kerb"
ROOT = "/open311/v2"


def photograph(
    shade: int = 1, taken: str = "2026-05-31", place: tuple[float, float] | None = None
) -> SimpleUploadedFile:
    """A picture from a camera, with a day and, if given, longitude and latitude."""
    image = Image.new("RGB", (64, 48))
    image.putdata([((i * shade) % 256, i % 256, (i * 7) % 256) for i in range(64 * 48)])
    exif = Image.Exif()
    if taken:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = (
            taken.replace("-", ":") + " 08:00:00"
        )
    if place:
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLatitudeRef] = "E", "N"
        gps[ExifTags.GPS.GPSLongitude] = (place[0], 0.0, 0.0)
        gps[ExifTags.GPS.GPSLatitude] = (place[1], 0.0, 0.0)
    content = io.BytesIO()
    image.save(content, "JPEG", exif=exif)
    return SimpleUploadedFile("photo.jpg", content.getvalue(), content_type="image/jpeg")


class Public:
    """Somebody without an account, and the officers behind."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now
        self.client = Client(headers={"accept-language": "en"})
        self.officer = Client(headers={"accept-language": "en"})
        centre = ensure_organisation("洪湖市城市管理监督中心", "office", now=now)
        settle("officer", "岑受理", centre, ("report_officer", "urban_supervision"), now=now)
        self.officer.force_login(Account.objects.get(username="officer"))

    def report(self, **fields: Any) -> Any:
        """Send the form of a broken kerb; whatever is not given is right."""
        form = {
            "stamp": door.new_stamp(self.now - dt.timedelta(minutes=1)),
            "description": "人行道沿石断裂，老人绊倒",
            "place.address": "新堤街道文泉大道口",
            "place.longitude": "113.4512",
            "place.latitude": "29.8123",
        }
        return self.client.post(f"/report/new/{KERB}", form | fields)

    def reported(self, **fields: Any) -> tuple[str, str]:
        """A report that is taken in: its number and its secret."""
        answer = self.report(**fields)
        assert answer.status_code == 302, answer.content.decode()
        _empty, _report, _mine, number, secret = answer["Location"].split("/")
        return number, secret

    def see(self, path: str) -> str:
        """A page that opens."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.content.decode()[:2000]
        return str(answer.content.decode())

    def case(self, number: str) -> uuid.UUID:
        """The case behind a number."""
        return find_case_by_number(number, actor=SYSTEM, now=self.now).id


@pytest.fixture
def public(shipped: None, now: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> Public:
    monkeypatch.setattr(timezone, "now", lambda: now)
    monkeypatch.setattr(limiting, "_posts", Buckets(window_seconds=3600))
    return Public(now)


@pytest.fixture
def walk(public: Public, now: dt.datetime) -> Walk:
    walk = Walk(now)
    command = walk.offices["command"]
    open_series(
        code="城管派遣",
        organ_mark="洪城指派",
        organisation_id=command,
        organ_name="指挥中心",
        now=now,
    )
    return walk


def _hidden(page: str, name: str) -> list[str]:
    found = re.findall(r"<input[^>]*>", page)
    return [
        m[1]
        for each in found
        if f'name="{name}"' in each and (m := re.search(r'value="([^"]*)"', each))
    ]


def _file(public: Public, number: str, **changes: str) -> str:
    """The officer files the report through the prefilled form; the number of the case."""
    case = public.case(number)
    url = f"/public-reports/{case}/file?parent={case}"
    page = public.officer.get(url)
    text = page.content.decode()
    assert page.status_code == 200, text[:2000]
    assert "人行道沿石断裂" in text
    held = _hidden(text, "held.evidence.before")
    assert held, "the reporter's photograph is in its slot"
    form = {
        "_key": str(uuid.uuid4()), "problem": "人行道沿石断裂", "kind": "component",
        "category": "kerb", "source": "snapshot", "spotted_at": "2026-06-01T08:30",
        "place.longitude": "113.4512", "place.latitude": "29.8123", "grid": "新堤街道03网格",
        "held.evidence.before": held,
    }  # fmt: skip
    answer = public.officer.post(url, form | changes)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"]).split("/")[2]


def test_a_report_from_the_page_to_a_dissatisfied_answer(public: Public, walk: Walk) -> None:
    for path in ("/report", f"/report/new/{KERB}"):
        assert "Report" in public.see(path) or "Kerb" in public.see(path)
    number, secret = public.reported(
        photos=photograph(3, place=(113.45, 29.81)), name="王小明", phone=PHONE
    )
    own, everybody = f"/report/mine/{number}/{secret}", f"/report/{number}"
    assert "waits for an officer" in public.see(own)
    assert PHONE not in public.see(own) + public.see(everybody)
    photos = re.findall(rf"{re.escape(own)}/photos/[0-9a-f]{{64}}", public.see(own))
    shown = public.client.get(photos[0])
    with Image.open(io.BytesIO(shown.content)) as bare:
        assert bare.format == "JPEG"
        assert not bare.getexif()
    sha = photos[0].rpartition("/")[2]
    assert public.client.get(f"{everybody}/photos/{sha}").status_code == 404
    assert public.client.get(f"/report/mine/{number}/{'A' * 24}").status_code == 404

    walk.case = _file(public, number)
    assert "Being" in public.see(own) or "being dealt with" in public.see(own)
    _settle(walk)
    page = public.see(everybody)
    assert "closed" in page
    assert "已更换沿石" in page, "what was done, in words that the register makes public"
    assert re.findall(rf"{re.escape(everybody)}/photos/[0-9a-f]{{64}}", page), "the picture after"
    key = str(uuid.uuid4())
    judged = public.client.post(
        own, {"do": "judge", "_key": key, "satisfaction": "dissatisfied", "reason": "第二天又断了"}
    )
    assert judged.status_code == 302, judged.content.decode()
    page = public.see(own)
    follower = re.search(r'/report/mine/(QZ-[\d-]+)/([\w-]+)"', page.replace(own, ""))
    assert follower is not None
    assert "waits for an officer" in public.see(f"/report/mine/{follower[1]}/{follower[2]}")
    first = get_case(public.case(number), actor=SYSTEM, now=public.now)
    assert first.row.state == "finished"
    assert "第二天又断了" not in public.see(everybody)
    again = find_case_by_number(follower[1], actor=SYSTEM, now=public.now)
    assert Case.objects.get(pk=again.id).rebound_of_id == first.row.id
    assert (again.state, again.facts["source"]) == ("received", "dissatisfied")
    for figure in ("citizens.reports", "citizens.reopened"):
        assert measure(get_figure(figure), _until(public.now)).value == 1


def _until(now: dt.datetime) -> Scope:
    return Scope(end=now + dt.timedelta(days=1))


def _settle(walk: Walk) -> None:
    walk.must("file", "supervision")
    order = {"responsible": str(walk.offices["worker"]), "ownership": "known"}
    walk.must("dispatch", "command", order)
    walk.must("finish", "worker", {"done": "已更换沿石"}, "after")
    walk.must("check", "collector", {"result": "passed"}, "check")
    walk.must("close", "supervision")


def test_personal_data_stays_with_the_officers(public: Public) -> None:
    spoken = f"电话 138-1234-5678，身份证{RESIDENT_ID}，沿石坏了"
    number, secret = public.reported(description=spoken, phone=PHONE, name="王小明")
    case = public.case(number)
    pages = [public.see(f"/report/{number}"), public.see(f"/report/mine/{number}/{secret}")]
    pages += [public.see(f"{ROOT}/requests/{number}.{kind}") for kind in ("xml", "json")]
    for page in pages:
        assert not re.search(r"1[3-9][\d -]{9,13}|\d{17}[\dXx]|王小明|沿石坏了", page)
    desk = public.officer.get(f"/cases/{case}/").content.decode()
    assert "身份证" in desk, "officers read the words as they came"
    assert PHONE not in desk
    left = {"_key": str(uuid.uuid4()), "_version": "1", "photos_public": "false"}
    release = f"/cases/{case}/actions/release"
    refused = public.officer.post(release, left | {"public_text": spoken})
    assert refused.status_code == 422
    done = public.officer.post(
        release, left | {"public_text": "沿石坏了", "_key": str(uuid.uuid4())}
    )
    assert done.status_code == 302
    assert "沿石坏了" in public.see(f"/report/{number}")
    contact = f"/public-reports/{case}/contact"
    assert public.officer.post(contact, {"_key": "a", "reason": ""}).status_code == 422
    shown = public.officer.post(contact, {"_key": "b", "reason": "核实位置"})
    assert PHONE in shown.content.decode()
    detail = get_case(case, actor=SYSTEM, now=public.now)
    assert [step.action for step in detail.steps][-1] == "read_contact"


def test_the_same_again_is_suggested_and_merged(public: Public) -> None:
    first, _secret = public.reported()
    again = public.report(**{"description": "路边石头坏了", "place.longitude": "113.4513"})
    assert again.status_code == 200
    assert f"/report/{first}" in again.content.decode()
    second, _secret = public.reported(
        **{"description": "路边石头坏了", "place.longitude": "113.4513", "anyway": "1"}
    )
    case = public.case(second)
    desk = public.officer.get(f"/cases/{case}/").content.decode()
    assert first in desk
    merged = public.officer.post(
        f"/cases/{case}/actions/merge",
        {"_key": str(uuid.uuid4()), "_version": "1", "original": first},
    )
    assert merged.status_code == 302, merged.content.decode()
    assert f"see report {first}" in public.see(f"/report/{second}")
    far = public.report(**{"place.longitude": "113.60", "description": "别处沿石"})
    assert far.status_code == 302, "far away it is another one"


def test_bad_input_is_told_and_nothing_typed_is_lost(public: Public) -> None:
    wrongs: list[tuple[dict[str, Any], str]] = [
        ({"photos": SimpleUploadedFile("a.jpg", b"#!/bin/sh\necho x\n")}, "program or a script"),
        ({"photos": SimpleUploadedFile("a.jpg", b"<script>alert(1)</script>")}, "no photograph"),
        ({"photos": photograph(5, taken="2023-05-02")}, "The camera says 2023-05-02"),
        ({"photos": photograph(6, place=(116.4, 39.9))}, "outside the county"),
        ({"place.longitude": "116.4", "place.latitude": "39.9"}, "outside the county"),
        ({"place.longitude": "x"}, "degrees"),
        ({"place.longitude": "", "place.latitude": "", "place.address": ""}, "Say where it is"),
        ({"description": ""}, "Say what is wrong"),
        ({"email": "nobody"}, "no address of mail"),
        ({"website": "http://spam"}, "Leave this empty"),
        ({"stamp": "forged"}, "open for too long"),
    ]
    for wrong, said in wrongs:
        answer = public.report(**wrong)
        page = answer.content.decode()
        assert answer.status_code == 422, (wrong, page)
        assert said in page, wrong
        if "description" not in wrong:
            assert "老人绊倒" in page


def _api_key(public: Public, roles: tuple[str, ...] = ("report_channel",)) -> str:
    office = ensure_organisation("12345热线平台", "agency", now=public.now)
    settle("platform", "平台", office, roles, now=public.now)
    expires = public.now + dt.timedelta(days=30)
    return issue_token(username="platform", label="t", now=public.now, expires_at=expires).secret


# The elements of GeoReport v2 (wiki.open311.org) by their list, in its words; a client such as
# `three` reads what stands below the root, whatever its name.
_ELEMENTS = {
    "services": "service: service_code service_name description metadata type keywords group",
    "service_requests": (
        "request: service_request_id status status_notes service_name service_code description "
        "agency_responsible service_notice requested_datetime updated_datetime expected_datetime "
        "address address_id zipcode lat long media_url token account_id"
    ),
    "attributes": (
        "attribute: variable code datatype required datatype_description order description values"
    ),
    "values": "value: key name",
    "endpoints": "endpoint: specification url changeset type formats",
    "service_requests_updates": (
        "request_update: update_id service_request_id status updated_datetime description media_url"
    ),
    "errors": "error: code description",
}


def _xml(public: Public, path: str, status: int = 200) -> Element:
    answer = public.client.get(f"{ROOT}/{path}")
    assert answer.status_code == status, answer.content
    found: Element = fromstring(answer.content)
    lists = [each for each in found.iter() if each.tag in _ELEMENTS]
    assert lists, found.tag
    for each in lists:
        name, _colon, parts = _ELEMENTS[each.tag].partition(": ")
        for item in each:
            assert item.tag == name
            assert {part.tag for part in item} <= set(parts.split())
    return found


def test_open311_as_fixmystreet_speaks_it(public: Public, walk: Walk) -> None:
    assert _xml(public, "discovery.xml").findtext("endpoints/endpoint/url")
    services = _xml(public, "services.xml?jurisdiction_id=421083")
    codes = {each.findtext("service_code") for each in services.findall("service")}
    assert {KERB, "river-problem.water_hyacinth"} <= codes
    meta = _xml(public, "services/river-problem.water_hyacinth.xml")
    kinds = {each.findtext("code"): each.findtext("datatype") for each in meta.iter("attribute")}
    assert kinds == {"quantity": "number", "quantity_unit": "singlevaluelist"}
    key = _api_key(public)
    sent = {
        "jurisdiction_id": "421083", "api_key": key, "service_code": KERB, "lat": "29.8123",
        "long": "113.4512", "description": "Broken kerb\n\nhttps://fms.example/report/17\n",
        "first_name": "Ada", "last_name": "L", "email": "ada@example.org", "media_url":
        ["https://fms.example/photo.jpg", "https://fms.example/photo2.jpg"],
        "attribute[fixmystreet_id]": "17",
        "attribute[also]": ["slope", "puddle"],
    }  # fmt: skip
    answer = public.client.post(f"{ROOT}/requests.xml", sent)
    assert answer.status_code == 201, answer.content
    number = fromstring(answer.content).findtext("request/service_request_id")
    again = public.client.post(f"{ROOT}/requests.xml", sent)
    assert (
        again.status_code,
        fromstring(again.content).findtext("request/service_request_id"),
    ) == (200, number)
    assert number is not None
    detail = get_case(public.case(number), actor=SYSTEM, now=public.now)
    assert detail.row.facts["media_url"] == "https://fms.example/photo.jpg"
    answers = json.loads(detail.row.facts["answers"])
    assert (answers["also"], answers["media_url"]) == (
        ["slope", "puddle"], "https://fms.example/photo2.jpg",
    )  # fmt: skip
    found = _xml(public, f"requests/{number}.xml").find("request")
    assert found is not None
    assert (found.findtext("status"), found.findtext("lat")) == ("open", "29.8123")
    token = _xml(public, f"tokens/{detail.row.id}.xml")
    assert token.findtext("request/service_request_id") == number
    update = {
        "api_key": key, "service_request_id": number, "update_id": "5", "status": "OPEN",
        "updated_datetime": "2026-06-01T09:00:00+08:00", "description": "Still there", "last_name": "L",
    }  # fmt: skip
    kept = public.client.post(f"{ROOT}/servicerequestupdates.xml", update)
    assert kept.status_code == 201, kept.content
    assert fromstring(kept.content).findtext("request_update/update_id")
    assert public.client.post(f"{ROOT}/servicerequestupdates.xml", update).status_code == 200
    # A photograph without words, and a change of state alone: FixMyStreet sends them so.
    for number_there, more in enumerate(({"media_url": "https://fms.example/c/9.jpg"}, {}), 6):
        wordless = update | more | {"update_id": str(number_there), "description": ""}
        answer = public.client.post(f"{ROOT}/servicerequestupdates.xml", wordless)
        assert answer.status_code == 201, answer.content
    refused = public.officer.post(
        f"/cases/{detail.row.id}/actions/refuse",
        {"_key": str(uuid.uuid4()), "_version": "4", "answer": "属私人庭院"},
    )
    assert refused.status_code == 302
    span = "start_date=2026-06-01T00:00:00Z&end_date=2026-06-01T03:00:00Z"
    told = _xml(public, f"servicerequestupdates.xml?{span}&api_key={key}").findall("request_update")
    assert [(each.findtext("status"), each.findtext("description")) for each in told] == [
        ("no_further_action", "Not taken up: 属私人庭院")
    ], "closed would be shown as fixed there"
    # What FixMyStreet asks by itself every few minutes, and reads only with id, place and time.
    (seen,) = _xml(public, f"requests.xml?{span}&jurisdiction_id=421083").findall("request")
    assert all(seen.findtext(name) for name in ("service_request_id", "lat", "long"))
    assert (
        "2026-06-01T00:00:00Z" <= str(seen.findtext("updated_datetime")) <= "2026-06-01T03:00:00Z"
    )


def test_open311_in_json_with_a_photograph_pages_and_filters(public: Public) -> None:
    for index in range(3):
        answer = public.client.post(
            f"{ROOT}/requests.json",
            {
                "service_code": KERB, "address_string": f"新堤街道{index}号", "description": "坏了",
                "api_key": "", "media": photograph(index + 11),
            },
        )  # fmt: skip
        assert answer.status_code == 201, answer.content
    every = public.client.get(f"{ROOT}/requests.json").json()
    assert len(every) == 3
    pages = [
        public.client.get(f"{ROOT}/requests.json?page={n}&page_size=2").json() for n in (1, 2, 3)
    ]
    assert [len(page) for page in pages] == [2, 1, 0]
    assert pages[0] + pages[1] == every
    one = every[0]["service_request_id"]
    ask = {
        f"service_request_id={one},QZ-0-0": 1, "status=closed": 0, "status=open": 3,
        "service_code=river-problem.silt": 0, "start_date=2026-06-02T00:00:00Z": 0,
        "end_date=2026-05-01T00:00:00Z": 0,
    }  # fmt: skip
    for query, count in ask.items():
        assert len(public.client.get(f"{ROOT}/requests.json?{query}").json()) == count, query
    assert every[0]["media_url"] is None, "pictures are public only when an officer has said so"


_REFUSED: tuple[tuple[str, str, dict[str, str], int], ...] = (
        ("get", "services.xml", {"jurisdiction_id": "sf.gov"}, 404),
        ("get", "services/nothing.json", {}, 404),
        ("get", "services.html", {}, 404),
        ("get", "requests/QZ-1-1.json", {}, 404),
        ("get", "requests.json", {"start_date": "yesterday"}, 400),
        ("get", "requests.json", {"status": "half"}, 400),
        ("get", "requests.json", {"page": "0"}, 400),
        ("get", "tokens/none.xml", {}, 404),
        ("get", "nowhere/at/all.xml", {}, 404),
        ("post", "services.xml", {}, 405),
        ("post", "requests.json", {}, 400),
        ("post", "requests.json", {"service_code": KERB, "description": "x"}, 400),
        ("post", "requests.json", {"service_code": KERB, "description": "x", "lat": "91", "long": "1"}, 400),
        ("post", "requests.json", {"service_code": KERB, "description": "x", "lat": "29.8"}, 400),
        ("post", "requests.json", {"service_code": KERB, "description": "x", "lat": "39.9", "long": "116.4"}, 400),
        ("post", "requests.json", {"service_code": KERB, "description": "x", "address_id": "#NOTPINPOINTED#"}, 400),
        ("post", "requests.json", {"service_code": KERB, "description": "x", "address_string": "a", "api_key": "honghu_x"}, 403),
        ("post", "requests.json", {"service_code": KERB, "description": "x", "address_string": "a", "media_url": "javascript:1"}, 400),
        ("post", "requests.json", {"service_code": KERB, "description": "x" * 4001, "address_string": "a"}, 400),
        ("post", "requests.json", {"service_code": KERB, "description": "a\x00b", "address_string": "a"}, 400),
        ("post", "requests.json", {"service_code": KERB, "description": "x", "address_string": "a", "attribute[also]": "nothing"}, 400),
        ("post", "servicerequestupdates.xml", {"description": "x"}, 403),
)  # fmt: skip


def test_open311_refuses_in_its_own_shape(public: Public) -> None:
    for method, path, fields, status in _REFUSED:
        answer = getattr(public.client, method)(f"{ROOT}/{path}", fields)
        assert answer.status_code == status, (path, fields, answer.content)
        if path.endswith("json"):
            error = answer.json()[0]
            assert (error["code"], bool(error["description"])) == (str(status), True)
        else:
            errors = fromstring(answer.content).findall("error")
            assert errors[0].findtext("code") == str(status)
            assert errors[0].findtext("description")


_TEXTS = st.text(max_size=30) | st.sampled_from(
    ["", "1e9999", "-0", "NaN", "113.45", "29.81", "\x00", "9" * 400]
)


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.dictionaries(
        st.sampled_from(
            ["lat", "long", "description", "address_string", "address_id", "email", "phone", "media_url",
             "api_key", "attribute[also]", "attribute[]", "attribute[x][]", "jurisdiction_id", "account_id"]
        ),
        _TEXTS,
    ),
    st.sampled_from([KERB, "river-problem.silt", "", "urban-problem", "x.y"]),
)  # fmt: skip
def test_whatever_is_posted_gets_a_clear_answer(
    public: Public, fields: dict[str, str], code: str
) -> None:
    limiting._posts = Buckets(window_seconds=3600)
    sent = {name: text.encode("utf-8", "replace") for name, text in fields.items()}
    answer = public.client.post(f"{ROOT}/requests.json", sent | {"service_code": code})
    assert answer.status_code in {201, 400, 403, 404, 409}, answer.content
    found = answer.json()[0]
    assert found.get("service_request_id") or found["description"]


def test_who_reports_too_much_is_told_to_wait(public: Public) -> None:
    statuses = [
        public.client.post(
            f"{ROOT}/requests.json",
            {"service_code": KERB, "description": f"第{n}处", "address_string": f"{n}号"},
        ).status_code
        for n in range(31)
    ]
    assert statuses == [201] * 30 + [429]
