"""The `honghu` command: the toolkit's commands and each module's own."""

import importlib
import os
import sys

import django
import typer

from honghu.site.modules import MODULES

KERNEL_COMMANDS = ("registers", "journal", "ledger")


def build() -> typer.Typer:
    """Assemble the command line from `honghu.cli.*` and each module's `cli.py`, if it has one."""
    app = typer.Typer(no_args_is_help=True, help="洪湖 Honghu: the operating platform of a county.")
    sites = importlib.import_module("honghu.site.commands")
    sites.add_to(app)
    for name in KERNEL_COMMANDS:
        app.add_typer(importlib.import_module(f"honghu.cli.{name}").app, name=name)
    for module in MODULES:
        if importlib.util.find_spec(f"{module}.cli") is not None:
            commands = importlib.import_module(f"{module}.cli")
            app.add_typer(commands.app, name=module.rpartition(".")[2])
    return app


def main() -> None:
    """Entry point of the console script."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "honghu.site.settings")
    django.setup()
    sys.exit(build()())
