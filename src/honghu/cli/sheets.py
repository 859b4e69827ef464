"""`honghu registers import | export | template`: lists of cases as Excel files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from honghu.cli.terminal import acting, refusals
from honghu.kernel.registers.queries import get_register
from honghu.kernel.sheets.commands import accept_import, check_import, continue_import
from honghu.kernel.sheets.exports import export_cases
from honghu.kernel.sheets.queries import import_rows, marked_workbook, template_workbook
from honghu.kernel.sheets.rows import RunRow
from honghu.kernel.sheets.targets import import_target

_SHOWN = 50

RegisterCode = Annotated[str, typer.Option("--register", help="Code of the register.")]
User = Annotated[str, typer.Option("--as", help="Sign-in name of the person who acts.")]


def import_list(
    file: Annotated[Path, typer.Argument(help="The list (.xlsx).", exists=True, dir_okay=False)],
    register: RegisterCode,
    user: User,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only; open nothing.")] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="Open the good rows although others are faulty.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Also rows that say what a case says already.")
    ] = False,
    marked: Annotated[
        Path | None, typer.Option(help="Write the faulty rows, marked, to this workbook.")
    ] = None,
) -> None:
    """Bring a list into a register: checked first, a case for each good row, none twice."""
    now = timezone.now()
    with refusals():
        actor = acting(user)
        with _progress("check") as told:
            run = check_import(
                file,
                filename=file.name,
                register=get_register(register),
                actor=actor,
                now=now,
                again=again,
                progress=told,
            )
        _report(run)
        if marked is not None and run.faulty:
            marked.write_bytes(marked_workbook(run, actor=actor))
        if dry_run:
            raise typer.Exit(1 if run.faulty else 0)
        accept_import(run.id, actor=actor, now=now, partial=partial)
        with _progress("open", run.good) as told:
            run = continue_import(run.id, actor=actor, now=now, progress=told)
    typer.echo(f"{run.opened} opened, {run.repeated} left out as repeated, {run.refused} refused")
    for row in import_rows(run, ("refused",), limit=_SHOWN):
        for fault in row.faults:
            typer.echo(f"  row {row.number}: {fault.message}", err=True)
    if run.refused:
        raise typer.Exit(1)


def export_list(
    file: Annotated[Path, typer.Argument(help="Where to write (.xlsx).", dir_okay=False)],
    register: RegisterCode,
    user: User,
) -> None:
    """Write the cases that a person may see, in the columns of the register's list."""
    with refusals():
        declared, actor = get_register(register), acting(user)
        columns = dict.fromkeys(
            ("number", *(declared.listing.filed or declared.listing.columns or ("title", "state")))
        )
        with _progress("write") as told, file.open("wb") as target:
            count = export_cases(
                target,
                declared,
                actor=actor,
                now=timezone.now(),
                columns=tuple(columns),
                progress=told,
            )
    typer.echo(f"{file}: {count} cases")


def write_blank(
    file: Annotated[Path, typer.Argument(help="Where to write (.xlsx).", dir_okay=False)],
    register: RegisterCode,
    user: User,
) -> None:
    """Write the empty workbook that officials fill in for a register."""
    with refusals():
        target = import_target(get_register(register), actor=acting(user))
    file.write_bytes(template_workbook(target))
    typer.echo(str(file))


def _report(run: RunRow) -> None:
    typer.echo(f"{run.total} rows: {run.good} good, {run.faulty} faulty, {run.repeated} repeated")
    for row in import_rows(run, ("faulty",), limit=_SHOWN):
        for fault in row.faults:
            typer.echo(f"  {fault.cell}: {fault.message}", err=True)
    if run.faulty > _SHOWN:
        typer.echo(f"  … {run.faulty - _SHOWN} more rows; --marked writes them all", err=True)


class _Told:
    """Called with how many are done; moves the bar."""

    def __init__(self, bar: Progress, label: str, total: int | None) -> None:
        self._bar, self._task = bar, bar.add_task(label, total=total)

    def __call__(self, done: int) -> None:
        """Move the bar."""
        self._bar.update(self._task, completed=done)


@contextmanager
def _progress(label: str, total: int | None = None) -> Iterator[_Told]:
    """A bar on the error stream, so that the output stays what can be read on."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as bar:
        yield _Told(bar, label, total)
