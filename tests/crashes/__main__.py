"""A storm from the command line: python -m tests.crashes --kills 1000; prints the result as JSON.

A process of its own, because it forks and kills: it must hold no connection and no thread.
"""

import argparse
import dataclasses
import json
import logging
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import django

FAULT_KILLS = 12


def main() -> None:
    """Run the storm, then the planted faults if wanted; everything in a folder that is removed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=15)
    parser.add_argument("--workloads", nargs="+", default=["ledger", "cases", "journal"])
    parser.add_argument("--faults", action="store_true", help="Run the planted faults too.")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    # A short path, for the server's socket stands in it.
    with tempfile.TemporaryDirectory(prefix="storm", ignore_cleanup_errors=True) as folder:
        os.environ["HONGHU_HOME"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "honghu.site.settings"
        os.environ.pop("DATABASE_URL", None)
        django.setup()
        result = run(Path(folder), options)
    json.dump(result, sys.stdout, indent=1)
    sys.stdout.write("\n")


def run(home: Path, options: argparse.Namespace) -> dict[str, Any]:
    """The storm on all workloads, verified through the command line's own checks."""
    from django.conf import settings

    from tests.crashes.faults import FAULTS
    from tests.crashes.server import Server
    from tests.crashes.storm import Storm, planned
    from tests.crashes.worker import in_child
    from tests.crashes.workloads import WORKLOADS

    logging.disable(logging.INFO)
    # The sample people's passwords are of no interest here, and a slow hash is.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    began = time.monotonic()
    server = Server(home)
    try:
        in_child(migrate)
        server.copy("honghu", "storm")
        chosen = {name: WORKLOADS[name] for name in options.workloads}
        storm = Storm(server, "storm", chosen, seed=options.seed)
        ready = time.monotonic()
        outcome = storm.run(planned(options.kills, random.Random(options.seed)))  # noqa: S311
        result = dataclasses.asdict(outcome) | {
            "complaints": outcome.complaints + in_child(lambda: verified("storm")),
            "seconds_to_prepare": ready - began,
        }
        if options.faults:
            result["faults"] = {}
            for name, (fault, words) in FAULTS.items():
                database = name.replace(" ", "_")
                server.copy("honghu", database)
                # One worker: a fault that keeps a transaction open would only block the others.
                broken = Storm(server, database, {"ledger": fault}, seed=options.seed, workers=1)
                told = broken.run(["worker"] * FAULT_KILLS)
                result["faults"][name] = [each for each in told.complaints if words in each]
        result["seconds_in_all"] = time.monotonic() - began
        return result
    finally:
        server.stop()


def migrate() -> None:
    """The schema, in a child process."""
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0, interactive=False)
    connection.close()


def verified(database: str) -> list[str]:
    """What `honghu journal sequence`, `checkpoint`, `verify` and `honghu ledger verify` complain of."""
    from django.db import connection
    from typer.testing import CliRunner

    from honghu.cli import journal, ledger

    connection.settings_dict["NAME"] = database
    told = []
    for app, command in (
        (journal.app, "sequence"),
        (journal.app, "checkpoint"),
        (journal.app, "verify"),
        (ledger.app, "verify"),
    ):
        result = CliRunner().invoke(app, [command])
        if result.exit_code:
            told.append(f"{command}: {result.output} {result.exception!r}")
    connection.close()
    return told


if __name__ == "__main__":
    main()
