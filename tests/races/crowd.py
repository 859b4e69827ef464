"""Many hands at once: threads that each keep a connection of their own and start together."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connections
from django.utils import translation

from honghu.base.problems import HonghuError

_WAIT_SECONDS = 120


class Crowd:
    """`size` threads; `rush` lets each do one thing, all from the same instant."""

    def __init__(self, size: int, blocker: Any) -> None:
        self._size = size
        self._blocker = blocker
        self._start = threading.Barrier(size)
        self._pool = ThreadPoolExecutor(max_workers=size)

    def rush(self, work: Sequence[Callable[[], Any]]) -> list[Any]:
        """What each came to: its result, or the refusal that it met. Other errors are raised."""
        assert len(work) == self._size
        running = [self._pool.submit(self._one, each) for each in work]
        return [each.result(timeout=_WAIT_SECONDS) for each in running]

    def _one(self, work: Callable[[], Any]) -> Any:
        with self._blocker.unblock(), translation.override("en"):
            # No thread passes twice before all have passed once: each takes one piece of work.
            self._start.wait(timeout=_WAIT_SECONDS)
            try:
                return work()
            except HonghuError as refusal:
                return refusal

    def leave(self) -> None:
        """Close every thread's connection."""
        self.rush([connections.close_all] * self._size)
        self._pool.shutdown()


@contextmanager
def crowd(size: int, blocker: Any) -> Iterator[Crowd]:
    """A crowd for the time of a test."""
    gathered = Crowd(size, blocker)
    try:
        yield gathered
    finally:
        gathered.leave()
