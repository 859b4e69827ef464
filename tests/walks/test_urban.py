"""An urban problem through the machine door: collected, filed, dispatched, handled, checked, closed."""

import datetime as dt
import io
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from honghu.kernel.documents.commands import open_series
from honghu.site.county import ensure_organisation, settle
from tests.machine import Machine, machine

PEOPLE = {
    "collector": ("洪湖市城市管理监督中心", "office", "urban_collector"),
    "supervision": ("洪湖市城市管理监督中心", "office", "urban_supervision"),
    "command": ("洪湖市城市管理指挥中心", "office", "urban_command"),
    "worker": ("洪湖市市政设施维护中心", "agency", "urban_unit"),
    "stranger": ("洪湖市另一家维护中心", "agency", "urban_unit"),
}


class Walk:
    """Everybody's machine, and the case that they work on."""

    def __init__(self, now: dt.datetime) -> None:
        self.case = ""
        self.shade = 0
        self.machines: dict[str, Machine] = {}
        self.offices: dict[str, uuid.UUID] = {}
        for name, (office, kind, role) in PEOPLE.items():
            self.offices[name] = ensure_organisation(office, kind, now=now)
            settle(name, name, self.offices[name], (role,), now=now)
            self.machines[name] = machine(name, now=now)

    def photo(self, who: str) -> str:
        self.shade += 1
        image = Image.new("L", (16, 16))
        image.putdata([(self.shade * 7919 * (i + 3) ** 2 >> 3) % 256 for i in range(256)])
        content = io.BytesIO()
        image.save(content, "PNG")
        file = SimpleUploadedFile("photo.png", content.getvalue())
        sent = self.machines[who].send("/evidence", {"file": file, "kind": "photo"})
        assert sent.status == 201, sent.body
        return str(sent.body["sha256"])

    def act(
        self, action: str, who: str, form: dict[str, Any] | None = None, slot: str | None = None
    ) -> tuple[int, Any]:
        """Perform an action, with one photograph in the slot; status and body."""
        evidence = {slot: [self.photo(who)]} if slot else {}
        body = {"form": form or {}, "evidence": evidence}
        answer = self.machines[who].post(f"/cases/{self.case}/actions/{action}", body)
        return answer.status, answer.body

    def must(
        self, action: str, who: str, form: dict[str, Any] | None = None, slot: str | None = None
    ) -> str:
        """Perform an action that is possible; the state after it."""
        status, body = self.act(action, who, form, slot)
        assert status == 201, body
        return str(body["state"])


@pytest.fixture
def walk(shipped: None, now: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> Walk:
    monkeypatch.setattr(timezone, "now", lambda: now)
    walk = Walk(now)
    open_series(
        code="城管派遣",
        organ_mark="洪城指派",
        organisation_id=walk.offices["command"],
        organ_name="洪湖市城市管理指挥中心",
        now=now,
    )
    return walk


@pytest.mark.slow
def test_a_broken_kerb_from_its_report_to_its_closing(walk: Walk, now: dt.datetime) -> None:
    problem = {
        "problem": "道路沿石破损",
        "cause": "重型车辆碾压",
        "kind": "component",
        "category": "kerb",
        "source": "collector",
        "spotted_at": now.isoformat(),
        "place": {"lon": "113.45", "lat": "29.81"},
        "grid": "新堤街道03网格",
    }
    body = {"action": "open", "evidence": {"before": [walk.photo("collector")]}}
    collector = walk.machines["collector"]
    wrong = collector.post("/registers/urban-problem/cases", body | {"form": {"kind": "event"}})
    assert wrong.status == 422
    opened = collector.post("/registers/urban-problem/cases", body | {"form": problem})
    assert opened.status == 201, opened.body
    walk.case = opened.body["case_id"]
    walk.must("file", "supervision")
    decision = {
        "meeting": "现场会",
        "deciders": "分管副市长",
        "cause": "碾压",
        "measure": "更换沿石",
    }
    walk.must("decide_on_site", "command", decision, "during")
    order = {"responsible": str(walk.offices["worker"]), "ownership": "known"}
    assert walk.act("dispatch", "supervision", order)[0] == 403
    assert walk.must("dispatch", "command", order) == "handling"
    assert walk.machines["stranger"].get(f"/cases/{walk.case}").status == 404
    assert walk.must("return_dispatch", "worker", {"reason": "位置有误"}) == "filed"
    walk.must("dispatch", "command", order)
    assert walk.act("finish", "worker", {"done": "已更换"})[0] == 422
    assert walk.must("finish", "worker", {"done": "已更换"}, "after") == "reported"
    assert walk.act("check", "worker", {"result": "passed"}, "check")[0] == 403
    assert walk.must("check", "collector", {"result": "passed"}, "check") == "checked"
    walk.must("survey", "supervision", {"satisfaction": "satisfied"})
    assert walk.must("close", "supervision") == "closed"
    seen = walk.machines["worker"].get(f"/cases/{walk.case}").body
    assert seen["facts"]["decided_on_site"] is True
    assert seen["facts"]["class_code"] == "02"
