"""`honghu ledger`: check the ledger, export it, bring in the chart of accounts."""

from pathlib import Path
from typing import Annotated

import typer
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import Progress

from honghu.base.problems import HonghuError
from honghu.kernel.ledger.chart import load_chart, read_chart
from honghu.kernel.ledger.export import beancount_lines
from honghu.kernel.ledger.verify import verify as replay

app = typer.Typer(no_args_is_help=True, help="Check and export the ledger; load its chart.")


@app.command()
def verify() -> None:
    """Replay every entry and compare balances, versions, hashes and journal leaves; exit 1 on faults."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(_("Replaying the ledger"), total=None)
        report = replay(lambda done, total: bar.update(task, completed=done, total=total))
    for fault in report.faults:
        typer.echo(f"{fault.code}: {fault.place}: {fault.message}")
    typer.echo(
        _("%(accounts)d accounts, %(transfers)d transfers, %(entries)d entries: %(faults)d faults")
        % {
            "accounts": report.accounts,
            "transfers": report.transfers,
            "entries": report.entries,
            "faults": len(report.faults),
        }
    )
    if report.faults:
        raise typer.Exit(1)


@app.command()
def export(
    out: Annotated[
        Path | None, typer.Option(help="File to write; standard output if left out.")
    ] = None,
) -> None:
    """Write the ledger as a Beancount file, with balances to be checked."""
    if out is None:
        for line in beancount_lines():
            typer.echo(line)
        return
    # Written beside and moved, so that a failure leaves no half file under the name.
    partial = out.with_name(out.name + ".part")
    with partial.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in beancount_lines())
    partial.replace(out)


@app.command()
def chart(
    file: Annotated[
        Path | None, typer.Argument(help="YAML chart; the built-in one if left out.")
    ] = None,
) -> None:
    """Bring the chart of accounts into the database; names may change, types and sides may not."""
    try:
        lines = None if file is None else read_chart(file.read_text(encoding="utf-8"))
        written = load_chart(lines)
    except (HonghuError, OSError, UnicodeDecodeError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    typer.echo(_("%(lines)d lines of the chart were written") % {"lines": written})
