"""A county for the benchmarks: rules, the register `bench`, a worker and a checker."""

import datetime as dt
import uuid
from pathlib import Path

from honghu.kernel.cases.commands import open_case
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.commands import publish_register
from honghu.site.county import ensure_organisation, settle, settle_county

NOW = dt.datetime(2026, 6, 1, 1, 0, tzinfo=dt.UTC)
REGISTER = Path(__file__).with_name("register.yaml")


def found(now: dt.datetime = NOW) -> tuple[Actor, Actor]:
    """Settle the sample county and the benchmark's two people; (worker, checker)."""
    from honghu.kernel.parties.actor import SYSTEM

    settle_county(now=now)
    publish_register(source=REGISTER.read_text("utf-8"), actor=SYSTEM, now=now)
    offices = [ensure_organisation(name, "office", now=now) for name in ("基准一局", "基准二局")]
    worker = settle("bench-worker", "甲", offices[0], ("bench_worker",), now=now)
    checker = settle("bench-checker", "乙", offices[1], ("bench_checker",), now=now)
    return worker.actor(now.date()), checker.actor(now.date())


def open_cases(worker: Actor, count: int, now: dt.datetime = NOW) -> list[uuid.UUID]:
    """Open cases, all in the state `first`."""
    return [
        open_case(
            "bench",
            actor=worker,
            now=now,
            idempotency_key=f"open:{uuid.uuid4()}",
            form={"subject": f"第{number}号事项，位于洪湖大道", "amount": number * 100},
        ).case_id
        for number in range(count)
    ]
