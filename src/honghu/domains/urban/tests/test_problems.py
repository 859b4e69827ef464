"""Urban problems and vehicles through their registers, and the edge cases around them."""

import datetime as dt
import io
import itertools
import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from honghu.analytics.figure import Scope
from honghu.analytics.queries import measure
from honghu.analytics.registry import get_figure
from honghu.base.problems import Invalid
from honghu.domains.urban.commands import StandardNotInForce, UnableToMergeProblem
from honghu.kernel.cases.commands import LimitReached, open_case, perform
from honghu.kernel.cases.permissions import SameHands
from honghu.kernel.cases.queries import find_case
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.documents.commands import open_series
from honghu.kernel.evidence.commands import EvidenceReusedError, store_evidence
from honghu.kernel.parties.actor import SYSTEM, Actor
from honghu.kernel.parties.commands import add_organisation, add_person, appoint
from honghu.kernel.parties.queries import get_actor

CHINA = ZoneInfo("Asia/Shanghai")
ROLES = {
    "collector": ("centre", "urban_collector"),
    "other_collector": ("agency", "urban_collector"),
    "supervision": ("centre", "urban_supervision"),
    "command": ("command", "urban_command"),
    "sweeper": ("sanitation", "urban_unit"),
    "town": ("township", "urban_unit"),
    "fleet": ("brigade", "urban_fleet"),
}
KINDS = {"agency": "agency", "sanitation": "agency", "township": "township"}
HERE = {"lon": "113.450000", "lat": "29.810000"}
NEAR = {"lon": "113.450000", "lat": "29.810250"}
FAR = {"lon": "113.450000", "lat": "29.810300"}
numbers = itertools.count(1)


class City:
    """The offices of a city and what they do, at an hour that can be moved."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now
        self.offices: dict[str, uuid.UUID] = {}
        self.people: dict[str, Actor] = {}
        for name, (office, role) in ROLES.items():
            if office not in self.offices:
                kind = KINDS.get(office, "office")
                made = add_organisation(name=f"洪湖{office}", kind=kind, now=now)
                self.offices[office] = made.id
            person = add_person(name=name, now=now)
            appoint(
                person_id=person.id,
                organisation_id=self.offices[office],
                role=role,
                from_date=now.date() - dt.timedelta(days=3000),
            )
            self.people[name] = get_actor(person_id=person.id, on=now.date())

    def photo(self, who: str, seed: int | None = None, shift: int = 0) -> str:
        seed = seed if seed is not None else next(numbers)
        image = Image.new("L", (32, 32))
        values = [(seed * 7919 * (i // 64 + 3) ** 2 >> 3) % 200 for i in range(1024)]
        image.putdata([value + shift for value in values])
        content = io.BytesIO()
        image.save(content, "PNG")
        return self._store(who, content.getvalue(), "photo.png", "photo")

    def paper(self, who: str) -> str:
        return self._store(who, f"材料{next(numbers)}\n".encode(), "paper.txt", "document")

    def _store(self, who: str, content: bytes, name: str, kind: str) -> str:
        actor = self.people[who]
        stored = store_evidence(
            content=content, filename=name, actor=actor, now=self.now, kind=kind
        )
        return stored.evidence.sha256

    def open(
        self,
        register: str,
        action: str,
        who: str,
        form: Mapping[str, Any],
        **evidence: Sequence[str],
    ) -> uuid.UUID:
        return open_case(
            register,
            action=action,
            actor=self.people[who],
            now=self.now,
            idempotency_key=str(uuid.uuid4()),
            form=form,
            evidence=evidence,
        ).case_id

    def do(
        self,
        case: uuid.UUID,
        action: str,
        who: str,
        form: Mapping[str, Any] | None = None,
        **evidence: Sequence[str],
    ) -> str:
        return perform(
            case,
            action,
            actor=self.people[who],
            now=self.now,
            idempotency_key=str(uuid.uuid4()),
            form=form or {},
            evidence=evidence,
        ).state

    def see(self, case: uuid.UUID) -> CaseRow:
        return find_case(case, actor=SYSTEM, now=self.now)

    def collected(self, seed: int | None = None, **changes: Any) -> uuid.UUID:
        form = {
            "problem": "路面积尘",
            "kind": "event",
            "category": "dirty_road",
            "source": "collector",
            "spotted_at": self.now.isoformat(),
            "place": HERE,
            "grid": "新堤街道03网格",
        }
        before = [self.photo("collector", seed)]
        return self.open("urban-problem", "open", "collector", form | changes, before=before)

    def dispatched(self, seed: int | None = None, **changes: Any) -> uuid.UUID:
        case = self.collected(seed, **changes)
        self.do(case, "file", "supervision")
        self.do(case, "dispatch", "command", self.to_unit())
        return case

    def to_unit(self, unit: str = "sanitation", ownership: str = "known") -> dict[str, str]:
        return {"responsible": str(self.offices[unit]), "ownership": ownership}

    def closed(self, case: uuid.UUID) -> None:
        self.do(case, "finish", "sweeper", {"done": "已清扫"}, after=[self.photo("sweeper")])
        check = [self.photo("collector")]
        self.do(case, "check", "collector", {"result": "passed"}, check=check)
        self.do(case, "survey", "supervision", {"satisfaction": "satisfied"})
        assert self.do(case, "close", "supervision") == "closed"

    def rate(self, code: str) -> tuple[object, object]:
        found = measure(get_figure(f"urban.{code}"), Scope(end=self.now))
        return found.numerator, found.denominator


@pytest.fixture
def city(shipped: None, now: dt.datetime) -> City:
    city = City(now)
    open_series(
        code="城管派遣",
        organ_mark="洪城管派",
        organisation_id=city.offices["command"],
        organ_name="洪湖指挥中心",
        now=now,
    )
    return city


def test_a_problem_goes_the_whole_loop(city: City) -> None:
    case = city.collected(cause="车辆带泥", kind="event")
    assert city.see(case).facts["class_code"] == "01"
    city.do(case, "file", "supervision")
    meeting = {"meeting": "现场会", "deciders": "分管领导", "cause": "车辆带泥", "measure": "冲洗"}
    with pytest.raises(Invalid):
        city.do(
            case, "decide_on_site", "command", meeting | {"measure": ""},
            during=[city.photo("command")],
        )  # fmt: skip
    city.do(case, "decide_on_site", "command", meeting, during=[city.photo("command")])
    city.do(case, "dispatch", "command", city.to_unit("township"))
    assert city.do(case, "return_dispatch", "town", {"reason": "不属本镇道路"}) == "filed"
    city.do(case, "dispatch", "command", city.to_unit())
    city.do(case, "finish", "sweeper", {"done": "已清扫"}, after=[city.photo("sweeper")])
    check = {"check": [city.photo("collector")]}
    assert city.do(case, "check", "collector", {"result": "failed"}, **check) == "handling"
    city.closed(case)
    city.now += dt.timedelta(hours=1)
    assert city.rate("closing_rate") == city.rate("on_time_rate") == (1, 1)
    assert city.rate("rework_rate") == (1, 2)
    assert city.rate("on_site_share") == city.rate("wrong_dispatch_rate") == (1, 1)
    assert city.rate("satisfaction_rate") == (1, 1)


def test_edge_duplicate_within_30_metres_and_24_hours(city: City) -> None:
    first = city.collected()
    second = city.collected(place=NEAR)
    assert city.see(second).facts["similar"] == str(first)
    assert city.see(city.collected(place=FAR, category="puddle")).facts["similar"] is None
    assert (
        city.see(city.collected(place={"lon": "113.46", "lat": "29.81"})).facts["similar"] is None
    )
    with pytest.raises(UnableToMergeProblem):
        city.do(second, "merge", "supervision", {"duplicate_of": str(second)})
    assert city.do(second, "merge", "supervision", {"duplicate_of": str(first)}) == "merged"
    with pytest.raises(UnableToMergeProblem):
        city.do(first, "merge", "supervision", {"duplicate_of": str(second)})
    city.now += dt.timedelta(hours=25)
    assert city.see(city.collected()).facts["similar"] is None


def test_edge_should_close_leaves_out_stopped_clocks_and_what_is_not_due(city: City) -> None:
    due, parked, asked, late = (city.dispatched() for _number in range(4))
    why = {"reason": "地下管线权属待查"}
    city.do(parked, "park", "command", why, explanation=[city.paper("command")])
    city.do(asked, "ask_extension", "sweeper", why)
    city.closed(due)
    city.now += dt.timedelta(minutes=1)
    assert city.rate("closing_rate") == (1, 1), "two are not due yet, one stands still"
    city.now += dt.timedelta(days=3)
    assert city.rate("closing_rate") == (1, 2), "an answer is owed to the one that asked"
    before = city.rate("closing_rate"), Scope(end=city.now)
    city.do(asked, "grant_extension", "command", {"extension": "9 working_days"})
    city.now += dt.timedelta(hours=1)
    with pytest.raises(LimitReached):
        city.do(asked, "grant_extension", "command", {"extension": "9 working_days"})
    city.closed(late)
    figure = get_figure("urban.closing_rate")
    again = measure(figure, before[1])
    assert (again.numerator, again.denominator) == before[0], "what came later changes nothing"
    city.now += dt.timedelta(minutes=1)
    assert city.rate("closing_rate") == (2, 2)
    assert city.rate("on_time_rate") == (1, 2)


def test_edge_unclear_ownership_goes_to_the_town(city: City) -> None:
    case = city.collected()
    city.do(case, "file", "supervision")
    with pytest.raises(Invalid) as refusal:
        city.do(case, "dispatch", "command", city.to_unit(ownership="unclear"))
    assert "responsible" in refusal.value.fields
    city.do(case, "dispatch", "command", city.to_unit("township", "unclear"))
    assert city.see(case).state == "handling"


def test_edge_night_case_runs_in_working_hours(city: City) -> None:
    """Dispatched on Monday at 20:00: five working hours end on Tuesday at 16:00."""
    city.now = dt.datetime(2026, 6, 1, 20, tzinfo=CHINA)
    case = city.dispatched()
    assert city.see(case).due_at == dt.datetime(2026, 6, 2, 16, tzinfo=CHINA)


def test_edge_photo_retaken_at_the_same_angle(city: City) -> None:
    """A retake that looks like this case's own "before" is taken; the same bytes are refused."""
    case = city.dispatched(seed=5)
    done = {"done": "已清扫"}
    with pytest.raises(EvidenceReusedError):
        city.do(case, "finish", "sweeper", done, after=[city.photo("sweeper", 5)])
    assert (
        city.do(case, "finish", "sweeper", done, after=[city.photo("sweeper", 5, 3)]) == "reported"
    )


def test_the_unit_does_not_check_its_own_work(city: City) -> None:
    case = city.collected()
    city.do(case, "file", "supervision")
    city.do(case, "dispatch", "command", city.to_unit("agency"))
    worker = city.people["other_collector"]
    appoint(
        person_id=worker.person_id or uuid.uuid4(),
        organisation_id=city.offices["agency"],
        role="urban_unit",
        from_date=city.now.date() - dt.timedelta(days=1),
    )
    city.people["other_collector"] = get_actor(
        person_id=worker.person_id or uuid.uuid4(), on=city.now.date()
    )
    after = [city.photo("other_collector")]
    city.do(case, "finish", "other_collector", {"done": "已清扫"}, after=after)
    with pytest.raises(SameHands):
        city.do(
            case, "check", "other_collector", {"result": "passed"},
            check=[city.photo("other_collector")],
        )  # fmt: skip


def test_vehicles_are_marked_by_a_standard_and_unmarked_when_retired(city: City) -> None:
    today = city.now.date().isoformat()
    form = {
        "name": "吉林式样",
        "body_colour": "白",
        "stripe": "蓝",
        "text_front_rear": "城管执法",
        "number_pattern": "[0-9]{2}-[0-9]{3}",
        "number_example": "01-021",
        "effective_from": today,
        "source": "省级规范",
    }
    for wrong in ({"number_pattern": "["}, {"number_example": "1-21"}):
        with pytest.raises(Invalid):
            city.open("urban-marking-standard", "draft", "fleet", form | wrong)
    standard = city.open("urban-marking-standard", "draft", "fleet", form)
    vehicle = {
        "plate": "鄂DA1234",
        "vin": "LSVAM4187C2184847",
        "brand": "皮卡",
        "bought_on": "2022-05-01",
        "unit": str(city.offices["brigade"]),
        "condition": "good",
        "mileage": 12000,
        "insurance_until": "2027-01-01",
        "inspection_until": "2027-01-01",
    }
    cases = [
        city.open("urban-vehicle", "register", "fleet", vehicle | {"plate": f"鄂DA123{number}"})
        for number in range(3)
    ]
    mark = {
        "standard": str(standard),
        "body_number": "01-021",
        "supervision_phone": "0716-2200000",
        "marked_on": today,
    }

    def photos(who: str) -> list[str]:
        return [city.photo(who) for _side in range(4)]

    with pytest.raises(StandardNotInForce):
        city.do(cases[0], "mark", "fleet", mark, sides=photos("fleet"))
    city.do(standard, "verify", "supervision", {"result": "passed"})
    with pytest.raises(Invalid):
        city.do(cases[0], "mark", "fleet", mark | {"body_number": "0121"}, sides=photos("fleet"))
    with pytest.raises(Invalid):
        city.do(cases[0], "mark", "fleet", mark, sides=photos("fleet")[:3])
    for case in cases[:2]:
        city.do(case, "mark", "fleet", mark, sides=photos("fleet"))
        check = [city.photo("supervision")]
        city.do(case, "verify_marking", "supervision", {"result": "passed"}, check=check)
    city.do(cases[1], "retire", "fleet", {"reason": "报废"})
    city.now += dt.timedelta(minutes=1)
    assert city.rate("marking_rate") == (1, 2)
    assert city.rate("demarking_rate") == (0, 1)
    city.do(cases[1], "demark", "fleet", after=photos("fleet"))
    check = [city.photo("supervision")]
    passed = {"result": "passed"}
    assert city.do(cases[1], "verify_demarking", "supervision", passed, check=check) == "retired"
