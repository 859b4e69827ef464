"""Rate limits: a bucket of tokens for each key of a machine and for each address, in this process.

Why in memory and not in the database: ADR 0018. Told by the fields RateLimit and RateLimit-Policy
(draft-ietf-httpapi-ratelimit-headers), and Retry-After where a request is refused.
"""

import collections
import dataclasses
import math
import threading
import time
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from honghu.base.hashing import sha256
from honghu.base.problems import HonghuError

_WINDOW_SECONDS: Final = 60
_KEYS_MAX: Final = 20_000


class RateLimited(HonghuError):  # noqa: N818 named after what happened
    """More requests than the limit allows: HTTP 429."""

    code = "rate-limited"
    status = 429


@dataclasses.dataclass(frozen=True, slots=True)
class Allowance:
    """What a key may still do: `left` requests now, all of them again in `full_seconds`."""

    is_allowed: bool
    quota: int
    left: int
    full_seconds: int
    retry_seconds: int

    def tell(self, response: HttpResponseBase) -> None:
        """Write the fields of the answer."""
        response["RateLimit-Policy"] = f'"minute";q={self.quota};w={_WINDOW_SECONDS}'
        response["RateLimit"] = f'"minute";r={self.left};t={self.full_seconds}'
        if not self.is_allowed:
            response["Retry-After"] = str(self.retry_seconds)


class Buckets:
    """Token buckets by key: `quota` at once, refilled evenly over a minute, or another window.

    The keys that were used longest ago are forgotten, beyond some thousands: by then they are full.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, *, window_seconds: int = _WINDOW_SECONDS
    ) -> None:
        self._clock = clock
        self._window_seconds = window_seconds
        self._lock = threading.Lock()
        self._known: collections.OrderedDict[bytes, tuple[float, float]] = collections.OrderedDict()

    def take(self, key: bytes, quota: int, *, cost: int = 1) -> Allowance:
        """Take `cost` out of the key's bucket, if it holds one at all."""
        now, rate = self._clock(), quota / self._window_seconds
        with self._lock:
            held, at = self._known.pop(key, (float(quota), now))
            held = min(float(quota), held + (now - at) * rate)
            is_allowed = held >= 1
            if is_allowed:
                held = max(0.0, held - cost)
            self._known[key] = (held, now)
            while len(self._known) > _KEYS_MAX:
                self._known.popitem(last=False)
        return Allowance(
            is_allowed,
            quota,
            math.floor(held),
            math.ceil((quota - held) / rate),
            max(1, math.ceil((1 - held) / rate)),
        )


_buckets = Buckets()


def admit(request: HttpRequest) -> Allowance | None:
    """What the caller may still do; null where the installation sets no limit.

    By the key that is sent, so that machines behind one address do not hinder each other; without
    one, and for keys that were refused, by address.
    """
    quota = settings.HONGHU_API_PER_MINUTE // settings.HONGHU_PROCESSES
    if quota < 1:
        return None
    header = str(request.META.get("HTTP_AUTHORIZATION", ""))
    scheme, _space, secret = header.partition(" ")
    if scheme.lower() != "bearer":
        return _buckets.take(address_of(request), quota)
    barred = _buckets.take(address_of(request) + b" refused", quota, cost=0)
    return barred if not barred.is_allowed else _buckets.take(sha256(secret.encode()), quota)


def charge_refused(request: HttpRequest) -> None:
    """Count a key that was refused against its address: guessing is slow, however many are tried."""
    quota = settings.HONGHU_API_PER_MINUTE // settings.HONGHU_PROCESSES
    if quota >= 1:
        _buckets.take(address_of(request) + b" refused", quota)


def insist(allowance: Allowance | None) -> None:
    """Raise RateLimited for a request beyond the limit."""
    if allowance is None or allowance.is_allowed:
        return
    message = _("More than {count} requests a minute.").format(count=allowance.quota)
    remedy = _("Wait {seconds} seconds.").format(seconds=allowance.retry_seconds)
    raise RateLimited(message, remedy=remedy)


class Strangers:
    """A limit for open pages: so often a minute an address asks one process without signing in."""

    def __init__(self, a_minute: int) -> None:
        self._a_minute = a_minute
        self._buckets = Buckets()

    def insist(self, request: HttpRequest) -> None:
        """Raise RateLimited for an address that asks too often; whoever is signed in is known."""
        if not request.user.is_authenticated:
            insist(self._buckets.take(address_of(request), self._a_minute))


def address_of(request: HttpRequest) -> bytes:
    """The caller's address as a key of buckets."""
    return caller_address(request).encode()


def caller_address(request: HttpRequest) -> str:
    """The caller's address; behind our own web server it is the last that this one noted."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    if settings.HONGHU_BEHIND_PROXY:
        noted = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        address = noted or address
    return address
