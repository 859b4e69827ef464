"""`honghu journal`: put leaves in order, sign, prove and verify the log."""

import json
import uuid
from pathlib import Path
from typing import Annotated

import typer
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from honghu.cli.terminal import refusals
from honghu.kernel.journal import commands, queries, verifier
from honghu.kernel.journal.faults import Fault
from honghu.kernel.journal.keys import load_signer
from honghu.kernel.journal.verify import VerifyReport, verify_log

app = typer.Typer(no_args_is_help=True, help="The append-only log: order, sign, prove, verify.")


@app.command()
def sequence(
    batch_size: Annotated[
        int, typer.Option(min=1, max=100_000, help="Leaves per transaction.")
    ] = commands.BATCH_SIZE,
) -> None:
    """Give every queued leaf its place in the log."""
    total = 0
    with refusals():
        while count := commands.sequence(now=timezone.now(), batch_size=batch_size):
            total += count
        size = queries.log_size()
    typer.echo(
        _("%(count)d leaves got their places; the log has %(size)d entries.")
        % {"count": total, "size": size}
    )


@app.command()
def checkpoint() -> None:
    """Sign the present state of the log and print the note."""
    with refusals():
        signed = commands.sign_checkpoint(now=timezone.now(), signer=load_signer())
    typer.echo(signed.note, nl=False)


@app.command()
def key() -> None:
    """Print the log's public key, which receipts and checkpoints are verified with."""
    with refusals():
        typer.echo(load_signer().verifier.vkey)


@app.command()
def receipt(
    leaf_id: Annotated[uuid.UUID, typer.Argument(metavar="ID", help="Id of the recorded row.")],
    *,
    content: Annotated[
        bool, typer.Option("--content/--no-content", help="Show the content, or its hash alone.")
    ] = True,
) -> None:
    """Print the receipt of a recorded row as JSON."""
    with refusals():
        made = queries.receipt(leaf_id, show_content=content)
    typer.echo(json.dumps(made, ensure_ascii=False, indent=2))


@app.command("verify-receipt")
def verify_receipt(
    file: Annotated[str, typer.Argument(help="The receipt, a JSON file; - reads standard input.")],
    vkey: Annotated[str, typer.Option("--key", help="Public key of the log: name+id+base64.")],
) -> None:
    """Verify a receipt offline; status 1 if it is not valid."""
    raise typer.Exit(verifier.main([file, "--key", vkey]))


@app.command()
def verify(
    vkeys: Annotated[
        list[str] | None,
        typer.Option(
            "--key",
            help="Public key that may have signed; this installation's own if not given. Repeatable.",
        ),
    ] = None,
    against: Annotated[
        list[Path] | None,
        typer.Option(exists=True, dir_okay=False, help="A checkpoint kept elsewhere. Repeatable."),
    ] = None,
) -> None:
    """Verify every leaf, entry, node and checkpoint against the data; status 1 if there is a fault."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with refusals(), Progress(*columns, console=console) as bar:
        task = bar.add_task(_("Verifying the log"), total=None)
        report = verify_log(
            vkeys=vkeys or [load_signer().verifier.vkey],
            witnessed=[path.read_text(encoding="utf-8") for path in against or ()],
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    _show(report)
    raise typer.Exit(1 if report.fault_count else 0)


def _show(report: VerifyReport) -> None:
    summary = _(
        "%(leaves)d leaves (%(pending)d not yet in the log), %(entries)d entries, "
        "%(checkpoints)d checkpoints"
    )
    typer.echo(
        summary
        % {
            "leaves": report.leaves,
            "pending": report.pending,
            "entries": report.entries,
            "checkpoints": report.checkpoints,
        }
    )
    state = _("root of the first %(size)d entries: %(root)s")
    typer.echo(state % {"size": report.size, "root": report.root.hex()})
    if not report.fault_count:
        typer.echo(_("No faults."))
        return
    typer.echo(_("Faults: %(count)d") % {"count": report.fault_count})
    # One line each, so that the list can be searched and counted.
    for fault in report.faults:
        typer.echo("  ".join(filter(None, (fault.code, *_place(fault), str(fault)))))
    rest = report.fault_count - len(report.faults)
    if rest:
        typer.echo(_("… and %(count)d more.") % {"count": rest})


def _place(fault: Fault) -> tuple[str, ...]:
    """Table, row id and positions of a fault, as far as it has them."""
    row = "" if fault.leaf_id is None else str(fault.leaf_id)
    if fault.first is None:
        return fault.table, row
    if fault.first == fault.last:
        return fault.table, row, _("position %(first)d") % {"first": fault.first}
    place = _("positions %(first)d to %(last)d") % {"first": fault.first, "last": fault.last}
    return fault.table, row, place
