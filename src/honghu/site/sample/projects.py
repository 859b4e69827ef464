"""Key projects of the first half of 2023: three that report each month, one that lacks a paper.

The fourth project's test report is missing ten working days before its gate: the issue is raised by
the system in the morning, and its plan is agreed on the same day.
"""

import dataclasses
import datetime as dt
import uuid
from typing import Final

from honghu.domains.projects.commands import begin_day
from honghu.kernel.cases.queries import cases_with_fact, find_case
from honghu.kernel.documents.commands import open_series
from honghu.kernel.parties.actor import SYSTEM, Actor
from honghu.site.sample.approvals import approving_officers, meet, obtain_approvals
from honghu.site.sample.county import SampleCounty

ENTERED: Final = dt.date(2023, 1, 4)
MISSING_FOUND: Final = dt.date(2023, 6, 6)
_GATE: Final = dt.date(2023, 6, 20)
_ARTEFACT: Final = "复合地基检测报告"
_HALF: Final = range(1, 7)
_MILESTONES: Final = (
    ("施工图审查合格", 15, dt.date(2023, 2, 10), dt.date(2023, 2, 8)),
    ("桩基工程完成", 20, dt.date(2023, 4, 20), dt.date(2023, 4, 18)),
    ("主体结构封顶", 30, dt.date(2023, 6, 20), dt.date(2023, 6, 19)),
    ("设备安装完成", 20, dt.date(2023, 10, 20), None),
    ("试生产", 15, dt.date(2023, 12, 20), None),
)


@dataclasses.dataclass(frozen=True, slots=True)
class Sketch:
    """One project to be: amounts in 10,000 yuan; `late` are milestones achieved after their day."""

    name: str
    owner: str
    industry: str
    site: str
    leader: str
    total_wan: int
    annual_wan: int
    half_wan: int
    category: str = "industry"


@dataclasses.dataclass(frozen=True, slots=True)
class Team:
    """Those who act on a project."""

    case: uuid.UUID
    sketch: Sketch
    specialist: Actor
    lead: Actor
    owner: Actor


@dataclasses.dataclass(frozen=True, slots=True)
class Office:
    """The people of the county's side."""

    clerk: Actor
    head: Actor
    leader: Actor
    department: Actor


SKETCHES: Final = (
    Sketch(
        "荷安水产预制菜产业园", "洪湖荷安食品有限公司", "食品加工", "新滩镇", "市委常委甲",
        120_000, 36_000, 19_400,
    ),
    Sketch(
        "水产科学城", "洪湖水乡农业科技发展有限公司", "科技服务", "滨湖街道", "副市长乙",
        80_000, 24_000, 12_150, category="infrastructure",
    ),
    Sketch(
        "长荷光伏玻璃生产线", "湖北长荷玻璃有限公司", "建材", "乌林镇", "副市长丙",
        150_000, 48_000, 25_300,
    ),
)  # fmt: skip
LACKING: Final = Sketch(
    "卓荷光伏组件厂房", "湖北卓荷光伏有限公司", "新能源", "府场镇", "副市长丁",
    30_000, 9_000, 0,
)  # fmt: skip


def load(county: SampleCounty) -> None:
    """Enter the projects and let them run up to the end of June 2023."""
    office = _office(county)
    officers = approving_officers(county)
    for index, sketch in enumerate(SKETCHES):
        team = _entered(county, office, sketch, ENTERED)
        _half_year(county, office, team)
        for number in range(2 + index):
            _issue(county, office, team, number)
        obtain_approvals(
            county, team.case, clerk=office.clerk, owner=team.owner, officers=officers,
            serial=index + 1,
        )  # fmt: skip
        day = dt.date(2023, 6, 13 + 7 * index)
        meet(
            county, team.case, clerk=office.clerk, head=office.head,
            department=office.department, day=day, is_done=index == 0,
        )  # fmt: skip
    _lacking(county, office)


def _office(county: SampleCounty) -> Office:
    bureau = county.organisation("洪湖市重点项目建设办公室", "office")
    housing = county.organisation("洪湖市住房和城乡建设局", "office")
    government = county.organisation("洪湖市人民政府办公室", "office")
    open_series(
        code="会议纪要", organ_mark="洪项纪", organisation_id=bureau,
        organ_name="洪湖市重点项目建设办公室", now=county.at(ENTERED),
    )  # fmt: skip
    return Office(
        clerk=county.person("贺重建", bureau, ["projects_office"]),
        head=county.person("钟项明", bureau, ["projects_head"]),
        leader=county.person("秦市平", government, ["county_leader"]),
        department=county.person("严建章", housing, ["department_officer"]),
    )


def _entered(county: SampleCounty, office: Office, sketch: Sketch, day: dt.date) -> Team:
    """A project with its task force, its owner and its milestones."""
    force = county.organisation(f"{sketch.name}服务专班", "office")
    owner = county.organisation(sketch.owner, "enterprise")
    case = county.open(
        "key-project", office.clerk, county.at(day),
        {
            "name": sketch.name, "owner": str(owner), "industry": sketch.industry,
            "tier": "county", "category": sketch.category,
            "total_investment": sketch.total_wan * 1_000_000, "plan_year": 2023,
            "annual_investment": sketch.annual_wan * 1_000_000, "site": sketch.site,
            "leader": sketch.leader, "task_force": str(force),
            "planned_start": (day + dt.timedelta(days=40)).isoformat(),
            "planned_completion": "2023-11-30", "planned_production": "2024-03-31",
        },
        action="enter",
    )  # fmt: skip
    return Team(
        case, sketch,
        county.person(f"{sketch.name[:2]}专员", force, ["project_specialist"]),
        county.person(f"{sketch.name[:2]}班长", force, ["task_force_head"]),
        county.person(f"{sketch.name[:2]}业主", owner, ["project_owner"]),
    )  # fmt: skip


def _half_year(county: SampleCounty, office: Office, team: Team) -> None:
    """Milestones, stages, visits and the reports of six months."""
    cases = [
        county.open(
            "project-milestone", office.clerk, county.at(ENTERED, 10),
            {"title": title, "weight": weight, "planned_on": planned.isoformat()},
            action="plan", parent_id=team.case,
        )
        for title, weight, planned, _achieved in _MILESTONES
    ]  # fmt: skip
    amounts = county.parts(team.sketch.half_wan, len(_HALF))
    for month, amount in zip(_HALF, amounts, strict=True):
        for case, (_title, _weight, _planned, achieved) in zip(cases, _MILESTONES, strict=True):
            if achieved is not None and achieved.month == month:
                _achieve(county, office, team, case, achieved)
        _stage(county, office, team, month)
        _visits(county, team, month)
        at = county.at(dt.date(2023, month, 28), 16)
        county.move(
            team.case, "progress", team.specialist, at,
            {
                "month": f"2023-{month:02}", "invested": amount * 1_000_000,
                "image_progress": f"{month}月形象进度：按节点推进，现场照片见附件",
            },
            evidence={"during": [county.photograph(team.specialist, at)]},
        )  # fmt: skip


def _achieve(
    county: SampleCounty, office: Office, team: Team, case: uuid.UUID, day: dt.date
) -> None:
    reported, checked = county.at(day, 10), county.at(day + dt.timedelta(days=1), 15)
    county.move(
        case, "report", team.specialist, reported, {"achieved_on": day.isoformat()},
        evidence={"after": [county.photograph(team.specialist, reported)]},
    )  # fmt: skip
    county.move(
        case, "verify", office.clerk, checked, {"result": "passed"},
        evidence={"check": [county.photograph(office.clerk, checked)]},
    )  # fmt: skip


def _stage(county: SampleCounty, office: Office, team: Team, month: int) -> None:
    """Work starts in February and is under way in April."""
    action = {2: "confirm_start", 4: "confirm_building"}.get(month)
    if action is None:
        return
    day = dt.date(2023, month, 9 + county.random.randrange(4))
    at = county.at(day, 11)
    county.move(
        team.case, action, office.clerk, at, {"happened_on": day.isoformat()},
        evidence={"check": [county.photograph(office.clerk, at)]},
    )  # fmt: skip


def _visits(county: SampleCounty, team: Team, month: int) -> None:
    for _visit in range(1 + county.random.randrange(3)):
        day = dt.date(2023, month, 2 + county.random.randrange(24))
        county.move(
            team.case, "visit", team.specialist, county.at(day, 14),
            {"visited_on": day.isoformat(), "findings": "了解施工进度和企业诉求"},
        )  # fmt: skip


_TROUBLES: Final = (
    ("临时用电容量不足", "变压器容量不能满足桩机同时作业"),
    ("进场道路限高", "设备运输车辆无法通过村道限高架"),
    ("招工缺口", "投产前缺少熟练工人，需组织专场招聘"),
    ("施工用水接入", "现场距主管网较远，需延伸支管"),
)


def _issue(county: SampleCounty, office: Office, team: Team, number: int) -> None:
    """What the specialist collects on a visit, agreed within days and confirmed by the owner."""
    title, description = _TROUBLES[number]
    day = dt.date(2023, 2 + number, 13 + county.random.randrange(3))
    case = county.open(
        "project-issue", team.specialist, county.at(day),
        {"title": title, "description": description, "source": "visit"},
        action="collect", parent_id=team.case,
    )  # fmt: skip
    county.move(case, "assign", team.specialist, county.at(day, 10))
    county.move(case, "coordinate", team.lead, county.at(day, 11))
    agreed = day + dt.timedelta(days=county.random.randrange(2) * (1 + number % 2))
    _solved(county, office, team, case, county.at(agreed, 15 + number))


def _solved(
    county: SampleCounty, office: Office, team: Team, case: uuid.UUID, agreed: dt.datetime
) -> None:
    """From the plan to the enterprise's confirmation and the conclusion."""
    day = agreed.date()
    county.move(
        case, "agree", team.lead, agreed,
        {
            "plan": "由责任部门现场办理，专班每日跟进",
            "responsible": str(office.department.organisation_id),
            "due_on": (day + dt.timedelta(days=10)).isoformat(),
        },
    )  # fmt: skip
    began, done = county.at(day + dt.timedelta(days=1)), county.at(day + dt.timedelta(days=4), 10)
    county.move(case, "begin", office.department, began)
    paper = county.paper(office.department, done, f"办理情况说明 {case}")
    county.move(
        case, "resolve", office.department, done, {"outcome": "已办理到位"},
        evidence={"result": [paper]},
    )  # fmt: skip
    confirmed = county.at(day + dt.timedelta(days=5), 9)
    receipt = county.paper(team.owner, confirmed, f"企业确认单 {case}")
    county.move(
        case, "confirm", team.owner, confirmed,
        {"result": "passed", "satisfaction": county.random.choice(("satisfied", "fair"))},
        evidence={"check": [receipt]},
    )  # fmt: skip
    county.move(case, "close", office.clerk, county.at(day + dt.timedelta(days=6), 9))


def _lacking(county: SampleCounty, office: Office) -> None:
    """The test report that was not uploaded: raised in the morning, agreed on the same day."""
    entered = dt.date(2023, 5, 8)
    team = _entered(county, office, LACKING, entered)
    laboratory = county.organisation("荆楚清源工程检测有限公司", "enterprise")
    tester = county.person("卢测实", laboratory, ["artefact_supplier"])
    artefact = county.open(
        "gate-artefact", office.clerk, county.at(entered, 11),
        {
            "artefact": _ARTEFACT, "gate": "started", "gate_on": _GATE.isoformat(),
            "issuer_class": "laboratory", "supplier": str(laboratory),
        },
        action="require", parent_id=team.case,
    )  # fmt: skip
    begin_day(now=county.at(MISSING_FOUND, 8, 40))
    number = find_case(artefact, actor=SYSTEM, now=county.at(MISSING_FOUND)).facts["issue"]
    (issue,) = (
        row
        for row in cases_with_fact(
            "project-issue", fact="source", value="gate", now=county.at(MISSING_FOUND)
        )
        if row.number == number
    )
    county.move(issue.id, "assign", team.specialist, county.at(MISSING_FOUND, 9, 30))
    county.move(issue.id, "coordinate", team.lead, county.at(MISSING_FOUND, 10))
    uploaded = county.at(dt.date(2023, 6, 9), 11)
    county.move(
        artefact, "upload", tester, uploaded,
        {"issued_on": "2023-06-02", "document_no": "DJ-2023-0417"},
        evidence={"paper": [county.paper(tester, uploaded, _ARTEFACT)]},
    )  # fmt: skip
    checked = county.at(dt.date(2023, 6, 12), 10)
    county.move(
        artefact, "accept", office.clerk, checked, {"result": "passed"},
        evidence={"check": [county.paper(office.clerk, checked, "要件审核单")]},
    )  # fmt: skip
    _solved(county, office, team, issue.id, county.at(MISSING_FOUND, 16))
