"""Key projects from the outside: one project through the machine door, and the edge cases by name."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from honghu.domains.projects.commands import begin_day
from honghu.domains.projects.commands.meetings import NothingToMinute, UnableToSupervise
from honghu.domains.projects.commands.ratings import JumpUnexplained, MonthRatedBefore
from honghu.domains.projects.commands.stages import GateShut
from honghu.domains.projects.queries import ratings_of
from honghu.domains.projects.rules import PartsInvalid
from honghu.kernel.cases.commands import WrongState, perform
from honghu.kernel.cases.permissions import GuardRefuses, NotYourTurn
from honghu.kernel.cases.queries import cases_with_fact, children_of, find_case
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.documents.commands import open_series
from honghu.kernel.documents.queries import documents_of_case
from honghu.kernel.parties.actor import SYSTEM, Actor
from honghu.kernel.parties.commands import open_account
from honghu.kernel.parties.models import Account, Person
from honghu.kernel.rulesets.queries import get_calendar
from honghu.site.county import PASSWORD
from honghu.site.sample.county import SampleCounty
from tests.machine import Machine, machine

ENTERED = dt.date(2023, 1, 4)
WAN = 1_000_000
Act = Callable[..., Any]
PROJECT = {
    "name": "荷塘冷链物流园",
    "tier": "county",
    "category": "industry",
    "total_investment": 10_000 * WAN,
    "plan_year": 2023,
    "annual_investment": 6_000 * WAN,
    "site": "汊河镇",
    "leader": "副市长甲",
    "planned_start": "2023-03-01",
    "planned_completion": "2023-12-31",
    "planned_production": "2024-03-31",
}


@dataclasses.dataclass(slots=True)
class Stage:
    """A county with one project, and the people around it by name."""

    county: SampleCounty
    cast: dict[str, Actor]
    project: uuid.UUID

    def see(self, case: uuid.UUID) -> CaseRow:
        return find_case(case, actor=SYSTEM, now=self.county.at(ENTERED))

    def do(
        self,
        case: uuid.UUID,
        action: str,
        who: str,
        day: dt.date,
        form: Mapping[str, Any] | None = None,
        **slots: str,
    ) -> None:
        """One person acts on a day; each slot is filled with one new file of its kind."""
        actor, at = self.cast[who], self.county.at(day)
        files = {
            slot: [
                self.county.photograph(actor, at)
                if kind == "photo"
                else self.county.paper(actor, at, slot)
            ]
            for slot, kind in slots.items()
        }
        self.county.move(case, action, actor, at, form, evidence=files)

    def add(
        self, register: str, action: str, who: str, day: dt.date, form: Mapping[str, Any]
    ) -> uuid.UUID:
        return self.county.open(
            register,
            self.cast[who],
            self.county.at(day),
            form,
            action=action,
            parent_id=self.project,
        )

    def milestone(self, weight: int, planned: str, achieved: str | None = None) -> uuid.UUID:
        form = {"title": f"节点{planned}", "weight": weight, "planned_on": planned}
        case = self.add("project-milestone", "plan", "office", ENTERED, form)
        if achieved is not None:
            day = dt.date.fromisoformat(achieved)
            self.do(case, "report", "specialist", day, {"achieved_on": achieved}, after="photo")
            self.do(case, "verify", "office", day, {"result": "passed"}, check="photo")
        return case

    def report(self, month: str, wan: int, explanation: str | None = None) -> str | None:
        """Report a month on its 28th; the light that the project then has."""
        form = {"month": month, "invested": wan * WAN, "image_progress": "按图施工"}
        if explanation is not None:
            form["explanation"] = explanation
        day = dt.date.fromisoformat(f"{month}-28")
        self.do(self.project, "progress", "specialist", day, form, during="photo")
        light = self.see(self.project).facts["progress_light"]
        assert light is None or isinstance(light, str)
        return light


@pytest.fixture
def stage(shipped: None) -> Stage:
    county = SampleCounty()
    places = {
        "bureau": county.organisation("洪湖市重点项目建设办公室", "office"),
        "force": county.organisation("荷塘冷链专班", "office"),
        "owner": county.organisation("洪湖荷塘物流有限公司", "enterprise"),
        "housing": county.organisation("洪湖市住房和城乡建设局", "office"),
        "lab": county.organisation("清源检测有限公司", "enterprise"),
    }
    held = {
        "office": ("bureau", "projects_office"),
        "head": ("bureau", "projects_head"),
        "specialist": ("force", "project_specialist"),
        "lead": ("force", "task_force_head"),
        "owner": ("owner", "project_owner"),
        "housing": ("housing", "department_officer"),
        "permits": ("housing", "approval_officer"),
        "lab": ("lab", "artefact_supplier"),
    }
    cast = {
        who: county.person(f"人员{index}", places[place], [role])
        for index, (who, (place, role)) in enumerate(held.items())
    }
    form = PROJECT | {"owner": str(places["owner"]), "task_force": str(places["force"])}
    project = county.open("key-project", cast["office"], county.at(ENTERED), form, action="enter")
    return Stage(county, cast, project)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[dt.datetime]:
    """The doors' clock; a test sets its one element."""
    stands = [dt.datetime(2023, 2, 10, 2, tzinfo=dt.UTC)]
    monkeypatch.setattr(timezone, "now", lambda: stands[0])
    return stands


def _machines(stage: Stage, now: dt.datetime) -> dict[str, Machine]:
    found = {}
    for who, actor in stage.cast.items():
        assert actor.person_id is not None
        person = Person.objects.get(pk=actor.person_id)
        open_account(person=person, username=f"project-{who}", password=PASSWORD)
        found[who] = machine(f"project-{who}", now=now)
    return found


def _send(door: Machine, content: bytes) -> str:
    file = SimpleUploadedFile("paper.txt", content)
    sent = door.send("/evidence", {"file": file, "kind": "document"})
    assert sent.status == 201, sent.body
    return str(sent.body["sha256"])


def test_walk_missing_report_becomes_an_issue_solved_and_confirmed(
    stage: Stage, clock: list[dt.datetime]
) -> None:
    """A test report is missing: raised by itself, agreed the same day, confirmed by the enterprise."""
    doors = _machines(stage, clock[0])

    def act(who: str, case: str, action: str, body: Mapping[str, Any] | None = None) -> Any:
        answer = doors[who].post(f"/cases/{case}/actions/{action}", body or {})
        assert answer.status == 201, answer.body
        return answer.body

    opened = doors["office"].post(
        "/registers/gate-artefact/cases",
        {
            "action": "require",
            "parent_id": str(stage.project),
            "form": {
                "artefact": "复合地基检测报告",
                "gate": "started",
                "gate_on": "2023-03-01",
                "issuer_class": "laboratory",
                "supplier": str(stage.cast["lab"].organisation_id),
            },
        },
    )
    assert opened.status == 201, opened.body
    artefact = opened.body["case_id"]

    clock[0] = stage.county.at(dt.date(2023, 2, 14), 8)
    assert begin_day(now=clock[0]) == (0, 0), "eleven working days before the gate"
    clock[0] = stage.county.at(dt.date(2023, 2, 15), 8)
    assert begin_day(now=clock[0]) == (1, 0)
    assert begin_day(now=clock[0]) == (0, 0), "once"
    (issue,) = children_of(stage.project, register="project-issue", now=clock[0])
    case = str(issue.id)

    _solve(stage, doors, act, artefact, case)
    assert act("office", case, "close")["state"] == "closed"

    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(
        Account.objects.get(username="project-office"),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    page = client.get(reverse("case", args=[case]))
    assert page.status_code == 200
    assert "企业已确认" in page.content.decode()
    assert client.get(reverse("case", args=[stage.project])).status_code == 200


def _solve(stage: Stage, doors: Mapping[str, Machine], act: Act, artefact: str, case: str) -> None:
    """From the assignment to the enterprise's confirmation, with the artefact uploaded between."""
    act("specialist", case, "assign")
    act("lead", case, "coordinate")
    refused = doors["owner"].post(f"/cases/{case}/actions/agree", {"form": {}})
    assert refused.status == 403
    own = {
        "plan": "三日内出具",
        "responsible": str(stage.cast["owner"].organisation_id),
        "due_on": "2023-02-24",
    }
    refused = doors["lead"].post(f"/cases/{case}/actions/agree", {"form": own})
    assert (refused.status, list(refused.body["errors"])) == (422, ["responsible"])
    plan = own | {"responsible": str(stage.cast["housing"].organisation_id)}
    act("lead", case, "agree", {"form": plan})
    act("housing", case, "begin")

    paper = _send(doors["lab"], "复合地基检测报告\n".encode())
    form = {"issued_on": "2023-02-15", "document_no": "DJ-1"}
    act("lab", artefact, "upload", {"form": form, "evidence": {"paper": [paper]}})
    check = _send(doors["office"], "审核单\n".encode())
    passed = {"form": {"result": "passed"}, "evidence": {"check": [check]}}
    assert act("office", artefact, "accept", passed)["state"] == "accepted"

    proof = _send(doors["housing"], "办理情况\n".encode())
    done = {"form": {"outcome": "报告已上传"}, "evidence": {"result": [proof]}}
    act("housing", case, "resolve", done)
    receipt = _send(doors["owner"], "企业确认单\n".encode())
    happy = {"result": "passed", "satisfaction": "satisfied"}
    act("owner", case, "confirm", {"form": happy, "evidence": {"check": [receipt]}})


def test_edge_stage_skipped_only_by_approved_waiver(stage: Stage) -> None:
    day, form = dt.date(2023, 3, 1), {"happened_on": "2023-03-01"}
    with pytest.raises(WrongState):
        stage.do(stage.project, "confirm_building", "office", day, form, check="photo")
    skip = form | {"result": "building"}
    with pytest.raises(GuardRefuses):
        stage.do(stage.project, "skip_stage", "head", day, skip, approval="document")
    with pytest.raises(NotYourTurn):
        stage.do(stage.project, "skip_stage", "specialist", day, skip, approval="document")
    stage.do(stage.project, "ask_waiver", "specialist", day, {"reason": "基础已先行施工"})
    # A gate that was skipped is a gate all the same.
    stage.add(
        "gate-artefact", "require", "office", day,
        {"artefact": "施工许可证", "gate": "started", "gate_on": "2023-03-01",
         "issuer_class": "authority", "supplier": str(stage.cast["lab"].organisation_id)},
    )  # fmt: skip
    with pytest.raises(GateShut, match="施工许可证"):
        stage.do(stage.project, "skip_stage", "head", day, skip, approval="document")
    (gate,) = children_of(stage.project, register="gate-artefact", now=stage.county.at(day))
    stage.do(gate.id, "ask_waiver", "specialist", day, {"reason": "容缺办理"})
    stage.do(gate.id, "waive", "head", day, approval="document")
    stage.do(stage.project, "skip_stage", "head", day, skip, approval="document")
    found = stage.see(stage.project)
    assert (found.state, found.facts["stage"]) == ("building", "building")


def test_edge_rebased_plan_keeps_the_old_ratio(stage: Stage) -> None:
    stage.milestone(50, "2023-01-20", "2023-01-19")
    late = stage.milestone(50, "2023-02-20")
    assert stage.report("2023-01", 400) == "green"
    assert stage.report("2023-02", 300) == "red"
    day = dt.date(2023, 3, 1)
    stage.do(late, "ask_rebasing", "specialist", day, {"reason": "汛期"})
    stage.do(late, "rebase", "head", day, {"planned_on": "2023-06-20"}, approval="document")
    plan = {"annual_investment": 5_000 * WAN, "reason": "汛期"}
    stage.do(stage.project, "rebase_plan", "head", day, plan, approval="document")
    assert stage.report("2023-03", 300) == "green"
    ratings = ratings_of(stage.project)
    assert [str(each.ratio) for each in ratings] == ["1.0000", "0.5000", "1.0000"]
    assert [each.plan_version for each in ratings] == [1, 1, 2]
    assert [each.annual_fen // WAN for each in ratings] == [6_000, 6_000, 5_000]
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE projects_monthlyrating SET ratio = 1")


def test_edge_plan_zero_gives_no_light(stage: Stage) -> None:
    """Nothing is scheduled: nobody is behind, and nobody is praised."""
    plan = {"annual_investment": 0, "reason": "本年不安排"}
    day = dt.date(2023, 1, 10)
    stage.do(stage.project, "rebase_plan", "head", day, plan, approval="document")
    assert stage.report("2023-01", 0) is None
    (rating,) = ratings_of(stage.project)
    assert (rating.scheduled, rating.completed, rating.ratio) == (None, None, None)


def test_two_yellow_lights_in_a_row_are_red(stage: Stage) -> None:
    stage.milestone(70, "2023-01-20", "2023-01-19")
    stage.milestone(30, "2023-01-25")
    assert [stage.report("2023-01", 1), stage.report("2023-02", 1)] == ["yellow", "red"]


def test_edge_december_jump_must_be_explained(stage: Stage) -> None:
    for month in range(8, 12):
        stage.report(f"2023-{month:02}", 300)
    with pytest.raises(JumpUnexplained):
        stage.report("2023-12", 2_000)
    stage.report("2023-12", 2_000, "设备到货集中付款")
    assert [each.is_jump for each in ratings_of(stage.project)] == [False] * 4 + [True]
    with pytest.raises(MonthRatedBefore):
        stage.report("2023-12", 10)


def test_edge_split_loses_no_fen(stage: Stage) -> None:
    day, number = dt.date(2023, 3, 1), stage.see(stage.project).number
    reason = {"reason": "分期立项"}
    short = "一期；60,000,000；40,000,000\n二期；30,000,000；20,000,000"
    actor, at = stage.cast["head"], stage.county.at(day)

    def split(parts: str) -> None:
        paper = stage.county.paper(actor, at, "批准")
        perform(
            stage.project, "split", actor=actor, now=at, idempotency_key=str(uuid.uuid4()),
            form=reason | {"parts": parts}, evidence={"approval": [paper]}, confirm=number,
        )  # fmt: skip

    with pytest.raises(PartsInvalid):
        split(short)
    assert stage.see(stage.project).state == "preparing"
    split(short.replace("30,000,000", "40,000,000"))
    assert stage.see(stage.project).state == "divided"
    parts = [
        row
        for row in cases_with_fact("key-project", fact="stage", value="preparing", now=at)
        if row.id != stage.project
    ]
    assert sorted(row.title for row in parts) == ["一期", "二期"]
    assert sum(row.facts["total_investment"] for row in parts) == PROJECT["total_investment"]
    assert sum(row.facts["annual_investment"] for row in parts) == PROJECT["annual_investment"]


def test_edge_merge_keeps_both_amounts(stage: Stage) -> None:
    kept = stage.see(stage.project)
    form = {name: kept.facts[name] for name in (*PROJECT, "owner", "task_force")}
    at = stage.county.at(dt.date(2023, 2, 1))
    other = stage.county.open(
        "key-project", stage.cast["office"], at, form | {"name": "二号库"}, action="enter"
    )
    actor = stage.cast["head"]
    paper = stage.county.paper(actor, at, "批准")
    perform(
        other, "merge", actor=actor, now=at, idempotency_key="merge", confirm=stage.see(other).number,
        form={"merged_into": str(stage.project), "reason": "统一建设"},
        evidence={"approval": [paper]},
    )  # fmt: skip
    assert stage.see(other).state == "joined"
    facts = stage.see(stage.project).facts
    assert facts["total_investment"] == 20_000 * WAN
    assert facts["annual_investment"] == 12_000 * WAN


def test_edge_stop_order_stops_the_clock_and_returns_to_its_stage(stage: Stage) -> None:
    day = dt.date(2023, 3, 1)
    form = {"order_no": "洪建停〔2023〕1号", "reason": "基坑隐患"}
    stage.do(stage.project, "stop", "office", day, form, order="document")
    assert stage.see(stage.project).due_at is None
    with pytest.raises(WrongState):
        stage.report("2023-03", 10)
    wrong = {"result": "building"}
    with pytest.raises(GuardRefuses):
        stage.do(stage.project, "resume", "head", day, wrong, lifted="document")
    right = {"result": "preparing"}
    stage.do(stage.project, "resume", "head", day, right, lifted="document")
    assert stage.see(stage.project).state == "preparing"


def test_an_issue_left_alone_climbs_the_ladder(stage: Stage) -> None:
    day = dt.date(2023, 3, 1)
    form = {"title": "用电", "description": "容量不足", "source": "visit"}
    issue = stage.add("project-issue", "collect", "specialist", day, form)
    stage.do(issue, "assign", "specialist", day)
    climbed = []
    for day in (
        dt.date(2023, 3, 6),
        dt.date(2023, 3, 7),
        dt.date(2023, 3, 15),
        dt.date(2023, 3, 30),
    ):
        begin_day(now=stage.county.at(day))
        climbed.append(stage.see(issue).state)
    assert climbed == ["assigned", "department", "leader_meeting", "mayor"]


def test_minutes_are_made_of_what_the_meeting_resolved(stage: Stage) -> None:
    """Resolutions become the minutes' paragraphs; one to be supervised becomes a task, once."""
    day, later = dt.date(2023, 3, 1), dt.date(2023, 3, 2)
    at, bureau = stage.county.at(day), stage.cast["head"].organisation_id
    assert bureau is not None
    open_series(
        code="会议纪要", organ_mark="洪项纪", organisation_id=bureau, organ_name="市重点办", now=at
    )
    meeting = stage.add(
        "project-meeting", "call", "office", day, {"subject": "水电接入", "held_on": str(day)}
    )
    held = {"host": "副市长甲", "attendees": "住建局、业主单位"}
    stage.do(meeting, "hold", "office", day, held)
    with pytest.raises(NothingToMinute):
        stage.do(meeting, "file", "head", later)
    housing = str(stage.cast["housing"].organisation_id)
    resolutions = [
        stage.county.open(
            "project-resolution", stage.cast["office"], at,
            {"resolution": text, "responsible": housing, "due_on": due, "supervised": supervised},
            action="issue", parent_id=meeting,
        )
        for text, due, supervised in (
            ("一周内接通临时用水。", "2023-03-08", True),
            ("办理道路开挖许可", "2023-03-20", False),
        )
    ]  # fmt: skip
    stage.do(meeting, "file", "head", later)
    assert stage.see(meeting).facts["minutes_number"] == "洪项纪〔2023〕1号"
    (paper,) = documents_of_case(meeting)
    assert paper.content is not None
    assert list(paper.content.body[-2:]) == [
        "1. 一周内接通临时用水。（责任单位：洪湖市住房和城乡建设局；办结期限：2023年3月8日）",
        "2. 办理道路开挖许可。（责任单位：洪湖市住房和城乡建设局；办结期限：2023年3月20日）",
    ]
    supervised, other = (stage.see(each).facts for each in resolutions)
    task = stage.see(uuid.UUID(supervised["task"]))
    assert (task.register, task.state) == ("supervision-task", "drafted")
    assert (task.facts["instructor"], task.facts["lead"]) == ("副市长甲", housing)
    assert other.get("task") is None
    with pytest.raises(GuardRefuses):
        stage.do(resolutions[0], "ask_supervision", "head", later)
    with pytest.raises(UnableToSupervise):
        stage.do(resolutions[1], "ask_supervision", "head", dt.date(2023, 3, 21))


def test_a_permit_clock_stands_while_experts_review(stage: Stage) -> None:
    day = dt.date(2023, 3, 1)
    item = stage.add(
        "project-approval", "list", "office", day,
        {"item": "施工许可", "permit_stage": "construction", "planned_on": "2023-03-10",
         "authority": str(stage.cast["permits"].organisation_id)},
    )  # fmt: skip
    stage.do(item, "apply", "owner", day, application="document")
    stage.do(item, "accept", "permits", day)
    before = stage.see(item).due_at
    stage.do(item, "exclude", "permits", dt.date(2023, 3, 6), {"cause": "review"})
    assert stage.see(item).due_at is None
    stage.do(item, "resume", "permits", dt.date(2023, 3, 13))
    after = stage.see(item).due_at
    assert before is not None
    assert after is not None
    # Five working days were not counted; Tomb-Sweeping Day lies between.
    assert (after - before, get_calendar().count_working_days(before.date(), after.date())) == (
        dt.timedelta(days=8),
        5,
    )
    granted = {"result_no": "洪建许〔2023〕1号"}
    stage.do(item, "grant", "permits", dt.date(2023, 3, 14), granted, decision="document")
    result = {"result": "passed"}
    with pytest.raises(NotYourTurn):
        stage.do(item, "receive", "permits", dt.date(2023, 3, 14), result, check="document")
