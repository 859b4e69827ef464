"""Rivers of the sample county up to June 2023: chiefs who patrol, and lists that are struck off.

The rivers' names are the county's; its offices' people, villages and quantities are invented, such
that the sums are those that the county's newspaper printed in June 2023.
"""

import dataclasses
import datetime as dt
import io
import uuid
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from PIL import Image

from honghu.base.earth import Point
from honghu.kernel.cases.queries import find_case
from honghu.kernel.documents.commands import open_series
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.parties.actor import SYSTEM, Actor
from honghu.site.sample.billboards import (
    close_plan,
    draw_up_returns,
    file_paper_patrol,
    put_up_billboards,
)
from honghu.site.sample.county import SampleCounty
from honghu.site.sample.ground import course, draw_waters, middle

BEGAN: Final = dt.date(2023, 1, 3)
LABOUR, MACHINES, TRUCKS, BOATS = 460, 16, 230, 66
"""人次, 台次, 辆次, 艘次 that the newspaper printed."""
PLANTS_M2: Final = 165_000
RUBBISH_KG: Final = 345_000
CITY_RIVERS: Final = ("内荆河", "四湖总干渠", "洪排河")
"""Fed back by the city and rectified."""
WEEDED: Final = ("中府河", "大武河", "四新沟", "陈赵河")
"""Cleared of weeds within five days in June."""
_ALLIGATOR: Final = ("老闸河", "柴林河", "下新河")
_OTHERS: Final = (
    "丰口沟", "官渠", "子贝渊河", "五丰河", "蔡家河", "谢仁口河", "新洪沟", "龙船河", "南套沟",
    "友谊河", "跃进河", "联丰沟", "东港子河", "沙套湖渠", "王岭沟", "黄蓬沟", "柳西沟", "石码头渠",
    "三八沟", "万电河", "坡坝沟", "永丰沟", "杨林沟", "白庙沟", "汊河渠",
)  # fmt: skip
_STANDING: Final = ("螺山干渠", "排涝河")
"""Waters on which something still stands at the end of June; the first is the city's list."""
_RETURNING: Final = _OTHERS[1]
"""Plants drift back here in May: a rebound."""
_MISCOUNTED: Final = _OTHERS[0]
"""Three persons too many were recorded here, and reversed after closure."""
_TOWNS: Final = (
    ("峰口镇", "421083105", "柳荡村"),
    ("万全镇", "421083111", "荷塘村"),
    ("汊河镇", "421083112", "莲台村"),
    ("沙口镇", "421083110", "菱湾村"),
)
_SERIES: Final = (
    "整改通知", "验收单", "巡查日志", "季度表", "通报", "交办单", "提醒函", "督办单", "约谈通知",
)  # fmt: skip
_WEEKLY: Final = 4
"""Patrols of a village's chief in May; the last one made two and has not reported."""
_PLANT_KINDS: Final = ("water_hyacinth", "alligator_weed")
_MEASURES: Final = {
    "water_hyacinth": "人工打捞，船只配合，岸上堆沤",
    "alligator_weed": "机械打捞，当天清运",
    "bank_weeds": "人工割除，清运处置",
    "wild_caltrop": "船只打捞，清运处置",
    "household_waste": "人工捡拾，车辆清运",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Office:
    """A river office: who judges and who signs."""

    id: uuid.UUID
    clerk: Actor
    head: Actor


@dataclasses.dataclass(frozen=True, slots=True)
class Town:
    """A town with its office, its chief, and a village that does the work."""

    office: Office
    region: str
    chief: Actor
    village: uuid.UUID
    worker: Actor
    village_chief: Actor


@dataclasses.dataclass(frozen=True, slots=True)
class Job:
    """One problem to be: where, whose list, what, when, how long, and what it took."""

    river: str
    town: Town
    issuer: Office
    category: str
    found: dt.date
    days: int
    inputs: Mapping[str, int]
    cleared: int

    @property
    def level(self) -> str:
        """The level of its list."""
        return "town" if self.issuer is self.town.office else "city"


def load(county: SampleCounty) -> None:
    """Enter waters, chiefs and patrols, then let the problems run their way."""
    city = _office(county, "洪湖市河湖长制办公室", "office", "洪河办")
    towns = [_town(county, *each) for each in _TOWNS]
    places = _enter_waters(county, city, towns)
    post = _patrol(county, city, towns, places)
    cases: dict[str, uuid.UUID] = {}
    for job in _jobs(county, city, towns):
        case = _run(county, job, places, earlier=cases.get(job.river))
        cases[job.river] = case
        if job.river == _MISCOUNTED:
            _correct(county, job, case)
    _stand_open(county, city, towns, places)
    file_paper_patrol(county, post, towns[-1].chief)
    shown = {water: places[water] for water in (*_OTHERS[:4], *WEEDED[:1])}
    lead = [_town_of(water, towns) for water in shown]
    keepers = [(town.office.clerk, town.chief) for town in lead]
    put_up_billboards(county, city.clerk, keepers, shown)
    draw_up_returns(county, city.clerk, city.head)


def _office(county: SampleCounty, name: str, kind: str, mark: str) -> Office:
    organisation = county.organisation(name, kind)
    for series in _SERIES:
        open_series(
            code=series,
            organ_mark=f"{mark}{series}",
            organisation_id=organisation,
            organ_name=name,
            now=county.at(BEGAN),
        )
    supervisor = ["river_supervisor"] if kind == "office" else ["town_checker"]
    clerk = county.person(
        f"{mark[0]}晓渠", organisation, ["river_officer", *supervisor, "document_clerk"]
    )
    return Office(
        organisation,
        clerk,
        county.person(f"{mark[0]}定波", organisation, ["river_head", "patrol_witness"]),
    )


def _town(county: SampleCounty, name: str, region: str, village: str) -> Town:
    office = _office(county, f"{name}人民政府", "township", f"{name[0]}河办")
    village_id = county.organisation(f"{name}{village}村民委员会", "village")
    for series in ("销号申请表", "巡查日志"):
        open_series(
            code=series,
            organ_mark=f"{village}{series}",
            organisation_id=village_id,
            organ_name=f"{name}{village}村民委员会",
            now=county.at(BEGAN),
        )
    return Town(
        office,
        region,
        county.person(f"{name[0]}守河", office.id, ["river_chief", "patrol_reporter"]),
        village_id,
        county.person(f"{village[0]}满仓", village_id, ["rectifier"]),
        county.person(f"{village[0]}望堤", village_id, ["river_chief", "patrol_reporter"]),
    )


# Waters and patrols


def _enter_waters(
    county: SampleCounty, city: Office, towns: Sequence[Town]
) -> dict[str, tuple[str, Point]]:
    """Each water with one section; its section's code and a place on it, by name."""
    places = {}
    courses = {}
    names = (*CITY_RIVERS, *WEEDED, *_ALLIGATOR, *_OTHERS, *_STANDING)
    for index, name in enumerate(names):
        code = f"HH-{index + 1:02d}"
        is_city = name in (*CITY_RIVERS, _STANDING[0])
        town = _town_of(name, towns)
        at = county.at(BEGAN, 9, index)
        county.open(
            "water-body", city.clerk, at,
            {"code": code, "name": name, "kind": "channel" if name[-1] in "沟渠" else "river",
             "level": "city" if is_city else ("town" if index % 2 else "village"),
             "length_km": str(county.random.randrange(21, 140) / 10)},
            action="enter",
        )  # fmt: skip
        county.open(
            "river-section", city.clerk, at,
            {"code": f"{code}-1", "water_body_code": code, "seq": 1, "bank": "both",
             "begins": f"{name}进口闸", "ends": f"{name}出口闸", "town": str(town.office.id),
             "length_m": county.random.randrange(900, 4200), "region": town.region},
            action="enter",
        )  # fmt: skip
        courses[code] = (name, course(name, _TOWNS[towns.index(town)][0]))
        places[name] = (f"{code}-1", middle(courses[code][1]))
    draw_waters(county, courses)
    return places


def _town_of(river: str, towns: Sequence[Town]) -> Town:
    """What the newspaper says of 峰口 happens there; the others lie where they fall."""
    if river in (*WEEDED, *_ALLIGATOR):
        return towns[0]
    names = (*CITY_RIVERS, *_OTHERS, *_STANDING)
    return towns[names.index(river) % len(towns)]


def _patrol(
    county: SampleCounty,
    city: Office,
    towns: Sequence[Town],
    places: Mapping[str, tuple[str, Point]],
) -> str:
    """Chiefs of three levels with their plans of May; one of the villages lags behind.

    Returns the number of the last town's post.
    """
    town_post = ""
    government = county.organisation("洪湖市人民政府", "office")
    mayor = county.person("江怀远", government, ["river_chief", "patrol_reporter"])
    posts = [("city", mayor, government, CITY_RIVERS[0], 1)]
    for index, town in enumerate(towns):
        posts.append(("town", town.chief, town.office.id, _OTHERS[index], 3))
        done = _WEEKLY if index < len(towns) - 1 else 2
        posts.append(("village", town.village_chief, town.village, _OTHERS[index], done))
    for level, chief, organisation, river, done in posts:
        post = county.open(
            "chief-post", city.clerk, county.at(BEGAN, 14),
            {"chief_name": chief.name, "duty": f"{river}河湖长", "level": level,
             "organisation": str(organisation), "section_code": places[river][0],
             "from_on": BEGAN.isoformat()},
            action="appoint",
        )  # fmt: skip
        county.move(post, "take_up", chief, county.at(BEGAN, 15))
        number = find_case(post, actor=SYSTEM, now=county.at(BEGAN, 16)).number
        town_post = number if level == "town" else town_post
        plan = county.open(
            "patrol-plan", city.clerk, county.at(dt.date(2023, 4, 28)),
            {"post_number": number, "from_on": "2023-05-01", "to_on": "2023-05-31"},
            action="plan",
        )  # fmt: skip
        for turn in range(done):
            _file_track(county, number, chief, dt.date(2023, 5, 4 + 7 * turn))
        if level == "town" or done == _WEEKLY:
            close_plan(county, plan, chief, city.clerk)
    return town_post


def _file_track(county: SampleCounty, post: str, chief: Actor, day: dt.date) -> None:
    start = county.at(day, 8, county.random.randrange(50))
    minutes, metres = county.random.randrange(35, 95), county.random.randrange(2100, 4600)
    content = _gpx(start, minutes, metres)
    now = start + dt.timedelta(minutes=minutes + 20)
    track = store_evidence(
        content=content, filename="patrol.gpx", actor=chief, now=now, kind="track"
    ).sha256
    county.open(
        "river-patrol", chief, now,
        {"post_number": post, "mode": "online", "observations": "水面总体清洁", "findings": 0},
        action="file_track", evidence={"track": [track]},
    )  # fmt: skip


def _gpx(start: dt.datetime, minutes: int, metres: int, points: int = 12) -> bytes:
    """A track along a parallel of 30° north, where a degree of longitude has 96.3 km."""
    steps = points - 1
    fixes = "".join(
        f'<trkpt lat="30.0500" lon="{113.4 + metres / 96_300 * i / steps:.6f}"><time>'
        f"{(start + dt.timedelta(minutes=minutes) * i / steps).astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
        "</time></trkpt>"
        for i in range(points)
    )
    head = '<gpx version="1.1" creator="sample" xmlns="http://www.topografix.com/GPX/1/1">'
    return f"{head}<trk><trkseg>{fixes}</trkseg></trk></gpx>".encode()


# Problems


def _jobs(county: SampleCounty, city: Office, towns: Sequence[Town]) -> Iterator[Job]:
    """One problem for each water, two where it came back; the sums are those that were printed."""
    rivers = (*CITY_RIVERS, *_OTHERS, *_ALLIGATOR, *WEEDED, _RETURNING)
    kinds = [_kind(river, rivers.index(river)) for river in rivers]
    labour = county.parts(LABOUR, len(rivers))
    trucks = county.parts(TRUCKS, len(rivers))
    machines, boats = county.parts(MACHINES, 6), county.parts(BOATS, 18)
    of_plants = sum(kind in _PLANT_KINDS for kind in kinds)
    plants = county.parts(PLANTS_M2, of_plants)
    rubbish = county.parts(RUBBISH_KG, kinds.count("household_waste"))
    for index, (river, kind) in enumerate(zip(rivers, kinds, strict=True)):
        town = _town_of(river, towns)
        inputs = {"labour": labour[index], "truck": trucks[index]}
        if kind == "household_waste" and machines:
            inputs["machine"] = machines.pop()
        elif kind != "household_waste" and boats:
            inputs["boat"] = boats.pop()
        if kind in _PLANT_KINDS:
            cleared = plants.pop()
        else:
            cleared = (
                rubbish.pop() if kind == "household_waste" else county.random.randrange(300, 900)
            )
        found, days = _when(river, index)
        issuer = city if river in CITY_RIVERS else town.office
        yield Job(river, town, issuer, kind, found, days, inputs, cleared)


def _kind(river: str, index: int) -> str:
    if river in _ALLIGATOR:
        return "alligator_weed"
    if river in WEEDED:
        weeds = ("water_hyacinth", "bank_weeds", "wild_caltrop", "water_hyacinth")
        return weeds[WEEDED.index(river)]
    return "water_hyacinth" if index % 2 == 0 or river in CITY_RIVERS else "household_waste"


def _when(river: str, index: int) -> tuple[dt.date, int]:
    """The day on which it was found and the days until it was cleared."""
    if river in WEEDED:
        at = WEEDED.index(river)
        return dt.date(2023, 6, 5 + at), (5, 3, 4, 2)[at]
    if river in _ALLIGATOR:
        return dt.date(2023, 6, 6 + _ALLIGATOR.index(river)), 0
    if index > len((*CITY_RIVERS, *_OTHERS)):
        return dt.date(2023, 5, 16), 2
    return dt.date(2023, 2, 6) + dt.timedelta(days=3 * index), 1 + index % 3


def _run(
    county: SampleCounty,
    job: Job,
    places: Mapping[str, tuple[str, Point]],
    *,
    earlier: uuid.UUID | None,
) -> uuid.UUID:
    """A problem from finding to striking off."""
    number = find_case(earlier, actor=SYSTEM, now=county.at(job.found)).number if earlier else None
    case = _list(county, job, places, **({"earlier": number} if number else {}))
    done = job.found + dt.timedelta(days=job.days)
    worker, place = job.town.worker, places[job.river][1]
    for index, (kind, amount) in enumerate(job.inputs.items()):
        booked = amount + 3 if job.river == _MISCOUNTED and kind == "labour" else amount
        county.move(
            case, "record_input", worker, county.at(done, 13, 5 * index),
            {"day": done.isoformat(), "kind": kind, "amount": str(booked)},
        )  # fmt: skip
    material, unit = {
        "household_waste": ("rubbish", "kg"),
        "bank_weeds": ("other_plants", "m2"),
        "wild_caltrop": ("other_plants", "m2"),
    }.get(job.category, (job.category, "m2"))
    county.move(
        case, "record_output", worker, county.at(done, 13, 40),
        {"day": done.isoformat(), "material": material, "measure_unit": unit,
         "amount": str(job.cleared), "site": "镇堆沤场"},
    )  # fmt: skip
    after = _shot(county, worker, county.at(done, 14), _near(county, place))
    county.move(
        case, "submit", worker, county.at(done, 15),
        {"summary": "已全部清理，岸坡整洁"}, evidence={"after": [after]},
    )  # fmt: skip
    day = done + dt.timedelta(days=1)
    checker = job.town.office.clerk
    county.move(case, "first_check", checker, county.at(day, 9), {"result": "passed"})
    check = _shot(county, job.issuer.head, county.at(day, 10), place)
    county.move(
        case, "review", job.issuer.head, county.at(day, 11),
        {"result": "passed", "checklist": ["cleared", "pairs", "quantities"]},
        evidence={"check": [check]},
    )  # fmt: skip
    return case


def _list(
    county: SampleCounty, job: Job, places: Mapping[str, tuple[str, Point]], **more: Any
) -> uuid.UUID:
    """A problem found, listed, noticed and signed for on one day."""
    section, place = places[job.river]
    clerk = job.issuer.clerk
    day = job.found
    before = _shot(county, clerk, county.at(day, 8), place)
    case = county.open(
        "river-problem", clerk, county.at(day, 8, 10),
        {"section_code": section, "location": f"{job.river}中段",
         "place": {"lon": str(place.longitude), "lat": str(place.latitude)},
         "source": "superior" if job.level == "city" else "inspection",
         "found_on": day.isoformat(), "category": job.category,
         "description": f"{job.river}发现影响水面整洁的问题"} | more,
        evidence={"before": [before]},
    )  # fmt: skip
    county.move(
        case, "list", clerk, county.at(day, 8, 30),
        {"level": job.level, "severity": "minor", "measure": _MEASURES[job.category],
         "responsible": str(job.town.village), "responsible_person": job.town.worker.name},
    )  # fmt: skip
    county.move(case, "issue", job.issuer.head, county.at(day, 9))
    county.move(case, "sign", job.town.worker, county.at(day, 10))
    return case


def _correct(county: SampleCounty, job: Job, case: uuid.UUID) -> None:
    """Reverse the labour that was recorded too high, after the case was struck off."""
    at = county.at(job.found + dt.timedelta(days=9))
    number = find_case(case, actor=SYSTEM, now=at).number
    worker, head = job.town.worker, job.issuer.head
    correction = county.open(
        "river-correction", worker, at,
        {"problem_number": number, "line": 1, "right_amount": str(job.inputs["labour"]),
         "reason": "出勤表重复登记三人"},
        action="request", evidence={"proof": [county.paper(worker, at, "出勤表")]},
    )  # fmt: skip
    later = at + dt.timedelta(hours=4)
    county.move(
        correction, "verify", head, later, {"result": "passed"},
        evidence={"proof": [county.paper(head, later, "核对记录")]},
    )  # fmt: skip


def _stand_open(
    county: SampleCounty,
    city: Office,
    towns: Sequence[Town],
    places: Mapping[str, tuple[str, Point]],
) -> None:
    """On two waters more something still stands: they are listed and not rectified."""
    for river in _STANDING:
        town = _town_of(river, towns)
        issuer = city if river == _STANDING[0] else town.office
        found = dt.date(2023, 6, 27)
        _list(county, Job(river, town, issuer, "household_waste", found, 0, {}, 0), places)


def _near(county: SampleCounty, place: Point) -> Point:
    """A place at most some thirty metres away, as phones tell it."""
    shift = Decimal(county.random.randrange(-20, 20)).scaleb(-5)
    return Point(place.longitude + shift, place.latitude - shift)


def _shot(county: SampleCounty, actor: Actor, at: dt.datetime, place: Point) -> str:
    """A photograph of its own, with time and place; its SHA-256."""
    image = Image.frombytes("RGB", (8, 6), county.random.randbytes(144)).resize((64, 48))
    content = io.BytesIO()
    image.save(content, "PNG")
    return store_evidence(
        content=content.getvalue(),
        filename=f"{at:%Y%m%d%H%M}.png",
        actor=actor,
        now=at,
        kind="photo",
        captured_at=at,
        place=place,
    ).sha256
