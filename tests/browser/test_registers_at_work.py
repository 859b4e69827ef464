"""Each register at work by clicks: found, put right, verified by another organisation, closed, counted."""

import dataclasses
import datetime as dt
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import openpyxl
import pytest
from django.urls import reverse
from django.utils.timezone import localdate, localtime

from honghu.kernel.cases.commands import open_case, perform
from honghu.kernel.cases.models import Case, Deadline
from honghu.kernel.cases.models import Step as StepRow
from honghu.kernel.documents.commands import open_series
from honghu.kernel.documents.queries import issued_documents, list_series
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.notifications.models import Notification
from honghu.kernel.relay.commands import relay_steps
from honghu.site.county import Member, ensure_organisation, settle
from tests.browser.people import People, seen_on
from tests.browser.titles import state_title
from tests.browser.window import DESKTOP, PHONE, Window
from tests.walks.test_projects import PROJECT
from tests.walks.test_rivers import shot

pytestmark = pytest.mark.browser

Step: TypeAlias = tuple[str, str, Mapping[str, Any], str]
"""Who does what with which answers, and the state in which the case then stands."""
TODAY, SOON, NOW, PHOTO, PAPER, OTHER_PHOTO = "TODAY", "SOON", "NOW", "PHOTO", "PAPER", "OTHER"
PASSED = {"result": "passed"}


@dataclasses.dataclass(frozen=True)
class Work:
    """A register, who works on it (organisation, kind, roles), its papers, the first step, the rest.

    Answers that begin with `@` name a person, whose organisation is meant.
    """

    register: str
    people: Mapping[str, tuple[str, str, tuple[str, ...]]]
    series: Mapping[str, tuple[str, ...]]
    opening: tuple[str, str, Mapping[str, Any], str]
    steps: tuple[Step, ...]


WORKS = {
    "urban": Work(
        "urban-problem",
        {
            "collector": ("洪湖市城市管理监督中心", "office", ("urban_collector",)),
            "filer": ("洪湖市城市管理监督中心", "office", ("urban_supervision",)),
            "command": ("洪湖市城市管理指挥中心", "office", ("urban_command",)),
            "worker": ("洪湖市市政设施维护中心", "agency", ("urban_unit",)),
        },
        {"command": ("城管派遣", "督办单")},
        (
            "collector",
            "open",
            {
                "problem": "道路沿石破损", "kind": "component", "category": "kerb",
                "source": "collector", "spotted_at": NOW, "place.longitude": "113.45",
                "place.latitude": "29.81", "grid": "新堤街道03网格", "evidence.before": PHOTO,
            },
            "collected",
        ),
        (
            ("filer", "file", {}, "filed"),
            ("command", "dispatch", {"responsible": "@worker", "ownership": "known"}, "handling"),
            ("worker", "finish", {"done": "已更换沿石", "evidence.after": OTHER_PHOTO}, "reported"),
            ("collector", "check", PASSED | {"evidence.check": PHOTO}, "checked"),
            ("filer", "close", {}, "closed"),
        ),
    ),
    "safety": Work(
        "safety-hazard",
        {
            "inspector": ("洪湖市应急管理局", "office", ("safety_inspector",)),
            "regulator": ("洪湖市应急管理局", "office", ("safety_regulator",)),
            "manager": ("洪湖荷塘食品有限公司", "enterprise", ("enterprise_safety",)),
            "head": ("洪湖荷塘食品有限公司", "enterprise", ("enterprise_head",)),
        },
        {"regulator": ("责令整改",)},
        (
            "inspector",
            "open",
            {
                "summary": "灭火器过期未更换", "found_on": TODAY, "responsible": "@manager",
                "ownership": "own", "category": "equipment", "sector": "industry",
                "evidence.before": PHOTO,
            },
            "found",
        ),
        (
            ("inspector", "grade_ordinary", {"grading_basis": "能够立即整改"}, "graded"),
            ("regulator", "order", {"order_mode": "by_date", "due_on": SOON}, "rectifying"),
            ("manager", "rectify", {"measures": "已更换", "evidence.after": OTHER_PHOTO}, "rectified"),
            ("head", "self_accept", PASSED, "submitted"),
            ("regulator", "recheck", PASSED | {"evidence.check": PHOTO}, "closed"),
        ),
    ),
    "supervision": Work(
        "supervision-task",
        {
            "clerk": ("洪湖市人民政府督查室", "office", ("supervision_clerk",)),
            "chief": ("洪湖市人民政府督查室", "office", ("supervision_head",)),
            "lead": ("洪湖市水利和湖泊局", "office", ("task_lead",)),
        },
        {"clerk": ("交办单", "督办单")},
        (
            "clerk",
            "draft",
            {
                "subject": "清理长渠沿线违建", "origin": "document", "decision": "限期清理",
                "instructor": "市长甲", "lead": "@lead", "deliverable": "清理报告", "due_on": SOON,
                "cadence": "weekly",
            },
            "drafted",
        ),
        (
            ("chief", "approve", {}, "approved"),
            ("clerk", "issue", {}, "issued"),
            ("lead", "sign", {}, "doing"),
            ("lead", "report", {"outcome": "已清理", "evidence.result": PAPER}, "reported"),
            (
                "clerk",
                "review",
                PASSED
                | {
                    "checklist": ["duty", "people", "measures", "time", "effect"],
                    "evidence.check": PAPER,
                },
                "reviewed",
            ),
            ("chief", "close", PASSED | {"evidence.check": PAPER}, "closed"),
        ),
    ),
    "projects": Work(
        "project-milestone",
        {
            "planner": ("洪湖市重点项目建设办公室", "office", ("projects_office",)),
            "specialist": ("荷塘冷链专班", "office", ("project_specialist",)),
        },
        {},
        (
            "planner",
            "plan",
            {"title": "主体结构封顶", "weight": "40", "planned_on": SOON},
            "planned",
        ),
        (
            ("specialist", "report", {"achieved_on": TODAY, "evidence.after": OTHER_PHOTO}, "reported"),
            ("planner", "verify", PASSED | {"evidence.check": PHOTO}, "achieved"),
        ),
    ),
}  # fmt: skip


@pytest.fixture(params=WORKS)
def work(request: pytest.FixtureRequest) -> Work:
    return WORKS[request.param]


@pytest.fixture
def cast(committed_db: str, now: dt.datetime, work: Work) -> dict[str, Member]:
    """Everybody with a sign-in, in a database where commits are real."""
    return _enter(work, now)


def _enter(work: Work, now: dt.datetime) -> dict[str, Member]:
    """Enter the people of a register with their number series."""
    found = {}
    for username, (office, kind, roles) in work.people.items():
        organisation = ensure_organisation(office, kind, now=now)
        found[username] = settle(username, username, organisation, roles, now=now)
    for username, series in work.series.items():
        for code in series:
            open_series(
                code=code, organ_mark=f"洪{username}{code}",
                organisation_id=found[username].organisation_id,
                organ_name=work.people[username][0], now=now,
            )  # fmt: skip
    return found


@pytest.fixture
def parent(cast: dict[str, Member], now: dt.datetime, work: Work) -> str:
    """The case under which the work's own is opened, as the end of the address; empty for none."""
    if work.register != "project-milestone":
        return ""
    places = {
        "owner": ensure_organisation("洪湖荷塘物流有限公司", "enterprise", now=now),
        "task_force": cast["specialist"].organisation_id,
    }
    done = open_case(
        "key-project", actor=cast["planner"].actor(now.date()), now=now, idempotency_key="project",
        action="enter", form=PROJECT | {name: str(each) for name, each in places.items()},
    )  # fmt: skip
    return f"?parent={done.case_id}"


def _answers(
    given: Mapping[str, Any], cast: Mapping[str, Member], folder: Path, shade: int
) -> dict[str, Any]:
    """The answers with organisations, days and files in the place of their names."""
    files = {PHOTO: f"{shade}.jpg", OTHER_PHOTO: f"{shade + 50}.jpg", PAPER: f"{shade}.txt"}
    known = {
        TODAY: localdate().isoformat(),
        SOON: (localdate() + dt.timedelta(days=20)).isoformat(),
        NOW: f"{localtime() - dt.timedelta(minutes=5):%Y-%m-%dT%H:%M}",
    }
    found: dict[str, Any] = {}
    for name, value in given.items():
        if isinstance(value, str) and value in files:
            path = folder / files[value]
            path.write_bytes(f"材料{shade}".encode() if value == PAPER else shot(shade))
            found[name] = path
        elif isinstance(value, str) and value.startswith("@"):
            found[name] = str(cast[value[1:]].organisation_id)
        else:
            found[name] = known.get(value, value) if isinstance(value, str) else value
    return found


@seen_on((DESKTOP, "zh-hans"), (PHONE, "en"))
def test_found_put_right_verified_closed_and_counted(
    people: People, cast: dict[str, Member], work: Work, parent: str, tmp_path: Path
) -> None:
    who, action, given, state = work.opening
    first = people.at(who).open(f"{reverse('open-case', args=[work.register, action])}{parent}")
    people.send(who, work.register, action, _answers(given, cast, tmp_path, 21))
    first.sees(state_title(work.register, state, people.language))
    for turn, (who, action, given, state) in enumerate(work.steps):
        answers = _answers(given, cast, tmp_path, 22 + turn)
        people.do(who, work.register, action, answers, state)

    # The supervisor's figure opens exactly this case.
    supervisor = people.at(work.opening[0]).open("/supervision?days=30")
    number = supervisor.page.locator(f'main a[href*="/{work.register}/"][href*="fate=closed"]')
    assert number.inner_text() == "1"
    supervisor.press(number)
    assert supervisor.page.locator("#list tbody tr").count() == 1
    supervisor.photograph(f"{work.register}-closed")
    supervisor.press(supervisor.page.locator("#list tbody th a").first)
    stands = supervisor.page.locator(".desk-stand b").first.inner_text()
    assert stands == state_title(work.register, work.steps[-1][3], people.language)


@pytest.fixture
def command(people: People, now: dt.datetime) -> People:
    """The command centre at its window, with three urban problems that wait to be dispatched."""
    cast = _enter(WORKS["urban"], now)
    at, (_who, action, given, _state) = localtime(), WORKS["urban"].opening
    form = {code: value for code, value in given.items() if "." not in code}
    form |= {"spotted_at": at.isoformat(), "place": {"lon": "113.45", "lat": "29.81"}}
    collector, filer = (cast[each].actor(at.date()) for each in ("collector", "filer"))
    for turn in range(3):
        photo = store_evidence(
            content=shot(90 + turn), filename="1.jpg", actor=collector, now=at, kind="photo"
        ).sha256
        done = open_case(
            "urban-problem", actor=collector, now=at, idempotency_key=f"many-{turn}",
            action=action, form=form, evidence={"before": [photo]},
        )  # fmt: skip
        perform(done.case_id, "file", actor=filer, now=at, idempotency_key=f"filed-{turn}")
    return people


@seen_on((DESKTOP, "zh-hans"), (PHONE, "en"))
def test_many_are_assigned_reminded_extended_and_exported_by_clicks(command: People) -> None:
    unit = str(ensure_organisation("洪湖市市政设施维护中心", "agency", now=localtime()))
    for number in range(14):
        ensure_organisation(f"洪湖市第{number + 1}养护站", "agency", now=localtime())
    _do_to_all(command, "command", "dispatch", {"responsible": unit, "ownership": "known"})
    _do_to_all(command, "command", "remind", {"demand": "请于今日处置完毕"})
    due = set(Deadline.objects.filter(status="running").values_list("due_at", flat=True))
    _do_to_all(command, "worker", "ask_extension", {"reason": "连续降雨，无法施工"})
    _do_to_all(command, "command", "grant_extension", {"extension": "3个工作日"})
    later = Deadline.objects.filter(status="running").values_list("due_at", flat=True)
    assert min(later) > max(due), "one approval, a new due time for each case"
    (series,) = (one for one in list_series() if one.code == "督办单")
    numbers = [row.number for row in issued_documents(series.id, localdate().year)]
    assert numbers == [f"{series.organ_mark}〔{localdate().year}〕{n}号" for n in (1, 2, 3)]

    desk = _choose_all(command, "command", "-excel")
    with desk.page.expect_download() as coming:
        desk.page.locator("main form .button--primary").click()
    (sheet,) = openpyxl.load_workbook(
        io.BytesIO(Path(coming.value.path()).read_bytes())
    ).worksheets[:1]
    shown = {str(cell.value) for row in sheet.iter_rows() for cell in row}
    assert {row.number for row in Case.objects.filter(register="urban-problem")} <= shown

    # Whoever was reminded is told of it, and no case was done twice.
    while relay_steps(now=localtime()):
        pass
    reminded = StepRow.objects.filter(action="remind").values_list("id", flat=True)
    assert Notification.objects.filter(step_id__in=reminded).count() >= 3
    assert StepRow.objects.filter(action__in=("dispatch", "remind", "grant_extension")).count() == 9


def _choose_all(people: People, who: str, action: str) -> Window:
    desk = people.to_register(who, "urban-problem")
    desk.press(desk.page.locator('main a[href*="/many"]').first)
    desk.page.check('main [name="all"]')
    desk.page.select_option("#many-action", action)
    return desk


def _do_to_all(people: People, who: str, action: str, answers: Mapping[str, Any]) -> None:
    """The list, many at once, all that match, one form; then a result for each of the three."""
    desk = _choose_all(people, who, action)
    desk.press(desk.page.locator("main form .button--primary"))
    if "responsible" in answers:
        _find(desk, "responsible", "市政 维护")
    desk.fill(answers).photograph(f"many-{action}")
    desk.press(desk.page.locator("main form .form-actions .button--primary"))
    done = desk.page.locator("#many li", has=desk.page.locator('svg use[href$="#check"]'))
    done.nth(2).wait_for(timeout=10_000)
    assert desk.page.locator("#many li").count() == 3
    desk.look().photograph(f"many-{action}-result")


def _find(desk: Window, name: str, words: str) -> None:
    """A long box is searched by parts of the name; what is looked for is not sent."""
    box = desk.page.locator(f'main select[name="{name}"]')
    before = box.locator("option").count()
    desk.page.locator("main .narrow").fill(words)
    assert before > 12
    assert box.locator("option").count() == 2, "nothing, and the one that fits"
    desk.page.locator("main .narrow").press("Enter")
    assert "/many/" in desk.page.url, "looking for something sends nothing"
