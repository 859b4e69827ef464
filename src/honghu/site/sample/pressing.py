"""What the sample's supervision office presses: subtasks of its tasks, overdue cases, a bulletin."""

import datetime as dt
import uuid
from typing import Final

from honghu.domains.supervision.commands.ladder import URGINGS, climb_ladders
from honghu.kernel.cases.queries import CaseFilter, find_case, iterate_cases
from honghu.kernel.parties.actor import SYSTEM, Actor
from honghu.kernel.parties.models import Position
from honghu.kernel.parties.queries import get_actor
from honghu.kernel.registers.queries import get_register
from honghu.site.sample.county import SampleCounty

PRESSED: Final = dt.date(2023, 6, 26)
SIGNED: Final = dt.date(2023, 6, 30)


def hand_on(
    county: SampleCounty, task: uuid.UUID, lead: Actor, officer: Actor, content: str, *,
    day: dt.date, is_done: bool,
) -> None:  # fmt: skip
    """A part of a task handed to another organisation; done and accepted, or still being done."""
    case = county.open(
        "supervision-subtask", lead, county.at(day),
        {"content": content, "assignee": str(officer.organisation_id),
         "due_on": (day + dt.timedelta(days=25)).isoformat()},
        action="assign", parent_id=task,
    )  # fmt: skip
    if not is_done:
        return
    at = county.at(day + dt.timedelta(days=14), 10)
    proof = {"result": [county.paper(officer, at, f"落实材料 {case}")]}
    county.move(case, "report", officer, at, {"outcome": "已按要求完成"}, evidence=proof)
    at = county.at(day + dt.timedelta(days=15), 10)
    check = {"check": [county.paper(lead, at, f"验收单 {case}")]}
    county.move(case, "accept", lead, at, {"result": "passed"}, evidence=check)


def press_overdue(county: SampleCounty, clerk: Actor) -> None:
    """Cases of any register that are overdue in June climb the ladder: slips, one of them answered."""
    at = county.at(PRESSED)
    climb_ladders(now=at)
    wanted = CaseFilter(open_only=True, states=("slip_due",))
    due = list(iterate_cases(get_register(URGINGS), actor=SYSTEM, now=at, wanted=wanted))
    for urging in due[:1]:
        demand = {"demand": "三日内整改到位并书面回复"}
        county.move(urging.id, "serve_slip", clerk, county.at(PRESSED, 10), demand)
        pressed = find_case(urging.id, actor=SYSTEM, now=at).facts["pressed"]
        answering = Position.objects.filter(role="urged_officer", organisation_id=pressed).first()
        if answering is not None:
            officer = get_actor(
                person_id=answering.person_id, on=PRESSED, organisation_id=answering.organisation_id
            )
            reply = {"reply": "配件已到货，本周内完成更换"}
            county.move(urging.id, "answer", officer, county.at(PRESSED, 16), reply)
    climb_ladders(now=county.at(PRESSED + dt.timedelta(days=2)))


def tell_of_june(county: SampleCounty, clerk: Actor, head: Actor) -> None:
    """The bulletin on the first half of the year: drafted by one, signed by another."""
    case = county.open(
        "supervision-bulletin", clerk, county.at(SIGNED, 10),
        {"subject": "2023年上半年督办工作情况通报", "until": SIGNED.isoformat(),
         "text": "上半年各项会议交办任务总体按期推进，扫黄打非专项任务过半。个别任务材料不实被退回，"
         "请各牵头单位对照时限抓紧落实。"},
        action="draft",
    )  # fmt: skip
    county.move(case, "sign", head, county.at(SIGNED, 16))
