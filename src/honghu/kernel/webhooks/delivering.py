"""Delivering what waits: taken, sent outside of any transaction, noted; backoff and burial.

Whoever takes a delivery has some minutes; should he die over it, another one sends it again, under
the same id. Of one case only the first that waits is sent, so that its steps arrive in their order.
A receiver that is down is asked by one delivery at a time, after pauses that double.
"""

import dataclasses
import datetime as dt
import secrets
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from honghu.base.problems import HonghuError
from honghu.kernel.webhooks.commands import suspend
from honghu.kernel.webhooks.models import Attempt, Delivery, Secret, Subscription
from honghu.kernel.webhooks.sealing import unseal
from honghu.kernel.webhooks.sending import Outcome, post
from honghu.kernel.webhooks.signatures import signature_headers

_LEASE: Final = dt.timedelta(minutes=3)
_FIRST_PAUSE: Final = dt.timedelta(seconds=30)
_PAUSE_MAX: Final = dt.timedelta(hours=1)
_DOUBLINGS_MAX: Final = 10
_TOGETHER: Final = 64
_EACH: Final = 16
_AT_ONCE: Final = 8
_TAKE: Final = """
WITH chosen AS (
  SELECT d.id FROM webhooks_subscription s CROSS JOIN LATERAL (
    SELECT w.id FROM webhooks_delivery w
    WHERE w.subscription_id = s.id AND w.status = 'waiting' AND w.next_at <= %(now)s
      AND NOT EXISTS (
        SELECT 1 FROM webhooks_delivery e WHERE e.subscription_id = s.id AND e.case_id = w.case_id
          AND e.status = 'waiting' AND e.sequence < w.sequence)
    ORDER BY w.created_at, w.sequence LIMIT CASE WHEN s.failures > 0 THEN 1 ELSE %(each)s END
  ) d
  WHERE s.status = 'active' AND (s.paused_until IS NULL OR s.paused_until <= %(now)s)
  LIMIT %(together)s
), taken AS (
  SELECT id FROM webhooks_delivery WHERE id IN (SELECT id FROM chosen)
    AND status = 'waiting' AND next_at <= %(now)s FOR UPDATE SKIP LOCKED
)
UPDATE webhooks_delivery d SET next_at = %(until)s, attempts = attempts + 1
FROM taken, webhooks_subscription s WHERE d.id = taken.id AND s.id = d.subscription_id
RETURNING d.id, d.subscription_id, d.event_id, d.body, d.attempts, s.url
"""


@dataclasses.dataclass(frozen=True, slots=True)
class _Taken:
    id: uuid.UUID
    subscription_id: uuid.UUID
    event_id: uuid.UUID
    body: str
    attempts: int
    url: str


def deliver(*, now: dt.datetime) -> int:
    """Send what waits and may be sent now, some at once; returns how many were tried.

    Many workers may do so at once: each delivery is taken by one.
    """
    taken = _take(now)
    if not taken:
        return 0
    keys = _live_secrets({each.subscription_id for each in taken}, now)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        outcomes = list(
            pool.map(lambda each: _send(each, keys.get(each.subscription_id, ()), now), taken)
        )
    tried = list(zip(taken, outcomes, strict=True))
    for subscription_id in sorted({each.subscription_id for each in taken}):
        own = [one for one in tried if one[0].subscription_id == subscription_id]
        with transaction.atomic():
            _note(subscription_id, own, now)
    return len(taken)


def _take(now: dt.datetime) -> list[_Taken]:
    values: dict[str, Any] = {
        "now": now,
        "until": now + _LEASE,
        "each": _EACH,
        "together": _TOGETHER,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        return [_Taken(*row) for row in cursor.fetchall()]


def _live_secrets(
    subscriptions: set[uuid.UUID], now: dt.datetime
) -> dict[uuid.UUID, tuple[str, ...]]:
    """Their secrets that may sign now, the newest first; one that cannot be read is left out."""
    live = Secret.objects.filter(subscription__in=subscriptions)
    found: dict[uuid.UUID, tuple[str, ...]] = {}
    for row in live.filter(Q(expires_at=None) | Q(expires_at__gt=now)).order_by("-created_at"):
        try:
            secret = unseal(bytes(row.sealed))
        except HonghuError:
            continue
        found[row.subscription_id] = (*found.get(row.subscription_id, ()), secret)
    return found


def _send(taken: _Taken, keys: Sequence[str], now: dt.datetime) -> Outcome:
    if not keys:
        return Outcome(None, fault="no signing secret can be read: make a new one")
    body, event_id = taken.body.encode(), str(taken.event_id)
    headers = signature_headers(keys, event_id=event_id, body=body, now=now)
    headers |= {"Content-Type": "application/json", "User-Agent": "Honghu", "Connection": "close"}
    return post(taken.url, body, headers)


def _note(
    subscription_id: uuid.UUID, tried: Sequence[tuple[_Taken, Outcome]], now: dt.datetime
) -> None:
    """Keep what came of the requests to one receiver, and when it is asked again."""
    receiver = Subscription.objects.select_for_update().get(pk=subscription_id)
    for taken, outcome in tried:
        Attempt.objects.create(
            delivery_id=taken.id,
            at=now,
            milliseconds=outcome.milliseconds,
            status_code=outcome.status,
            fault=outcome.fault,
            answer=outcome.answer,
        )
        _judge(taken, outcome, now)
    if any(outcome.is_gone for _taken, outcome in tried):
        suspend(subscription_id, now=now)
    elif all(outcome.is_down for _taken, outcome in tried):
        failures = receiver.failures + 1
        Subscription.objects.filter(pk=subscription_id).update(
            failures=failures, paused_until=now + pause(failures)
        )
        if failures >= settings.HONGHU_WEBHOOK_ATTEMPTS:
            suspend(subscription_id, now=now)
    elif receiver.failures:
        # It is back: whatever waited for it may go at once.
        Subscription.objects.filter(pk=subscription_id).update(failures=0, paused_until=None)
        waiting = Delivery.objects.filter(
            subscription_id=subscription_id, status=Delivery.Status.WAITING
        )
        waiting.filter(next_at__gt=now + _LEASE).update(next_at=now)


def _judge(taken: _Taken, outcome: Outcome, now: dt.datetime) -> None:
    row = Delivery.objects.filter(pk=taken.id, status=Delivery.Status.WAITING)
    if outcome.is_taken:
        row.update(status=Delivery.Status.DELIVERED, ended_at=now)
    elif taken.attempts >= settings.HONGHU_WEBHOOK_ATTEMPTS:
        row.update(status=Delivery.Status.DEAD, ended_at=now)
    else:
        row.update(next_at=now + pause(taken.attempts))


def pause(failures: int) -> dt.timedelta:
    """How long to wait after so many failures: half a minute, doubled to an hour, a fifth at random.

    Random, so that the many that failed together do not come back together.
    """
    doubled: int = 2 ** min(failures - 1, _DOUBLINGS_MAX)
    whole = min(_FIRST_PAUSE * doubled, _PAUSE_MAX)
    return whole * (0.8 + secrets.randbelow(4_001) / 10_000)
