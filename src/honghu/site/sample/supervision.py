"""Meetings of the first half of 2023 and what became of their minutes.

Three meetings leave twenty-one tasks. Of the campaign's twelve, six are concluded by the end of
June: half the time, half the work.
"""

import dataclasses
import datetime as dt
import uuid
from typing import Final

from honghu.domains.supervision.queries import ProposalRow, proposals_of
from honghu.kernel.documents.commands import open_series
from honghu.kernel.parties.actor import Actor
from honghu.site.sample.county import SampleCounty
from honghu.site.sample.pressing import hand_on, press_overdue, tell_of_june

SINCE: Final = dt.date(2023, 2, 17)
CONCLUDED: Final = 6
"""How many tasks of the campaign are concluded by the end of June."""
PROGRAMME: Final = "六大竞赛"
SERIES: Final = (
    ("会议纪要", "洪督纪"), ("督办单", "洪督办"), ("约谈通知", "洪督约"),
    ("通报", "洪督通"),
)  # fmt: skip
_CULTURE, _POLICE, _EDUCATION = "洪湖市文化和旅游局", "洪湖市公安局", "洪湖市教育局"
_MARKET, _FARMING, _UNION = "洪湖市市场监督管理局", "洪湖市农业农村局", "洪湖市总工会"

_REPORTING: Final = (
    _FARMING, "洪湖市水产局", "洪湖市乡村振兴局", "新滩镇", "沙口镇", "万全镇", "瞿家湾镇",
)  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class Item:
    """One decision of a meeting; `due` is printed in full."""

    words: str
    lead: str
    co_owner: str | None
    due: dt.date


@dataclasses.dataclass(frozen=True, slots=True)
class Gathering:
    """One meeting: what was said by whom, and what was decided."""

    subject: str
    kind: str
    issuer: str
    day: dt.date
    statements: tuple[tuple[str, str], ...]
    items: tuple[Item, ...]
    programme: str | None = None
    concluded: int = 0


def _items(*words: tuple[str, str, str | None], first: dt.date, step: int) -> tuple[Item, ...]:
    return tuple(
        Item(text, lead, co_owner, first + dt.timedelta(days=step * index))
        for index, (text, lead, co_owner) in enumerate(words)
    )


GATHERINGS: Final = (
    Gathering(
        "2023年市委农业农村工作会议", "agriculture", "party", SINCE,
        (
            *((speaker, "report") for speaker in _REPORTING),
            ("洪湖市财政局", "pledge"),
        ),
        _items(
            ("春季农业生产物资储备到位", _FARMING, "洪湖市供销合作社联合社"),
            ("高标准农田建设项目开工", _FARMING, None),
            ("农资市场专项检查一轮", _MARKET, _FARMING),
            first=dt.date(2023, 4, 14), step=17,
        ),
        concluded=3,
    ),
    Gathering(
        "2023年全市扫黄打非工作会议", "antiporn", "party", dt.date(2023, 3, 14),
        ((_CULTURE, "pledge"), (_POLICE, "pledge"), (_EDUCATION, "pledge"), (_MARKET, "pledge"),
         ("市委宣传部", "speech"), (_CULTURE, "report")),
        _items(
            ("清查校园周边书店文具店", _CULTURE, _EDUCATION),
            ("开展网络有害信息集中整治", _POLICE, None),
            ("印刷企业年度核验全覆盖", _CULTURE, _MARKET),
            ("中小学护苗课堂进班级", _EDUCATION, None),
            ("打印复印店建立登记台账", _MARKET, _CULTURE),
            ("出版物市场第一次联合检查", _CULTURE, _POLICE),
            ("寄递渠道排查出版物", _POLICE, None),
            ("农家书屋图书更新核查", _CULTURE, None),
            ("第二轮校园周边复查", _EDUCATION, _CULTURE),
            ("侵权盗版案件线索移送", _MARKET, _POLICE),
            ("基层站点规范化建设", _CULTURE, None),
            ("全年工作总结和考核", _CULTURE, None),
            first=dt.date(2023, 4, 10), step=14,
        ),
        concluded=CONCLUDED,
    ),
    Gathering(
        "2023年劳动和技能竞赛推进会", "competition", "government", dt.date(2023, 4, 11),
        ((_UNION, "speech"),),
        _items(
            ("重点工程建设劳动竞赛", _UNION, None),
            ("安全生产技能竞赛", _UNION, None),
            ("水产养殖技能竞赛", _FARMING, _UNION),
            ("窗口服务竞赛", _UNION, _MARKET),
            ("班组创新竞赛", _UNION, None),
            ("节能减排竞赛", _UNION, None),
            first=dt.date(2023, 6, 12), step=30,
        ),
        programme=PROGRAMME, concluded=1,
    ),
)  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class Office:
    """The supervision office, and the officers of the organisations that lead, by their name."""

    clerk: Actor
    head: Actor
    officers: dict[str, Actor]


def load(county: SampleCounty) -> None:
    """Hold the meetings, take their minutes apart, and let the tasks run to the end of June."""
    office = _office(county)
    for gathering in GATHERINGS:
        meeting = _minuted(county, office, gathering)
        for read in zip(proposals_of(meeting), gathering.items, strict=True):
            _confirmed(county, office, gathering, meeting, read)
        _verified(county, office, gathering, meeting)
        tasks = [each.task_id for each in proposals_of(meeting) if each.task_id]
        for number, (task, item) in enumerate(zip(tasks, gathering.items, strict=True)):
            _under_way(county, office, gathering, task, item)
            if number < gathering.concluded:
                _concluded(county, office, task, item, number)
        if gathering.kind == "antiporn":
            _handed_on(county, office, gathering, tasks)
    press_overdue(county, office.clerk)
    tell_of_june(county, office.clerk, office.head)


def _office(county: SampleCounty) -> Office:
    bureau = county.organisation("洪湖市人民政府督查室", "office")
    now = county.at(SINCE)
    for code, mark in SERIES:
        open_series(
            code=code, organ_mark=mark, organisation_id=bureau, organ_name="洪湖市人民政府督查室",
            now=now,
        )  # fmt: skip
    names = {item.lead for gathering in GATHERINGS for item in gathering.items}
    helping = {item.co_owner for gathering in GATHERINGS for item in gathering.items}
    for name in sorted(helping - {None} - names, key=str):
        county.person(
            f"{str(name)[3:5]}协办", county.organisation(str(name), "office"), ["co_officer"]
        )
    officers = {
        name: county.person(f"{name[3:5]}经办", county.organisation(name, "office"), ["task_lead"])
        for name in sorted(names)
    }
    return Office(
        clerk=county.person("夏督查", bureau, ["supervision_clerk", "document_clerk"]),
        head=county.person("冯立行", bureau, ["supervision_head"]),
        officers=officers,
    )


def _handed_on(
    county: SampleCounty, office: Office, gathering: Gathering, tasks: list[uuid.UUID]
) -> None:
    """Two parts of tasks that are still under way are done by others."""
    library = county.person(
        "申借阅", county.organisation("洪湖市图书馆", "institution"), ["subtask_officer"]
    )
    parts = (("核查各农家书屋藏书目录", 7, dt.date(2023, 5, 8)),
             ("整理基层站点图书角", 10, dt.date(2023, 6, 12)))  # fmt: skip
    for number, (content, index, day) in enumerate(parts):
        lead = office.officers[gathering.items[index].lead]
        hand_on(county, tasks[index], lead, library, content, day=day, is_done=number == 0)


def minutes_text(gathering: Gathering) -> str:
    """The minutes as they are printed: one numbered decision a line."""
    lines = []
    for number, item in enumerate(gathering.items, 1):
        helped = f"，{item.co_owner}配合" if item.co_owner else ""
        lines.append(
            f"{number}. {item.words}。由{item.lead}牵头{helped}，"
            f"{item.due.year}年{item.due.month}月{item.due.day}日前完成。"
        )
    return f"会议听取了有关汇报，议定以下事项：\n{chr(10).join(lines)}"


def _minuted(county: SampleCounty, office: Office, gathering: Gathering) -> uuid.UUID:
    """Call and hold the meeting, record who spoke, issue its minutes."""
    day, clerk = gathering.day, office.clerk
    meeting = county.open(
        "county-meeting", clerk, county.at(day - dt.timedelta(days=3)),
        {
            "subject": gathering.subject, "kind": gathering.kind, "issuer": gathering.issuer,
            "held_on": day.isoformat(), "instructor": "分管市领导",
        },
        action="call",
    )  # fmt: skip
    attended = "、".join(dict.fromkeys(speaker for speaker, _nature in gathering.statements))
    held = {"host": "分管市领导", "attendees": attended}
    county.move(meeting, "hold", clerk, county.at(day, 15), held)
    for speaker, nature in gathering.statements:
        statement = {"speaker": speaker, "nature": nature, "summary": f"{speaker}发言要点"}
        county.move(meeting, "record_statement", clerk, county.at(day, 16), statement)
    at = county.at(day + dt.timedelta(days=1), 10)
    county.move(meeting, "take_minutes", clerk, at, {"text": minutes_text(gathering)})
    return meeting


def _confirmed(
    county: SampleCounty,
    office: Office,
    gathering: Gathering,
    meeting: uuid.UUID,
    read: tuple[ProposalRow, Item],
) -> None:
    """Confirm one proposal as it was read."""
    proposal, item = read
    helping = county.organisation(item.co_owner, "office") if item.co_owner else None
    county.move(
        meeting, "confirm_task", office.clerk, county.at(gathering.day + dt.timedelta(days=1), 15),
        {
            "proposal": proposal.ordinal, "subject": item.words, "deliverable": "书面报告和佐证材料",
            "lead": str(proposal.lead_id), "due_on": str(proposal.due_on), "cadence": "monthly",
            "co_owner_one": str(helping) if helping else None, "programme": gathering.programme,
        },
    )  # fmt: skip


def _verified(
    county: SampleCounty, office: Office, gathering: Gathering, meeting: uuid.UUID
) -> None:
    at = county.at(gathering.day + dt.timedelta(days=1), 17)
    paper = county.paper(office.head, at, f"{gathering.subject}任务分解复核单")
    county.move(
        meeting, "approve", office.head, at, {"result": "passed"}, evidence={"check": [paper]}
    )


def _under_way(
    county: SampleCounty, office: Office, gathering: Gathering, task: uuid.UUID, item: Item
) -> None:
    """Set up, issued, signed for, and fed back once."""
    day, lead = gathering.day + dt.timedelta(days=2), office.officers[item.lead]
    county.move(task, "approve", office.head, county.at(day, 9))
    county.move(task, "issue", office.clerk, county.at(day, 10))
    signed = day + dt.timedelta(days=county.random.randrange(2))
    county.move(task, "sign", lead, county.at(signed, 16))
    said = {"percent": 5 * (1 + county.random.randrange(8)), "text": "已制定方案并部署"}
    county.move(task, "feedback", lead, county.at(signed + dt.timedelta(days=5), 16), said)


def _concluded(
    county: SampleCounty, office: Office, task: uuid.UUID, item: Item, number: int
) -> None:
    """Reported a little before its day, checked, and concluded; one is returned once."""
    lead = office.officers[item.lead]
    day = item.due - dt.timedelta(days=6 + county.random.randrange(4))
    if number == 1:
        _reported(county, office, task, lead, day=day - dt.timedelta(days=5), result="failed")
    _reported(county, office, task, lead, day=day, result="passed")
    at = county.at(day + dt.timedelta(days=2), 11)
    paper = county.paper(office.head, at, f"办结审定单 {task}")
    county.move(task, "close", office.head, at, {"result": "passed"}, evidence={"check": [paper]})


def _reported(
    county: SampleCounty, office: Office, task: uuid.UUID, lead: Actor, *, day: dt.date, result: str
) -> None:
    """The lead reports; the office checks the five implementations the next day."""
    at, checked = county.at(day, 10), county.at(day + dt.timedelta(days=1), 10)
    proof = county.paper(lead, at, f"落实材料 {task}")
    county.move(task, "report", lead, at, {"outcome": "任务已落实"}, evidence={"result": [proof]})
    note = county.paper(office.clerk, checked, f"现场核查记录 {task}")
    county.move(
        task, "review", office.clerk, checked,
        {"result": result, "checklist": ["duty", "people", "measures", "time", "effect"]},
        evidence={"check": [note]},
    )  # fmt: skip
