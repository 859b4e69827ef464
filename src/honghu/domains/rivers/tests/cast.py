"""Invented offices and people of a county's waters, for tests: who finds, rectifies, checks."""

import dataclasses
import datetime as dt
import io
import random
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from PIL import Image

from honghu.base.earth import Point
from honghu.kernel.cases.commands import open_case, perform
from honghu.kernel.cases.queries import find_case
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.documents.commands import open_series
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.modules.commands import publish_shipped
from honghu.kernel.parties.actor import SYSTEM, Actor
from honghu.kernel.parties.commands import add_organisation, add_person, appoint
from honghu.kernel.parties.models import Person
from honghu.kernel.parties.queries import get_actor

SINCE = dt.date(2022, 1, 1)
OFFICES = {
    "office": ("洪湖市河湖长制办公室", "office"),
    "city": ("洪湖市人民政府", "office"),
    "town": ("峰口镇人民政府", "township"),
    "other_town": ("万全镇人民政府", "township"),
    "village": ("峰口镇柳荡村村民委员会", "village"),
}
PEOPLE = {
    "clerk": ("苏青禾", "office", ("river_supervisor", "river_officer")),
    "head": ("江望平", "office", ("river_head",)),
    "mayor": ("秦远山", "city", ("river_chief", "patrol_reporter")),
    "town_clerk": ("陶柳生", "town", ("river_officer", "town_checker")),
    "town_head": ("范水根", "town", ("river_head",)),
    "town_chief": ("鲁长河", "town", ("river_chief", "patrol_reporter")),
    "other_town": ("游万泉", "other_town", ("co_rectifier", "rectifier", "river_officer")),
    "villager": ("杜满仓", "village", ("rectifier",)),
    "village_chief": ("段守堤", "village", ("river_chief", "patrol_reporter")),
    "witness": ("白见贤", "village", ("patrol_witness",)),
}
MARKS = {"office": "洪河办", "town": "峰河办", "village": "柳荡"}
SERIES = (
    "整改通知",
    "交办单",
    "提醒函",
    "督办单",
    "约谈通知",
    "通报",
    "验收单",
    "销号申请表",
    "巡查日志",
)
HERE = Point(Decimal("113.3501"), Decimal("30.0801"))


@dataclasses.dataclass(slots=True)
class Cast:
    """The people at a moment; the clock is moved by the test."""

    now: dt.datetime
    organisations: dict[str, uuid.UUID]
    people: dict[str, Person]
    keys: int = 0

    def actor(self, who: str) -> Actor:
        """A person as an actor of the own organisation."""
        organisation = self.organisations[PEOPLE[who][1]]
        person = self.people[who].id
        return get_actor(person_id=person, on=self.now.date(), organisation_id=organisation)

    def appoint(self, who: str, role: str) -> None:
        """Give somebody one more role in the own organisation."""
        organisation = self.organisations[PEOPLE[who][1]]
        appoint(
            person_id=self.people[who].id,
            organisation_id=organisation,
            role=role,
            from_date=SINCE,
        )

    def later(self, **how: float) -> None:
        """Let time pass."""
        self.now += dt.timedelta(**how)

    def open(
        self, register: str, action: str, who: str, form: Mapping[str, Any], **more: Any
    ) -> uuid.UUID:
        """One person opens a case; its id."""
        self.keys += 1
        return open_case(
            register,
            action=action,
            actor=self.actor(who),
            now=self.now,
            idempotency_key=f"k{self.keys}",
            form=form,
            **more,
        ).case_id

    def do(
        self,
        case_id: uuid.UUID,
        action: str,
        who: str,
        form: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> CaseRow:
        """One person performs one action; the case as it then stands."""
        self.keys += 1
        perform(
            case_id,
            action,
            actor=self.actor(who),
            now=self.now,
            idempotency_key=f"k{self.keys}",
            form=form or {},
            **more,
        )
        return self.see(case_id)

    def see(self, case_id: uuid.UUID) -> CaseRow:
        """A case as it stands."""
        return find_case(case_id, actor=SYSTEM, now=self.now)

    def photo(
        self, who: str, place: Point | None = HERE, *, ago: dt.timedelta | None = None
    ) -> str:
        """A picture that no other resembles, taken now or before, uploaded; its digest."""
        self.keys += 1
        captured = self.now - ago if ago is not None else self.now
        stored = store_evidence(
            content=picture(self.keys),
            filename=f"{self.keys}.png",
            actor=self.actor(who),
            now=self.now,
            kind="photo",
            captured_at=captured,
            place=place,
        )
        return stored.sha256

    def file(
        self,
        who: str,
        content: bytes | None = None,
        name: str = "proof.txt",
        kind: str = "document",
    ) -> str:
        """A file that somebody has uploaded; its digest."""
        self.keys += 1
        body = content or f"proof {self.keys}\n".encode()
        stored = store_evidence(
            content=body, filename=name, actor=self.actor(who), now=self.now, kind=kind
        )
        return stored.sha256

    # The roll

    def water(self, code: str = "HH-FK-01", name: str = "中府河", level: str = "town") -> uuid.UUID:
        """A water on the roll."""
        form = {"code": code, "name": name, "kind": "river", "level": level, "length_km": "6.2"}
        return self.open("water-body", "enter", "clerk", form)

    def section(self, code: str = "FK-01-1", water: str = "HH-FK-01", **changes: Any) -> uuid.UUID:
        """A section of a water, led by the town."""
        form = {
            "code": code,
            "water_body_code": water,
            "seq": 1,
            "bank": "both",
            "begins": "柳荡闸",
            "ends": "陈赵桥",
            "length_m": 2600,
            "town": str(self.organisations["town"]),
            "region": "421083105",
        }
        return self.open("river-section", "enter", "clerk", form | changes)

    def post(
        self, who: str, level: str, section: str = "FK-01-1", from_on: str = "2023-01-01"
    ) -> CaseRow:
        """A post that its chief has taken up."""
        form = {
            "chief_name": PEOPLE[who][0],
            "duty": "河长",
            "level": level,
            "organisation": str(self.organisations[PEOPLE[who][1]]),
            "section_code": section,
            "from_on": from_on,
        }
        post = self.open("chief-post", "appoint", "clerk", form)
        return self.do(post, "take_up", who)

    # Problems

    def found(
        self, who: str = "town_clerk", place: Point | None = HERE, **changes: Any
    ) -> uuid.UUID:
        """A problem that somebody has found."""
        links = {code: changes.pop(code) for code in ("rebound_of_id",) if code in changes}
        form = {
            "section_code": "FK-01-1",
            "location": "柳荡闸下游200米",
            "place": {"lon": "113.3501", "lat": "30.0801"},
            "source": "patrol",
            "found_on": self.now.date().isoformat(),
            "category": "water_hyacinth",
            "description": "水葫芦成片，影响行洪",
        }
        before = {"before": [self.photo(who, place)]}
        return self.open("river-problem", "open", who, form | changes, evidence=before, **links)

    def listed(self, problem: uuid.UUID, who: str = "town_clerk", **changes: Any) -> CaseRow:
        """Put a found problem on the list."""
        form = {
            "level": "city" if who == "clerk" else "town",
            "severity": "minor",
            "measure": "人工打捞，船只配合，外运处置",
            "responsible": str(self.organisations["village"]),
            "responsible_person": "杜满仓",
        }
        return self.do(problem, "list", who, form | changes)

    def working(
        self, who: str = "town_clerk", head: str = "town_head", **changes: Any
    ) -> uuid.UUID:
        """A problem that is listed, noticed and signed for."""
        problem = self.found(who, **changes)
        self.listed(problem, who)
        self.do(problem, "issue", head)
        self.do(problem, "sign", "villager")
        return problem

    def input(
        self,
        problem: uuid.UUID,
        kind: str = "labour",
        amount: str = "8",
        who: str = "villager",
        **more: Any,
    ) -> None:
        """A line of input of today."""
        form = {"day": self.now.date().isoformat(), "kind": kind, "amount": amount} | more
        self.do(problem, "record_input", who, form)

    def output(
        self,
        problem: uuid.UUID,
        material: str = "water_hyacinth",
        unit: str = "m2",
        amount: str = "1200",
    ) -> None:
        """A line of what was cleared today."""
        form = {
            "day": self.now.date().isoformat(),
            "material": material,
            "measure_unit": unit,
            "amount": amount,
            "site": "峰口镇堆沤场",
        }
        self.do(problem, "record_output", "villager", form)

    def submit(self, problem: uuid.UUID, *after: str, **form: str) -> CaseRow:
        """Apply to strike off a little later, with photographs."""
        self.later(minutes=10)
        shots: Sequence[str] = after or (self.photo("villager"),)
        return self.do(
            problem,
            "submit",
            "villager",
            {"summary": "已清理"} | form,
            evidence={"after": list(shots)},
        )

    def review(self, problem: uuid.UUID, who: str, result: str = "passed") -> CaseRow:
        """The issuing level verifies on site."""
        form = {"result": result, "checklist": ["cleared", "pairs", "quantities"]}
        return self.do(problem, "review", who, form, evidence={"check": [self.photo(who)]})

    def struck_off(
        self, who: str = "town_clerk", head: str = "town_head", **changes: Any
    ) -> uuid.UUID:
        """A problem from finding to striking off."""
        problem = self.working(who, head, **changes)
        self.later(days=1)
        self.input(problem)
        self.output(problem)
        self.submit(problem)
        self.do(problem, "first_check", "town_clerk", {"result": "passed"})
        self.review(problem, head)
        return problem


def settle(now: dt.datetime) -> Cast:
    """Publish what the modules ship; enter offices, people and their document series."""
    publish_shipped(now=now)
    organisations = {
        code: add_organisation(name=name, kind=kind, now=now).id
        for code, (name, kind) in OFFICES.items()
    }
    for code, mark in MARKS.items():
        for series in SERIES:
            open_series(
                code=series,
                organ_mark=f"{mark}{series}",
                organisation_id=organisations[code],
                organ_name=OFFICES[code][0],
                now=now,
            )
    people = {}
    for who, (name, office, roles) in PEOPLE.items():
        people[who] = add_person(name=name, now=now)
        for role in roles:
            appoint(
                person_id=people[who].id,
                organisation_id=organisations[office],
                role=role,
                from_date=SINCE,
            )
    return Cast(now, organisations, people)


def picture(seed: int) -> bytes:
    """A small picture of its own."""
    shades = random.Random(seed)  # noqa: S311 pictures, not secrets
    image = Image.frombytes("RGB", (8, 6), shades.randbytes(144)).resize((64, 48))
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()


def track(start: dt.datetime, *, minutes: int, metres: int, points: int = 20) -> bytes:
    """A GPX track eastwards along a parallel: so many metres in so many minutes."""
    lat, lon = 30.08, 113.35
    degrees = metres / 96_285  # a degree of longitude at 30.08° north, metres
    steps = points - 1
    fixes = "".join(
        f'<trkpt lat="{lat}" lon="{lon + degrees * i / steps:.7f}"><time>'
        f"{(start + dt.timedelta(minutes=minutes) * i / steps).astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
        "</time></trkpt>"
        for i in range(points)
    )
    return (
        '<?xml version="1.0"?><gpx version="1.1" creator="test" '
        'xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>'
        f"{fixes}</trkseg></trk></gpx>"
    ).encode()
