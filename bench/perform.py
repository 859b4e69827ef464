"""Benchmark of the write path: python -m bench.perform [--steps 400] [--clients 1 8].

One step of a case with journal leaf, clocks, outbox and idempotency, as `perform` writes it;
beside it, on the same server in the same run: plain psycopg that writes the same rows (a statement
for each row; and in three statements), and django-fsm-2 with django-fsm-log (state and log only).
`durable` waits for the disk at each commit, as in service; `cpu` does not, and so shows what the
code costs. Prints steps a second and ratios.
"""

import argparse
import json
import os
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.scratch import installation, say, together

_FORM = '{"remark": "已现场核对，材料齐全"}'
_FACTS = '{"subject": "第1号事项，位于洪湖大道", "amount": 100}'
_DIGEST = "ab" * 32
_STEP = (
    "INSERT INTO cases_step (id, case_id, sequence, register, register_version, action, from_state,"
    " to_state, person_id, organisation_id, at, claimed_at, form_digest, facts_digest, evidence)"
    " VALUES (%(step)s, %(case)s, %(sequence)s, 'bench', 1, %(action)s, %(from)s, %(to)s,"
    " %(person)s, %(organisation)s, %(now)s, NULL, %(digest)s, %(digest)s, '{}')"
)
_FORM_ROW = "INSERT INTO cases_stepform (step_id, form, salt) VALUES (%(step)s, %(form)s, %(salt)s)"
_LEAF = (
    "INSERT INTO journal_leaf (id, kind, hash, written_at)"
    " VALUES (%(step)s, 'step', %(hash)s, %(now)s)"
)
_QUEUE = "INSERT INTO journal_queue (leaf_id) VALUES (%(step)s)"
_OUTBOX = (
    "INSERT INTO cases_outboxmessage (id, topic, step_id, case_id, created_at)"
    " VALUES (%(step)s, 'bench.go', %(step)s, %(case)s, %(now)s)"
)
_CASE = (
    "UPDATE cases_case SET state = %(to)s, version = %(sequence)s, title = '', facts = %(facts)s,"
    " parties = '{}', party_ids = '{}', counters = '{}', changed_at = %(now)s, closed_at = NULL,"
    " due_at = %(due)s, amber_at = %(due)s, due_provisional = false, search = %(search)s"
    " WHERE id = %(case)s"
)
_KEY = (
    "INSERT INTO cases_idempotencykey (actor, key, body_hash, step_id, created_at)"
    " VALUES (%(actor)s, %(key)s, %(hash)s, %(step)s, %(now)s) ON CONFLICT (actor, key) DO NOTHING"
)
_READ = (
    "SELECT register, register_version, number, title, state, version, facts, parties, counters,"
    " parent_id, opened_at FROM cases_case WHERE id = %(case)s FOR UPDATE"
)
_END = (
    "UPDATE cases_deadline SET ended_at = %(now)s, status = 'met'"
    " WHERE case_id = %(case)s AND status = 'running'"
)
_START = (
    "INSERT INTO cases_deadline (id, case_id, code, rule, duration, started_at, due_at, amber_at,"
    " provisional, adjustments, status) VALUES (%(deadline)s, %(case)s, %(to)s, 'benchmark',"
    " '1 working_days', %(now)s, %(due)s, %(due)s, false, '[]', 'running')"
)
ROWS = (_KEY, _READ, _END, _START, _STEP, _FORM_ROW, _LEAF, _QUEUE, _OUTBOX, _CASE)
"""A statement for each row."""

THREE = (
    f"WITH k AS ({_KEY}) {_READ}",
    f"WITH e AS ({_END}) {_START}",
    f"WITH s AS ({_STEP}), f AS ({_FORM_ROW}), l AS ({_LEAF}), q AS ({_QUEUE}), o AS ({_OUTBOX})"
    f" {_CASE}",
)
"""The same rows in three statements."""

Work = Callable[[int], Callable[[], int]]


def honghu(pools: list[list[uuid.UUID]], actors: tuple[Any, Any], steps: int, mode: str) -> Work:
    """`perform` on each client's own cases, forth and back."""
    from bench.county import NOW
    from django.db import connection

    from honghu.kernel.cases.commands import perform

    def prepare(client: int) -> Callable[[], int]:
        with connection.cursor() as cursor:
            cursor.execute(_MODES[mode])

        def run() -> int:
            cases = pools[client]
            for number in range(steps):
                forth = (number // len(cases)) % 2 == 0
                perform(
                    cases[number % len(cases)],
                    "forward" if forth else "back",
                    actor=actors[0] if forth else actors[1],
                    now=NOW,
                    idempotency_key=str(uuid.uuid4()),
                    form={"remark": "已现场核对，材料齐全"},
                )
            return steps

        return run

    return prepare


def plain(pools: list[list[uuid.UUID]], statements: tuple[str, ...], steps: int, mode: str) -> Work:
    """psycopg alone, prepared statements, one transaction a step."""
    import psycopg
    from bench.county import NOW
    from django.db import connection

    parameters = connection.get_connection_params()
    wanted = {name: parameters[name] for name in ("dbname", "host", "port", "user")}

    def prepare(client: int) -> Callable[[], int]:
        peer = psycopg.connect(**wanted, autocommit=True)
        peer.execute(_MODES[mode])

        def run() -> int:
            cases = pools[client]
            rows = peer.execute("SELECT id, version FROM cases_case WHERE id = ANY(%s)", [cases])
            versions = dict(rows.fetchall())
            for number in range(steps):
                case = cases[number % len(cases)]
                versions[case] += 1
                forth = (number // len(cases)) % 2 == 0
                values = _values(case, versions[case], forth=forth, now=NOW)
                with peer.transaction(), peer.cursor() as cursor:
                    for statement in statements:
                        cursor.execute(statement, values)
            peer.close()
            return steps

        return run

    return prepare


def _values(case: uuid.UUID, version: int, *, forth: bool, now: Any) -> dict[str, Any]:
    """What `perform` would have worked out, at the price of a dictionary."""
    return {
        "step": uuid.uuid4(),
        "case": case,
        "sequence": version,
        "action": "forward" if forth else "back",
        "from": "first" if forth else "second",
        "to": "second" if forth else "first",
        "person": case,
        "organisation": case,
        "now": now,
        "digest": _DIGEST,
        "form": _FORM,
        "salt": os.urandom(16),
        "hash": os.urandom(32),
        "facts": _FACTS,
        "due": now,
        "search": [f"词{number}" for number in range(20)],
        "actor": str(case),
        "key": str(uuid.uuid4()),
        "deadline": uuid.uuid4(),
    }


def fsm(pools: list[list[int]], steps: int, mode: str) -> Work:
    """django-fsm-2: lock, transition, save; django-fsm-log writes its row by signal."""
    from bench.county import NOW
    from bench.peers.fsm.models import FsmCase
    from django.db import connection, transaction

    from honghu.kernel.parties.models import Account

    def prepare(client: int) -> Callable[[], int]:
        with connection.cursor() as cursor:
            cursor.execute(_MODES[mode])
        account = Account.objects.get(username="bench-worker")

        def run() -> int:
            cases = pools[client]
            for number in range(steps):
                forth = (number // len(cases)) % 2 == 0
                with transaction.atomic():
                    case = FsmCase._default_manager.select_for_update().get(
                        pk=cases[number % len(cases)]
                    )
                    move = case.forward if forth else case.back
                    move(by=account, description=_FORM)
                    case.changed_at = NOW
                    case.save()
            return steps

        return run

    return prepare


_MODES = {"durable": "SET synchronous_commit TO on", "cpu": "SET synchronous_commit TO off"}


def _fsm_cases(clients: int, each: int) -> list[list[int]]:
    from bench.peers.fsm.models import FsmCase

    rows = FsmCase._default_manager.bulk_create(
        FsmCase(title="第1号事项", facts=json.loads(_FACTS)) for _ in range(clients * each)
    )
    return [[row.pk for row in rows[n * each : (n + 1) * each]] for n in range(clients)]


def _prepare(clients: int) -> tuple[list[list[uuid.UUID]], list[list[int]], tuple[Any, Any]]:
    """The county, each client's cases for every contender, and the peer's table."""
    from bench.county import found, open_cases
    from bench.peers.fsm.models import FsmCase
    from django.db import connection

    connection.as_owner = True  # type: ignore[attr-defined]
    connection.close()
    with connection.schema_editor() as editor:
        editor.create_model(FsmCase)
    connection.become_app()  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        cursor.execute(_MODES["cpu"])
    actors = found()
    pools = [open_cases(actors[0], 10) for _ in range(clients)]
    return pools, _fsm_cases(clients, 10), actors


def main() -> None:
    """Run all contenders for each number of clients in both modes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=400, help="steps of each client")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8])
    given = parser.parse_args()
    with installation("bench.peers.settings"):
        most = max(given.clients)
        ours, theirs, actors = _prepare(most)
        rows, three = ([_fresh(actors[0]) for _ in range(most)] for _ in range(2))
        for mode in _MODES:
            for clients in given.clients:
                # An even number of rounds, so that every contender ends where it began.
                steps = max(20, given.steps // 20 * 20)
                contenders = {
                    "honghu perform": honghu(ours, actors, steps, mode),
                    "psycopg, a statement a row": plain(rows, ROWS, steps, mode),
                    "psycopg, three statements": plain(three, THREE, steps, mode),
                    "django-fsm-2 with log": fsm(theirs, steps, mode),
                }
                found = {name: together(clients, work) for name, work in contenders.items()}
                _report(mode, clients, found)


def _fresh(worker: Any) -> list[uuid.UUID]:
    from bench.county import open_cases

    return open_cases(worker, 10)


def _report(mode: str, clients: int, found: dict[str, float]) -> None:
    ours = found["honghu perform"]
    for name, rate in found.items():
        ratio = "" if rate == ours else f"   honghu is {ours / rate:6.2f} of it"
        say(f"{mode:<8}{clients:>2} clients  {name:<28}{rate:>9,.0f} steps/s{ratio}")


if __name__ == "__main__":
    main()
