"""Benchmark of the write path: python -m bench.perform [--seconds 2] [--rounds 5] [--clients 1 8].

One step of a case with journal leaf, clocks, outbox and idempotency, as `perform` writes it;
beside it, on the same server in the same run: plain psycopg that writes the same rows (a statement
for each row; and in three statements), and django-fsm-2 with django-fsm-log (state and log only).
`durable` waits for the disk at each commit, as in service; `cpu` does not, and so shows what the
code costs. All contenders run in turns; printed are steps a second, processor time of client and
server, and ratios. Each client is a process with a connection and cases of its own.
"""

import argparse
import itertools
import json
import os
import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.rounds import Contender, compare
from bench.scratch import installation

AT_ONCE = 10
"""Cases that a piece of work takes forth and back."""

CASES = 40
"""Cases that a client opens for itself in each round, so that none gets a history beyond belief."""
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
    " due_at = %(due)s, amber_at = %(due)s, due_provisional = false"
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


def _in_turns(cases: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """So many cases at a time, again and again."""
    return itertools.cycle([cases[n : n + AT_ONCE] for n in range(0, len(cases), AT_ONCE)])


def honghu(actors: tuple[Any, Any], mode: str) -> Contender:
    """`perform` on each client's own cases."""
    from bench.county import NOW, open_cases
    from django.db import connection

    from honghu.kernel.cases.commands import perform

    def prepare(_client: int) -> tuple[Callable[[], int], int]:
        turns = _in_turns(open_cases(actors[0], CASES))

        def work() -> int:
            cases = next(turns)
            for action, actor in zip(("forward", "back"), actors, strict=True):
                for case in cases:
                    perform(
                        case,
                        action,
                        actor=actor,
                        now=NOW,
                        idempotency_key=str(uuid.uuid4()),
                        form={"remark": "已现场核对，材料齐全"},
                    )
            return 2 * AT_ONCE

        with connection.cursor() as cursor:
            cursor.execute(_MODES[mode])
        return work, connection.connection.info.backend_pid

    return prepare


def plain(worker: Any, statements: tuple[str, ...], mode: str) -> Contender:
    """psycopg alone, prepared statements, one transaction a step."""
    import psycopg
    from bench.county import NOW, open_cases
    from django.db import connection

    parameters = connection.get_connection_params()
    wanted = {name: parameters[name] for name in ("dbname", "host", "port", "user")}

    def prepare(_client: int) -> tuple[Callable[[], int], int]:
        peer = psycopg.connect(**wanted, autocommit=True)
        peer.execute(_MODES[mode])
        opened = open_cases(worker, CASES)
        versions = dict.fromkeys(opened, 1)
        turns = _in_turns(opened)

        def work() -> int:
            cases = next(turns)
            for forth in (True, False):
                for case in cases:
                    versions[case] += 1
                    values = _values(case, versions[case], forth=forth, now=NOW)
                    with peer.transaction(), peer.cursor() as cursor:
                        for statement in statements:
                            cursor.execute(statement, values)
            return 2 * AT_ONCE

        return work, peer.info.backend_pid

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
        "actor": str(case),
        "key": str(uuid.uuid4()),
        "deadline": uuid.uuid4(),
    }


def fsm(mode: str) -> Contender:
    """django-fsm-2: lock, transition, save; django-fsm-log writes its row by signal."""
    from bench.county import NOW
    from bench.peers.fsm.models import FsmCase
    from django.db import connection, transaction

    from honghu.kernel.parties.models import Account

    def prepare(_client: int) -> tuple[Callable[[], int], int]:
        account = Account.objects.get(username="bench-worker")
        opened = FsmCase._default_manager.bulk_create(
            FsmCase(title="第1号事项", facts=json.loads(_FACTS)) for _ in range(CASES)
        )
        turns = _in_turns([each.pk for each in opened])

        def work() -> int:
            numbers = next(turns)
            for forth in (True, False):
                for number in numbers:
                    with transaction.atomic():
                        case = FsmCase._default_manager.select_for_update().get(pk=number)
                        move = case.forward if forth else case.back
                        move(by=account, description=_FORM)
                        case.changed_at = NOW
                        case.save()
            return 2 * AT_ONCE

        with connection.cursor() as cursor:
            cursor.execute(_MODES[mode])
        return work, connection.connection.info.backend_pid

    return prepare


_MODES = {"durable": "SET synchronous_commit TO on", "cpu": "SET synchronous_commit TO off"}


def _prepare() -> tuple[Any, Any]:
    """The county, and the peer's table; (worker, checker)."""
    from bench.county import found
    from bench.peers.fsm.models import FsmCase
    from django.db import connection

    connection.as_owner = True  # type: ignore[attr-defined]
    connection.close()
    with connection.schema_editor() as editor:
        editor.create_model(FsmCase)
    connection.become_app()  # type: ignore[attr-defined]
    return found()


def main() -> None:
    """Run all contenders for each number of clients in both modes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2, help="of each contender in a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--modes", nargs="+", choices=sorted(_MODES), default=list(_MODES))
    given = parser.parse_args()
    with installation("bench.peers.settings"):
        actors = _prepare()
        for mode in given.modes:
            contenders = {
                "honghu perform": honghu(actors, mode),
                "psycopg, a statement a row": plain(actors[0], ROWS, mode),
                "psycopg, three statements": plain(actors[0], THREE, mode),
                "django-fsm-2 with log": fsm(mode),
            }
            for clients in given.clients:
                compare(
                    f"{mode}, {clients} client{'s' if clients > 1 else ''}: steps",
                    contenders,
                    clients=clients,
                    seconds=given.seconds,
                    rounds=given.rounds,
                )


if __name__ == "__main__":
    main()
