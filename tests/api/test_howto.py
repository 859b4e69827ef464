"""The how-to of the API says what is: each of its curl lines is run against the routes."""

import base64
import datetime as dt
import re
import shlex
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from honghu.cli.tokens import app
from honghu.kernel.cases.detail import get_case
from honghu.kernel.journal.commands import sequence, sign_checkpoint
from honghu.kernel.journal.keys import load_signer
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.clients import register_client
from honghu.kernel.webhooks.sealing import new_secret
from honghu.kernel.webhooks.signatures import signature_headers
from tests.machine import ROOT, Machine
from tests.thread import Thread

TEXT = (Path(__file__).parents[2] / "docs" / "howto" / "use-the-api.md").read_text("utf-8")
LINES = re.findall(r"^curl .*$", TEXT, re.MULTILINE)


@pytest.fixture
def places(thread: Thread, machines: Callable[[str | None], Machine]) -> dict[str, str]:
    """What stands for the shell's variables."""
    while sequence(now=thread.now):
        pass
    sign_checkpoint(now=thread.now, signer=load_signer())
    case = thread.application().id
    step = get_case(case, actor=SYSTEM, now=thread.now).steps[0].id
    client = register_client(username="office", label="test", now=thread.now)
    return {
        "TOKEN": machines("office").secret or "",
        "API": ROOT,
        "CASE": str(case),
        "STEP": str(step),
        "CLIENT": str(client.id),
        "SECRET": client.secret,
    }


def _run(line: str, places: dict[str, str]) -> Any:
    """Read a curl line and send what curl would send."""
    for name, value in places.items():
        line = line.replace(f"${name}", value)
    words = iter(shlex.split(line)[1:])
    method, headers, parts, data, address = "", {}, {}, "", ""
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, _colon, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-u":
            pair = base64.b64encode(next(words).encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        elif word == "-d":
            data = next(words)
        elif word == "-F":
            name, _equals, value = next(words).partition("=")
            parts[name] = (
                SimpleUploadedFile(value[1:], b"a report\n") if value.startswith("@") else value
            )
        else:
            address = word
    client = Machine(None).client
    if parts:
        return client.post(address, parts, headers=headers)
    if method == "POST":
        kind = headers.pop("Content-Type")
        return client.post(address, data, content_type=kind, headers=headers)
    return client.get(address, headers=headers)


def test_the_lines_do_what_they_say(places: dict[str, str]) -> None:
    answers = {line: _run(line, places) for line in LINES}
    failed = {line: answer.content for line, answer in answers.items() if answer.status_code >= 400}
    assert failed == {}
    assert len(LINES) >= 9


def test_a_repetition_is_answered_as_the_text_says(places: dict[str, str]) -> None:
    line = next(each for each in LINES if "/actions/void" in each)
    first, again = _run(line, places), _run(line, places)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.json() == again.json()


def test_the_token_commands_exist() -> None:
    named = {
        command.name or getattr(command.callback, "__name__", "")
        for command in app.registered_commands
    }
    assert set(re.findall(r"honghu tokens\s+(\w+)", TEXT)) == named


def test_the_verifier_of_the_text_tells_genuine_requests(now: dt.datetime) -> None:
    source = next(each for each in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL))
    known: dict[str, Any] = {}
    exec(source, known)  # noqa: S102 our own document
    secret, body, at = new_secret(), b'{"id": "1"}', dt.datetime.fromtimestamp(time.time(), dt.UTC)
    headers = signature_headers([new_secret(), secret], event_id="1", body=body, now=at)
    is_genuine = known["is_genuine"]
    assert is_genuine(secret, headers, body)
    assert not is_genuine(new_secret(), headers, body)
    assert not is_genuine(secret, headers, body + b" ")
    old = signature_headers([secret], event_id="1", body=body, now=now - dt.timedelta(minutes=6))
    assert not is_genuine(secret, old, body)
