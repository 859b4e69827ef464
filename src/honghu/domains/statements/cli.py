"""`honghu financing statement`: a bank's files brought in, and what became of them."""

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Table

from honghu.base.money import MoneyError, parse_yuan
from honghu.cli.terminal import acting, fail, refusals
from honghu.domains.statements.commands.filing import continue_filing
from honghu.domains.statements.commands.importing import preview_statements, take_statements
from honghu.domains.statements.commands.terms import terms_of
from honghu.domains.statements.queries.statements import OUTCOMES, get_statement

PLACE = ("financing", "statement")
"""The group stands among the commands of financing, where people look for it."""

app = typer.Typer(no_args_is_help=True, help="Bank statements: camt.053 and CSV.")


@app.callback()
def group() -> None:
    """Bank statements: camt.053 and CSV."""


@app.command("import")
def import_file(
    file: Annotated[
        Path, typer.Argument(help="camt.053 or CSV of the bank.", exists=True, dir_okay=False)
    ],
    *,
    user: Annotated[str, typer.Option("--as", help="Sign-in name of the bank's person.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read it to its end; keep nothing.")
    ] = False,
    mapping: Annotated[str | None, typer.Option(help="How the bank's CSV is read.")] = None,
    account: Annotated[
        str | None, typer.Option(help="The account, where a CSV names none.")
    ] = None,
    opening: Annotated[str | None, typer.Option(help="Opening balance in yuan.")] = None,
    closing: Annotated[str | None, typer.Option(help="Closing balance in yuan.")] = None,
    from_date: Annotated[
        dt.datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")
    ] = None,
    to_date: Annotated[
        dt.datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.")
    ] = None,
    newest_first: Annotated[
        bool | None, typer.Option("--newest-first/--oldest-first", help="Order of a CSV.")
    ] = None,
) -> None:
    """Bring a bank's file in: kept whole or not at all, matched, filed. The same one again is nothing."""
    now = timezone.now()
    with refusals():
        actor = acting(user)
        terms = terms_of(
            actor,
            mapping=mapping,
            account_no=account,
            opening_fen=_fen(opening),
            closing_fen=_fen(closing),
            from_date=from_date.date() if from_date else None,
            to_date=to_date.date() if to_date else None,
            newest_first=newest_first,
        )
        with file.open("rb") as source:
            if dry_run:
                for each in preview_statements(
                    source, filename=file.name, actor=actor, now=now, terms=terms
                ):
                    _show(each.account_masked, each.entries, each.outcomes)
                return
            with _progress(_("Reading")) as told:
                taken = take_statements(
                    source, filename=file.name, actor=actor, now=now, terms=terms, progress=told
                )
        with _progress(_("Filing")) as told:
            for kept in taken:
                continue_filing(now=now, statement_id=kept.id, progress=told)
        for kept in taken:
            account_masked = get_statement(kept.id, actor=actor).account_masked
            if kept.is_new:
                _show(account_masked, kept.entries, kept.outcomes, gaps=len(kept.gaps))
            else:
                typer.echo(
                    _("{account}: kept already, nothing changed").format(account=account_masked)
                )


@contextlib.contextmanager
def _progress(label: str) -> Iterator[Callable[[int], None]]:
    columns = (SpinnerColumn(), TextColumn(label), TextColumn("{task.completed}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(label, total=None)
        yield lambda done: shown.update(task, completed=done)


def _show(account: str, entries: int, counts: Mapping[str, int], *, gaps: int = 0) -> None:
    table = Table(title=f"{account}: {entries}", title_justify="left")
    for name in (*OUTCOMES, "gaps"):
        table.add_column(name, justify="right")
    table.add_row(*(str(counts.get(name, 0)) for name in OUTCOMES), str(gaps))
    Console().print(table)


def _fen(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return parse_yuan(text)
    except MoneyError as error:
        fail(str(error))
