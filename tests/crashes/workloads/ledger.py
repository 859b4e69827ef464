"""Ledger commands under storm: postings in one and in several statements, reservations, reversals.

Each transfer carries its request's id as `step_id`, so that the check finds what a request left
without trusting the ids of the transfers, which are what is being tested.
"""

# ruff: noqa: ARG002  the signatures are those of the protocol
import datetime as dt
import random
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import transaction

from honghu.kernel.ledger.chart import load_chart
from honghu.kernel.ledger.commands import (
    create_pending,
    expire_pendings,
    open_account,
    post_transfers,
    resolve_pending,
    reverse_transfer,
    void_pending,
)
from honghu.kernel.ledger.records import NewTransfer, PostedTransfer
from tests.crashes.workload import START, History, Reader, Request, World

DAY = dt.date(2026, 6, 1)
SUPPLIERS = 3
TRANSFERS_OF = {"move": 2, "linked": 2, "post": 1, "reserve": 1, "resolve": 1, "void": 1,
                "reverse": 1, "expire": 0}  # fmt: skip
_FOUND = """
SELECT step_id::text, count(*) FROM ledger_transfer
WHERE step_id = ANY(%s::uuid[]) AND phase <> 'expired' GROUP BY step_id
"""
_NETS = """
SELECT account_id::text, sum(amount_fen)::bigint FROM ledger_entry
WHERE account_id = ANY(%s::uuid[]) GROUP BY account_id HAVING sum(amount_fen) <> 0
"""


class LedgerWorkload:
    """A bank lends to suppliers who may not be overdrawn; one account is hot."""

    weights: Sequence[int] = (6, 3, 4, 4, 3, 1, 2, 1)

    def prepare(self, now: dt.datetime) -> World:
        """The chart and the accounts."""
        load_chart()

        # In the order in which `move` locks them: other orders would only make more deadlocks.
        ids = iter(sorted(uuid.uuid4() for _ in range(3 + SUPPLIERS)))

        def opened(kind: str, **options: Any) -> str:
            return str(open_account(id=next(ids), kind=kind, now=now, **options).id)

        return {
            "bank": opened("bank_funds"),
            "loan": opened("loan_principal"),
            "hot": opened("treasury_clearing", slots=4),
            "suppliers": [opened("supplier_account", min_fen=0) for _ in range(SUPPLIERS)],
        }

    def requests(self, world: World, chance: random.Random) -> Iterator[Request]:
        """Mostly money in, some out (often too much), reservations and what becomes of them."""
        reserved: list[Request] = []
        posted: list[Request] = []
        while True:
            request = self._request(world, chance, reserved, posted)
            if request["kind"] == "reserve":
                reserved.append(request)
            elif request["kind"] == "post":
                posted.append(request)
            yield request

    def _request(
        self, world: World, chance: random.Random, reserved: list[Request], posted: list[Request]
    ) -> Request:
        kind = chance.choices(list(TRANSFERS_OF), self.weights)[0]
        amount = chance.randint(1, 500)
        supplier = chance.choice(world["suppliers"])
        new: dict[str, Any] = {
            "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            "kind": kind,
            "amount": amount,
        }
        if kind in {"resolve", "void"} and reserved:
            of = reserved.pop(0) if chance.random() < 0.8 else chance.choice(reserved)
            part = chance.randint(1, of["amount"])
            legs = [(of["legs"][0][0], of["legs"][0][1], part)] if kind == "resolve" else []
            return new | {"of": of["id"], "amount": part, "legs": legs}
        if kind == "reverse" and posted:
            of = chance.choice(posted)
            return new | {"of": of["id"], "legs": [(c, d, a) for d, c, a in of["legs"]]}
        if kind == "expire":
            return new | {"legs": []}
        if kind not in {"move", "linked", "reserve"}:
            debit, credit = chance.choice([("hot", "loan"), ("loan", "hot")])
            return new | {"kind": "post", "legs": [(world[debit], world[credit], amount)]}
        into = (world["loan"], supplier, amount)
        if kind == "reserve":
            # A part of the request, not of the delivery: the same at each.
            expires_at = START + dt.timedelta(seconds=chance.choice([200, 2_000, 20_000]))
            return new | {"legs": [into], "expires_at": expires_at.isoformat()}
        # Out of the supplier's account, which may hold less: then the first leg must go too.
        out = (supplier, world["loan"], amount * chance.choice([1, 20]))
        legs = [(world["hot"], world["bank"], 1), into if chance.random() < 0.6 else out]
        return new | {"legs": legs}

    def perform(self, world: World, request: Request, now: dt.datetime) -> Any:
        """One command, or two in one transaction (`move`)."""
        done: Sequence[PostedTransfer]
        match request["kind"]:
            case "move":
                done = self.move(request, now)
            case "linked":
                done = post_transfers(
                    self.transfers(request), now=now, link_id=self.made(request, "link")
                )
            case "post":
                done = post_transfers(self.transfers(request), now=now)
            case "reserve":
                (wanted,) = self.transfers(request)
                expires_at = dt.datetime.fromisoformat(request["expires_at"])
                done = [create_pending(wanted, now=now, expires_at=expires_at)]
            case "expire":
                expire_pendings(now=now)
                return None
            case _:
                done = [self.afterwards(request, now)]
        return [self.shown(each) for each in done]

    def move(self, request: Request, now: dt.datetime) -> list[PostedTransfer]:
        """Two calls that stand or fall together because the transaction is one."""
        first, second = self.transfers(request)
        with transaction.atomic():
            return post_transfers([first], now=now) + post_transfers([second], now=now)

    def afterwards(self, request: Request, now: dt.datetime) -> PostedTransfer:
        """What becomes of an earlier request's transfer: posted in part, voided, reversed."""
        earlier = self.made({"id": request["of"]}, "0")
        own: dict[str, Any] = {
            "id": self.made(request, "0"),
            "now": now,
            "step_id": uuid.UUID(request["id"]),
        }
        if request["kind"] == "resolve":
            return resolve_pending(earlier, amount_fen=request["amount"], **own)
        if request["kind"] == "void":
            return void_pending(earlier, **own)
        return reverse_transfer(earlier, value_date=DAY, **own)

    def transfers(self, request: Request) -> list[NewTransfer]:
        """The transfers of a request; their ids follow from its own."""
        return [
            NewTransfer(
                id=self.made(request, str(place)),
                debit_account_id=uuid.UUID(debit),
                credit_account_id=uuid.UUID(credit),
                amount_fen=amount,
                value_date=DAY,
                kind=request["kind"],
                step_id=uuid.UUID(request["id"]),
            )
            for place, (debit, credit, amount) in enumerate(request["legs"])
        ]

    made: Callable[..., uuid.UUID] = staticmethod(
        lambda request, part: uuid.uuid5(uuid.UUID(request["id"]), part)
    )

    @staticmethod
    def shown(posted: PostedTransfer) -> list[Any]:
        """What the client is told; the same for a replay."""
        entries = [[str(entry[0]), *entry[1:]] for entry in posted.entries]
        return [str(posted.id), posted.booked_at.isoformat(), entries]

    def half_done(self, reader: Reader, requests: Sequence[Request]) -> list[str]:
        """All transfers of a request, or none, whenever one looks."""
        found = dict(reader.execute(_FOUND, [[each["id"] for each in requests]]).fetchall())
        return [
            f"ledger: {each['kind']} {each['id']} is half done"
            for each in requests
            if 0 < found.get(each["id"], 0) < TRANSFERS_OF[each["kind"]]
        ]

    def complaints(self, reader: Reader, world: World, history: History) -> list[str]:
        """Each request once or not at all, as it was answered; the sums are those of the requests."""
        found = dict(reader.execute(_FOUND, [list(history.requests)]).fetchall())
        told = []
        for each in history.done:
            wanted = TRANSFERS_OF[history.requests[each]["kind"]]
            if found.get(each, 0) < wanted:
                told.append(f"ledger: acknowledged {each} is lost")
            elif found.get(each, 0) > wanted:
                told.append(f"ledger: {each} was posted twice")
        told += [f"ledger: refused {each} left something" for each in history.certainly_refused()
                 if found.get(each)]  # fmt: skip
        nets: Counter[str] = Counter()
        for request_id, request in history.requests.items():
            if found.get(request_id) and request["kind"] != "reserve":
                for debit, credit, amount in request["legs"]:
                    nets[debit] += amount
                    nets[credit] -= amount
        # Other workloads of the storm have accounts of their own.
        own = [world["bank"], world["loan"], world["hot"], *world["suppliers"]]
        stored = dict(reader.execute(_NETS, [own]).fetchall())
        wanted_nets = {account: net for account, net in nets.items() if net}
        if sum(stored.values()) or stored != wanted_nets:
            told.append(f"ledger: balances {stored}, of the requests {wanted_nets}")
        return told


WORKLOAD = LedgerWorkload()
