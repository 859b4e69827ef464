"""Inspections, enterprises, risk points, penalties, reports, campaigns and what belongs to them."""

import datetime as dt
import uuid
from typing import Any

import pytest

from honghu.base.problems import Invalid
from honghu.domains.safety.commands.enterprises import UnableToRegisterEnterprise
from honghu.domains.safety.commands.inspections import ChecklistNotInForce
from honghu.domains.safety.commands.programmes import SlotTaken
from honghu.domains.safety.queries import campaign_cells
from honghu.domains.safety.tests.cast import Cast, settle
from honghu.kernel.cases.permissions import GuardRefuses, SameHands
from honghu.kernel.cases.queries import cases_with_fact
from honghu.kernel.parties.queries import find_organisation


@pytest.fixture
def cast(shipped: None, now: dt.datetime) -> Cast:
    return settle(now)


def checklist(cast: Cast, edition: str = "2023版", effective_from: str = "2023-01-01") -> uuid.UUID:
    form = {
        "name": "工贸企业检查表",
        "edition": edition,
        "points": "除尘系统\n\n动火作业\n有限空间",
        "basis": "工贸企业重大事故隐患判定标准",
        "effective_from": effective_from,
    }
    case = cast.open("safety-checklist", "draft", "inspector", form)
    assert cast.do(case, "verify", "committee", {"result": "passed"}) == "live"
    return case


def self_check(cast: Cast, on: str, found: int, sheet: uuid.UUID) -> None:
    form = {"inspected_on": on, "checklist": str(sheet), "team": 1}
    case = cast.open("safety-inspection", "open_self", "manager", form)
    recorded = {"points_checked": 3, "found": found}
    cast.do(case, "record_self", "manager", recorded, record=[cast.photo("manager")])


def test_inspection_goes_by_the_checklist_of_its_day_in_twos(cast: Cast) -> None:
    sheet = checklist(cast)
    late = checklist(cast, "2027版", "2027-01-01")
    form = {
        "kind": "enforcement",
        "enterprise": str(cast.offices["plant"]),
        "inspected_on": cast.today(),
        "checklist": str(sheet),
        "team": 2,
    }

    def begin(**changes: Any) -> uuid.UUID:
        return cast.open("safety-inspection", "open", "inspector", form | changes)

    with pytest.raises(Invalid):
        begin(team=1)
    with pytest.raises(Invalid):
        begin(kind="self")
    with pytest.raises(ChecklistNotInForce):
        begin(checklist=str(late))
    case = begin()
    assert cast.see(case).facts["checklist_version"] == "2023版"
    photo = cast.photo("inspector")
    with pytest.raises(Invalid):
        cast.do(case, "record", "inspector", {"points_checked": 4, "found": 0}, record=[photo])
    cast.do(case, "record", "inspector", {"points_checked": 3, "found": 1}, record=[photo])
    cast.do(case, "confirm", "boss", {"remark": "属实"})
    check = [cast.paper("committee")]
    assert cast.do(case, "archive", "committee", {"result": "passed"}, check=check) == "closed"


def test_edge_zero_finding_self_checks_before_a_major_hazard_are_flagged(cast: Cast) -> None:
    sheet = checklist(cast)
    for ahead, found in ((-40, 1), (-30, 0), (-20, 0), (-10, 0)):
        self_check(cast, cast.today(ahead), found, sheet)
    facts = cast.see(cast.graded_major()).facts
    assert (facts["zero_streak"], facts["zero_streak_flag"]) == (3, True)
    self_check(cast, cast.today(), 1, sheet)
    assert cast.see(cast.graded_major()).facts["zero_streak_flag"] is False


def test_third_penalty_in_180_days_asks_for_closure_once(cast: Cast) -> None:
    hazard, plant = cast.graded_major(), str(cast.offices["plant"])
    form = {"enterprise": plant, "for_major": True, "amount": 5_000_000}

    def penalise(ahead: int, **changes: Any) -> uuid.UUID:
        wanted = form | {"hazard": str(hazard), "decided_on": cast.today(ahead)} | changes
        paper = {"decision": [cast.paper("head")]}
        return cast.open("safety-penalty", "decide", "head", wanted, paper)

    with pytest.raises(Invalid):
        penalise(0, hazard=None)
    penalise(-181)
    penalise(-100, for_major=False, hazard=None)
    revoked = penalise(-50)
    why = {"reason": "复议撤销"}
    cast.do(revoked, "revoke", "committee", why, proof=[cast.paper("committee")])
    assert cast.see(penalise(-30)).facts["closure_due"] is False
    assert cast.see(penalise(0)).facts["in_days"] == 2
    assert not cases_with_fact("safety-closure", fact="enterprise", value=plant, now=cast.now)
    last = penalise(-1)
    assert cast.see(last).facts["closure_due"] is True
    penalise(0)
    (closure,) = cases_with_fact("safety-closure", fact="enterprise", value=plant, now=cast.now)
    assert closure.facts["in_days"] == 3
    cast.do(closure.id, "request", "head", request=[cast.paper("head")])
    decision = [cast.paper("government")]
    state = cast.do(closure.id, "decide", "government", {"result": "decline"}, decision=decision)
    assert state == "declined"


def test_a_fine_goes_on_day_by_day_while_its_order_is_refused(cast: Cast) -> None:
    form = {"enterprise": str(cast.offices["plant"]), "for_major": False, "amount": 2_000_000}
    form |= {"decided_on": cast.today(-9)}
    paper = {"decision": [cast.paper("head")]}
    penalty = cast.open("safety-penalty", "decide", "head", form, paper)

    def goes_on(ordered: int, refused: int) -> None:
        days = {"ordered_on": cast.today(ordered), "refused_on": cast.today(refused)}
        cast.do(penalty, "continue_fine", "head", days, decision=[cast.paper("head")])

    for ordered, refused in ((-3, -3), (-3, 1)):
        with pytest.raises(Invalid):
            goes_on(ordered, refused)
    goes_on(-9, -7)
    goes_on(-9, -6)
    facts = cast.see(penalty).facts
    assert (facts["continued_days"], facts["continued_amount"]) == (3, 6_000_000)


def test_report_is_secret_told_to_the_government_and_rewarded(cast: Cast) -> None:
    form = {
        "channel": "hotline",
        "informant": "赵某某",
        "informant_phone": "13800000000",
        "content": "车间粉尘堆积，曾有人员死亡",
        "subject": "洪湖plant",
        "received_on": cast.today(),
        "deaths": True,
    }
    case = cast.open(
        "safety-report", "register", "officer", form, {"statement": [cast.paper("officer")]}
    )
    row = cast.see(case)
    assert not {"informant", "informant_phone", "content"} & set(row.facts)
    assert "赵" not in row.title
    with pytest.raises(GuardRefuses):
        cast.do(case, "accept", "officer")
    cast.do(case, "tell_government", "officer", {"told_at": cast.now.isoformat()})
    cast.do(case, "accept", "officer")
    during = [cast.photo("investigator")]
    finding = {"finding": "举报属实", "true_report": True}
    cast.do(case, "investigate", "investigator", finding, during=during)
    check = [cast.paper("officer")]
    cast.do(case, "decide", "officer", {"result": "passed_reward"}, check=check)
    reward = {"reward": 300_000}
    with pytest.raises(SameHands):
        cast.do(case, "pay_reward", "officer", reward, receipt=[cast.paper("officer")])
    assert cast.do(case, "pay_reward", "cashier", reward, receipt=[cast.paper("cashier")]) == (
        "closed"
    )


def test_edge_false_report_is_not_rewarded(cast: Cast) -> None:
    form = {"channel": "letter", "content": "x", "subject": "某厂", "received_on": cast.today()}
    case = cast.open(
        "safety-report",
        "register",
        "officer",
        form | {"deaths": False},
        {"statement": [cast.paper("officer")]},
    )
    cast.do(case, "accept", "officer")
    finding = {"finding": "不属实", "true_report": False}
    cast.do(case, "investigate", "investigator", finding, during=[cast.photo("investigator")])
    check = [cast.paper("officer")]
    with pytest.raises(GuardRefuses):
        cast.do(case, "decide", "officer", {"result": "passed_reward"}, check=check)
    assert cast.do(case, "decide", "officer", {"result": "passed"}, check=check) == "closed"


def campaign(cast: Cast, **changes: Any) -> uuid.UUID:
    form = {
        "name": "安全生产月",
        "kind": "safety_month",
        "edition": 22,
        "starts_on": cast.today(),
        "ends_on": cast.today(30),
        "stage": "mobilise",
    }
    return cast.open("safety-campaign", "open", "committee", form | changes)


def test_ten_slots_stay_untitled_until_their_source_is_known(cast: Cast) -> None:
    with pytest.raises(Invalid):
        campaign(cast, edition=None)
    month = campaign(cast)

    def plan(group: int, position: int, **more: Any) -> uuid.UUID:
        form = {"group": group, "position": position, **more}
        return cast.open("safety-work-item", "plan", "committee", form, parent=month)

    slots = [plan(group, place) for group in range(1, 5) for place in range(1, group + 1)]
    assert len(slots) == 10
    assert {cast.see(slot).facts.get("item") for slot in slots} == {None}
    for wrong in ((1, 2), (4, 5)):
        with pytest.raises(Invalid):
            plan(*wrong)
    with pytest.raises(SlotTaken):
        plan(2, 1)
    paper = [cast.paper("committee")]
    with pytest.raises(Invalid):
        cast.do(slots[0], "name", "committee", {"item": "一次动员"}, proof=paper)
    named = {"item": "一次动员", "source": "活动方案第二部分"}
    cast.do(slots[0], "name", "committee", named, proof=paper)
    assert cast.see(slots[0]).title == "1-1 一次动员"


def test_campaign_cells_are_counted_from_hazards(cast: Cast) -> None:
    action = campaign(cast, kind="major_hazards", edition=None, name="2023行动")
    cast.listed(campaign=str(action))
    done = cast.listed(campaign=str(action))
    cast.submitted(done)
    passed = {"result": "passed", "opinion": "合格"}
    cast.do(done, "accept", "second", passed, check=[cast.photo("second")])
    cast.graded_major()
    cells = campaign_cells(action)
    assert (cells.department_found, cells.department_rectified) == (2, 1)
    assert (cells.listed, cells.listed_rectified, cells.found) == (2, 1, 2)
    assert cells.faults() == ()


def test_enterprise_by_its_code_and_its_risk_points(cast: Cast) -> None:
    form = {
        "name": "洪湖荷叶面业",
        "uscc": "93421083MA00010250",
        "industry": "食品加工",
        "size": "above",
        "regulator": str(cast.offices["regulator"]),
        "committee": "工贸专委会",
        "region": "421083105",
        "drill_due": True,
    }
    case = cast.open("safety-enterprise", "enter", "inspector", form)
    cast.do(case, "verify", "committee", {"result": "passed"})
    found = find_organisation(uscc="93421083MA00010250")
    assert found is not None
    assert cast.see(case).facts["enterprise"] == str(found.id)
    with pytest.raises(UnableToRegisterEnterprise):
        cast.open("safety-enterprise", "enter", "inspector", form | {"name": "另一家"})
    risk = {
        "point": "粉尘车间",
        "likelihood": "3",
        "exposure": "6",
        "consequence": "15",
        "control_level": "company",
        "measures": "每班清扫",
    }
    point = cast.open("safety-risk-point", "assess", "manager", risk)
    assert cast.see(point).facts["colour"] == "orange"
    cast.do(point, "review", "inspector")
    cast.do(
        point,
        "reassess",
        "manager",
        {key: value for key, value in risk.items() if key != "point"} | {"likelihood": "10"},
    )
    assert (cast.see(point).facts["score"], cast.see(point).facts["colour"]) == ("900", "red")
