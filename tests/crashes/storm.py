"""The storm: clients that never give up, and a hand that kills what serves them."""

import dataclasses
import datetime as dt
import os
import random
import signal
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from tests.crashes.server import Server, wait_until_gone
from tests.crashes.worker import FORK, prepare, work
from tests.crashes.workload import START, History, Request, Workload, World

WORKERS = 3
WINDOW = 4
"""Requests on their way to one worker."""
AGAIN = 0.06
"""How often a request that was answered is delivered once more."""
PATIENCE_SECONDS = 120.0
LONGEST_COMMAND_SECONDS = 0.2
KINDS = {"worker": 0.9, "backend": 0.08, "server": 0.01, "server at once": 0.01}


@dataclasses.dataclass
class Hand:
    """A worker process as the driver knows it."""

    process: BaseProcess
    pipe: Connection
    backend: int | None = None
    sent: dict[str, Request] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Outcome:
    """What a storm came to."""

    complaints: list[str]
    kills: dict[str, int]
    done: int
    refused: int
    delivered: int
    seconds: float


class Storm:
    """One run on one database. The order of everything but the kills' effect follows the seed."""

    def __init__(
        self,
        server: Server,
        database: str,
        workloads: Mapping[str, Workload],
        *,
        seed: int,
        workers: int = WORKERS,
    ) -> None:
        self.server, self.database, self.workloads = server, database, workloads
        self.workers = workers
        self.chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.worlds: dict[str, World] = {
            name: prepare(database, each, START) for name, each in workloads.items()
        }
        self.fresh: dict[str, Iterator[Request]] = {
            name: each.requests(self.worlds[name], self.chance) for name, each in workloads.items()
        }
        self.histories = {name: History() for name in workloads}
        self.undelivered: deque[Request] = deque()
        self.hands: list[Hand] = []
        self.told: list[str] = []
        self.kills: Counter[str] = Counter()
        self.delivered = 0

    def run(self, plan: list[str]) -> Outcome:
        """Work under the kills of the plan, finish what was asked for, and look at what is left."""
        began = time.monotonic()
        self.hands = [self._hired() for _ in range(self.workers)]
        for kind in plan:
            since, answers = time.monotonic(), self.chance.randint(1, 12)
            self._work(for_answers=answers)
            # Anywhere within a command, not only where an answer has just come in.
            command_seconds = (time.monotonic() - since) * self.workers / answers
            time.sleep(self.chance.random() * min(command_seconds, LONGEST_COMMAND_SECONDS))
            self._kill(kind)
        self._finish()
        with self.server.connect(self.database) as reader:
            for name, each in self.workloads.items():
                self.told += each.complaints(reader, self.worlds[name], self.histories[name])
        done, refused = (
            sum(len(getattr(each, what)) for each in self.histories.values())
            for what in ("done", "refused")
        )
        took = time.monotonic() - began
        return Outcome(self.told, dict(self.kills), done, refused, self.delivered, took)

    # Work

    def _work(self, for_answers: int) -> None:
        """Keep all hands busy until so many answers have come."""
        answered, last = 0, time.monotonic() + PATIENCE_SECONDS
        while answered < for_answers:
            for hand in self.hands:
                while len(hand.sent) < WINDOW and self._deliver(hand, self._next()):
                    pass
            answered += self._listen(self.hands)
            if time.monotonic() > last:
                message = f"no answer for {PATIENCE_SECONDS} seconds"
                raise TimeoutError(message)

    def _finish(self) -> None:
        """Deliver until everything is answered, then send the hands home."""
        last = time.monotonic() + PATIENCE_SECONDS
        while self.undelivered or any(hand.sent for hand in self.hands):
            for hand in self.hands:
                while self.undelivered and len(hand.sent) < WINDOW:
                    if not self._deliver(hand, self.undelivered.popleft()):
                        break
            self._listen(self.hands)
            if time.monotonic() > last:
                message = f"requests without an answer for {PATIENCE_SECONDS} seconds"
                raise TimeoutError(message)
        for hand in self.hands:
            hand.pipe.send((None, None))
            hand.process.join(timeout=PATIENCE_SECONDS)

    def _next(self) -> Request:
        """What was not answered first; then new requests, and some that were answered before."""
        if self.undelivered:
            return self.undelivered.popleft()
        name = self.chance.choice(list(self.workloads))
        history = self.histories[name]
        if history.done and self.chance.random() < AGAIN:
            recent = list(history.done)[-200:]
            return history.requests[self.chance.choice(recent)]
        request = {"workload": name, **next(self.fresh[name])}
        history.requests[request["id"]] = request
        return request

    def _deliver(self, hand: Hand, request: Request) -> bool:
        """Send it; false if this hand has it already. Two hands may well have the same request."""
        if request["id"] in hand.sent:
            self.undelivered.append(request)
            return False
        hand.sent[request["id"]] = request
        hand.pipe.send((request, START + dt.timedelta(seconds=self.delivered)))
        self.delivered += 1
        return True

    def _listen(self, hands: list[Hand]) -> int:
        """Take in what the hands say; how many answers there were."""
        count = 0
        ready = wait([hand.pipe for hand in hands], timeout=1.0)
        for hand in [each for each in hands if each.pipe in ready]:
            try:
                while hand.pipe.poll():
                    count += self._hear(hand, hand.pipe.recv())
            except (EOFError, ConnectionResetError):
                hand.process.join()
                message = f"a worker ended by itself (status {hand.process.exitcode})"
                raise RuntimeError(message) from None
        return count

    def _hear(self, hand: Hand, word: tuple[Any, ...]) -> int:
        """One word of a worker: 1 if it answers a request."""
        if word[0] == "backend":
            hand.backend = word[1]
            return 0
        kind, request_id, answer = word
        request = hand.sent.pop(request_id)
        history = self.histories[request["workload"]]
        if kind == "lost":
            self._doubt([request])
            return 0
        if kind == "done":
            first = history.done.setdefault(request_id, answer)
            history.refused.pop(request_id, None)
            if first != answer:
                self.told.append(f"{request['workload']}: {request_id} was answered differently")
        elif request_id in history.done:
            self.told.append(
                f"{request['workload']}: {request_id} was done, then refused: {answer}"
            )
        else:
            history.refused[request_id] = answer
        return 1

    # Kills

    def _kill(self, kind: str) -> None:
        self.kills[kind] += 1
        if kind == "worker":
            self._kill_worker()
        elif kind == "backend":
            backends = [hand.backend for hand in self.hands if hand.backend is not None]
            victim = self.chance.choice(backends)
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                return
            wait_until_gone(victim)
        else:
            self.server.kill(signal.SIGKILL if kind == "server" else signal.SIGQUIT)

    def _kill_worker(self) -> None:
        """Kill one, take in what it had still said, and have another do the rest."""
        hand = self.hands.pop(self.chance.randrange(len(self.hands)))
        os.kill(hand.process.pid or 0, signal.SIGKILL)
        hand.process.join()
        try:
            while True:
                self._hear(hand, hand.pipe.recv())
        except (EOFError, ConnectionResetError):
            hand.pipe.close()
        self._doubt(list(hand.sent.values()))
        self.hands.append(self._hired())

    def _doubt(self, requests: list[Request]) -> None:
        """Requests without an answer: whole or not there, and delivered again."""
        if not requests:
            return
        with self.server.connect(self.database) as reader:
            for name, each in self.workloads.items():
                mine = [request for request in requests if request["workload"] == name]
                self.told += each.half_done(reader, mine) if mine else []
        for request in requests:
            self.histories[request["workload"]].doubtful.add(request["id"])
            self.undelivered.append(request)

    def _hired(self) -> Hand:
        here, there = FORK.Pipe()
        others = [each.pipe for each in self.hands]

        def run() -> None:
            here.close()
            # A pipe ends only when nobody holds its other end any more.
            for pipe in others:
                pipe.close()
            work(self.database, self.workloads, self.worlds, there)

        process = FORK.Process(target=run)
        process.start()
        there.close()
        return Hand(process, here)


def planned(kills: int, chance: random.Random) -> list[str]:
    """So many kills, of workers mostly; at least one of each kind."""
    once = list(KINDS)[:kills]
    rest = chance.choices(list(KINDS), list(KINDS.values()), k=kills - len(once))
    plan = once + rest
    chance.shuffle(plan)
    return plan
