"""On paper beside the sample's rivers: billboards, a patrol without a track, returns of the office."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Final

from honghu.base.earth import Point
from honghu.kernel.parties.actor import Actor
from honghu.site.sample.county import SampleCounty

PUT_UP: Final = dt.date(2023, 3, 20)
PAPER_PATROL: Final = dt.date(2023, 7, 4)
_REPORTED: Final = dt.date(2023, 6, 1)
_RETURNS: Final = dt.date(2023, 7, 3)
_DAMAGED: Final = dt.date(2023, 6, 13)
_DUTIES: Final = "组织领导河湖管理保护，巡查发现问题，督促整改到位"
_TARGETS: Final = "河畅、水清、岸绿、景美，水面无成片漂浮物"


def put_up_billboards(
    county: SampleCounty,
    supervisor: Actor,
    keepers: Sequence[tuple[Actor, Actor]],
    places: Mapping[str, tuple[str, Point]],
) -> None:
    """A billboard at each water of the mapping; its town's clerk and chief keep it, in its order.

    The first was damaged and stands again, the second waits to be checked, the third is broken.
    """
    for index, (water, (section, place)) in enumerate(places.items()):
        clerk, chief = keepers[index]
        at = county.at(PUT_UP, 9, index)
        case = county.open(
            "river-billboard", supervisor, at,
            {"section_code": section, "length_text": f"{3 + index}.6公里",
             "ends_text": f"{water}进口闸至{water}出口闸", "chief_name": chief.name,
             "duties": _DUTIES, "targets": _TARGETS, "office_phone": f"0716-24200{index:02}",
             "place": {"lon": str(place.longitude), "lat": str(place.latitude)}},
            action="put_up", evidence={"photo": [county.photograph(supervisor, at)]},
        )  # fmt: skip
        if index > 2:  # noqa: PLR2004 the others are in good order
            continue
        at = county.at(_DAMAGED, 10, index)
        before = {"before": [county.photograph(supervisor, at)]}
        county.move(
            case, "report_damage", supervisor, at, {"damage": "牌面褪色开裂"}, evidence=before
        )
        if index > 1:
            continue
        at = county.at(_DAMAGED + dt.timedelta(days=2), 10, index)
        named = {"chief_name": chief.name, "office_phone": f"0716-24200{index:02}"}
        after = {"after": [county.photograph(clerk, at)]}
        county.move(case, "repair", clerk, at, named, evidence=after)
        if index == 0:
            at = county.at(_DAMAGED + dt.timedelta(days=3), 10)
            county.move(case, "check_repair", supervisor, at, {"result": "passed"})


def file_paper_patrol(county: SampleCounty, post: str, chief: Actor) -> None:
    """A patrol whose receiver failed: kept on paper, and waiting for a second signature."""
    at = county.at(PAPER_PATROL, 16)
    county.open(
        "river-patrol", chief, at,
        {"post_number": post, "started_at": county.at(PAPER_PATROL, 8).isoformat(),
         "ended_at": county.at(PAPER_PATROL, 9, 10).isoformat(), "metres": 3200,
         "observations": "水面清洁，堤岸无堆放", "findings": 0, "paper_reason": "手机无定位信号"},
        action="file_paper", evidence={"paper": [county.paper(chief, at, "纸质巡查记录")]},
    )  # fmt: skip


def close_plan(county: SampleCounty, plan: uuid.UUID, chief: Actor, supervisor: Actor) -> None:
    """The log of a plan that is over, reported by the chief and assessed by the city's office."""
    at = county.at(_REPORTED)
    log = {"log": [county.paper(chief, at, f"巡查统计表 {plan}")]}
    county.move(plan, "report", chief, at, evidence=log)
    at = county.at(_REPORTED + dt.timedelta(days=4))
    proof = {"proof": [county.paper(supervisor, at, f"考核材料 {plan}")]}
    county.move(plan, "assess", supervisor, at, {"result": "passed"}, evidence=proof)


def draw_up_returns(county: SampleCounty, supervisor: Actor, head: Actor) -> None:
    """The quarter's table of patrols, signed, and June's paper, which waits for its signature."""
    for minute, period in enumerate(("q2", "m06")):
        case = county.open(
            "river-return", supervisor, county.at(_RETURNS, 9, minute),
            {"year": 2023, "period": period}, action="draft",
        )  # fmt: skip
        if period == "q2":
            county.move(case, "sign", head, county.at(_RETURNS, 15))
