"""Benchmark of the journal: python -m bench.journal [--leaves 10000] [--before 100000].

Uses a database server of its own in a temporary folder. Prints one line per measurement.
"""

import argparse
import datetime as dt
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.scratch import installation
from django.db import connection, transaction

from honghu.kernel.journal import commands, leaves, merkle, queries, sources
from honghu.kernel.journal.checkpoint import Signer
from honghu.kernel.journal.receipt import verify_receipt
from honghu.kernel.journal.verify import verify_log

NOW = dt.datetime(2026, 6, 1, 1, 0, tzinfo=dt.UTC)
KIND = "bench"


def measure(what: str, count: int, work: Callable[[], Any]) -> Any:
    """Run `work` once and print how many of `count` things it did in a second."""
    started = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - started
    rate = f"{count / seconds:>12,.0f}/s" if count > 1 else " " * 14
    sys.stdout.write(f"{what:<58}{seconds * 1000:>11,.1f} ms{rate}\n")
    return result


def pure() -> None:
    """Hashing without a database."""
    million = [number.to_bytes(32, "big") for number in range(1_000_000)]
    measure("root of 1,000,000 leaf hashes, SHA-256", 1_000_000, lambda: merkle.root(million))
    hashes = million[:100_000]
    measure(
        "root of 100,000 leaf hashes, SM3", 100_000, lambda: merkle.root(hashes, hash_name="sm3")
    )
    key, payload = uuid.UUID(int=1), b"x" * 500
    measure(
        "leaf hashes of 500 bytes",
        100_000,
        lambda: [leaves.leaf_hash(KIND, key, NOW, payload) for _ in range(100_000)],
    )


def write(first: int, count: int) -> None:
    """Queue leaves in one transaction, as a bulk import does."""
    rows = [(uuid.UUID(int=number), b"%d" % number) for number in range(first, first + count)]
    with transaction.atomic(), connection.cursor() as cursor:
        leaves.append_leaves(cursor, KIND, rows, NOW)


def sequence_all() -> None:
    """Call the sequencer until nothing is queued."""
    while commands.sequence(now=NOW):
        pass


class Numbers:
    """The rows that `write` recorded, made again instead of read from a table."""

    table = "bench"

    def __init__(self, count: int) -> None:
        self.count = count

    def rows(self) -> Iterator[tuple[uuid.UUID, bytes]]:
        """All rows, ascending."""
        return ((uuid.UUID(int=number), b"%d" % number) for number in range(self.count))

    def get(self, leaf_id: uuid.UUID, /) -> bytes:
        """One row."""
        return b"%d" % leaf_id.int


def database(count: int, before: int) -> None:
    """Writing, sequencing, proving and verifying."""

    signer = Signer.generate("honghu.local/journal")
    sources.register_source(KIND, Numbers(before + 2 * count))
    measure("write leaves in one transaction", count, lambda: write(0, count))
    measure("sequence them, log empty", count, sequence_all)
    write(count, before)
    measure("sequence a backlog", before, sequence_all)
    write(count + before, count)
    measure(f"sequence {count:,} leaves, log of {before:,}", count, sequence_all)
    measure("sign a checkpoint", 1, lambda: commands.sign_checkpoint(now=NOW, signer=signer))
    vkey = signer.verifier.vkey
    keys = [uuid.UUID(int=number) for number in range(0, count, count // 200)]
    receipts = measure("receipts", len(keys), lambda: [queries.receipt(key) for key in keys])
    verdicts = measure(
        "verify receipts", len(keys), lambda: [verify_receipt(each, vkey) for each in receipts]
    )
    report = measure("verify the whole log", before + 2 * count, lambda: verify_log(vkeys=[vkey]))
    if not all(verdict.valid for verdict in verdicts) or report.fault_count:
        sys.exit(f"the log does not verify: {report}")


def main() -> None:
    """Run all measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leaves", type=int, default=10_000)
    parser.add_argument("--before", type=int, default=100_000)
    options = parser.parse_args()
    with installation():
        pure()
        database(options.leaves, options.before)


if __name__ == "__main__":
    main()
