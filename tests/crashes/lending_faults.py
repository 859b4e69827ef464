"""Broken lending workloads: what the storm must notice."""

import contextlib
import datetime as dt
import time
import uuid
from collections.abc import Iterator
from typing import Any
from unittest import mock

from django.db import DatabaseError, IntegrityError, connection, transaction

from honghu.base.problems import Conflict, HonghuError
from honghu.domains.lending.commands import booking, disbursing, reversals
from honghu.kernel.ledger.commands import post_transfers
from tests.crashes.workload import Request, World
from tests.crashes.workloads.lending import LendingWorkload


class LostRollback:
    """In the place of Django's `transaction`: what came before a refusal is kept."""

    @staticmethod
    @contextlib.contextmanager
    def atomic() -> Iterator[None]:
        """Commit, then refuse; what the database itself refuses cannot be kept."""
        refused: HonghuError | None = None
        with transaction.atomic():
            try:
                yield
            except HonghuError as refusal:
                if isinstance(refusal.__cause__, DatabaseError):
                    raise
                refused = refusal
        if refused is not None:
            raise refused


class LostRollbacks(LendingWorkload):
    """Commands that keep what came before a refusal: of those that write before they refuse."""

    weights = {"disburse": 4, "pay": 4, "reserve": 8, "resolve": 10, "reverse": 10}

    def perform(self, world: World, request: Request, now: dt.datetime) -> Any:
        """As ever, but for that."""
        with contextlib.ExitStack() as patches:
            for module in (booking, disbursing, reversals):
                with contextlib.suppress(AttributeError):
                    patches.enter_context(mock.patch.object(module, "transaction", LostRollback))
            return super().perform(world, request, now)


class TwoTransactions(LendingWorkload):
    """What is posted is committed before the loan and its event are written."""

    def perform(self, world: World, request: Request, now: dt.datetime) -> Any:
        """As ever, but for that."""

        def at_once(*asked: Any, **options: Any) -> Any:
            posted = post_transfers(*asked, **options)
            connection.connection.commit()
            time.sleep(0.01)
            return posted

        with mock.patch.object(booking, "post_transfers", at_once):
            try:
                return super().perform(world, request, now)
            except IntegrityError as error:
                # The constraints notice what is left of the first half, too.
                raise Conflict(str(error)) from error


class NewKeys(LendingWorkload):
    """Keys made at each delivery instead of by the client, once."""

    def key(self, request: Request) -> str:
        """The request's id, with something new."""
        return f"{request['id']}:{uuid.uuid4()}"


class EarlyAnswer(LendingWorkload):
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
LENDING_FAULTS: dict[str, tuple[LendingWorkload, str]] = {
    "no transaction": (TwoTransactions(), "half done"),
    "no unique id": (NewKeys(), "booked twice"),
    "lost rollback": (LostRollbacks(), "left something"),
    "answer before commit": (EarlyAnswer(), "is lost"),
}
