"""Broken ledger workloads: what the storm must notice, each a mistake that is easily made."""

import dataclasses
import datetime as dt
import uuid
from typing import Any

from django.db import transaction

from honghu.base.problems import HonghuError
from honghu.kernel.ledger.commands import post_transfers
from honghu.kernel.ledger.records import NewTransfer, PostedTransfer
from tests.crashes.workload import Request, World
from tests.crashes.workloads.ledger import LedgerWorkload


class Broken(LedgerWorkload):
    """Mostly moves, where most can go wrong: few kills must do."""

    weights = (20, 1, 1, 1, 1, 0, 0, 0)


class NoTransaction(Broken):
    """Two postings that belong together, each committed by itself."""

    def move(self, request: Request, now: dt.datetime) -> list[PostedTransfer]:
        """Without `transaction.atomic`."""
        first, second = self.transfers(request)
        return post_transfers([first], now=now) + post_transfers([second], now=now)


class NewIds(Broken):
    """Ids made at each delivery instead of by the client, once."""

    def transfers(self, request: Request) -> list[NewTransfer]:
        """The same legs under other ids."""
        return [dataclasses.replace(each, id=uuid.uuid4()) for each in super().transfers(request)]


class LostRollback(Broken):
    """A refusal that is caught inside the transaction, which then commits what came before."""

    def move(self, request: Request, now: dt.datetime) -> list[PostedTransfer]:
        """The first leg stays when the second is refused."""
        first, second = self.transfers(request)
        refused: HonghuError | None = None
        with transaction.atomic():
            done = post_transfers([first], now=now)
            try:
                with transaction.atomic():
                    done += post_transfers([second], now=now)
            except HonghuError as refusal:
                refused = refusal
        if refused is not None:
            raise refused
        return done


class EarlyAnswer(Broken):
    """An answer before the commit, which comes with every fifth request only."""

    def __init__(self) -> None:
        self.uncommitted = 0

    def perform(self, world: World, request: Request, now: dt.datetime) -> Any:
        """Do this one, and leave it open mostly."""
        if transaction.get_autocommit():
            transaction.set_autocommit(False)
        self.uncommitted += 1
        if self.uncommitted % 5 == 0:
            transaction.commit()
        with transaction.atomic():
            return super().perform(world, request, now)


# Each with the words of the complaint it must earn.
FAULTS: dict[str, tuple[Broken, str]] = {
    "no transaction": (NoTransaction(), "half done"),
    "no unique id": (NewIds(), "posted twice"),
    "lost rollback": (LostRollback(), "left something"),
    "answer before commit": (EarlyAnswer(), "is lost"),
}
