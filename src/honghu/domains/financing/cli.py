"""`honghu financing`: how many notices tell suppliers of contract financing."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from honghu.domains.financing.queries.coverage import CoverageRow
from honghu.domains.financing.queries.coverage import coverage as coverage_by_month
from honghu.domains.procurement.readers import UnreadableNoticeError
from honghu.domains.procurement.readers.policy_channel import policy_channel

app = typer.Typer(no_args_is_help=True, help="Contract financing: reports.")
_SUFFIXES = {".txt", ".html", ".htm"}


@app.callback()
def group() -> None:
    """Contract financing: reports."""


@app.command()
def coverage(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Pages of tender or award notices; else the filed award notices."),
    ] = None,
    *,
    from_date: Annotated[
        dt.datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")
    ] = None,
    to_date: Annotated[
        dt.datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day; today.")
    ] = None,
) -> None:
    """The share of notices that print the channel of contract financing, by month.

    With a folder, each page is named with what was found and where.
    """
    if folder is not None:
        _pages(folder)
        return
    last = to_date.date() if to_date else timezone.localdate()
    first = from_date.date() if from_date else last.replace(month=1, day=1)
    _show(coverage_by_month(from_date=first, to_date=last))


def _show(rows: list[CoverageRow]) -> None:
    table = Table()
    heads = (_("Month"), _("Notices"), _("Printed"), _("In doubt"), _("Absent"), _("Share"))
    for head in heads:
        table.add_column(head, justify="right")
    for row in rows:
        share = "—" if row.share is None else f"{row.share:.1%}"
        counts = (row.notices, row.stated, row.review, row.absent)
        table.add_row(f"{row.month:%Y-%m}", *map(str, counts), share)
    Console().print(table)


def _pages(folder: Path) -> None:
    """Say of each page what it prints, and of all the share."""
    if not folder.is_dir():
        typer.echo(_("honghu: there is no folder {folder}").format(folder=folder), err=True)
        raise typer.Exit(1)
    stated = pages = 0
    for path in sorted(each for each in folder.iterdir() if each.suffix.lower() in _SUFFIXES):
        try:
            reading = policy_channel(path.read_bytes(), name=path.name)
        except (UnreadableNoticeError, OSError) as error:
            typer.echo(f"{path.name}: {error}", err=True)
            continue
        pages += 1
        stated += reading.state == "value"
        span = f" {reading.span[0]}-{reading.span[1]}" if reading.span else ""
        typer.echo(f"{path.name}: {reading.state}{span} {reading.value or ''}".rstrip())
    typer.echo(_("{stated} of {pages} print the channel").format(stated=stated, pages=pages))
