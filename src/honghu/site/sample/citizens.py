"""What the public reports: answered and judged in June 2023; filed, merged, waiting in July.

What is filed comes after June, so that none of that month's figures of other registers counts it.
"""

import dataclasses
import datetime as dt
from typing import Final

from honghu.domains.citizens.commands.following import judge_report
from honghu.domains.citizens.commands.submitting import Submission, Submitted, submit_report
from honghu.kernel.parties.actor import SYSTEM, Actor
from honghu.site.sample.county import SampleCounty

FILED_ON: Final = dt.date(2023, 7, 3)
_KERB: Final = "urban-problem.kerb"


@dataclasses.dataclass(frozen=True, slots=True)
class Said:
    """What somebody reports on a day, and where."""

    service: str
    words: str
    address: str
    place: tuple[str, str]
    day: dt.date = FILED_ON


FILED: Final = Said(
    _KERB, "人行道沿石断裂，夜里容易绊倒人", "新堤街道文泉大道与赤卫路口", ("113.4631", "29.8214")
)
AGAIN: Final = Said(
    _KERB, "路边石头断了一截，请尽快修", "文泉大道赤卫路口", ("113.4632", "29.8214")
)
WAITING: Final = Said(
    "river-problem.household_waste", "河边有人倒建筑垃圾和生活垃圾", "柴林河柳荡村段",
    ("113.3312", "30.0871"),
)  # fmt: skip
HELD: Final = Said(
    "urban-problem.wall_advert", "围墙上贴满小广告，可打我电话13800001234核实", "玉沙路农贸市场围墙",
    ("113.4582", "29.8247"),
)  # fmt: skip
REFUSED: Final = (
    (
        Said(
            "urban-problem.flower_bed", "小区院内花坛没人打理", "荷香苑小区3栋前",
            ("113.4718", "29.8165"), dt.date(2023, 6, 14),
        ),
        "小区内花坛由业主委员会和物业负责养护，已转告物业公司", "satisfied", "物业已联系",
    ),
    (
        Said(
            "urban-problem.puddle", "厂区门口积水三天了", "工业园三路12号门口",
            ("113.4893", "29.8312"), dt.date(2023, 6, 19),
        ),
        "该处为企业自有场地，已通知企业疏通", "dissatisfied", "又下雨，还是积水",
    ),
)  # fmt: skip
"""With the answer, the judgement and its reason; the second opens a linked report."""


def load(county: SampleCounty) -> None:
    """Let the public report, and the officer look at it."""
    centre = county.organisation("洪湖市城市管理监督中心", "office")
    officer = county.person("柏应民", centre, ["report_officer", "urban_supervision"])
    for said, answer, satisfaction, reason in REFUSED:
        report = _reported(county, said)
        at = county.at(said.day + dt.timedelta(days=1), 14)
        county.move(report.case_id, "refuse", officer, at, {"answer": answer})
        judge_report(
            report.case_id, satisfaction, reason, actor=SYSTEM,
            now=county.at(said.day + dt.timedelta(days=2), 9),
            idempotency_key=f"sample-judged-{report.number}",
        )  # fmt: skip
    first = _reported(county, FILED)
    _file(county, officer, first)
    again = _reported(county, AGAIN)
    at = county.at(FILED_ON, 15)
    county.move(again.case_id, "merge", officer, at, {"original": first.number})
    _reported(county, WAITING)
    _reported(county, HELD)


def _reported(county: SampleCounty, said: Said) -> Submitted:
    longitude, latitude = said.place
    return submit_report(
        Submission(
            service=said.service, description=said.words, address=said.address,
            longitude=longitude, latitude=latitude,
        ),
        actor=SYSTEM,
        now=county.at(said.day, 8, len(said.words)),
        idempotency_key=f"sample-citizens-{said.words}",
    )  # fmt: skip


def _file(county: SampleCounty, officer: Actor, report: Submitted) -> None:
    """As an urban problem, which the centre looks at next."""
    at = county.at(FILED_ON, 10)
    longitude, latitude = FILED.place
    county.open(
        "urban-problem", officer, at,
        {"problem": FILED.words, "kind": "component", "category": "kerb", "source": "snapshot",
         "spotted_at": county.at(FILED_ON, 8).isoformat(), "grid": "新堤街道16网格",
         "place": {"lon": longitude, "lat": latitude}},
        evidence={"before": [county.photograph(officer, at)]}, parent_id=report.case_id,
    )  # fmt: skip
