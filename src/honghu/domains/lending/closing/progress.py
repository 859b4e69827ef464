"""The progress of a close: which step is done for which chunk, and one close at a time."""

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from django.db import connection, transaction

from honghu.domains.lending.closing.models import ClosingStep
from honghu.domains.lending.closing.problems import ClosingRuns

Counts = Mapping[str, int]
_LOCK: Final = "hashtext('honghu.lending.closing')"


@contextlib.contextmanager
def only_one(*, wait: bool) -> Iterator[None]:
    """Hold the right to close; another close waits for it, or is refused with ClosingRuns.

    The lock belongs to this connection: if the process dies, the database releases it.
    """
    with connection.cursor() as cursor:
        if wait:
            cursor.execute(f"SELECT pg_advisory_lock({_LOCK})")
        else:
            cursor.execute(f"SELECT pg_try_advisory_lock({_LOCK})")
            if not cursor.fetchone()[0]:
                raise ClosingRuns(
                    "another close of business runs at this moment",
                    remedy="wait until it has ended, or start this one with --wait",
                )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_unlock({_LOCK})")


def plan_for_a_chunk() -> None:
    """Let statements of this transaction reach their rows by indexes, without compiling them.

    A chunk is a small part of tables of which the planner knows only the whole; a bad guess would
    read all of it for each chunk.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL jit = off")


def do_once(
    business_date: dt.date, step: str, chunk: int, now: dt.datetime, work: Callable[[], Counts]
) -> Counts:
    """Do a step for a chunk unless it is done; its effects and its mark are one transaction."""
    with transaction.atomic():
        done = ClosingStep.objects.filter(pk=(business_date, step, chunk)).first()
        if done is not None:
            return dict(done.counts)
        counts = work()
        ClosingStep.objects.create(
            business_date=business_date, step=step, chunk=chunk, done_at=now, counts=dict(counts)
        )
    return counts
