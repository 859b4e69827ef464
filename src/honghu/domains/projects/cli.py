"""`honghu projects`: what a new day brings."""

import typer
from django.utils import timezone
from django.utils.translation import gettext as _

from honghu.domains.projects.commands import begin_day

app = typer.Typer(no_args_is_help=True, help="Key projects: the work of a day.")


@app.callback()
def group() -> None:
    """Key projects: the work of a day."""


@app.command()
def day() -> None:
    """Raise artefacts that are missing before a gate as issues; lift overdue issues one step."""
    raised, climbed = begin_day(now=timezone.now())
    typer.echo(
        _("{raised} missing artefacts raised, {climbed} issues escalated").format(
            raised=raised, climbed=climbed
        )
    )
