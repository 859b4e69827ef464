"""`honghu supervision`: what a new day brings."""

import typer
from django.utils import timezone
from django.utils.translation import gettext as _

from honghu.domains.supervision.commands import begin_day

app = typer.Typer(no_args_is_help=True, help="Supervision: the work of a day.")


@app.callback()
def group() -> None:
    """Supervision: the work of a day."""


@app.command()
def day() -> None:
    """Send the reminders and slips that are due today."""
    typer.echo(_("{count} slips sent").format(count=begin_day(now=timezone.now())))
