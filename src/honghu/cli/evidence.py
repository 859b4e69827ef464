"""`honghu evidence`: whether the storage still holds every file, and erasing one by law."""

from typing import Annotated

import typer
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from honghu.cli.terminal import acting, refusals
from honghu.kernel.evidence.commands import erase_evidence
from honghu.kernel.evidence.queries import uses_of_evidence, verify_storage

app = typer.Typer(no_args_is_help=True, help="The files behind the cases.")


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


@app.command()
def erase(
    sha256: Annotated[str, typer.Argument(help="SHA-256 of the file, as its case page tells it.")],
    reason: Annotated[str, typer.Option(help="The request, and the article of the law.")],
    by: Annotated[str, typer.Option(help="Sign-in name of the person who answers for it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,  # noqa: FBT002
) -> None:
    """Delete the bytes of a file and the names it had; its hash, its uses and the reason stay.

    For requests by law (个人信息保护法第四十七条). It cannot be undone.
    """
    with refusals():
        actor = acting(by)
        cases = {use.case_id for use in uses_of_evidence(sha256) if use.case_id is not None}
        said = _("The file serves %(count)d cases. Erase it for good?") % {"count": len(cases)}
        if not yes:
            typer.confirm(said, abort=True)
        erase_evidence(sha256=sha256, reason=reason, actor=actor, now=timezone.now())
    typer.echo(_("Erased: %(sha256)s.") % {"sha256": sha256})
