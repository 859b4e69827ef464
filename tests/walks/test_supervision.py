"""Supervision from the outside: minutes to a concluded task by the machine door; edge cases by name."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from honghu.base.problems import Invalid, NotFound
from honghu.domains.supervision.commands import begin_day, transfer_tasks
from honghu.domains.supervision.commands.minutes import ClassifiedTopic, NotDecomposed, TasksOpen
from honghu.domains.supervision.commands.tasks import (
    SlipOutOfOrder,
    SubtasksOpen,
    UnableToExtendTask,
)
from honghu.domains.supervision.queries import card_of_task, proposals_of
from honghu.domains.supervision.rules import take_apart
from honghu.kernel.cases.commands import LimitReached
from honghu.kernel.cases.detail import get_case
from honghu.kernel.cases.permissions import NotYourTurn, SameHands
from honghu.kernel.cases.queries import children_of, find_case
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.documents.commands import open_series
from honghu.kernel.documents.queries import documents_of_case
from honghu.kernel.parties.actor import SYSTEM, Actor
from honghu.kernel.parties.commands import open_account
from honghu.kernel.parties.models import Account, Person
from honghu.site.county import PASSWORD
from honghu.site.sample.county import SampleCounty
from honghu.site.sample.supervision import SERIES
from tests.machine import Machine, machine

DAY = dt.date(2023, 3, 1)
MINUTES = """会议议定：
一、清理长渠沿线违建。由洪湖市城市管理执法局牵头，洪湖市水利局、新堤街道配合，2023年3月31日前完成。
二、相关部门于5月底前拿出停车泊位方案。
三、学习有关文件精神。"""
FIVE = ["duty", "people", "measures", "time", "effect"]
Act = Callable[..., Any]


@dataclasses.dataclass(slots=True)
class Hall:
    """A county with a supervision office and those who are supervised."""

    county: SampleCounty
    cast: dict[str, Actor]

    def place(self, who: str) -> str:
        return str(self.cast[who].organisation_id)

    def see(self, case: uuid.UUID, day: dt.date = DAY) -> CaseRow:
        return find_case(case, actor=SYSTEM, now=self.county.at(day))

    def do(
        self,
        case: uuid.UUID,
        action: str,
        who: str,
        day: dt.date,
        form: Mapping[str, Any] | None = None,
        *slots: str,
    ) -> None:
        """One person acts on a day; each slot is filled with one new paper."""
        actor, at = self.cast[who], self.county.at(day)
        papers = {slot: [self.county.paper(actor, at, slot)] for slot in slots}
        self.county.move(case, action, actor, at, form, evidence=papers)

    def task_form(self, **changes: Any) -> dict[str, Any]:
        return {
            "subject": "清理长渠沿线违建",
            "decision": "会议要求清理长渠沿线违建",
            "instructor": "市长甲",
            "lead": self.place("lead"),
            "deliverable": "清理报告",
            "due_on": "2023-03-31",
            "cadence": "weekly",
        } | changes

    def task(self, **changes: Any) -> uuid.UUID:
        """A task under way since the first of March."""
        form = self.task_form(origin="document", **changes)
        at = self.county.at(DAY)
        case = self.county.open("supervision-task", self.cast["clerk"], at, form, action="draft")
        self.do(case, "approve", "head", DAY)
        self.do(case, "issue", "clerk", DAY)
        self.do(case, "sign", "lead", DAY)
        return case

    def returned(self, case: uuid.UUID, day: dt.date) -> None:
        self.do(case, "report", "lead", day, {"outcome": "已清理"}, "result")
        self.do(case, "review", "clerk", day, {"result": "failed", "checklist": FIVE}, "check")

    def card(self, case: uuid.UUID, day: dt.date) -> str | None:
        detail = get_case(case, actor=SYSTEM, now=self.county.at(day))
        returns = detail.counters.get("returns", 0)
        return card_of_task(detail.row, returns, now=self.county.at(day))

    def minuted(self, text: str = MINUTES) -> uuid.UUID:
        """A meeting whose minutes are out."""
        form = {
            "subject": "城区秩序专题会", "kind": "topic", "issuer": "government",
            "held_on": DAY.isoformat(), "instructor": "市长甲",
        }  # fmt: skip
        at = self.county.at(DAY)
        case = self.county.open("county-meeting", self.cast["clerk"], at, form, action="call")
        self.do(case, "hold", "clerk", DAY, {"host": "市长甲", "attendees": "各有关单位"})
        self.do(case, "take_minutes", "clerk", DAY, {"text": text})
        return case

    def confirmed(self, number: int, **changes: Any) -> dict[str, Any]:
        form = self.task_form() | {"proposal": number}
        return {k: v for k, v in form.items() if k not in {"decision", "instructor"}} | changes

    def amended_case(self) -> tuple[uuid.UUID, uuid.UUID]:
        """A meeting with one task under way, whose minutes are then amended."""
        case = self.minuted()
        self.do(case, "confirm_task", "clerk", DAY, self.confirmed(1))
        for number in (2, 3):
            self.do(case, "drop_task", "clerk", DAY, {"proposal": number, "reason": "另行研究"})
        self.do(case, "approve", "head", DAY, {"result": "passed"}, "check")
        (task,) = children_of(case, register="supervision-task", now=self.county.at(DAY))
        text = MINUTES.replace("2023年3月31日", "2023年4月30日")
        self.do(case, "amend_minutes", "clerk", DAY, {"text": text, "reason": "工期核实"})
        return case, task.id


@pytest.fixture
def hall(shipped: None) -> Hall:
    county = SampleCounty()
    places = {
        "bureau": county.organisation("洪湖市人民政府督查室", "office"),
        "government": county.organisation("洪湖市人民政府办公室", "office"),
        "city": county.organisation("洪湖市城市管理执法局", "office"),
        "water": county.organisation("洪湖市水利局", "office"),
    }
    held = {
        "clerk": ("bureau", ["supervision_clerk"]),
        "head": ("bureau", ["supervision_head"]),
        "leader": ("government", ["county_leader"]),
        "lead": ("city", ["task_lead"]),
        "helper": ("water", ["co_officer", "subtask_officer", "task_lead"]),
    }
    for code, mark in SERIES:
        open_series(
            code=code, organ_mark=mark, organisation_id=places["bureau"],
            organ_name="洪湖市人民政府督查室", now=county.at(DAY),
        )  # fmt: skip
    cast = {
        who: county.person(f"人员{index}", places[place], roles)
        for index, (who, (place, roles)) in enumerate(held.items())
    }
    return Hall(county, cast)


def _doors(hall: Hall, now: dt.datetime) -> dict[str, Machine]:
    found = {}
    for who, actor in hall.cast.items():
        assert actor.person_id is not None
        person = Person.objects.get(pk=actor.person_id)
        open_account(person=person, username=f"duban-{who}", password=PASSWORD)
        found[who] = machine(f"duban-{who}", now=now)
    return found


def _paper(door: Machine, words: str) -> str:
    file = SimpleUploadedFile("paper.txt", f"{words}\n".encode())
    sent = door.send("/evidence", {"file": file, "kind": "document"})
    assert sent.status == 201, sent.body
    return str(sent.body["sha256"])


def test_walk_from_the_minutes_to_a_concluded_task(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proposed by the system, confirmed by one person, verified by another, done, checked, closed."""
    clock = [hall.county.at(DAY)]
    monkeypatch.setattr(timezone, "now", lambda: clock[0])
    doors = _doors(hall, clock[0])
    meeting = hall.minuted()

    def act(who: str, case: object, action: str, form: Any = None, **slots: str) -> Any:
        files = {slot: [_paper(doors[who], f"{slot} {words}")] for slot, words in slots.items()}
        body = {"form": form or {}, "evidence": files}
        answer = doors[who].post(f"/cases/{case}/actions/{action}", body)
        assert answer.status == 201, answer.body
        return answer.body

    read = proposals_of(meeting)
    assert [(each.doubts, each.state) for each in read] == [
        ((), "open"), (("lead", "due"), "open"), (("lead", "due"), "open"),
    ]  # fmt: skip
    assert read[0].co_owner_names == ["洪湖市水利局", "新堤街道"]
    refused = doors["lead"].post(f"/cases/{meeting}/actions/confirm_task", {"form": {}})
    assert refused.status == 404, "who is no party of the meeting does not see it"

    act("clerk", meeting, "confirm_task", hall.confirmed(1, co_owner_one=hall.place("helper")))
    act("clerk", meeting, "drop_task", {"proposal": 3, "reason": "不是督办事项"})
    body = {"form": {"result": "passed"}, "evidence": {"check": [_paper(doors["head"], "复核")]}}
    refused = doors["head"].post(f"/cases/{meeting}/actions/approve", body)
    assert (refused.status, refused.body["code"]) == (409, "not-decomposed")
    act("clerk", meeting, "drop_task", {"proposal": 2, "reason": "待明确牵头单位"})
    act("head", meeting, "approve", {"result": "passed"}, check="复核单")
    (task,) = children_of(meeting, register="supervision-task", now=clock[0])
    assert task.facts["decision"] == read[0].text
    _conclude(hall, act, task.id)
    assert act("head", meeting, "close")["state"] == "closed"
    papers = [each.number for each in documents_of_case(task.id)]
    assert papers == ["洪督办〔2023〕1号"]
    _look(meeting, task.id)


def _conclude(hall: Hall, act: Act, task: uuid.UUID) -> None:
    act("head", task, "approve")
    act("clerk", task, "issue")
    act("lead", task, "sign")
    act("lead", task, "feedback", {"percent": 60, "text": "已拆除六处"})
    act("helper", task, "co_feedback", {"text": "已提供岸线资料"})
    act("lead", task, "report", {"outcome": "全部清理"}, result="影像")
    act("clerk", task, "review", {"result": "passed", "checklist": FIVE}, check="核查记录")
    assert act("head", task, "close", {"result": "passed"}, check="审定")["state"] == "closed"
    assert hall.see(task).facts["percent"] == 100


def _look(*cases: uuid.UUID) -> None:
    client = Client(headers={"accept-language": "zh-hans"})
    account = Account.objects.get(username="duban-head")
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    for case in cases:
        page = client.get(reverse("case", args=[case]))
        assert page.status_code == 200
        assert "清理长渠沿线违建" in page.content.decode()


def test_nothing_is_guessed_when_minutes_are_taken_apart() -> None:
    first, second, third = take_apart(MINUTES)
    assert (first.lead, first.due_on) == ("洪湖市城市管理执法局", dt.date(2023, 3, 31))
    assert (second.lead, second.due_text, second.due_on) == (None, "5月底前", None)
    assert third.doubts == ("lead", "due")
    for each in (first, second, third):
        assert MINUTES[each.start : each.end] == each.text
    assert take_apart("") == ()
    assert take_apart("1. 于2023年2月30日前完成违建清理")[0].due_on is None


def test_edge_minutes_amended_make_a_new_version_of_the_task(hall: Hall) -> None:
    case, task = hall.amended_case()
    states = [each.state for each in proposals_of(case)]
    assert states == ["open", "carried", "carried"]
    # The earlier task may not be forgotten.
    hall.do(case, "drop_task", "clerk", DAY, {"proposal": 1, "reason": "误删"})
    with pytest.raises(NotDecomposed, match=hall.see(task).number):
        hall.do(case, "approve", "head", DAY, {"result": "passed"}, "check")


def test_edge_minutes_amended_task_is_issued_anew(hall: Hall) -> None:
    case, task = hall.amended_case()
    number = hall.see(task).number
    form = hall.confirmed(1, due_on="2023-04-30", revises=number)
    hall.do(case, "confirm_task", "clerk", DAY, form)
    hall.do(case, "approve", "head", DAY, {"result": "passed"}, "check")
    revised = hall.see(task)
    assert (revised.state, revised.facts["due_on"]) == ("approved", "2023-04-30")
    assert "2023年4月30日" in revised.facts["decision"]
    steps = [each.action for each in get_case(task, actor=SYSTEM, now=hall.county.at(DAY)).steps]
    assert sorted(steps) == ["draft", "revise"]
    with pytest.raises(TasksOpen):
        hall.do(case, "close", "head", DAY)


def test_edge_organ_merged(hall: Hall) -> None:
    first, second = hall.task(), hall.task(subject="整治占道经营")
    at = hall.county.at(DAY)
    paper = hall.county.paper(hall.cast["head"], at, "机构改革方案")
    moved = transfer_tasks(
        from_organisation_id=uuid.UUID(hall.place("lead")),
        to_organisation_id=uuid.UUID(hall.place("helper")),
        decision=[paper],
        actor=hall.cast["head"],
        now=at,
    )
    assert moved == 2
    for case in (first, second):
        assert hall.see(case).state == "issued"
        hall.do(case, "sign", "helper", DAY)
    with pytest.raises(NotFound):
        hall.do(first, "feedback", "lead", DAY, {"percent": 1, "text": "已移交"})


def test_edge_verbal_instruction_is_confirmed_by_the_leader(hall: Hall) -> None:
    at = hall.county.at(DAY)
    form = hall.task_form(heard_at=at.isoformat())
    case = hall.county.open(
        "supervision-task", hall.cast["clerk"], at, form, action="register_verbal"
    )
    row = hall.see(case)
    assert (row.state, row.facts["origin"]) == ("unconfirmed", "verbal")
    assert row.due_at is not None
    with pytest.raises(NotYourTurn):
        hall.do(case, "confirm_verbal", "clerk", DAY, {"result": "confirmed"})
    hall.do(case, "confirm_verbal", "leader", DAY, {"result": "confirmed"})
    assert hall.see(case).state == "drafted"


def test_edge_secret_topics_are_refused(hall: Hall) -> None:
    with pytest.raises(ClassifiedTopic):
        hall.minuted("一、研究有关事项（机密★1年）。由洪湖市水利局牵头，2023年3月31日前完成。")
    with pytest.raises(ClassifiedTopic):
        hall.task(subject="密级：秘密 专项任务")


def test_edge_leadership_change(hall: Hall) -> None:
    case = hall.task()
    change = {"instructor": "市长乙", "reason": "领导分工调整"}
    hall.do(case, "change_instructor", "head", DAY, change)
    row = hall.see(case)
    assert (row.state, row.facts["instructor"]) == ("doing", "市长乙")


def test_slips_rise_one_step_at_a_time(hall: Hall) -> None:
    """Blue before the day, orange once it is over, red after five working days; nothing twice."""
    case = hall.task(due_on="2023-03-10")
    for day in (DAY, dt.date(2023, 3, 6)):
        assert begin_day(now=hall.county.at(day)) == 0
    colours = []
    for number in (7, 8, 9, 13, 14, 17, 20, 21):
        day = dt.date(2023, 3, number)
        begin_day(now=hall.county.at(day))
        assert begin_day(now=hall.county.at(day, 17)) == 0
        colours.append(hall.see(case).facts["slip"])
    assert colours == ["blue", "blue", "blue", "orange", "orange", "orange", "red", "red"]
    cards = [hall.card(case, dt.date(2023, 3, number)) for number in (10, 13, 17, 20)]
    assert cards == [None, "yellow", "yellow", "red"]
    reminders = [
        (each.form or {})["cause"]
        for each in get_case(case, actor=SYSTEM, now=hall.county.at(DAY)).steps
        if each.action == "remind"
    ]
    assert sorted(reminders) == ["feedback", "near_due", "overdue", "overdue"]


def test_a_slip_by_hand_keeps_the_ladder_unless_it_is_urgent(hall: Hall) -> None:
    demand = {"colour": "red", "demand": "立即整改"}
    case, urgent = hall.task(), hall.task(urgent=True)
    with pytest.raises(SlipOutOfOrder):
        hall.do(case, "send_slip", "clerk", DAY, demand)
    hall.do(case, "send_slip", "clerk", DAY, demand | {"colour": "blue"})
    hall.do(urgent, "send_slip", "clerk", DAY, demand)
    assert len(documents_of_case(urgent)) == 2, "the order and the slip"


def test_returns_make_cards(hall: Hall) -> None:
    case = hall.task()
    cards = []
    for _return in range(3):
        hall.returned(case, DAY)
        cards.append(hall.card(case, DAY))
    assert cards == [None, "yellow", "red"]


def test_an_extension_is_asked_once_before_the_day_and_granted_by_the_leader(hall: Hall) -> None:
    case, late = hall.task(), hall.task()
    asked = {"asked_due_on": "2023-04-30", "reason": "汛期"}
    with pytest.raises(UnableToExtendTask):
        hall.do(late, "ask_extension", "lead", dt.date(2023, 4, 1), asked)
    hall.do(case, "ask_extension", "lead", dt.date(2023, 3, 31), asked)
    with pytest.raises(NotYourTurn):
        hall.do(case, "decide_extension", "head", dt.date(2023, 3, 31), {"result": "granted"})
    hall.do(case, "decide_extension", "leader", dt.date(2023, 3, 31), {"result": "granted"})
    row = hall.see(case)
    assert (row.state, row.facts["due_on"]) == ("doing", "2023-04-30")
    assert row.due_at == hall.county.at(dt.date(2023, 5, 1), 0)
    again = asked | {"asked_due_on": "2023-05-30"}
    with pytest.raises(LimitReached):
        hall.do(case, "ask_extension", "lead", dt.date(2023, 4, 3), again)


def test_work_is_handed_on_only_as_a_subtask(hall: Hall) -> None:
    case, at = hall.task(), hall.county.at(DAY)
    form = {"content": "提供岸线界桩资料", "assignee": hall.place("helper"), "due_on": "2023-04-15"}

    def assign(who: str, **changes: str) -> uuid.UUID:
        return hall.county.open(
            "supervision-subtask", hall.cast[who], at, form | changes, action="assign",
            parent_id=case,
        )  # fmt: skip

    with pytest.raises(Invalid):
        assign("lead")
    with pytest.raises(Invalid):
        assign("helper", due_on="2023-03-15")
    subtask = assign("lead", due_on="2023-03-15")
    with pytest.raises(SubtasksOpen):
        hall.do(case, "report", "lead", DAY, {"outcome": "已清理"}, "result")
    hall.do(subtask, "report", "helper", DAY, {"outcome": "已提供"}, "result")
    with pytest.raises((SameHands, NotYourTurn)):
        hall.do(subtask, "accept", "helper", DAY, {"result": "passed"}, "check")
    hall.do(subtask, "accept", "lead", DAY, {"result": "passed"}, "check")
    hall.do(case, "report", "lead", DAY, {"outcome": "已清理"}, "result")
    assert hall.see(case).state == "reported"


def test_a_bulletin_is_signed_by_another_than_its_drafter(hall: Hall) -> None:
    form = {"subject": "一季度督办通报", "until": "2023-03-31", "text": "办结率见附表。"}
    at = hall.county.at(dt.date(2023, 4, 3))
    case = hall.county.open("supervision-bulletin", hall.cast["clerk"], at, form, action="draft")
    hall.do(case, "sign", "head", dt.date(2023, 4, 3))
    (paper,) = documents_of_case(case)
    assert paper.number == "洪督通〔2023〕1号"
