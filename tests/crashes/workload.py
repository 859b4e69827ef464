"""What a storm needs to know about a kind of command, and what it keeps of a run.

To add a workload: write `workloads/<name>.py` with a class of these five methods and a constant
`WORKLOAD = YourClass()`; name it in `workloads/__init__.py`. All a workload hands on (world,
requests, answers) is plain JSON values, for they cross process borders.
"""

import dataclasses
import datetime as dt
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import psycopg

START = dt.datetime(2026, 6, 1, 1, 0, tzinfo=dt.UTC)

Request = Mapping[str, Any]
"""A command to be carried out; `id` is the client's own and stays the same at each delivery."""
World = Mapping[str, Any]
Reader = psycopg.Connection[Any]


@dataclasses.dataclass
class History:
    """What the clients know: every request that was sent, and what was answered.

    `doubtful` are those whose first delivery got no answer: if a later one was refused, the first
    may still have been carried out.
    """

    requests: dict[str, Request] = dataclasses.field(default_factory=dict)
    done: dict[str, Any] = dataclasses.field(default_factory=dict)
    refused: dict[str, str] = dataclasses.field(default_factory=dict)
    doubtful: set[str] = dataclasses.field(default_factory=set)

    def certainly_refused(self) -> list[str]:
        """Requests of which nothing may be left."""
        return [each for each in self.refused if each not in self.doubtful]


class Workload(Protocol):
    """A kind of command under load. `prepare` and `perform` run in child processes."""

    def prepare(self, now: dt.datetime) -> World:
        """Make what the commands need (accounts, people), once, before the storm."""

    def requests(self, world: World, chance: random.Random) -> Iterator[Request]:
        """Requests without end. Those that will be refused are welcome too."""

    def perform(self, world: World, request: Request, now: dt.datetime) -> Any:
        """Carry the request out and commit; the answer, the same for the same request again.

        Raises HonghuError for a refusal. Whatever it returns is acknowledged to the client.
        """

    def half_done(self, reader: Reader, requests: Sequence[Request]) -> list[str]:
        """Complaints about requests that were cut off: each must be there wholly or not at all."""

    def complaints(self, reader: Reader, world: World, history: History) -> list[str]:
        """After the storm: what was lost, done twice, left by a refusal, or does not add up."""
