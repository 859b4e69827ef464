"""Machines, webhooks and mails on the command line: secrets once, ids to go on with."""

import re
from typing import Any

import pytest
from typer.testing import CliRunner

from honghu.cli import clients, mail, webhooks
from honghu.kernel.notifications.models import Mail
from honghu.kernel.parties.models import Account, ApiClient
from honghu.kernel.webhooks.models import Subscription

runner = CliRunner()
URL = "https://county.example/hook"


def _run(app: Any, *words: str, status: int = 0) -> str:
    result = runner.invoke(app, list(words))
    assert result.exit_code == status, result.output
    return result.output


def test_a_client_is_registered_exchanged_and_ended(county: dict[str, Any]) -> None:
    said = _run(clients.app, "register", "office", "--scope", "read")
    assert re.search(r"honghu_client_[\w-]{43}", said)
    client = str(ApiClient.objects.get().id)
    assert client in _run(clients.app, "list", "office")
    assert _run(clients.app, "rotate", client) != said
    _run(clients.app, "revoke", client)
    assert "not_found" in _run(clients.app, "rotate", client, status=1)
    assert "invalid" in _run(clients.app, "register", "office", "--scope", "all", status=1)


def test_a_webhook_from_its_beginning_to_its_end(county: dict[str, Any]) -> None:
    said = _run(webhooks.app, "add", "office", URL, "--topic", "financing-loan")
    assert "whsec_" in said
    hook = str(Subscription.objects.get().id)
    assert hook in _run(webhooks.app, "list", "office")
    assert "whsec_" in _run(webhooks.app, "rotate", "office", hook, "--hours", "1")
    assert _run(webhooks.app, "deliveries", "office", hook) == ""
    _run(webhooks.app, "resume", "office", hook)
    _run(webhooks.app, "redeliver", "office", hook)
    assert "not_found" in _run(webhooks.app, "list", "nobody", status=1)
    assert "not_found" in _run(webhooks.app, "end", "treasury", hook, status=1)
    _run(webhooks.app, "end", "office", hook)
    assert "webhook-address" in _run(
        webhooks.app, "add", "office", "http://10.0.0.1/", "--topic", "*", status=1
    )


def test_mails_that_failed_are_listed_and_tried_again(county: dict[str, Any], now: Any) -> None:
    assert _run(mail.app, "list") == ""
    person = Account.objects.get(username="office").person_id
    failed = Mail.objects.create(
        person_id=person, send_at=now, next_at=now, attempts=12, status="failed", fault="no route"
    )
    assert "no route" in _run(mail.app, "list", status=1)
    _run(mail.app, "retry", str(failed.id))
    assert Mail.objects.get().status == "sending"
    _run(mail.app, "retry", str(failed.id), status=1)


@pytest.mark.parametrize("app", [clients.app, webhooks.app, mail.app])
def test_help_is_there(app: Any) -> None:
    assert "Usage" in _run(app, "--help")
