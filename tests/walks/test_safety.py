"""A major hazard through the machine door: found, graded by two, listed, accepted, struck off."""

import datetime as dt
import io
import uuid
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from honghu.kernel.documents.commands import open_series
from honghu.kernel.parties.models import Account
from honghu.site.county import ensure_organisation, settle
from tests.machine import Machine, machine

PEOPLE = {
    "inspector": ("洪湖市应急管理局", "office", "safety_inspector"),
    "second": ("洪湖市应急管理局", "office", "safety_inspector"),
    "grader": ("洪湖市应急管理局", "office", "safety_grader"),
    "head": ("洪湖市应急管理局", "office", "safety_regulator"),
    "committee": ("洪湖市安委办", "office", "safety_committee"),
    "manager": ("洪湖荷韵面粉有限公司", "enterprise", "enterprise_safety"),
    "boss": ("洪湖荷韵面粉有限公司", "enterprise", "enterprise_head"),
    "stranger": ("洪湖另一家有限公司", "enterprise", "enterprise_head"),
}
SERIES = ("责令整改", "挂牌督办", "整改验收", "隐患核销")
SIX = ["goal", "method", "funds", "people", "term", "safety"]
FIVE = ("responsibility", "measures", "funds", "deadline", "plan")


class Walk:
    """Everybody's machine, and the case that they work on."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now
        self.case = ""
        self.shade = 0
        self.machines: dict[str, Machine] = {}
        self.offices: dict[str, uuid.UUID] = {}
        for name, (office, kind, role) in PEOPLE.items():
            organisation = ensure_organisation(office, kind, now=now)
            self.offices[name] = organisation
            settle(name, name, organisation, (role,), now=now)
            self.machines[name] = machine(name, now=now)

    def day(self, ahead: int = 0) -> str:
        return (self.now.date() + dt.timedelta(days=ahead)).isoformat()

    def file(self, who: str, kind: str) -> list[str]:
        """Upload a photograph or a document of its own; its digest."""
        self.shade += 1
        content, name = io.BytesIO(f"材料{self.shade}\n".encode()), "paper.txt"
        if kind == "photo":
            image = Image.new("L", (16, 16))
            image.putdata([(self.shade * 7919 * (i + 3) ** 2 >> 3) % 256 for i in range(256)])
            content, name = io.BytesIO(), "photo.png"
            image.save(content, "PNG")
        file = SimpleUploadedFile(name, content.getvalue())
        sent = self.machines[who].send("/evidence", {"file": file, "kind": kind})
        assert sent.status == 201, sent.body
        return [sent.body["sha256"]]

    def act(self, action: str, who: str, form: dict[str, Any], **slots: str) -> tuple[int, Any]:
        """Perform an action; slots say of which kind the file is to be."""
        evidence = {slot: self.file(who, kind) for slot, kind in slots.items()}
        answer = self.machines[who].post(
            f"/cases/{self.case}/actions/{action}", {"form": form, "evidence": evidence}
        )
        return answer.status, answer.body

    def must(self, action: str, who: str, form: dict[str, Any], **slots: str) -> str:
        """Perform an action that is possible; the state after it."""
        status, body = self.act(action, who, form, **slots)
        assert status == 201, body
        return str(body["state"])


@pytest.fixture
def walk(shipped: None, now: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> Walk:
    monkeypatch.setattr(timezone, "now", lambda: now)
    walk = Walk(now)
    for who in ("head", "committee"):
        for code in SERIES:
            open_series(
                code=code,
                organ_mark=f"洪{who}{code}",
                organisation_id=walk.offices[who],
                organ_name=PEOPLE[who][0],
                now=now,
            )
    return walk


@pytest.mark.slow
def test_major_hazard_from_its_finding_to_its_strike_off(walk: Walk) -> None:
    action = {
        "name": "重大事故隐患专项排查整治2023行动",
        "kind": "major_hazards",
        "starts_on": walk.day(),
        "ends_on": walk.day(90),
        "stage": "self_check",
    }
    campaign = walk.machines["committee"].post(
        "/registers/safety-campaign/cases", {"action": "open", "form": action}
    )
    assert campaign.status == 201, campaign.body
    found = {
        "summary": "除尘系统未采取泄爆措施",
        "found_on": walk.day(),
        "responsible": str(walk.offices["manager"]),
        "ownership": "own",
        "category": "equipment",
        "sector": "industry",
        "campaign": campaign.body["case_id"],
    }
    opened = walk.machines["inspector"].post(
        "/registers/safety-hazard/cases",
        {"action": "open", "form": found, "evidence": {"before": walk.file("inspector", "photo")}},
    )
    assert opened.status == 201, opened.body
    walk.case = opened.body["case_id"]
    assert walk.machines["stranger"].get(f"/cases/{walk.case}").status == 404
    grade = {"grading_basis": "符合判定标准"}
    status, body = walk.act("grade_major", "inspector", grade)
    assert (status, list(body["errors"])) == (422, ["clause"])
    walk.must("grade_major", "inspector", grade | {"clause": "第四条第一项"})
    confirmed = {"result": "confirmed", "reason": "属实"}
    assert walk.act("confirm_major", "inspector", confirmed)[0] == 403
    assert walk.must("confirm_major", "grader", confirmed) == "graded"
    order = {"order_mode": "by_date", "due_on": walk.day(20), "interim_control": "停用"}
    assert walk.must("order_major", "head", order | {"stop_use": False}) == "reporting"
    report = {"reported_on": walk.day(), "checklist": SIX}
    assert walk.must("report_major", "boss", report, report="document") == "listing"
    listing = {"listed_on": walk.day(), "due_on": walk.day(20)}
    assert walk.must("list", "committee", listing) == "rectifying"
    walk.must("check_five", "inspector", {f"five_{name}": True for name in FIVE})
    walk.must("rectify", "manager", {"measures": "加装泄爆"}, after="photo")
    assert walk.must("self_accept_major", "boss", {"result": "passed"}) == "submitted"
    passed = {"result": "passed", "opinion": "合格"}
    status, body = walk.act("accept", "inspector", passed, check="photo")
    assert (status, body["code"]) == (403, "same-hands")
    assert walk.must("accept", "second", passed, check="photo") == "accepted"
    assert walk.must("strike_off", "committee", {"result": "closed"}) == "closed"
    seen = walk.machines["manager"].get(f"/cases/{walk.case}").body
    assert seen["facts"]["standard"].endswith("（应急管理部令第10号）")
    assert seen["state"] == "closed"
    _look(campaign.body["case_id"], walk.case)


def _look(campaign: str, hazard: str) -> None:
    """The committee's pages: the campaign's table, the hazard with its papers, the list."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(
        Account.objects.get(username="committee"), backend=settings.AUTHENTICATION_BACKENDS[-1]
    )
    page = client.get(f"/cases/{campaign}/").content.decode()
    assert "Of these listed by the government" in page
    page = client.get(f"/cases/{hazard}/").content.decode()
    assert "洪committee隐患核销〔2026〕1号" in page
    listed = client.get("/registers/safety-hazard/")
    assert "除尘系统未采取泄爆措施" in listed.content.decode()
