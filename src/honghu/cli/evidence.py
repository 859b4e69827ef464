"""`honghu evidence`: whether the storage still holds every file as it was received."""

import typer
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from honghu.kernel.evidence.queries import verify_storage

app = typer.Typer(no_args_is_help=True, help="The files behind the cases.")


@app.callback()
def group() -> None:
    """Keep `verify` a command of its own while it is the only one."""


@app.command()
def verify() -> None:
    """Read every file again and compare it with its hash; exit 1 if one is lost or altered."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task(_("Files read"), total=None)
        report = verify_storage(
            progress=lambda done, total: bar.update(task, completed=done, total=total)
        )
    for fault in report.faults:
        typer.echo(f"{fault.sha256}  {fault.problem}")
    typer.echo(
        _("%(files)d files, %(bytes)d bytes read; %(faults)d faults.")
        % {"files": report.files, "bytes": report.bytes_read, "faults": len(report.faults)}
    )
    if report.faults:
        typer.echo(_("Restore what is lost or altered from the backup."), err=True)
        raise typer.Exit(1)
