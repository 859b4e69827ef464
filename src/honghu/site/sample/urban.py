"""Urban management in June 2023: the four problems of an inspection on site, and the marked vehicles.

The county's page prints no number here, so none is aimed at: four rows, and a completed marking.
"""

import dataclasses
import datetime as dt
import uuid
from typing import Final

from honghu.kernel.documents.commands import open_series
from honghu.kernel.parties.actor import Actor
from honghu.site.sample.county import SampleCounty
from honghu.site.sample.enforcement import conclude_penalty, log_uses, punish
from honghu.site.sample.ground import draw_grids, grid_name

ENTERED: Final = dt.date(2023, 3, 1)
VISIT: Final = dt.date(2023, 6, 7)
VEHICLES: Final = 6
"""Vehicles that stay in service; one more is retired."""
_STANDARD: Final = {
    "name": "城管执法车辆标识（两位区号加三位编号）",
    "body_colour": "白色",
    "stripe": "蓝色色带",
    "text_front_rear": "城管执法",
    "number_pattern": "[0-9]{2}-[0-9]{3}",
    "number_example": "01-021",
    "effective_from": "2023-03-01",
    "source": "省级城市管理执法制式车辆标识规范（样本）",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Seen:
    """A problem seen on site, with its cause and what was decided."""

    problem: str
    kind: str
    category: str
    cause: str
    measure: str
    unit: str
    days: int
    also: tuple[str, ...] = ()


PROBLEMS: Final = (
    Seen(
        "公用电话亭破旧", "component", "phone_booth",
        "停用多年，无人维护", "由产权单位拆除并恢复人行道", "洪湖市通信设施维护中心", 4,
    ),
    Seen(
        "道路沿石破损", "component", "kerb",
        "重型车辆碾压", "更换沿石，增设隔离桩", "洪湖市市政设施维护中心", 3,
    ),
    Seen(
        "花池破损，商户私设边坡", "component", "flower_bed",
        "商户为车辆进出自行浇筑", "拆除边坡，修复花池并补植", "洪湖市园林绿化服务中心", 5, ("slope",),
    ),
    Seen(
        "破旧墙体广告", "event", "wall_advert",
        "广告到期未清理", "清除广告，粉刷墙面", "新堤街道办事处", 2,
    ),
)  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class Centre:
    """Those who act for the city."""

    collector: Actor
    supervision: Actor
    command: Actor
    fleet: Actor
    brigade: Actor
    law: Actor


def load(county: SampleCounty) -> None:
    """Enter offices and people; mark the vehicles in spring, close the problems in June."""
    centre = _centre(county)
    draw_grids(county)
    for number, seen in enumerate(PROBLEMS):
        _closed(county, centre, seen, number)
    _vehicles(county, centre)
    for index, kind in enumerate(("foundation", "conduct", "image")):
        _activity(county, centre, kind, dt.date(2023, 4, 12 + 7 * index))


def _centre(county: SampleCounty) -> Centre:
    centre = county.organisation("洪湖市城市管理监督中心", "office")
    command = county.organisation("洪湖市城市管理指挥中心", "office")
    brigade = county.organisation("洪湖市城市管理执法大队", "agency")
    for code, mark in (("城管派遣", "洪城指派"), ("督办单", "洪城指督")):
        open_series(
            code=code,
            organ_mark=mark,
            organisation_id=command,
            organ_name="洪湖市城市管理指挥中心",
            now=county.at(ENTERED),
        )
    return Centre(
        collector=county.person("苗采信", centre, ["urban_collector"]),
        supervision=county.person("岑监督", centre, ["urban_supervision", "report_officer"]),
        command=county.person("戚指挥", command, ["urban_command", "document_clerk"]),
        fleet=county.person("车管明", brigade, ["urban_fleet"]),
        brigade=county.person("路执法", brigade, ["urban_brigade"]),
        law=county.person(
            "宁法核", county.organisation("洪湖市城市管理执法局", "office"), ["urban_law"]
        ),
    )


def _closed(county: SampleCounty, centre: Centre, seen: Seen, number: int) -> None:
    """A problem decided on site, dispatched, handled within its limit, checked and closed."""
    now = county.at(VISIT, 9, 5 * number)
    form = {
        "problem": seen.problem, "cause": seen.cause, "kind": seen.kind,
        "category": seen.category, "also": list(seen.also), "source": "leader",
        "spotted_at": now.isoformat(), "grid": grid_name(7 * number + 3),
        "place": {"lon": f"113.4{number + 5}3100", "lat": f"29.8{number}27"},
    }  # fmt: skip
    before = {"before": [county.photograph(centre.collector, now)]}
    case = county.open("urban-problem", centre.collector, now, form, evidence=before)
    county.move(case, "file", centre.supervision, county.at(VISIT, 10, number))
    decision = {
        "meeting": "城区市容环境现场会", "deciders": "分管副市长、各责任单位",
        "cause": seen.cause, "measure": seen.measure,
    }  # fmt: skip
    during = {"during": [county.photograph(centre.command, now)]}
    at = county.at(VISIT, 11, number)
    county.move(case, "decide_on_site", centre.command, at, decision, evidence=during)
    town = seen.unit.endswith("办事处")
    unit = county.organisation(seen.unit, "township" if town else "agency")
    worker = county.person(f"处置员{number}", unit, ["urban_unit"])
    order = {"responsible": str(unit), "ownership": "unclear" if town else "known"}
    county.move(case, "dispatch", centre.command, county.at(VISIT, 15, number), order)
    _punished(county, centre, case, seen)
    done = VISIT + dt.timedelta(days=seen.days)
    at = county.at(done, 11)
    after = {"after": [county.photograph(worker, at)]}
    county.move(case, "finish", worker, at, {"done": seen.measure}, evidence=after)
    at = county.at(done, 16)
    check = {"check": [county.photograph(centre.collector, at)]}
    county.move(case, "check", centre.collector, at, {"result": "passed"}, evidence=check)
    at = county.at(done, 17)
    answer = {"satisfaction": "fair" if number == 1 else "satisfied"}
    county.move(case, "survey", centre.supervision, at, answer)
    county.move(case, "close", centre.supervision, at)


def _punished(county: SampleCounty, centre: Centre, case: uuid.UUID, seen: Seen) -> None:
    """Whoever built a ramp of his own is fined; a hearing may still be asked for on the adverts."""
    if not seen.also and seen.category != "wall_advert":
        return
    penalty = punish(county, centre.brigade, case, seen.problem, VISIT)
    if seen.also:
        conclude_penalty(
            county, penalty, brigade=centre.brigade, law=centre.law,
            supervision=centre.supervision, day=VISIT + dt.timedelta(days=9),
        )  # fmt: skip


def _vehicles(county: SampleCounty, centre: Centre) -> None:
    now = county.at(ENTERED, 9)
    standard = county.open("urban-marking-standard", centre.fleet, now, _STANDARD, action="draft")
    county.move(standard, "verify", centre.supervision, now, {"result": "passed"})
    vehicles = [_marked(county, centre, standard, number) for number in range(VEHICLES)]
    log_uses(county, centre.fleet, centre.supervision, vehicles)
    case = _marked(county, centre, standard, VEHICLES)
    at = county.at(dt.date(2023, 6, 12), 9)
    county.move(case, "retire", centre.fleet, at, {"reason": "达到报废年限"})
    sides = {"after": [county.photograph(centre.fleet, at) for _side in range(4)]}
    county.move(case, "demark", centre.fleet, at, evidence=sides)
    check = {"check": [county.photograph(centre.supervision, at)]}
    passed = {"result": "passed"}
    county.move(case, "verify_demarking", centre.supervision, at, passed, evidence=check)


def _marked(county: SampleCounty, centre: Centre, standard: uuid.UUID, number: int) -> uuid.UUID:
    now = county.at(ENTERED + dt.timedelta(days=1 + number), 9)
    form = {
        "plate": f"鄂DH{number + 3}0{number}7", "vin": f"LSGHN52D6MS0{number:05}",
        "brand": "轻型执法车", "bought_on": "2021-08-16", "unit": str(centre.fleet.organisation_id),
        "condition": "good", "mileage": county.random.randint(8_000, 46_000),
        "insurance_until": "2024-02-28", "inspection_until": "2024-08-31",
    }  # fmt: skip
    case = county.open("urban-vehicle", centre.fleet, now, form, action="register")
    at = county.at(ENTERED + dt.timedelta(days=8 + number), 9)
    mark = {
        "standard": str(standard), "body_number": f"01-{number + 21:03}",
        "supervision_phone": "12319", "marked_on": at.date().isoformat(),
    }  # fmt: skip
    sides = {"sides": [county.photograph(centre.fleet, at) for _side in range(4)]}
    county.move(case, "mark", centre.fleet, at, mark, evidence=sides)
    check = {"check": [county.photograph(centre.supervision, at)]}
    passed = {"result": "passed"}
    county.move(case, "verify_marking", centre.supervision, at, passed, evidence=check)
    return case


def _activity(county: SampleCounty, centre: Centre, kind: str, day: dt.date) -> None:
    now = county.at(day, 15)
    form = {
        "kind": kind, "held_on": day.isoformat(), "summary": "集中学习和队列训练",
        "attendees": county.random.randint(18, 64),
    }  # fmt: skip
    during = {"during": [county.photograph(centre.brigade, now)]}
    case = county.open("urban-activity", centre.brigade, now, form, action="log", evidence=during)
    at = county.at(day + dt.timedelta(days=1), 10)
    check = {"check": [county.paper(centre.supervision, at, "核实意见")]}
    county.move(case, "verify", centre.supervision, at, {"result": "passed"}, evidence=check)
