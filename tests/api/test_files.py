"""Files through the machine door: bounded before they are read, given to those who may see them."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests import notices
from tests.machine import Machine
from tests.thread import Thread

Machines = Callable[[str | None], Machine]


def _file(content: bytes, name: str = "note.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/plain")


def test_a_file_goes_in_and_comes_out(thread: Thread, machines: Machines) -> None:
    bank = machines("lianhu-manager")
    sent = bank.send(
        "/evidence",
        {
            "file": _file("结清证明\n".encode()),
            "kind": "document",
            "captured_at": "2026-06-01T08:00:00+08:00",
            "longitude": "113.45",
            "latitude": "29.81",
        },
    )
    assert sent.status == 201, sent.body
    assert sent.body["media_type"] == "text/plain"
    path = f"/evidence/{sent.body['sha256']}"
    got = bank.get(path)
    assert (got.status, got.content.decode()) == (200, "结清证明\n")
    assert got.header("X-Content-Type-Options") == "nosniff"
    assert machines("jianghe-manager").get(path).status == 404
    assert machines("auditor").get(path).status == 404
    assert machines("clerk").get("/evidence/" + "0" * 64).status == 404


@pytest.mark.parametrize(
    ("parts", "status", "fault"),
    [
        ({"kind": "document"}, 422, "file"),
        ({"kind": "colour"}, 422, None),
        ({"kind": "document", "colour": "red"}, 422, "colour"),
        ({"kind": "document", "longitude": "113"}, 422, "latitude"),
        ({"kind": "document", "longitude": "NaN", "latitude": "1"}, 422, "longitude"),
        ({"kind": "document", "captured_at": "yesterday"}, 422, "captured_at"),
    ],
)
def test_parts_that_are_wrong(
    thread: Thread, machines: Machines, parts: Mapping[str, str], status: int, fault: str | None
) -> None:
    file = {} if fault == "file" else {"file": _file(b"x\n")}
    answer = machines("clerk").send("/evidence", {**file, **parts})
    assert answer.status == status, answer.body
    assert fault is None or fault in answer.body["errors"], answer.body


def test_a_large_body_is_refused_by_its_stated_length(
    thread: Thread, machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "HONGHU_EVIDENCE_MAX_BYTES", 1000)
    clerk = machines("clerk")
    unread: dict[str, Any] = {"CONTENT_LENGTH": str(10**9)}
    answer = clerk.client.post(
        "/api/v1/evidence",
        data=b"",
        content_type="multipart/form-data; boundary=x",
        headers={"Authorization": f"Bearer {clerk.secret}"},
        **unread,
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


def test_a_large_body_is_refused_while_it_streams(
    thread: Thread, machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its stated length lies within what the envelope may take; the file itself does not."""
    monkeypatch.setattr(settings, "HONGHU_EVIDENCE_MAX_BYTES", 1000)
    answer = machines("clerk").send("/evidence", {"file": _file(b"x" * 5000), "kind": "document"})
    assert (answer.status, answer.body["code"]) == (413, "body-too-large")


def test_json_is_bounded_too(thread: Thread, machines: Machines) -> None:
    path = f"/cases/{thread.application().id}/actions/decline"
    answer = machines("supplier").post(path, {"form": {"reason": "x" * 3_000_000}})
    assert (answer.status, answer.body["code"]) == (413, "body-too-large")


def test_a_notice_is_taken_in_and_read_with_its_spans(thread: Thread, machines: Machines) -> None:
    clerk = machines("clerk")
    content = notices.contract()
    taken = clerk.send("/notices", {"file": _file(content, "contract.txt")})
    assert (taken.status, taken.body["kind"]) == (201, "contract"), taken.body
    assert taken.header("Location") == f"/api/v1/notices/{taken.body['notice_id']}"
    again = clerk.send("/notices", {"file": _file(content, "again.txt")})
    assert (again.status, again.body["notice_id"]) == (200, taken.body["notice_id"])
    notice = clerk.get(f"/notices/{taken.body['notice_id']}").body
    start, end = notice["readings"]["contract_amount"]["span"]
    assert "1000000" in content.decode()[start:end]
    none = clerk.send("/notices", {"file": _file("今天天气很好。\n".encode())})
    assert (none.status, none.body["code"]) == (422, "not-a-notice")


def test_awards_a_page_at_a_time(thread: Thread, machines: Machines) -> None:
    for number in range(2):
        project = f"洪湖市第{number}小学课桌采购项目"
        thread.take(notices.award(number=f"HH-{number}", project=project), f"{number}.txt")
    bank = machines("changqu-manager")
    first = bank.get("/awards", limit=2).body
    second = bank.get("/awards", limit=2, after=first["next"]).body
    assert [len(first["items"]), len(second["items"]), second["next"]] == [2, 1, None]
    assert second["items"][0]["amount_fen"] == 100_000_000
    assert bank.get("/awards", after="x").status == 422


def test_anonymous_uploads_are_not_read(db: None, now: dt.datetime) -> None:
    answer = Client().post("/api/v1/evidence", {"file": _file(b"x"), "kind": "document"})
    assert (answer.status_code, answer.json()["code"]) == (401, "not-authenticated")
