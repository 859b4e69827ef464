"""Machines that ask for their tokens: good credentials, bad ones, narrow scopes, ends."""

import base64
import datetime as dt
import uuid
from typing import Any

import pytest
from django.utils import timezone

from honghu.base.problems import Invalid
from honghu.kernel.parties.clients import (
    IssuedClient,
    forget_access_tokens,
    register_client,
    revoke_client,
    rotate_client_secret,
)
from honghu.kernel.parties.models import ApiClientSecret, ApiToken
from honghu.site.county import Member
from tests.machine import Answer, Machine

DAY = dt.timedelta(days=1)
GRANT = {"grant_type": "client_credentials"}


@pytest.fixture
def client(county: dict[str, Member], clock: dt.datetime) -> IssuedClient:
    """The accounting system of the procurement office."""
    return register_client(
        username="office", label="accounting", now=clock, scopes=("read", "write")
    )


def basic(client: IssuedClient, secret: str | None = None) -> dict[str, str]:
    pair = f"{client.id}:{secret or client.secret}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def ask(client: IssuedClient, **more: str) -> Answer:
    return Machine(None).form("/oauth/token", GRANT | more, basic(client))


def test_credentials_become_a_short_lived_token_that_acts_as_the_person(
    client: IssuedClient, clock: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = ask(client)
    assert answer.status == 200
    assert answer.header("Cache-Control") == "no-store"
    body = answer.body
    assert {k: body[k] for k in ("token_type", "expires_in", "scope")} == {
        "token_type": "Bearer",
        "expires_in": 900,
        "scope": "read write",
    }
    machine = Machine(body["access_token"])
    assert machine.get("/registers").status == 200
    kept = ApiToken.objects.get(client_id=client.id)
    assert body["access_token"].encode() not in bytes(kept.secret_hash)
    assert client.secret.encode() not in bytes(ApiClientSecret.objects.get().secret_hash)

    later = clock + dt.timedelta(seconds=901)
    monkeypatch.setattr(timezone, "now", lambda: later)
    refused = machine.get("/registers")
    assert (refused.status, refused.body["code"]) == (401, "token-refused")
    assert refused.header("WWW-Authenticate") == 'Bearer realm="honghu", error="invalid_token"'
    assert forget_access_tokens(now=later) == 0
    assert forget_access_tokens(now=later + 2 * DAY) == 1


def test_the_secret_may_stand_in_the_form_but_not_in_the_address(client: IssuedClient) -> None:
    pair = {"client_id": str(client.id), "client_secret": client.secret}
    assert Machine(None).form("/oauth/token", GRANT | pair).status == 200
    address = f"/oauth/token?client_id={client.id}&client_secret={client.secret}"
    assert Machine(None).form(address, GRANT).status == 401


def test_bad_requests_are_refused_in_oauths_words(client: IssuedClient) -> None:
    for form, secret, status, error in (
        (GRANT, "wrong", 401, "invalid_client"),
        (GRANT, "ü", 401, "invalid_client"),
        ({"grant_type": "password"}, None, 400, "unsupported_grant_type"),
        ({}, None, 400, "unsupported_grant_type"),
        (GRANT | {"scope": "read admin"}, None, 400, "invalid_scope"),
        (GRANT | {"scope": "role:treasury"}, None, 400, "invalid_scope"),
    ):
        answer = Machine(None).form("/oauth/token", form, basic(client, secret))
        assert (answer.status, answer.body["error"]) == (status, error)
    assert ApiToken.objects.filter(client_id=client.id).count() == 0


def test_nobody_and_nonsense_are_refused(client: IssuedClient) -> None:
    stranger = IssuedClient(uuid.uuid4(), client.secret)
    headers: list[Any] = [
        {},
        basic(stranger),
        {"Authorization": "Basic %%%"},
        {"Authorization": f"Basic {base64.b64encode(b'no-uuid:x').decode()}"},
    ]
    for each in headers:
        answer = Machine(None).form("/oauth/token", GRANT, each)
        assert (answer.status, answer.body["error"]) == (401, "invalid_client")
    forged = Machine("honghu_" + "A" * 43).get("/registers")
    assert (forged.status, forged.body["code"]) == (401, "token-refused")
    missing = Machine(None).get("/registers")
    assert missing.header("WWW-Authenticate") == 'Bearer realm="honghu"'


def test_a_token_may_be_narrower_than_its_client(client: IssuedClient) -> None:
    reader = Machine(ask(client, scope="read").body["access_token"])
    assert reader.get("/registers").status == 200
    refused = reader.post("/webhooks", {})
    assert (refused.status, refused.body["code"]) == (403, "scope-missing")
    assert "insufficient_scope" in (refused.header("WWW-Authenticate") or "")


def test_scopes_name_roles(county: dict[str, Member], clock: dt.datetime) -> None:
    scopes = ("read", "role:bank_manager")
    narrow = register_client(username="lianhu-manager", label="x", now=clock, scopes=scopes)
    assert Machine(ask(narrow).body["access_token"]).get("/registers").body
    for wrong in (("read", "role:treasury"), ("role:bank_manager",), ("read", "everything"), ()):
        with pytest.raises(Invalid):
            register_client(username="lianhu-manager", label="x", now=clock, scopes=wrong)


def test_secrets_are_exchanged_and_clients_end(client: IssuedClient, clock: dt.datetime) -> None:
    new = rotate_client_secret(client.id, now=clock, overlap=DAY)
    token = ask(client).body["access_token"]
    assert ask(new).status == 200
    ApiClientSecret.objects.exclude(expires_at=None).update(expires_at=clock)
    assert ask(client).status == 401
    assert ask(new).status == 200
    revoke_client(client.id, now=clock)
    assert ask(new).status == 401
    assert Machine(token).get("/registers").status == 401


def test_a_client_revokes_its_own_tokens_only(
    client: IssuedClient, county: dict[str, Member], clock: dt.datetime
) -> None:
    other = register_client(username="treasury", label="other", now=clock)
    token = ask(client).body["access_token"]
    for who, status in ((other, 200), (client, 401)):
        answer = Machine(None).form("/oauth/revoke", {"token": token}, basic(who))
        assert answer.status == 200
        assert Machine(token).get("/registers").status == status
    assert Machine(None).form("/oauth/revoke", {"token": token}).status == 401
