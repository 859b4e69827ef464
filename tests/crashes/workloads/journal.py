"""The journal's sequencer and signer, killed like everybody else; `journal verify` judges them."""

# ruff: noqa: ARG002  the signatures are those of the protocol
import datetime as dt
import random
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from honghu.kernel.journal.commands import sequence, sign_checkpoint
from honghu.kernel.journal.keys import load_signer
from tests.crashes.workload import History, Reader, Request, World


class JournalWorkload:
    """Small batches, so that many are cut off; now and then a signature."""

    def prepare(self, now: dt.datetime) -> World:
        """Make the key before several processes want it."""
        load_signer()
        return {}

    def requests(self, world: World, chance: random.Random) -> Iterator[Request]:
        """Batches of one to forty leaves."""
        while True:
            yield {
                "id": str(uuid.UUID(int=chance.getrandbits(128))),
                "leaves": chance.randint(1, 40),
                "sign": chance.random() < 0.3,
            }

    def perform(self, world: World, request: Request, now: dt.datetime) -> Any:
        """Give places to the next leaves. The answer is nothing: another delivery does more."""
        sequence(now=now, batch_size=request["leaves"])
        if request["sign"]:
            sign_checkpoint(now=now, signer=load_signer())

    def half_done(self, reader: Reader, requests: Sequence[Request]) -> list[str]:
        """A leaf that left the queue has its place, and the places have no gap."""
        found = reader.execute("SELECT count(*), max(position) + 1 FROM journal_entry").fetchone()
        assert found is not None
        if found[1] is not None and found[0] != found[1]:
            return [f"journal: {found[0]} entries on {found[1]} places"]
        return []

    def complaints(self, reader: Reader, world: World, history: History) -> list[str]:
        """Every leaf has a place or waits for one, never both."""
        rows = reader.execute(
            """SELECT l.id FROM journal_leaf l LEFT JOIN journal_entry e ON e.leaf_id = l.id
            LEFT JOIN journal_queue q ON q.leaf_id = l.id
            WHERE (e.leaf_id IS NULL) = (q.leaf_id IS NULL)"""
        ).fetchall()
        return [f"journal: leaf {row[0]} is lost, or stands twice" for row in rows]


WORKLOAD = JournalWorkload()
