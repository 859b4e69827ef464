"""Benchmark of lists: python -m bench.cases [--cases 10000 100000 1000000] [--requests 100]
[--quick].

Grows one register to each of these sizes (rows by COPY, indexes built afterwards) and asks the API
for lists of a hundred in many ways, the whole request in one process: token, query, JSON. Prints
p50, p99 and the number of queries at each size, side by side.
`--quick` is 10,000 cases and few requests, a matter of seconds.
"""

import dataclasses
import datetime as dt
import sys
import uuid
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.asked import Ask, measure, report, sizes_and_requests
from bench.crowd import BANKS, COMMON, MIDDLE, RARE, REGISTER, SELDOM, Scene, load
from bench.scratch import installation

OFFICE, SUPPLIER, BANK = "bench-office", "bench-supplier", "bench-bank"
WAYS: dict[str, tuple[str, dict[str, str]]] = {
    "office, the latest changed": (OFFICE, {}),
    "office, the first changed": (OFFICE, {"sort": "changed_at"}),
    "office, by due time": (OFFICE, {"sort": "due_at"}),
    "office, the latest due": (OFFICE, {"sort": "-due_at"}),
    "office, the latest opened": (OFFICE, {"sort": "-opened_at"}),
    "office, by number": (OFFICE, {"sort": "number"}),
    "office, open, by due time": (OFFICE, {"open": "true", "sort": "due_at"}),
    "office, one state": (OFFICE, {"state": "frozen"}),
    "office, one state, by due time": (OFFICE, {"state": "quoting", "sort": "due_at"}),
    "office, red light": (OFFICE, {"light": "red"}),
    "office, amber light, by due time": (OFFICE, {"light": "amber", "sort": "due_at"}),
    "office, green light, by due time": (OFFICE, {"light": "green", "sort": "due_at"}),
    "office, a word in every case": (OFFICE, {"text": "采购"}),
    "office, a word in one of 50": (OFFICE, {"text": COMMON}),
    "office, a word in one of 200": (OFFICE, {"text": MIDDLE}),
    "office, a word in one of 5,000": (OFFICE, {"text": RARE}),
    "office, a word in none": (OFFICE, {"text": "龟繁鳖"}),
    "office, a character in many": (OFFICE, {"text": "水"}),
    "office, a character in few": (OFFICE, {"text": SELDOM}),
    "office, a word and a state": (OFFICE, {"text": COMMON, "state": "quoting"}),
    "office, a word of old cases alone": (OFFICE, {"text": "融申-2025"}),
    "office, the 90th page": (OFFICE, {"page": "90"}),
    "supplier, its own cases": (SUPPLIER, {}),
    "supplier, its own, by due time": (SUPPLIER, {"sort": "due_at"}),
    "supplier, its own, a word": (SUPPLIER, {"text": "采购"}),
    "bank, its own cases": (BANK, {}),
    "bank, its own, by due time": (BANK, {"sort": "due_at"}),
    "bank, its own, a word in one of 50": (BANK, {"text": COMMON}),
}


@dataclasses.dataclass(frozen=True, slots=True)
class People:
    """Tokens and actors by name, and the organisations that are asked about."""

    secrets: dict[str, str]
    organisations: dict[str, uuid.UUID]


def ways(people: People, now: dt.datetime) -> dict[str, Ask]:
    """What is asked, each way as something to call. Raises RuntimeError for a refusal."""
    from django.test import Client

    from honghu.kernel.cases.queries import CaseFilter, iterate_cases, list_cases
    from honghu.kernel.cases.turns import count_my_work, my_work
    from honghu.kernel.parties.actor import SYSTEM, Actor

    register = _register()

    def by_api(who: str, query: dict[str, str]) -> Ask:
        secret = people.secrets[who]
        client = Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {secret}"})

        def ask() -> None:
            address = f"/api/v1/registers/{REGISTER}/cases"
            response = client.get(address, {"page_size": "100"} | query)
            if response.status_code != 200:
                raise RuntimeError(response.content.decode())

        return ask

    def deep(wanted: CaseFilter) -> Ask:
        place = None
        for page in range(1, 31):
            found = list_cases(
                register,
                actor=SYSTEM,
                now=now,
                wanted=wanted,
                page=page,
                page_size=200,
                after=place,
            )
            place = found.next or place
        return lambda: list_cases(
            register, actor=SYSTEM, now=now, wanted=wanted, page=61, page_size=100, after=place
        )

    def actor(name: str, role: str) -> Actor:
        organisation = people.organisations[name]
        return Actor(uuid.UUID(int=1), organisation, frozenset({role}), "x", "y")

    def work(who: Actor) -> Ask:
        return lambda: (my_work(actor=who, now=now, limit=100), count_my_work(actor=who))

    def stream() -> int:
        rows = iterate_cases(register, actor=SYSTEM, now=now)
        return sum(1 for _row, _number in zip(rows, range(1_000), strict=False))

    found = {name: by_api(*way) for name, way in WAYS.items()}
    found["behind the 6,000th row, by place"] = deep(CaseFilter())
    found["the same among a common word"] = deep(CaseFilter(text="采购"))
    found["an organisation's, asked by an office"] = lambda: list_cases(
        register, actor=SYSTEM, now=now, wanted=CaseFilter(organisation_id=BANKS[1]), page_size=100
    )
    found["a field's value in one of 30"] = lambda: list_cases(
        register,
        actor=SYSTEM,
        now=now,
        wanted=CaseFilter(facts={"tenor_months": 12}),
        page_size=100,
    )
    found["office, my work and its count"] = work(actor(OFFICE, "procurement_office"))
    found["supplier, my work and its count"] = work(actor(SUPPLIER, "supplier"))
    found["bank, my work and its count"] = work(actor(BANK, "bank_manager"))
    found["export, the first 1,000 rows"] = stream
    return found


def main() -> None:
    """Grow, ask in every way, print."""
    sizes, requests = sizes_and_requests(__doc__, requests=100, quick=10)
    with installation():
        from django.utils import timezone

        now = timezone.now()
        people = _people(now)
        own = people.organisations
        scene = Scene(now, _register().version, own[SUPPLIER], own[BANK], BANKS[7])
        found, held = [], 0
        for size in sizes:
            load(held + 1, size, scene)
            held = size
            found.append(measure(ways(people, now), requests))
        report("ms, of a hundred rows", sizes, found)


def _register() -> Any:
    from honghu.kernel.registers.queries import get_register

    return get_register(REGISTER)


def _people(now: dt.datetime) -> People:
    from honghu.kernel.parties.tokens import issue_token
    from honghu.site.county import ensure_organisation, settle, settle_county

    settle_county(now=now)
    organisations = {
        OFFICE: ensure_organisation("基准局", "office", now=now),
        SUPPLIER: ensure_organisation("基准供应商", "enterprise", now=now),
        BANK: ensure_organisation("基准银行", "bank", now=now),
    }
    settle(OFFICE, "甲", organisations[OFFICE], ("procurement_office",), now=now)
    settle(SUPPLIER, "乙", organisations[SUPPLIER], ("supplier",), now=now)
    settle(BANK, "丙", organisations[BANK], ("bank_manager",), now=now)

    def issue(name: str) -> str:
        until = now + dt.timedelta(days=1)
        return issue_token(username=name, label="bench", now=now, expires_at=until).secret

    return People({name: issue(name) for name in organisations}, organisations)


if __name__ == "__main__":
    main()
