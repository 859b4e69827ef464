"""Work safety up to June 2023: the 22nd safety month, the campaign against major hazards, four firms.

The ten "1234" items stand without titles, because the plan that names them is not at hand.
"""

import dataclasses
import datetime as dt
import uuid
from typing import Any, Final

from honghu.base.identifiers import uscc_check_digit
from honghu.kernel.cases.queries import find_case
from honghu.kernel.documents.commands import open_series
from honghu.kernel.parties.actor import SYSTEM, Actor
from honghu.site.sample.county import SampleCounty
from honghu.site.sample.penalties import (
    assess_risk_points,
    penalise,
    penalise_again_and_again,
)

ENTERED: Final = dt.date(2023, 1, 9)
MONTH: Final = dt.date(2023, 6, 1)
CAMPAIGN: Final = dt.date(2023, 4, 27)
ROUTINES: Final = ("forecast", "training", "reminding", "checking", "drill", "order")
_STILL_OPEN: Final = 4
"""The fifth ordinary hazard of a firm is still being rectified at the end of June."""
_LAST_MAJOR: Final = 2
"""The last major hazard lacks its funds and stays on the list."""
PROVISIONS: Final = ("organ", "people", "funds", "measures", "checks")
_SERIES: Final = {
    "市应急管理局": (
        ("责令整改", "洪应急责改"),
        ("检查记录", "洪应急检记"),
        ("整改验收", "洪应急验"),
        ("现场处理", "洪应急处"),
        ("提醒函", "洪应急提"),
    ),
    "市安委办": (("挂牌督办", "洪安委挂督"), ("隐患核销", "洪安委核销")),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Firm:
    """An invented firm: its name, industry, town's code and sector of judgement standards."""

    name: str
    industry: str
    region: str
    sector: str
    size: str = "above"


FIRMS: Final = (
    Firm("洪湖荷韵面粉有限公司", "粮食加工", "421083105", "industry"),
    Firm("湖北清莲包装材料有限公司", "纸制品", "421083002", "industry"),
    Firm("洪湖红菱冷链物流有限公司", "仓储", "421083104", "fire"),
    Firm("洪湖新沟建材有限公司", "建材", "421083107", "construction", "below"),
)
SPOTS: Final = (
    ("除尘器灰斗未装锁气卸灰装置", "equipment"),
    ("疏散通道堆放纸箱", "surroundings"),
    ("动火作业票未经审批", "management"),
    ("叉车驾驶人员未系安全带", "people"),
    ("配电柜门未接地", "equipment"),
    ("冷库氨气报警器超期未检", "equipment"),
    ("脚手架未设连墙件", "equipment"),
)


@dataclasses.dataclass(frozen=True, slots=True)
class Offices:
    """Those who act on the county's side."""

    inspector: Actor
    second: Actor
    grader: Actor
    head: Actor
    committee: Actor
    bureau: Actor
    officer: Actor
    cashier: Actor


@dataclasses.dataclass(frozen=True, slots=True)
class Staff:
    """A firm with its people."""

    firm: Firm
    id: uuid.UUID
    manager: Actor
    foreman: Actor
    boss: Actor


def load(county: SampleCounty) -> None:
    """Enter firms and people and let the half-year pass."""
    offices = _offices(county)
    staff = [_enter(county, offices, firm, number) for number, firm in enumerate(FIRMS)]
    _programmes(county, offices, staff)
    campaign = _campaign(county, offices)
    for number, each in enumerate(staff):
        _ordinary(county, offices, each, number)
    majors = [
        _major(county, offices, each, campaign, number)
        for number, each in enumerate(staff[: _LAST_MAJOR + 1])
    ]
    _inspected(county, offices, staff)
    _reported(county, offices, staff[1])
    assess_risk_points(county, offices.inspector, [(each.manager, each.boss) for each in staff])
    day, amount_fen = dt.date(2023, 4, 18), 1_000_000
    penalise(
        county, offices.head, offices.committee, staff[0].boss, amount_fen=amount_fen, decided=day
    )
    last = staff[_LAST_MAJOR].boss
    penalise_again_and_again(county, offices.head, offices.committee, last, majors[_LAST_MAJOR])


def _offices(county: SampleCounty) -> Offices:
    regulator = county.organisation("洪湖市应急管理局", "office")
    bureau = county.organisation("洪湖市消防救援大队", "office")
    committee = county.organisation("洪湖市安全生产委员会办公室", "office")
    duty = county.organisation("洪湖市人民政府值班室", "office")
    county.person("邵值守", duty, ["safety_government"])
    for name, office in (("市应急管理局", regulator), ("市安委办", committee)):
        for code, mark in _SERIES[name]:
            open_series(
                code=code,
                organ_mark=mark,
                organisation_id=office,
                organ_name=f"洪湖{name}",
                now=county.at(ENTERED),
            )
    return Offices(
        inspector=county.person("涂安查", regulator, ["safety_inspector"]),
        second=county.person("毕复核", regulator, ["safety_inspector"]),
        grader=county.person("阮定级", regulator, ["safety_grader"]),
        head=county.person("龚局正", regulator, ["safety_regulator"]),
        committee=county.person("向安平", committee, ["safety_committee", "document_clerk"]),
        bureau=county.person("焦火明", bureau, ["safety_inspector", "safety_investigator"]),
        officer=county.person("尹守密", regulator, ["safety_case_officer"]),
        cashier=county.person("乐发奖", regulator, ["safety_case_officer"]),
    )


def _enter(county: SampleCounty, offices: Offices, firm: Firm, number: int) -> Staff:
    """A firm registered by its code, with its people."""
    code = f"91421083MA49H00{number}7"
    now = county.at(ENTERED, 10)
    form = {
        "name": firm.name, "uscc": code + uscc_check_digit(code), "industry": firm.industry,
        "size": firm.size, "regulator": str(offices.inspector.organisation_id),
        "committee": "工贸安全专业委员会", "region": firm.region, "drill_due": firm.size == "above",
    }  # fmt: skip
    case = county.open("safety-enterprise", offices.inspector, now, form, action="enter")
    county.move(case, "verify", offices.committee, now, {"result": "passed"})
    firm_id = uuid.UUID(find_case(case, actor=SYSTEM, now=now).facts["enterprise"])
    return Staff(
        firm,
        firm_id,
        manager=county.person(f"安管员{number}", firm_id, ["enterprise_safety", "urged_officer"]),
        foreman=county.person(f"班组长{number}", firm_id, ["enterprise_safety"]),
        boss=county.person(f"负责人{number}", firm_id, ["enterprise_head"]),
    )


def _programmes(county: SampleCounty, offices: Offices, staff: list[Staff]) -> None:
    """The safety months, the ten items, the routines, the provisions and the duty lists."""
    _month(county, offices, 21, dt.date(2022, 6, 1))
    month = _month(county, offices, 22, MONTH)
    for group in range(1, 5):
        for position in range(1, group + 1):
            county.open(
                "safety-work-item", offices.committee, county.at(MONTH, 10),
                {"group": group, "position": position}, action="plan", parent_id=month,
            )  # fmt: skip
    for number, each in enumerate(staff):
        for index, kind in enumerate(ROUTINES[: 6 - number]):
            _routine(county, offices, each, kind, dt.date(2023, 6, 5 + index + number))
        for kind in PROVISIONS[number % 2 :]:
            _provision(county, offices, each, kind)
    for kind, aspects, duties in (("head", 8, 18), ("all_posts", 8, 72)):
        for each in staff[:2]:
            _duties(county, offices, each, {"kind": kind, "aspects": aspects, "duties": duties})


def _month(county: SampleCounty, offices: Offices, edition: int, day: dt.date) -> uuid.UUID:
    return county.open(
        "safety-campaign", offices.committee, county.at(day),
        {
            "name": f"第{edition}个安全生产月", "kind": "safety_month", "edition": edition,
            "starts_on": day.isoformat(), "ends_on": day.replace(day=30).isoformat(),
            "stage": "mobilise",
        },
    )  # fmt: skip


def _routine(county: SampleCounty, offices: Offices, staff: Staff, kind: str, day: dt.date) -> None:
    now = county.at(day, 15)
    form = {
        "kind": kind, "held_on": day.isoformat(), "summary": "按计划开展",
        "attendees": county.random.randint(6, 48),
    }  # fmt: skip
    during = {"during": [county.photograph(staff.manager, now)]}
    case = county.open("safety-activity", staff.manager, now, form, action="log", evidence=during)
    _confirm(county, offices, case, day + dt.timedelta(days=2))


def _provision(county: SampleCounty, offices: Offices, staff: Staff, kind: str) -> None:
    day = dt.date(2023, 5, 15)
    now = county.at(day, 9)
    proof = {"proof": [county.paper(staff.manager, now, f"{staff.firm.name}{kind}")]}
    case = county.open(
        "safety-readiness", staff.manager, now, {"kind": kind}, action="claim", evidence=proof
    )
    _confirm(county, offices, case, day + dt.timedelta(days=4))


def _duties(county: SampleCounty, offices: Offices, staff: Staff, form: dict[str, Any]) -> None:
    now = county.at(dt.date(2023, 5, 22), 9)
    case = county.open("safety-duty-list", staff.manager, now, form, action="draft")
    pages = {"signatures": [county.paper(staff.boss, now, "签字页")]}
    signed = {"signed": county.random.randint(21, 160)}
    county.move(case, "sign", staff.boss, now, signed, evidence=pages)
    _confirm(county, offices, case, dt.date(2023, 5, 25))


def _confirm(county: SampleCounty, offices: Offices, case: uuid.UUID, day: dt.date) -> None:
    now = county.at(day, 16)
    check = {"check": [county.paper(offices.committee, now, "核实意见")]}
    county.move(case, "verify", offices.committee, now, {"result": "passed"}, evidence=check)


def _campaign(county: SampleCounty, offices: Offices) -> uuid.UUID:
    return county.open(
        "safety-campaign", offices.committee, county.at(CAMPAIGN),
        {
            "name": "重大事故隐患专项排查整治2023行动", "kind": "major_hazards",
            "starts_on": CAMPAIGN.isoformat(), "ends_on": "2023-12-31", "stage": "self_check",
        },
    )  # fmt: skip


def _hazard(
    county: SampleCounty, finder: Actor, staff: Staff, now: dt.datetime, **more: str
) -> uuid.UUID:
    """A hazard at the firm, found by an office or by the firm itself."""
    spot, category = SPOTS[county.random.randrange(len(SPOTS))]
    form = {
        "summary": spot, "category": category, "sector": staff.firm.sector,
        "found_on": now.date().isoformat(), "ownership": "own",
    }  # fmt: skip
    own = finder.organisation_id == staff.id
    if not own:
        form["responsible"] = str(staff.id)
    return county.open(
        "safety-hazard",
        finder,
        now,
        form | more,
        action="open_self" if own else "open",
        evidence={"before": [county.photograph(finder, now)]},
    )


def _ordinary(county: SampleCounty, offices: Offices, staff: Staff, number: int) -> None:
    """Ordinary hazards: some found by the firm, most closed, one that failed its first re-check."""
    for index in range(2 + number):
        day = dt.date(2023, 3, 6) + dt.timedelta(days=7 * index + number)
        now = county.at(day, 9)
        case = _hazard(county, staff.manager if index % 2 else offices.inspector, staff, now)
        basis = {"grading_basis": "危害和整改难度较小，发现后能够立即整改"}
        county.move(case, "grade_ordinary", offices.inspector, county.at(day, 10), basis)
        due = day + dt.timedelta(days=10)
        order = {"order_mode": "by_date", "due_on": due.isoformat()}
        county.move(case, "order", offices.head, county.at(day, 11), order)
        if index == _STILL_OPEN:
            continue
        rounds = ("failed", "passed") if (number, index) == (1, 0) else ("passed",)
        for turn, result in enumerate(rounds):
            done = day + dt.timedelta(days=3 + 2 * turn + index)
            _rectified(county, staff, case, done, staff.foreman)
            at = county.at(done + dt.timedelta(days=1), 14)
            check = {"check": [county.photograph(offices.second, at)]}
            county.move(case, "recheck", offices.second, at, {"result": result}, evidence=check)


def _rectified(
    county: SampleCounty, staff: Staff, case: uuid.UUID, day: dt.date, signer: Actor
) -> None:
    now = county.at(day, 16)
    after = {"after": [county.photograph(staff.manager, now)]}
    done = {"measures": "已按要求整改到位", "cost": county.random.randint(3, 90) * 10_000}
    county.move(case, "rectify", staff.manager, now, done, evidence=after)
    sign = "self_accept_major" if signer is staff.boss else "self_accept"
    county.move(case, sign, signer, county.at(day, 17), {"result": "passed"})


def _major(
    county: SampleCounty, offices: Offices, staff: Staff, campaign: uuid.UUID, number: int
) -> uuid.UUID:
    """A major hazard of the campaign: graded by two, listed; the first two are struck off by June."""
    day = dt.date(2023, 5, 8) + dt.timedelta(days=3 * number)
    now = county.at(day, 9)
    finder = staff.manager if number == 1 else offices.bureau
    case = _hazard(county, finder, staff, now, campaign=str(campaign))
    proposal = {"grading_basis": "符合判定标准", "clause": f"第{'三四五'[number]}条第一项"}
    county.move(case, "grade_major", offices.inspector, county.at(day, 10), proposal)
    reason = {"result": "confirmed", "reason": "现场复核属实"}
    county.move(case, "confirm_major", offices.grader, county.at(day, 15), reason)
    due = day + dt.timedelta(days=35)
    order = {
        "order_mode": "by_date", "due_on": due.isoformat(),
        "interim_control": "停用相关设备，撤出人员", "stop_use": number == 0,
    }  # fmt: skip
    county.move(case, "order_major", offices.head, county.at(day, 16), order)
    report = {
        "reported_on": day.isoformat(),
        "checklist": ["goal", "method", "funds", "people", "term", "safety"],
    }
    paper = {"report": [county.paper(staff.boss, county.at(day, 17), "治理方案")]}
    county.move(case, "report_major", staff.boss, county.at(day, 17), report, evidence=paper)
    listed = day + dt.timedelta(days=2)
    notice = {"listed_on": listed.isoformat(), "due_on": due.isoformat()}
    county.move(case, "list", offices.committee, county.at(listed, 9), notice)
    names = ("responsibility", "measures", "funds", "deadline", "plan")
    last = number == _LAST_MAJOR
    five = {f"five_{name}": not last or name != "funds" for name in names}
    county.move(case, "check_five", offices.inspector, county.at(listed, 15), five)
    if last:
        return case
    done = due - dt.timedelta(days=6) if number == 0 else due + dt.timedelta(days=2)
    _rectified(county, staff, case, done, staff.boss)
    _struck_off(county, offices, case, done, stopped=number == 0)
    return case


def _struck_off(
    county: SampleCounty, offices: Offices, case: uuid.UUID, done: dt.date, *, stopped: bool
) -> None:
    at = county.at(done + dt.timedelta(days=3), 10)
    check = {"check": [county.photograph(offices.second, at)]}
    opinion = {"result": "passed", "opinion": "整改到位，同意验收"}
    county.move(case, "accept", offices.second, at, opinion, evidence=check)
    struck = county.at(done + dt.timedelta(days=5), 10)
    what = {"result": "resume" if stopped else "closed"}
    county.move(case, "strike_off", offices.committee, struck, what)
    if stopped:
        resumed = county.at(done + dt.timedelta(days=6), 10)
        county.move(case, "approve_resume", offices.head, resumed, {"stop_use": False})


def _inspected(county: SampleCounty, offices: Offices, staff: list[Staff]) -> None:
    """Inspections by the bureau in May, on a checklist of its time."""
    now = county.at(dt.date(2023, 1, 16), 9)
    sheet = {
        "name": "工贸企业安全检查表", "edition": "2023年第1版", "effective_from": "2023-02-01",
        "points": "粉尘防爆\n有限空间\n动火作业\n外包管理\n应急演练", "basis": "安全生产法",
    }  # fmt: skip
    checklist = county.open("safety-checklist", offices.inspector, now, sheet, action="draft")
    county.move(checklist, "verify", offices.committee, now, {"result": "passed"})
    for number, each in enumerate(staff):
        day = dt.date(2023, 5, 16 + number)
        at = county.at(day, 9)
        form = {
            "kind": "enforcement" if number % 2 else "help", "enterprise": str(each.id),
            "inspected_on": day.isoformat(), "checklist": str(checklist), "team": 2 + number % 2,
        }  # fmt: skip
        case = county.open("safety-inspection", offices.inspector, at, form)
        record = {"record": [county.photograph(offices.inspector, at)]}
        result = {"points_checked": 5, "found": 0}
        county.move(case, "record", offices.inspector, at, result, evidence=record)
        county.move(case, "confirm", each.boss, county.at(day, 11))


def _reported(county: SampleCounty, offices: Offices, staff: Staff) -> None:
    """A report from the hotline that proved true and was rewarded."""
    day = dt.date(2023, 4, 3)
    now = county.at(day, 10)
    form = {
        "channel": "hotline", "informant": "举报人甲", "content": "厂房疏散通道被占",
        "subject": staff.firm.name, "received_on": day.isoformat(), "deaths": False,
    }  # fmt: skip
    statement = {"statement": [county.paper(offices.officer, now, "举报记录")]}
    case = county.open(
        "safety-report", offices.officer, now, form, action="register", evidence=statement
    )
    county.move(case, "accept", offices.officer, county.at(day, 11))
    at = county.at(dt.date(2023, 4, 11), 10)
    during = {"during": [county.photograph(offices.bureau, at)]}
    finding = {"finding": "属实，已责令当场清理", "true_report": True}
    county.move(case, "investigate", offices.bureau, at, finding, evidence=during)
    at = county.at(dt.date(2023, 4, 13), 10)
    check = {"check": [county.paper(offices.officer, at, "审定意见")]}
    county.move(case, "decide", offices.officer, at, {"result": "passed_reward"}, evidence=check)
    receipt = {"receipt": [county.paper(offices.cashier, at, "领取凭证")]}
    county.move(case, "pay_reward", offices.cashier, at, {"reward": 80_000}, evidence=receipt)
