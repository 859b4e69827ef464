"""The API at the hour of the sample county."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone

from honghu.site.county import Member
from tests.machine import Machine, machine
from tests.thread import Thread, begin


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, now: dt.datetime) -> dt.datetime:
    """The door's clock stands an hour after the county's."""
    stands = now + dt.timedelta(hours=1)
    monkeypatch.setattr(timezone, "now", lambda: stands)
    return stands


@pytest.fixture
def thread(county: dict[str, Member], clock: dt.datetime, now: dt.datetime) -> Thread:
    """One award with its supplier and buyer."""
    return begin(county, now)


@pytest.fixture
def machines(thread: Thread, now: dt.datetime) -> Callable[[str | None], Machine]:
    """A machine for one of the cast, by sign-in name of the sample or `supplier`, `buyer`."""

    def of(who: str | None) -> Machine:
        return machine(thread.cast[who].username if who else None, now=now)

    return of
