"""One whole run: the storm, the checks of the command line, the planted faults."""

import argparse
import dataclasses
import logging
import random
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from typer.testing import CliRunner

from honghu.cli import journal, ledger
from honghu.domains.lending import cli as lending
from tests.crashes.faults import FAULTS
from tests.crashes.lending_faults import LENDING_FAULTS
from tests.crashes.server import Server
from tests.crashes.storm import Storm, planned
from tests.crashes.worker import in_child
from tests.crashes.workloads import WORKLOADS

FAULT_KILLS, FAULT_ROUNDS = 5, 4
"""A planted fault may stay unseen for so many kills, so many times; most are seen at once."""


def run(home: Path, options: argparse.Namespace) -> dict[str, Any]:
    """The storm on all workloads, verified through the command line's own checks."""
    logging.disable(logging.INFO)
    # The sample people's passwords are of no interest here, and a slow hash is.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    began = time.monotonic()
    server = Server(home)
    try:
        in_child(migrate)
        server.copy("honghu", "storm")
        chosen = {name: WORKLOADS[name] for name in options.workloads or WORKLOADS}
        storm = Storm(server, "storm", chosen, seed=options.seed)
        ready = time.monotonic()
        outcome = storm.run(planned(options.kills, random.Random(options.seed)))  # noqa: S311
        result = dataclasses.asdict(outcome) | {
            "complaints": outcome.complaints + in_child(lambda: verified("storm")),
            "seconds_to_prepare": ready - began,
        }
        if options.faults:
            result["faults"] = {}
            for kind, faults in (("ledger", FAULTS), ("lending", LENDING_FAULTS)):
                for name, (fault, words) in faults.items():
                    database = f"{kind}_{name.replace(' ', '_')}"
                    server.copy("honghu", database)
                    # One worker: a fault that keeps a transaction open would only block the others.
                    broken = Storm(server, database, {kind: fault}, seed=options.seed, workers=1)
                    result["faults"][f"{kind}: {name}"] = _seen(broken, words)
        result["seconds_in_all"] = time.monotonic() - began
        return result
    finally:
        server.stop()


def _seen(broken: Storm, words: str) -> list[str]:
    """The complaints with these words, of as few kills as bring one out."""
    for _round in range(FAULT_ROUNDS):
        told = broken.run(["worker"] * FAULT_KILLS).complaints
        if found := [each for each in told if words in each]:
            return found
    return []


def migrate() -> None:
    """The schema, in a child process."""
    call_command("migrate", verbosity=0, interactive=False)
    connection.close()


def verified(database: str) -> list[str]:
    """What the command line's own checks of journal, ledger and lending complain of."""
    connection.settings_dict["NAME"] = database
    told = []
    for app, command in (
        (journal.app, "sequence"),
        (journal.app, "checkpoint"),
        (journal.app, "verify"),
        (ledger.app, "verify"),
        (lending.app, "verify"),
    ):
        result = CliRunner().invoke(app, [command])
        if result.exit_code:
            told.append(f"{command}: {result.output} {result.exception!r}")
    connection.close()
    return told
