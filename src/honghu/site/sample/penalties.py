"""Risk points of the sample's firms, and penalties: three for one major hazard ask for a closure."""

import datetime as dt
import uuid
from typing import Final

from honghu.kernel.cases.queries import children_of
from honghu.kernel.parties.actor import Actor
from honghu.site.sample.county import SampleCounty

ASSESSED: Final = dt.date(2023, 2, 20)
FOR_MAJOR: Final = (dt.date(2023, 6, 5), dt.date(2023, 6, 14), dt.date(2023, 6, 27))
_POINTS: Final = (
    ("除尘系统粉尘爆炸", "3", "6", "40", "company", "定期清灰，联锁停机，设泄爆口"),
    ("纸箱堆垛火灾", "3", "6", "15", "workshop", "限高堆放，保持通道畅通"),
    ("制冷机房氨泄漏", "1", "6", "40", "company", "双人值守，报警联动排风"),
    ("脚手架高处坠落", "3", "3", "15", "team", "挂牌验收后使用"),
    ("叉车碰撞", "3", "6", "3", "post", "划线分流，限速行驶"),
)


def assess_risk_points(
    county: SampleCounty, inspector: Actor, firms: list[tuple[Actor, Actor]]
) -> None:
    """Points of the firms, given by manager and head: one waits to be checked, one is removed."""
    for index, (point, likelihood, exposure, consequence, level, measures) in enumerate(_POINTS):
        manager, boss = firms[index % len(firms)]
        at = county.at(ASSESSED + dt.timedelta(days=index))
        case = county.open(
            "safety-risk-point", manager, at,
            {"point": point, "likelihood": likelihood, "exposure": exposure,
             "consequence": consequence, "control_level": level, "measures": measures},
            action="assess",
        )  # fmt: skip
        if index == 0:
            continue
        county.move(case, "review", inspector, at + dt.timedelta(days=1))
        if index == len(_POINTS) - 1:
            later = at + dt.timedelta(days=60)
            county.move(case, "remove", boss, later, {"how": "人车分流改造完成，叉车通道封闭"})
            later += dt.timedelta(days=2)
            check = {"check": [county.photograph(inspector, later)]}
            passed = {"result": "passed"}
            county.move(case, "verify_removal", inspector, later, passed, evidence=check)


def penalise(
    county: SampleCounty,
    regulator: Actor,
    committee: Actor,
    boss: Actor,
    *,
    amount_fen: int,
    decided: dt.date,
    major: uuid.UUID | None = None,
    is_paid: bool = True,
) -> uuid.UUID:
    """A penalty of the head's organisation, paid and verified unless said otherwise; its case."""
    at = county.at(decided, 10)
    case = county.open(
        "safety-penalty", regulator, at,
        {"enterprise": str(boss.organisation_id), "decided_on": decided.isoformat(),
         "hazard": str(major) if major else None, "for_major": major is not None,
         "amount": amount_fen},
        action="decide", evidence={"decision": [county.paper(regulator, at, "处罚决定书")]},
    )  # fmt: skip
    if is_paid:
        at = county.at(decided + dt.timedelta(days=1), 10)
        receipt = {"receipt": [county.paper(boss, at, "缴款凭证")]}
        county.move(case, "pay", boss, at, evidence=receipt)
        at = county.at(decided + dt.timedelta(days=2), 10)
        check = {"check": [county.paper(committee, at, "罚没核销单")]}
        county.move(case, "verify", committee, at, {"result": "passed"}, evidence=check)
    return case


def penalise_again_and_again(
    county: SampleCounty, regulator: Actor, committee: Actor, boss: Actor, major: uuid.UUID
) -> None:
    """Three penalties for one hazard; the closure that follows is requested and not decided yet."""
    penalties = [
        penalise(
            county, regulator, committee, boss, amount_fen=(turn + 1) * 2_000_000, decided=day,
            major=major, is_paid=turn < len(FOR_MAJOR) - 1,
        )
        for turn, day in enumerate(FOR_MAJOR)
    ]  # fmt: skip
    at = county.at(FOR_MAJOR[-1] + dt.timedelta(days=1), 9)
    (closure,) = children_of(penalties[-1], register="safety-closure", now=at)
    request = {"request": [county.paper(regulator, at, "提请关闭的请示")]}
    county.move(closure.id, "request", regulator, at, evidence=request)
