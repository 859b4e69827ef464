"""Urban enforcement in the sample: penalty cases out of problems, and what the vehicles were used for."""

import datetime as dt
import uuid
from typing import Final

from honghu.kernel.parties.actor import Actor
from honghu.site.sample.county import SampleCounty

_FINE_FEN: Final = 200_000
_USES: Final = (
    ("市容巡查", "文泉大道—宏伟路—新堤大道", "42.5", "4.1"),
    ("夜间渣土车检查", "沿江路—发展大道", "61.0", "6.3"),
    ("占道经营整治", "赤卫路菜场周边", "18.2", "1.9"),
    ("户外广告清理", "新堤街道各社区", "35.6", "3.4"),
)


def punish(
    county: SampleCounty, brigade: Actor, problem: uuid.UUID, matter: str, day: dt.date
) -> uuid.UUID:
    """A penalty case out of a problem: filed, and notice given of what is intended."""
    at = county.at(day, 16)
    case = county.open(
        "urban-legal-case", brigade, at, {"party": "临街商户甲", "matter": matter},
        action="file", parent_id=problem,
    )  # fmt: skip
    at = county.at(day + dt.timedelta(days=2), 10)
    notice = {"notice": [county.paper(brigade, at, "处罚告知书")]}
    county.move(case, "notify", brigade, at, evidence=notice)
    return case


def conclude_penalty(
    county: SampleCounty,
    case: uuid.UUID,
    *,
    brigade: Actor,
    law: Actor,
    supervision: Actor,
    day: dt.date,
) -> None:
    """No hearing was asked for: decided by the legal reviewer, served, performed and checked."""
    at = county.at(day, 10)
    decision = {"decision": [county.paper(law, at, "处罚决定书")]}
    county.move(case, "decide", law, at, {"fine": _FINE_FEN}, evidence=decision)
    steps = (("serve", "receipt", "送达回证"), ("perform", "proof", "罚款缴纳票据"))
    for number, (action, slot, words) in enumerate(steps, 1):
        at = county.at(day + dt.timedelta(days=number), 10)
        paper = {slot: [county.paper(brigade, at, words)]}
        county.move(case, action, brigade, at, evidence=paper)
    at = county.at(day + dt.timedelta(days=3), 10)
    check = {"check": [county.paper(supervision, at, "履行核验单")]}
    county.move(case, "verify", supervision, at, {"result": "passed"}, evidence=check)


def log_uses(
    county: SampleCounty, fleet: Actor, supervision: Actor, vehicles: list[uuid.UUID]
) -> None:
    """One use of each of the first vehicles; the last one waits to be checked."""
    for number, (task, route, distance, fuel) in enumerate(_USES):
        day = dt.date(2023, 6, 13 + number)
        at = county.at(day, 18)
        case = county.open(
            "urban-vehicle-use", fleet, at,
            {"dispatched_on": day.isoformat(), "task": task, "route": route,
             "distance": distance, "fuel": fuel},
            action="log", parent_id=vehicles[number],
            evidence={"odometer": [county.photograph(fleet, at)]},
        )  # fmt: skip
        if number < len(_USES) - 1:
            at = county.at(day + dt.timedelta(days=1), 9)
            check = {"check": [county.paper(supervision, at, "出车核验单")]}
            county.move(case, "verify", supervision, at, {"result": "passed"}, evidence=check)
