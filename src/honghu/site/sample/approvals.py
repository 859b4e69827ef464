"""Approvals of the sample's projects, and the meetings that coordinate them with what they resolve."""

import datetime as dt
import uuid
from typing import Final

from honghu.kernel.parties.actor import Actor
from honghu.site.sample.county import SampleCounty

LISTED: Final = dt.date(2023, 1, 5)
_AUTHORITIES: Final = (
    ("建设用地规划许可证核发", "land", "洪湖市自然资源和规划局", "地规"),
    ("建设工程规划许可证核发", "design", "洪湖市自然资源和规划局", "建规"),
    ("建筑工程施工许可证核发", "construction", "洪湖市行政审批局", "施工"),
    ("竣工联合验收", "acceptance", "洪湖市行政审批局", "验收"),
)
_GRANTED: Final = 3
"""The first three are obtained one after the other by the end of March; acceptance is to come."""


def approving_officers(county: SampleCounty) -> dict[str, Actor]:
    """Who decides at each authority, by its name."""
    names = dict.fromkeys(authority for _item, _stage, authority, _mark in _AUTHORITIES)
    return {
        name: county.person(f"{name[3:5]}审批", county.organisation(name, "office"), roles)
        for name, roles in ((name, ["approval_officer"]) for name in names)
    }


def obtain_approvals(
    county: SampleCounty,
    project: uuid.UUID,
    *,
    clerk: Actor,
    owner: Actor,
    officers: dict[str, Actor],
    serial: int,
) -> None:
    """The four stages of a project's approval, the last one not applied for yet."""
    for number, (item, stage, authority, mark) in enumerate(_AUTHORITIES):
        officer = officers[authority]
        day = (
            dt.date(2023, 11, 20) if number == _GRANTED else LISTED + dt.timedelta(days=24 * number)
        )
        case = county.open(
            "project-approval", clerk, county.at(LISTED, 11, number),
            {"item": item, "permit_stage": stage, "authority": str(officer.organisation_id),
             "planned_on": (day + dt.timedelta(days=3)).isoformat()},
            action="list", parent_id=project,
        )  # fmt: skip
        if number == _GRANTED:
            continue
        at = county.at(day + dt.timedelta(days=1))
        papers = {"application": [county.paper(owner, at, f"{item}申报材料 {case}")]}
        county.move(case, "apply", owner, at, evidence=papers)
        county.move(case, "accept", officer, county.at(day + dt.timedelta(days=2)))
        at = county.at(day + dt.timedelta(days=6))
        decision = {"decision": [county.paper(officer, at, f"{item} {case}")]}
        numbered = {"result_no": f"{mark}第421083-2023-{serial:02}{number}号"}
        county.move(case, "grant", officer, at, numbered, evidence=decision)
        at = county.at(day + dt.timedelta(days=7))
        check = {"check": [county.paper(owner, at, f"核对记录 {case}")]}
        county.move(case, "receive", owner, at, {"result": "passed"}, evidence=check)


def meet(
    county: SampleCounty,
    project: uuid.UUID,
    *,
    clerk: Actor,
    head: Actor,
    department: Actor,
    day: dt.date,
    is_done: bool,
) -> None:
    """A meeting about a project with one resolution, done and verified or still being done."""
    meeting = county.open(
        "project-meeting", clerk, county.at(day - dt.timedelta(days=2)),
        {"subject": "水电接入和进场道路协调", "held_on": day.isoformat()},
        action="call", parent_id=project,
    )  # fmt: skip
    held = {"host": "市重点办主任", "attendees": "服务专班、住建局、供电公司、自来水公司、业主单位"}
    county.move(meeting, "hold", clerk, county.at(day, 15), held)
    at = county.at(day, 17)
    resolution = county.open(
        "project-resolution", clerk, at,
        {"resolution": "由住建局牵头，一周内完成临时用水接入", "responsible":
         str(department.organisation_id), "due_on": (day + dt.timedelta(days=8)).isoformat(),
         "supervised": not is_done},
        action="issue", parent_id=meeting,
    )  # fmt: skip
    at = county.at(day + dt.timedelta(days=1), 10)
    signed = {"signed": [county.paper(head, at, f"签到表 {meeting}")]}
    told = {
        "discussion": "会议听取了业主单位关于项目进展的汇报，研究了临时用水用电接入和进场道路问题。"
    }
    county.move(meeting, "file", head, at, told, evidence=signed)
    if not is_done:
        return
    at = county.at(day + dt.timedelta(days=6), 10)
    proof = {"result": [county.paper(department, at, f"落实材料 {resolution}")]}
    county.move(resolution, "submit", department, at, {"outcome": "管网已接通"}, evidence=proof)
    at = county.at(day + dt.timedelta(days=7), 10)
    check = {"check": [county.paper(clerk, at, f"核验记录 {resolution}")]}
    county.move(resolution, "verify", clerk, at, {"result": "passed"}, evidence=check)
