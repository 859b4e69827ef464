"""Who gets what from every route: one row a route, one column a role. A new route needs a row."""

import dataclasses
import json
import uuid
from collections.abc import Callable, Mapping

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from honghu.domains.procurement.queries import list_ocids
from honghu.kernel.cases.detail import get_case
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.journal.commands import sequence, sign_checkpoint
from honghu.kernel.journal.keys import load_signer
from honghu.kernel.journal.receipt import verify_receipt
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.webhooks.commands import subscribe
from honghu.site.county import ensure_organisation, settle
from honghu.site.openapi import document
from tests import notices
from tests.machine import Answer, Machine, machine
from tests.thread import Thread

ROLES = (
    "anonymous",
    "clerk",
    "bank of the case",
    "other bank",
    "supplier of the case",
    "other supplier",
    "auditor",
)
WHO = dict(
    zip(
        ROLES,
        (None, "clerk", "lianhu-manager", "changqu-manager", "supplier", "rival", "auditor"),
        strict=True,
    )
)
OPEN_TO_ALL = (200,) * 7
SIGNED_IN = (401,) + (200,) * 6
OFFICE = (401, 200, 404, 404, 404, 404, 200)
CLERKS_200, CLERKS_201, CLERKS_204 = ((401, ok) + (404,) * 5 for ok in (200, 201, 204))
PARTIES = (401, 200, 200, 404, 200, 404, 200)

EXPECTED: Mapping[tuple[str, str], tuple[int, ...]] = {
    ("get", "/registers"): SIGNED_IN,
    ("get", "/registers/{code}"): OFFICE,
    ("get", "/registers/{code}/cases"): OFFICE,
    # Notices have no place; that a list's map is its readers' alone is told in desk/tests/test_maps.
    ("get", "/registers/{code}/map"): (401,) + (404,) * 6,
    ("get", "/map/layers/{layer}"): SIGNED_IN,
    # The clerk may open (the form is empty: 422), nobody else has that role.
    ("post", "/registers/{code}/cases"): (401, 422, 403, 403, 403, 403, 403),
    # A batch without cases is refused before anything of the register is told.
    ("post", "/registers/{code}/actions/{action}"): (401,) + (422,) * 6,
    ("get", "/cases/{case_id}"): PARTIES,
    ("get", "/cases/{case_id}/actions"): PARTIES,
    # An action of the bank's: others who see the case are told so, the rest see no case.
    ("post", "/cases/{case_id}/actions/{action}"): (401, 403, 422, 404, 403, 404, 403),
    ("post", "/evidence"): (401,) + (201,) * 6,
    ("get", "/evidence/{sha256}"): OFFICE,
    ("get", "/proofs/{step_id}"): PARTIES,
    ("get", "/proofs/consistency"): OPEN_TO_ALL,
    ("get", "/checkpoint"): OPEN_TO_ALL,
    # Whoever is no registered client is refused, signed in or not.
    ("post", "/oauth/token"): (401,) * 7,
    ("post", "/oauth/revoke"): (401,) * 7,
    ("get", "/webhooks"): SIGNED_IN,
    # Everybody may subscribe to what they see; a webhook is its organisation's alone (the clerk's).
    ("post", "/webhooks"): (401, 201, 201, 201, 201, 201, 201),
    ("post", "/webhooks/{webhook_id}/secrets"): CLERKS_201,
    ("post", "/webhooks/{webhook_id}/resume"): CLERKS_204,
    ("get", "/webhooks/{webhook_id}/deliveries"): CLERKS_200,
    ("post", "/webhooks/{webhook_id}/redeliver"): CLERKS_200,
    # There is no such delivery.
    ("post", "/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver"): (401,) + (404,) * 6,
    ("delete", "/webhooks/{webhook_id}"): (401, 204, 404, 404, 404, 404, 404),
    ("get", "/awards"): SIGNED_IN,
    ("get", "/awards/{award_id}"): SIGNED_IN,
    ("get", "/awards/{award_id}/ceiling"): (401, 200, 200, 403, 403, 403, 200),
    ("get", "/awards/{award_id}/encumbrance"): (401, 200, 200, 200, 403, 403, 200),
    # A payment is recorded by the treasury alone; this contract has no locked account yet.
    ("post", "/payments"): (401, 404, 404, 404, 403, 403, 404),
    ("post", "/payments/check"): (401, 200, 200, 200, 403, 403, 200),
    ("post", "/payments/checks"): (401, 200, 200, 200, 403, 403, 200),
    # Banks bring statements in (the file is no statement: 422); offices read, nobody else.
    ("post", "/statements"): (401, 403, 422, 422, 403, 403, 403),
    ("get", "/statements/{statement_id}"): (401, 404, 404, 404, 403, 403, 404),
    ("get", "/statements/{statement_id}/entries"): (401, 404, 404, 404, 403, 403, 404),
    # A bank reads its own rows.
    ("get", "/financing/reports/{report_code}"): (401, 200, 200, 200, 403, 403, 200),
    ("get", "/ocds/releases"): OPEN_TO_ALL,
    ("get", "/ocds/releases.jsonl"): OPEN_TO_ALL,
    ("get", "/ocds/records/{ocid}"): OPEN_TO_ALL,
    ("get", "/policy/{place}"): OPEN_TO_ALL,
    ("get", "/policy/{place}/snippet"): OPEN_TO_ALL,
    ("get", "/policy/{place}/document"): OPEN_TO_ALL,
    ("post", "/notices"): (401, 200, 403, 403, 403, 403, 403),
    ("get", "/notices/{notice_id}"): OFFICE,
}

QUERIES: Mapping[str, Mapping[str, object]] = {
    "/proofs/consistency": {"from": 1, "to": 2},
    "/financing/reports/{report_code}": {"from": "2026-01-01", "to": "2026-12-31"},
}


@dataclasses.dataclass(frozen=True, slots=True)
class Scene:
    """A loan that waits for its bank's account, its steps in the journal, a machine a role."""

    thread: Thread
    loan: uuid.UUID
    step: uuid.UUID
    machines: Mapping[str, Machine]
    webhook: uuid.UUID

    def ask(self, method: str, path: str, role: str) -> Answer:
        """One request of one role; bodies are as small as they can be."""
        award = self.thread.award
        places = {
            "code": "procurement-notice",
            "case_id": self.loan,
            "action": "propose_lock",
            "sha256": _sha(self.thread),
            "step_id": self.step,
            "award_id": award.id,
            "notice_id": award.notice_id,
            "webhook_id": self.webhook,
            "delivery_id": self.step,
            "statement_id": self.step,
            "place": "tender",
            "report_code": "r1",
            "layer": "waters",
            "ocid": list_ocids()[0],
        }
        machine, address = self.machines[role], path.format(**places)
        if method == "get":
            return machine.get(address, **QUERIES.get(path, {}))
        if method == "delete":
            return machine.delete(address)
        return self._post(machine, path, address)

    def _post(self, machine: Machine, path: str, address: str) -> Answer:
        forms = {"/oauth/token", "/oauth/revoke"}
        files = {
            "/evidence": _file(b"a note\n"),
            "/notices": _file(notices.award()),
            "/statements": _file(b"no,statement\n"),
        }
        payment = {"contract_no": "HHCG-0", "account_no": "62220000", "amount_fen": 1}
        bodies = {
            "/webhooks": {"url": "https://example.org/", "topics": ["*"], "label": "test"},
            "/registers/{code}/cases": {"action": "receive"},
            "/payments": payment | {"paid_on": "2026-06-01", "reference": "GK1"},
            "/payments/check": payment,
            "/payments/checks": {"checks": [payment]},
        }
        if path in forms:
            return machine.form(address, {"grant_type": "client_credentials", "token": "x"})
        if path in files:
            kind = {"kind": "document"} if path == "/evidence" else {}
            return machine.send(path, {"file": files[path]} | kind)
        return machine.post(address, bodies.get(path, {}))


def _file(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("note.txt", content, content_type="text/plain")


def _sha(thread: Thread) -> str:
    """The notice's own bytes: evidence of a case that the office alone sees."""
    stored = store_evidence(
        content=notices.award(), filename="award.txt", actor=SYSTEM, now=thread.now, kind="notice"
    )
    return stored.sha256


@pytest.fixture
def scene(thread: Thread, machines: Callable[[str | None], Machine]) -> Scene:
    """Build the scene once for each test."""
    rival = ensure_organisation("洪湖市荷叶办公用品有限公司", "enterprise", now=thread.now)
    thread.cast["rival"] = settle("rival", "叶荷", rival, ("supplier",), now=thread.now)
    loan = thread.placed()
    thread.take(notices.contract(), "contract.txt")
    while sequence(now=thread.now):
        pass
    sign_checkpoint(now=thread.now, signer=load_signer())
    step = get_case(loan, actor=SYSTEM, now=thread.now).steps[0].id
    webhook, _secret = subscribe(
        url="https://example.org/",
        topics=["*"],
        label="the clerk's",
        actor=thread.cast["clerk"].actor(thread.now.date()),
        now=thread.now,
    )
    by_role = {role: machines(who) for role, who in WHO.items()}
    return Scene(thread, loan, step, by_role, webhook.id)


def _routes() -> set[tuple[str, str]]:
    paths = json.loads(document())["paths"]
    return {
        (method, path.removeprefix("/api/v1"))
        for path, methods in paths.items()
        for method in methods
    }


def test_every_route_is_classified() -> None:
    assert _routes() == set(EXPECTED)
    assert {len(row) for row in EXPECTED.values()} == {len(ROLES)}


def test_every_role_at_every_route(scene: Scene) -> None:
    found = {
        (method, path, role): scene.ask(method, path, role).status
        # What is deleted is asked for last.
        for method, path in sorted(EXPECTED, key=lambda route: (route[0] == "delete", route))
        for role in ROLES
    }
    wanted = {
        (*route, role): status
        for route, row in EXPECTED.items()
        for role, status in zip(ROLES, row, strict=True)
    }
    assert {key: (found[key], wanted[key]) for key in wanted if found[key] != wanted[key]} == {}


def test_a_token_that_may_only_read_asks_and_changes_nothing(scene: Scene) -> None:
    """The scope that the document names for a route is the one that it wants."""
    reading = machine("office", now=scene.thread.now, scopes=("read",))
    reader = dataclasses.replace(scene, machines={"reader": reading})
    wanted = {
        (method, path.removeprefix("/api/v1")): door["BearerToken"]
        for path, methods in json.loads(document())["paths"].items()
        for method, operation in methods.items()
        for door in operation.get("security", ())
        if "BearerToken" in door
    }
    asked = {route for route, scopes in wanted.items() if route[0] == "post" and scopes == ["read"]}
    assert asked == {("post", "/payments/check"), ("post", "/payments/checks")}
    for (method, path), scopes in wanted.items():
        answer = reader.ask(method, path, "reader")
        is_refused = answer.status == 403 and answer.body["code"] == "scope-missing"
        assert is_refused == (scopes == ["write"]), (method, path, answer.content)
    assert reader.ask("post", "/payments/check", "reader").status == 200


def test_the_ceiling_never_names_the_holder(scene: Scene) -> None:
    thread = scene.thread
    number = {"account_no": "4210830123456789", "registration_no": "ZD1"}
    thread.do(scene.loan, "propose_lock", "lianhu-manager", number)
    path = f"/awards/{thread.award.id}/ceiling"
    answer = scene.machines["bank of the case"].get(path)
    assert answer.body == {
        "ratio": "0.9000",
        "ceiling_fen": 90_000_000,
        "residual_fen": 90_000_000,
        "encumbered": True,
    }


def test_a_receipt_verifies_offline_and_the_log_is_consistent(scene: Scene) -> None:
    receipt = scene.machines["supplier of the case"].get(f"/proofs/{scene.step}").body
    assert verify_receipt(receipt, load_signer().verifier.vkey).valid
    note = scene.machines["anonymous"].get("/checkpoint")
    assert note.header("Content-Type") == "text/plain; charset=utf-8"
    size = int(note.content.decode().splitlines()[1])
    proof = scene.machines["anonymous"].get("/proofs/consistency", **{"from": 1, "to": size})
    assert proof.body["second"] == size
    beyond = scene.machines["anonymous"].get("/proofs/consistency", **{"from": 1, "to": 10**9})
    assert beyond.status == 422
