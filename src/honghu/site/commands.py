"""Commands of the installation itself: migrate, serve."""

import typer
from django.core.management import call_command


def migrate() -> None:
    """Bring the database to this version's schema."""
    call_command("migrate", verbosity=1, interactive=False)


def makemigrations() -> None:
    """Write migrations for changed models (for developers)."""
    call_command("makemigrations")


def add_to(app: typer.Typer) -> None:
    """Put the installation's commands on the command line."""
    app.command()(migrate)
    app.command(hidden=True)(makemigrations)
