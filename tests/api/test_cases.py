"""Cases through the machine door: reading, acting, replaying, refusing."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from honghu.api import registers
from honghu.kernel.cases.commands import open_case
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.commands import appoint
from honghu.kernel.parties.models import Account
from honghu.kernel.parties.tokens import revoke_token, use_token
from tests import notices
from tests.machine import Machine, machine
from tests.thread import Thread

Machines = Callable[[str | None], Machine]


def _authorise(thread: Thread) -> dict[str, Any]:
    bank = thread.cast["lianhu-manager"].organisation_id
    expires = thread.now.date() + dt.timedelta(days=60)
    return {
        "form": {"consent": True, "bank_one": str(bank), "expires_on": expires.isoformat()},
        "expected_version": thread.application().version,
    }


def test_an_action_through_the_door(thread: Thread, machines: Machines) -> None:
    application = thread.application().id
    supplier = machines("supplier")
    case = supplier.get(f"/cases/{application}")
    assert case.status == 200
    assert case.body["state"] == "invited"
    possible = {
        each["action"]["code"]: each for each in supplier.get(f"/cases/{application}/actions").body
    }
    assert possible["authorise"]["allowed"]
    fields = {field["code"] for field in possible["authorise"]["action"]["fields"]}
    assert fields >= {"consent", "bank_one", "expires_on"}
    answer = supplier.post(
        f"/cases/{application}/actions/authorise",
        _authorise(thread) | {"expected_version": None},
        headers={"If-Match": case.header("ETag") or ""},
    )
    assert answer.status == 201, answer.body
    assert answer.body["state"] == "authorised"
    assert answer.header("ETag") == f'"{answer.body["version"]}"'
    assert supplier.get(f"/cases/{application}").header("ETag") == answer.header("ETag")


def test_the_same_key_again_gives_the_first_answer(thread: Thread, machines: Machines) -> None:
    application = thread.application().id
    supplier, body = machines("supplier"), _authorise(thread)
    path = f"/cases/{application}/actions/authorise"
    first = supplier.post(path, body, key="one")
    again = supplier.post(path, body, key='"one"')
    assert (first.status, again.status) == (201, 200)
    assert again.body == first.body
    assert again.header("Idempotent-Replayed") == "true"
    assert first.header("Idempotent-Replayed") is None
    other = supplier.post(path, body | {"confirm": "x", "form": {"consent": False}}, key="one")
    assert (other.status, other.body["code"]) == (409, "idempotency-key-reused")


def test_a_stale_version_is_refused(thread: Thread, machines: Machines) -> None:
    path = f"/cases/{thread.application().id}/actions/authorise"
    supplier, body = machines("supplier"), _authorise(thread)
    stale = supplier.post(path, body | {"expected_version": 0})
    assert (stale.status, stale.body["code"]) == (409, "stale-version")
    unmatched = supplier.post(path, body | {"expected_version": None}, headers={"If-Match": '"0"'})
    assert (unmatched.status, unmatched.body["code"]) == (412, "stale-version")
    both = supplier.post(path, body, headers={"If-Match": '"7"'})
    assert (both.status, list(both.body["errors"])) == (422, ["expected_version"])


def test_every_fault_of_a_form_at_once(thread: Thread, machines: Machines) -> None:
    path = f"/cases/{thread.application().id}/actions/authorise"
    answer = machines("supplier").post(path, {"form": {"expires_on": "soon", "colour": "red"}})
    assert answer.status == 422
    assert answer.header("Content-Type") == "application/problem+json"
    assert set(answer.body["errors"]) == {"expires_on", "colour", "consent", "bank_one"}
    assert set(answer.body) == {"type", "title", "status", "code", "detail", "remedy", "errors"}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"colour": "red"}, 422, "invalid"),
        ({"evidence": {"x": ["no hash"]}}, 422, "invalid"),
        ({"claimed_at": "2026-06-01T09:00:00"}, 422, "invalid"),
        ({"expected_version": 2**40}, 422, "invalid"),
        ({"form": {"note": "a\x00b"}}, 400, "malformed"),
        ({"form": {"note": "\ud800"}}, 400, "malformed"),
        ({"form": {"rate": 2.5}}, 422, "hashing"),
    ],
)
def test_bodies_that_nobody_knows(
    thread: Thread, machines: Machines, body: dict[str, Any], status: int, code: str
) -> None:
    path = f"/cases/{thread.application().id}/actions/authorise"
    answer = machines("supplier").post(path, body)
    assert (answer.status, answer.body["code"]) == (status, code), answer.body


def test_keys_that_are_none(thread: Thread, machines: Machines) -> None:
    path = f"/cases/{thread.application().id}/actions/authorise"
    supplier = machines("supplier")
    for key in ('""', "a b", "é"):
        answer = supplier.post(path, {}, key=key)
        assert (answer.status, answer.body["code"]) == (400, "idempotency-key"), key
    without = Client().post(
        f"/api/v1{path}",
        "{}",
        content_type="application/json",
        headers={"Authorization": f"Bearer {supplier.secret}"},
    )
    assert (without.status_code, without.json()["code"]) == (400, "idempotency-key")


def test_an_action_in_at_most_twelve_queries(thread: Thread, machines: Machines) -> None:
    """Everything counted: the token, the transaction's own statements, the command's."""
    path = f"/cases/{thread.application().id}/actions/decline"
    supplier = machines("supplier")
    # Register and rule book are read once a process.
    supplier.get("/registers")
    with CaptureQueriesContext(
        connection,
    ) as counted:
        answer = supplier.post(path, {"form": {"reason": "自有资金充足"}})
    assert answer.status == 201, answer.body
    assert len(counted) <= 12, [each["sql"][:90] for each in counted]


def test_a_list_of_a_hundred_in_at_most_six_queries(thread: Thread, machines: Machines) -> None:
    for number in range(100):
        open_case(
            "financing-application",
            action="invite",
            actor=SYSTEM,
            now=thread.now,
            idempotency_key=f"list:{number}",
            form={"award": str(uuid.uuid4()), "project_name": f"第{number}号", "result": "unknown"},
        )
    office = machines("office")
    with CaptureQueriesContext(connection) as counted:
        answer = office.get("/registers/financing-application/cases", page_size=100)
    assert len(answer.body["items"]) == 100
    assert answer.body["total"] == 101
    assert len(counted) <= 6, [each["sql"][:90] for each in counted]
    second = office.get("/registers/financing-application/cases", page_size=100, page=2)
    assert len(second.body["items"]) == 1
    _walk_by_place(office)


def _walk_by_place(office: Machine) -> None:
    """The same list by cursor: every case once, and back again to where it began."""
    path, size = "/registers/financing-application/cases", {"page_size": 40}
    first = office.get(path, **size).body
    seen, page = [each["id"] for each in first["items"]], first
    while page["next"]:
        page = office.get(path, after=page["next"], **size).body
        seen += [each["id"] for each in page["items"]]
    assert len(seen) == len(set(seen)) == 101
    back = office.get(path, before=page["previous"], **size).body
    assert [each["id"] for each in back["items"]] == seen[40:80]
    for wrong in (
        {"after": "nowhere"},
        {"after": first["next"], "sort": "number"},
        {"after": first["next"], "before": first["next"]},
    ):
        assert office.get(path, **wrong).status == 422, wrong


def test_lists_are_filtered_and_sorted(thread: Thread, machines: Machines) -> None:
    office = machines("office")
    path = "/registers/financing-application/cases"
    one = office.get(path, state=["invited", "quoting"], text="荷塘", open="true", sort="number")
    assert [each["state"] for each in one.body["items"]] == ["invited"]
    assert office.get(path, state="quoting").body["items"] == []
    assert office.get(path, text="不存在的项目").body["total"] == 0
    assert office.get(path, light="red").body["total"] == 0
    for wrong in ({"sort": "colour"}, {"page": 0}, {"page_size": 201}, {"page": 10**9}):
        assert office.get(path, **wrong).status == 422, wrong


def test_opening_a_case(thread: Thread, machines: Machines) -> None:
    application = thread.application().id
    machines("supplier").post(f"/cases/{application}/actions/authorise", _authorise(thread))
    machines("supplier").post(
        f"/cases/{application}/actions/apply",
        {"form": {"amount": 70_000_000, "tenor_months": 6, "purpose": "备货"}},
    )
    until = thread.now.date() + dt.timedelta(days=10)
    body = {
        "action": "draft",
        "parent_id": str(application),
        "form": {
            "amount": 70_000_000,
            "rate": "2.76",
            "reference_rate": "3.65",
            "ratio": "90",
            "tenor_months": 6,
            "fee": 0,
            "collateral": False,
            "valid_until": until.isoformat(),
        },
    }
    bank = machines("lianhu-manager")
    opened = bank.post("/registers/financing-quote/cases", body, key="quote")
    assert opened.status == 201, opened.body
    assert opened.header("Location") == f"/api/v1/cases/{opened.body['case_id']}"
    assert bank.post("/registers/financing-quote/cases", body, key="quote").status == 200
    hidden = machines("jianghe-manager").post("/registers/financing-quote/cases", body)
    assert (hidden.status, hidden.body["code"]) == (404, "not_found")
    orphan = bank.post("/registers/financing-quote/cases", body | {"parent_id": str(uuid.uuid4())})
    assert orphan.status == 404


def test_who_checks_own_work_is_refused(thread: Thread, machines: Machines) -> None:
    """The same hands: an actor who drafted may not approve, here by holding both roles."""
    loan = thread.placed()
    manager = thread.cast["lianhu-manager"]
    appoint(
        person_id=manager.person_id,
        organisation_id=manager.organisation_id,
        role="bank_reviewer",
        from_date=dt.date(2026, 1, 1),
    )
    thread.take(notices.contract(), "contract.txt")
    thread.do(
        loan,
        "propose_lock",
        "lianhu-manager",
        {"account_no": "4210830123456789", "registration_no": "ZD1"},
    )
    thread.do(loan, "confirm_account", "buyer", {"result": "confirmed"})
    answer = machines("lianhu-manager").post(f"/cases/{loan}/actions/lock", {})
    assert (answer.status, answer.body["code"]) == (403, "same-hands")


def test_personal_values_never_leave(thread: Thread, machines: Machines) -> None:
    loan = thread.placed()
    thread.take(notices.contract(), "contract.txt")
    number = "4210830123456789"
    thread.do(
        loan, "propose_lock", "lianhu-manager", {"account_no": number, "registration_no": "Z"}
    )
    answer = machines("lianhu-manager").get(f"/cases/{loan}")
    assert answer.status == 200
    assert number not in answer.content.decode()
    assert answer.body["facts"]["account_no"] == "****"


def test_tokens_that_open_nothing(thread: Thread, clock: dt.datetime, now: dt.datetime) -> None:
    reading = machine("office", now=now, scopes=("read",))
    assert reading.get("/registers").status == 200
    path = f"/cases/{thread.application().id}/actions/void"
    refused = reading.post(path, {"form": {"reason": "x"}})
    assert (refused.status, refused.body["code"]) == (403, "scope-missing")
    used = use_token(secret=reading.secret or "", now=clock)
    revoke_token(token_id=used.token_id, now=clock)
    after = reading.get("/registers")
    assert (after.status, after.body["code"]) == (401, "token-refused")
    assert (after.header("WWW-Authenticate") or "").startswith("Bearer")
    for secret in ("", "honghu_" + "a" * 43, "\x00", "Ünter"):
        assert Machine(secret).get("/registers").status == 401
    old = machine("office", now=now - dt.timedelta(days=31))
    assert old.get("/registers").status == 401
    assert Machine(None).get("/registers").body["code"] == "not-authenticated"


def test_a_session_needs_the_csrf_token(thread: Thread) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(
        Account.objects.get(username=thread.cast["supplier"].username),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    assert client.get("/api/v1/registers").status_code == 200
    path = f"/api/v1/cases/{thread.application().id}/actions/decline"
    headers = {"Idempotency-Key": "k"}
    sent: dict[str, Any] = {"content_type": "application/json", "headers": headers}
    refused = client.post(path, '{"form": {"reason": "x"}}', **sent)
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf")
    client.cookies["csrftoken"] = "a" * 32
    headers["X-CSRFToken"] = "a" * 32
    assert client.post(path, '{"form": {"reason": "x"}}', **sent).status_code == 201


def test_errors_outside_the_routes_are_problems(thread: Thread, machines: Machines) -> None:
    office = machines("office")
    missing = office.get("/no/such/route")
    assert (missing.status, missing.body["code"]) == (404, "route-unknown")
    wrong = office.post("/registers", {})
    assert (wrong.status, wrong.body["code"]) == (405, "method-not-allowed")
    assert wrong.header("Allow") == "GET"
    kind = office.client.post(
        "/api/v1/cases/x/actions/y", "x", content_type="text/plain", headers=office._headers()
    )
    assert (kind.status_code, kind.json()["code"]) == (415, "media-type")
    broken = office.client.post(
        "/api/v1/registers/financing-quote/cases",
        "{not json",
        content_type="application/json",
        headers=office._headers() | {"Idempotency-Key": "k"},
    )
    assert (broken.status_code, broken.json()["code"]) == (400, "malformed")


def test_what_breaks_inside_is_told_without_its_inside(
    thread: Thread, machines: Machines, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def fail(_actor: object) -> None:
        message = "secret inside"
        raise RuntimeError(message)

    monkeypatch.setattr(registers, "visible_registers", fail)
    answer = machines("office").get("/registers")
    assert (answer.status, answer.body["code"]) == (500, "internal")
    assert "secret" not in answer.content.decode()
    assert "secret inside" in caplog.text
