"""Benchmark of the ledger beside plain inserts: python -m bench ledger [--seconds 1] [--rounds 7].

Uses a database server of its own in a temporary folder; all figures of one run come from the same
server, peer and ledger taking turns. The peer is raw psycopg, prepared, writing to tables of the
same columns and indexes without any rule: "bare" writes a transfer and its two entries in one
statement, "same rows" the journal's leaf and queue row too, as each posting does. django-hordak
takes part if it is installed (`pip install django-hordak`): its `Account.transfer_to`, which checks
that a transfer balances and nothing else.
"""

# ruff: noqa: S311  a script; its SQL holds only its own names; the models are
# imported after django.setup()
import argparse
import datetime as dt
import importlib
import itertools
import random
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.rounds import Contender, compare
from bench.scratch import installation, say
from django.apps import apps
from django.db import connection, transaction

from honghu.base.identifiers import new_id

NOW = dt.datetime(2026, 6, 1, 1, 0, tzinfo=dt.UTC)
DAY = NOW.date()
BATCH = 1000
CLIENTS = 8
SLOTS = 32

Work = Callable[[], object]
Maker = Callable[[int], Work]

PEER_TABLES = """
CREATE TABLE peer_transfer (LIKE ledger_transfer INCLUDING INDEXES);
CREATE TABLE peer_entry (LIKE ledger_entry INCLUDING INDEXES);
CREATE TABLE peer_leaf (LIKE journal_leaf INCLUDING INDEXES);
CREATE TABLE peer_queue (LIKE journal_queue INCLUDING INDEXES);
"""
TRANSFER_COLUMNS = "id, phase, kind, legs, value_date, booked_at, request_hash"
ENTRY_COLUMNS = (
    "transfer_id, account_id, slot, currency, value_date, amount_fen, reserved_debit_fen, "
    "reserved_credit_fen, balance_fen, pending_debit_fen, pending_credit_fen, version"
)
BARE = f"""
WITH t AS (
  INSERT INTO peer_transfer ({TRANSFER_COLUMNS})
  VALUES (%(id)s, 'single', 'bench', 2, %(day)s, %(now)s, %(hash)s)
)
INSERT INTO peer_entry ({ENTRY_COLUMNS})
VALUES (%(id)s, %(debit)s, 0, 'CNY', %(day)s, 5, 0, 0, 5, 0, 0, %(version)s),
  (%(id)s, %(credit)s, 0, 'CNY', %(day)s, -5, 0, 0, -5, 0, 0, %(version)s)
"""
SAME_ROWS = BARE.replace(
    "WITH t AS (",
    """WITH l AS (
  INSERT INTO peer_leaf (id, kind, hash, written_at)
  VALUES (%(id)s, 'transfer', %(hash)s, %(now)s)
), q AS (
  INSERT INTO peer_queue (leaf_id) VALUES (%(id)s)
), t AS (""",
)


def peer_row(accounts: list[uuid.UUID], version: int) -> dict[str, object]:
    """The values of one plain posting."""
    debit, credit = random.sample(accounts, 2)
    return {"id": new_id(), "day": DAY, "now": NOW, "hash": b"x" * 32, "debit": debit,
            "credit": credit, "version": version}  # fmt: skip


def raw() -> Any:
    """The psycopg connection below Django's, allowed to prepare (Django forbids it by default)."""
    connection.ensure_connection()
    connection.connection.prepare_threshold = 5
    return connection.connection


class Bench:
    """The accounts of the run, and what a client does in each measurement."""

    def __init__(self) -> None:
        from honghu.kernel.ledger.commands import open_account, post_transfers
        from honghu.kernel.ledger.records import NewTransfer

        self.post_transfers = post_transfers
        self.new_transfer = NewTransfer
        self.cold = [
            open_account(id=new_id(), kind="loan_principal", now=NOW).id for _ in range(400)
        ]
        self.hot = open_account(id=new_id(), kind="treasury_clearing", now=NOW, slots=SLOTS).id
        self.locked = open_account(id=new_id(), kind="treasury_clearing", now=NOW).id

    def transfer(self, debit: uuid.UUID, credit: uuid.UUID) -> Any:
        """A posting of 5 fen."""
        return self.new_transfer(id=new_id(), debit_account_id=debit, credit_account_id=credit,
                                 amount_fen=5, value_date=DAY, kind="bench")  # fmt: skip

    def own(self, client: int) -> list[uuid.UUID]:
        """The accounts of one client: nobody else writes to them."""
        return self.cold[client * 50 : client * 50 + 50]

    def post(self, client: int) -> Work:
        """Postings between the client's own accounts."""
        own = self.own(client)
        return lambda: self.post_transfers([self.transfer(*random.sample(own, 2))], now=NOW)

    def post_to(self, account: uuid.UUID) -> Maker:
        """Postings between one account that all share and the client's own."""

        def maker(client: int) -> Work:
            own = self.own(client)
            return lambda: self.post_transfers(
                [self.transfer(account, random.choice(own))], now=NOW
            )

        return maker

    def batch(self, client: int) -> Work:
        """Batches of 1,000."""
        own = self.own(client)

        def work() -> None:
            self.post_transfers(
                [self.transfer(*random.sample(own, 2)) for _ in range(BATCH)], now=NOW
            )

        return work

    def insert(self, statement: str) -> Maker:
        """Plain inserts, one statement each."""

        def maker(client: int) -> Work:
            own, versions, below = self.own(client), itertools.count(random.getrandbits(40)), raw()
            return lambda: below.execute(statement, peer_row(own, next(versions)), prepare=True)

        return maker

    def executemany(self, statement: str) -> Maker:
        """1,000 plain inserts in one transaction, in psycopg's pipeline."""

        def maker(client: int) -> Work:
            own, versions, below = self.own(client), itertools.count(random.getrandbits(40)), raw()

            def work() -> None:
                rows = [peer_row(own, next(versions)) for _ in range(BATCH)]
                with below.transaction(), below.cursor() as cursor:
                    cursor.executemany(statement, rows)

            return work

        return maker

    def copy(self, client: int) -> Work:
        """1,000 transfers and 2,000 entries by COPY, in one transaction."""
        own, versions, below = self.own(client), itertools.count(random.getrandbits(40)), raw()

        def work() -> None:
            rows = [peer_row(own, next(versions)) for _ in range(BATCH)]
            with below.transaction(), below.cursor() as cursor:
                with cursor.copy(f"COPY peer_transfer ({TRANSFER_COLUMNS}) FROM STDIN") as into:
                    for row in rows:
                        into.write_row((row["id"], "single", "bench", 2, DAY, NOW, row["hash"]))
                with cursor.copy(f"COPY peer_entry ({ENTRY_COLUMNS}) FROM STDIN") as into:
                    for row in rows:
                        for side, amount in (("debit", 5), ("credit", -5)):
                            into.write_row((row["id"], row[side], 0, "CNY", DAY, amount, 0, 0,
                                            amount, 0, 0, row["version"]))  # fmt: skip

        return work


def hordak() -> Maker:
    """Postings of django-hordak between a client's own accounts."""
    account = importlib.import_module("hordak.models").Account
    money = importlib.import_module("moneyed").Money
    accounts = [
        [account.objects.create(name=f"{number}-{place}", type="AS", currencies=["CNY"])
         for place in range(10)]
        for number in range(CLIENTS)
    ]  # fmt: skip

    def maker(client: int) -> Work:
        def work() -> None:
            credited, debited = random.sample(accounts[client], 2)
            with transaction.atomic():
                credited.transfer_to(debited, money("0.05", "CNY"))

        return work

    return maker


def contender(maker: Maker, size: int = 1) -> Contender:
    """A client's work for `bench.rounds`; it does `size` things at a time."""

    def prepared(client: int) -> tuple[Callable[[], int], int]:
        work = maker(client)

        def done() -> int:
            work()
            return size

        return done, raw().info.backend_pid

    return prepared


def run(seconds: float, rounds: int) -> None:
    """All measurements."""
    from honghu.kernel.ledger.chart import load_chart
    from honghu.kernel.ledger.verify import verify

    load_chart()
    bench = Bench()
    peer = hordak() if apps.is_installed("hordak") else None
    for clients in (1, CLIENTS):
        singles = {
            "post_transfers": bench.post,
            "plain insert, same rows": bench.insert(SAME_ROWS),
            "plain insert, bare": bench.insert(BARE),
        } | ({"django-hordak": peer} if peer else {})
        compare(
            f"postings one by one, {clients} client{'s' if clients > 1 else ''}",
            {name: contender(maker) for name, maker in singles.items()},
            clients=clients,
            seconds=seconds,
            rounds=rounds,
        )
    batches = {
        "post_transfers": bench.batch,
        "executemany, same rows": bench.executemany(SAME_ROWS),
        "executemany, bare": bench.executemany(BARE),
        "COPY, bare": bench.copy,
    }
    compare(
        f"batches of {BATCH:,}, 1 client",
        {name: contender(maker, BATCH) for name, maker in batches.items()},
        clients=1,
        seconds=seconds,
        rounds=rounds,
    )
    accounts = {
        f"hot account, {SLOTS} slots": bench.post_to(bench.hot),
        "cold accounts, none shared": bench.post,
        "the same account with one slot": bench.post_to(bench.locked),
    }
    compare(
        f"one account for {CLIENTS} clients",
        {name: contender(maker) for name, maker in accounts.items()},
        clients=CLIENTS,
        seconds=seconds,
        rounds=rounds,
    )
    began = time.perf_counter()
    report = verify()
    took = time.perf_counter() - began
    say(
        f"verify: {report.transfers:,} transfers, {report.entries:,} entries in {took:.1f} s, "
        f"{len(report.faults)} faults"
    )
    if report.faults:
        sys.exit(1)


def main() -> None:
    """Run all measurements on a server of their own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with installation("bench.peers.ledger_settings"):
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute(PEER_TABLES)
            cursor.execute(
                "GRANT ALL ON peer_transfer, peer_entry, peer_leaf, peer_queue TO honghu_app"
            )
        connection.close()
        run(options.seconds, options.rounds)


if __name__ == "__main__":
    main()
