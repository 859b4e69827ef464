"""Case actions under storm: forth and back on a few cases, every key delivered until it is answered."""

# ruff: noqa: ARG002  the signatures are those of the protocol
import datetime as dt
import random
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from bench.county import found, open_cases

from honghu.kernel.cases.commands import perform
from honghu.kernel.parties.queries import get_actor
from tests.crashes.workload import History, Reader, Request, World

CASES = 4
_STEPS = """
SELECT k.key, count(s.id), count(l.id) FROM cases_idempotencykey k
LEFT JOIN cases_step s ON s.id = k.step_id LEFT JOIN journal_leaf l ON l.id = s.id
WHERE k.key = ANY(%s) GROUP BY k.key
"""
_CHAINS = """
SELECT c.id FROM cases_case c LEFT JOIN cases_step s ON s.case_id = c.id
GROUP BY c.id HAVING count(s.id) <> c.version OR max(s.sequence) <> c.version
"""


class CasesWorkload:
    """A worker hands cases on, a checker hands them back; the wrong turn is refused."""

    def prepare(self, now: dt.datetime) -> World:
        """The benchmark's register, its two people, a few cases."""
        worker, checker = found(now)
        return {
            "forward": [str(worker.person_id), str(worker.organisation_id)],
            "back": [str(checker.person_id), str(checker.organisation_id)],
            "cases": [str(each) for each in open_cases(worker, CASES, now)],
        }

    def requests(self, world: World, chance: random.Random) -> Iterator[Request]:
        """Either action on any case."""
        while True:
            yield {
                "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
                "case": chance.choice(world["cases"]),
                "action": chance.choice(["forward", "back"]),
            }

    def perform(self, world: World, request: Request, now: dt.datetime) -> Any:
        """One action under the request's id as its key."""
        person, organisation = map(uuid.UUID, world[request["action"]])
        actor = get_actor(person_id=person, organisation_id=organisation, on=now.date())
        done = perform(
            uuid.UUID(request["case"]),
            request["action"],
            actor=actor,
            now=now,
            idempotency_key=request["id"],
            form={"remark": "核对"},
        )
        return [str(done.step_id), done.state, done.version]

    def half_done(self, reader: Reader, requests: Sequence[Request]) -> list[str]:
        """A key that is claimed has its step, and the step its leaf."""
        rows = reader.execute(_STEPS, [[each["id"] for each in requests]]).fetchall()
        return [f"cases: {key} is half done" for key, *parts in rows if parts != [1, 1]]

    def complaints(self, reader: Reader, world: World, history: History) -> list[str]:
        """One step for each acknowledged key, none for a refused one; versions count the steps."""
        steps = {row[0] for row in reader.execute(_STEPS, [list(history.requests)]).fetchall()}
        told = [f"cases: acknowledged {each} is lost" for each in history.done if each not in steps]
        told += [
            f"cases: refused {each} left a key"
            for each in history.certainly_refused()
            if each in steps
        ]
        answers = [answer[0] for answer in history.done.values()]
        if len(set(answers)) < len(answers):
            told.append("cases: two requests were answered with one step")
        count = reader.execute(
            "SELECT count(*) FROM cases_step WHERE register = 'bench' AND action <> 'open'"
        ).fetchone()
        assert count is not None
        if count[0] != len(steps):
            told.append(f"cases: {count[0]} steps for {len(steps)} requests")
        rows = reader.execute(_CHAINS).fetchall()
        return told + [f"cases: {row[0]} has not the steps of its version" for row in rows]


WORKLOAD = CasesWorkload()
