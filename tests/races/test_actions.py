"""One case, two hands at once, through the machine door: one step, and the other is told."""

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from honghu.kernel.cases.detail import get_case
from honghu.kernel.parties.actor import SYSTEM
from honghu.site.county import Member
from tests.machine import Answer, machine
from tests.races.crowd import Crowd, crowd
from tests.thread import Thread, begin

HANDS = 8


@pytest.fixture
def thread(
    committed_county: dict[str, Member], now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> Thread:
    """An award whose supplier is invited; the door's clock stands an hour later."""
    monkeypatch.setattr(timezone, "now", lambda: now + dt.timedelta(hours=1))
    return begin(committed_county, now)


def _rush(hands: Crowd, thread: Thread, bodies: list[dict[str, Any]], keys: list[str]) -> list[Any]:
    """The supplier declines with each body under each key, all at once."""
    path = f"/cases/{thread.application().id}/actions/decline"
    username = thread.cast["supplier"].username
    machines = [machine(username, now=thread.now) for _ in bodies]
    work: list[Callable[[], Answer]] = [
        partial(each.post, path, body, key=key)
        for each, body, key in zip(machines, bodies, keys, strict=True)
    ]
    return hands.rush(work)


def _steps(thread: Thread) -> list[str]:
    detail = get_case(thread.application().id, actor=SYSTEM, now=thread.now)
    return [step.action for step in detail.steps]


def test_one_key_at_once_is_one_step(thread: Thread, django_db_blocker: Any) -> None:
    body = {"form": {"reason": "自有资金充足"}}
    with crowd(HANDS, django_db_blocker) as hands:
        answers = _rush(hands, thread, [body] * HANDS, ["same"] * HANDS)
    assert sorted(each.status for each in answers) == [200] * (HANDS - 1) + [201]
    assert len({each.content for each in answers}) == 1
    replayed = [each.header("Idempotent-Replayed") for each in answers]
    assert sorted(map(str, replayed)) == ["None"] + ["true"] * (HANDS - 1)
    assert _steps(thread) == ["invite", "decline"]


def test_one_key_with_two_bodies_at_once(thread: Thread, django_db_blocker: Any) -> None:
    bodies = [{"form": {"reason": reason}} for reason in ("甲", "乙") * (HANDS // 2)]
    with crowd(HANDS, django_db_blocker) as hands:
        answers = _rush(hands, thread, bodies, ["same"] * HANDS)
    statuses = sorted(each.status for each in answers)
    assert statuses == [200] * (HANDS // 2 - 1) + [201] + [409] * (HANDS // 2)
    refused = {each.body["code"] for each in answers if each.status == 409}
    assert refused == {"idempotency-key-reused"}
    assert _steps(thread) == ["invite", "decline"]


def test_one_version_seen_by_many_is_acted_on_once(thread: Thread, django_db_blocker: Any) -> None:
    body = {"form": {"reason": "甲"}, "expected_version": thread.application().version}
    with crowd(HANDS, django_db_blocker) as hands:
        answers = _rush(hands, thread, [body] * HANDS, [f"key-{n}" for n in range(HANDS)])
    assert sorted(each.status for each in answers) == [201] + [409] * (HANDS - 1)
    assert {each.body["code"] for each in answers if each.status == 409} == {"stale-version"}
    assert _steps(thread) == ["invite", "decline"]
