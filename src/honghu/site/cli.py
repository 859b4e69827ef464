"""The `honghu` command: the installation's own commands, the kernel's, and each module's."""

import datetime as dt
import importlib
import importlib.util
import os
import sys
import time
from pathlib import Path
from typing import Annotated

import django
import typer
from django.conf import settings
from django.core.management import call_command
from django.db import ProgrammingError, connection
from django.utils import timezone, translation
from psycopg.errors import UndefinedTable
from rich.console import Console

from honghu.kernel.journal.commands import sequence, sign_checkpoint
from honghu.kernel.journal.keys import load_signer
from honghu.site.modules import MODULES
from honghu.site.openapi import openapi

KERNEL_COMMANDS = (
    "people",
    "registers",
    "rules",
    "evidence",
    "map",
    "journal",
    "ledger",
    "tokens",
    "clients",
    "mail",
    "webhooks",
    "documents",
    "figures",
    "bulletin",
    "oversight",
)
WORK_SECONDS = 2.0
LATE_COMMIT = dt.timedelta(hours=1)
"""For so long a transaction may run and still have its reservation freed by a running `work`."""


def migrate() -> None:
    """Bring the database to this version: schema, chart of accounts, shipped rules and registers."""
    bring_up_to_date(verbosity=1)


def bring_up_to_date(*, verbosity: int = 0) -> None:
    """Migrate as the owner, then publish what this version ships; what stands already stays."""
    from honghu.kernel.ledger.chart import load_chart
    from honghu.kernel.modules.commands import publish_shipped

    call_command("migrate", verbosity=verbosity, interactive=False)
    connection.become_app()  # type: ignore[attr-defined]  # our own backend
    load_chart()
    publish_shipped(now=timezone.now())


def demo(
    notices: Annotated[
        Path | None,
        typer.Option(help="A folder of notices (.txt, .html) to run on as well.", file_okay=False),
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="Language of the tables, zh-hans or en; else that of LANG.")
    ] = None,
) -> None:
    """Run the main job on the shipped notices (and a folder): award to settled loan, with proof."""
    from honghu.site.demo import Demo

    bring_up_to_date()
    if notices is not None and not notices.is_dir():
        typer.echo(f"honghu: there is no folder {notices}; give one that holds notices", err=True)
        raise typer.Exit(1)
    with translation.override(language or terminal_language()):
        raise typer.Exit(Demo(now=timezone.now(), console=Console()).run(notices))


def work(
    *,
    once: Annotated[bool, typer.Option(help="Do what is waiting, then stop.")] = False,
) -> None:
    """Keep the journal in step, tell people and machines, bring accepted lists in, free reservations.

    New leaves get their places, checkpoints are signed, rows of accepted lists become cases,
    reservations whose time is over are freed; each module begins a new day.
    Steps are told of, deadlines reminded of, mails sent.
    """
    from honghu.kernel.ledger.commands import expire_pendings
    from honghu.kernel.sheets.commands import continue_imports
    from honghu.site import jobs

    if not once:
        jobs.keep_sending()
    reminded_at: dt.datetime | None = None
    signer = load_signer()
    freed_until: dt.datetime | None = None
    today: dt.date | None = None
    while True:
        began = timezone.now()
        if not expire_pendings(now=began, since=freed_until and freed_until - LATE_COMMIT):
            freed_until = began
        if today != timezone.localdate(began):
            (jobs.begin_day if once else jobs.begin_day_apart)()
            today = timezone.localdate(began)
        brought = continue_imports(now=timezone.now(), seconds=WORK_SECONDS)
        told = jobs.tell()
        if reminded_at is None or began - reminded_at >= jobs.REMIND_EVERY:
            jobs.remind_now()
            jobs.watch()
            reminded_at = began
        sent = jobs.send() if once else 0
        moved = sequence(now=timezone.now())
        if moved:
            sign_checkpoint(now=timezone.now(), signer=signer)
        elif once and not (brought or told or sent):
            return
        elif not (brought or told):
            time.sleep(WORK_SECONDS)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(help="Server processes.")] = 2,
) -> None:
    """Serve the desk and the API (granian), after bringing database and static files up to date."""
    from granian import Granian
    from granian.constants import Interfaces

    bring_up_to_date()
    call_command("collectstatic", verbosity=0, interactive=False)
    # The processes inherit it: each allows its share of the API's rate.
    os.environ["HONGHU_PROCESSES"] = str(workers)
    typer.echo(f"http://{host}:{port}  (data in {settings.HONGHU_HOME})")
    Granian(
        "honghu.site.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=8,
    ).serve()


def terminal_language() -> str:
    """The language that the terminal's locale asks for: Chinese for zh, else English."""
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    chosen = next((name for name in names if name), "")
    return "zh-hans" if chosen.startswith("zh") else "en"


def build() -> typer.Typer:
    """Assemble the command line from `honghu.cli.*` and each module's `cli.py`, if it has one."""
    app = typer.Typer(no_args_is_help=True, help="洪湖 Honghu: the operating platform of a county.")
    for command in (migrate, demo, work, serve, openapi):
        app.command()(command)
    for name in KERNEL_COMMANDS:
        app.add_typer(importlib.import_module(f"honghu.cli.{name}").app, name=name)
    app.add_typer(importlib.import_module("honghu.site.sample.cli").app, name="sample")
    groups = {"": app}
    for module in MODULES:
        if importlib.util.find_spec(f"{module}.cli") is not None:
            commands = importlib.import_module(f"{module}.cli")
            groups[module.rpartition(".")[2]] = commands.app
            parent, name = getattr(commands, "PLACE", ("", module.rpartition(".")[2]))
            groups[parent].add_typer(commands.app, name=name)
    return app


def main() -> None:
    """Entry point of the console script."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "honghu.site.settings")
    django.setup()
    translation.activate(terminal_language())
    command_line = build()
    try:
        command_line()
    except ProgrammingError as error:
        if not isinstance(error.__cause__, UndefinedTable):
            raise
        message = "error: the database has no tables of this version; run `honghu migrate` first"
        typer.echo(message, err=True)
        sys.exit(1)
