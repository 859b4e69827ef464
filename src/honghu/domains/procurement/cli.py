"""Command line of the procurement domain: read notices, and measure the reader."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from honghu.domains.procurement.readers import (
    Notice,
    Reading,
    UnreadableNoticeError,
    read_notice,
)
from honghu.domains.procurement.readers.evaluation import Evaluation, Score, cases, evaluate
from honghu.domains.procurement.readers.page import MAX_BYTES
from honghu.domains.procurement.readers.records import LATER_KEYS, NOTICE_KEYS, notice_record

app = typer.Typer(
    name="procurement",
    help="Government procurement notices: read them, and measure how well they are read.",
    no_args_is_help=True,
)
_MARKS = {"value": "", "absent": "[dim]—[/dim]", "review": "[yellow]?[/yellow] "}


@app.command()
def read(
    files: Annotated[
        list[Path], typer.Argument(help="Notice files (.txt or .html; UTF-8 or GB18030).")
    ],
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object per line instead of tables.")
    ] = False,
) -> None:
    """Read procurement notices: award, correction, contract, termination, pre-award, candidate.

    Every field is stated with its place in the file, absent, or marked for review by a person.
    A file that is no such notice has kind "unknown". Files that cannot be read are reported on
    standard error and make the exit status 1; the others are still read.
    """
    failed = False
    console = Console()
    for path in files:
        try:
            notice = read_notice(_content(path), name=str(path))
        except UnreadableNoticeError as error:
            failed = True
            typer.echo(f"error: {error}", err=True)
            continue
        if as_json:
            typer.echo(json.dumps(notice_record(notice), ensure_ascii=False))
        else:
            _show(console, notice)
    if failed:
        raise typer.Exit(1)


def _content(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise UnreadableNoticeError("missing", f"{path}: a folder; name the files in it")
        if path.stat().st_size > MAX_BYTES:
            size = path.stat().st_size
            raise UnreadableNoticeError(
                "too_large", f"{path}: {size} bytes; a notice has at most {MAX_BYTES}"
            )
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or "cannot be opened"
        raise UnreadableNoticeError("missing", f"{path}: {reason}") from error


def _cell(reading: Reading) -> str:
    if reading.state == "absent":
        return _MARKS["absent"]
    shown = reading.value if reading.value is not None else ""
    why = f" [dim]({reading.why})[/dim]" if reading.state == "review" else ""
    return f"{_MARKS[reading.state]}{shown}{why}"


def _show(console: Console, notice: Notice) -> None:
    table = Table(title=f"{notice.file}  {notice.title or ''}", title_justify="left")
    table.add_column("field")
    table.add_column("value")
    for key in (*NOTICE_KEYS, *LATER_KEYS):
        reading = getattr(notice, key)
        if reading.state != "absent":
            table.add_row(key, _cell(reading))
    for reason in notice.reasons:
        table.add_row("reason", reason)
    console.print(table)
    if not notice.lots:
        return
    lots = Table()
    for head in ("lot", "supplier", "amount (yuan)", "rate %", "status"):
        lots.add_column(head)
    for lot in notice.lots:
        rate = _cell(lot.rate)
        if lot.rate_kind.value is not None:
            rate += f" {lot.rate_kind.value}"
        lots.add_row(
            _cell(lot.lot), _cell(lot.supplier), _cell(lot.amount), rate, _cell(lot.status)
        )
    console.print(lots)


@app.command("evaluate")
def evaluate_folder(
    folder: Annotated[
        Path,
        typer.Argument(
            help="Folder of NNN.txt or NNN.html with NNN.json.", exists=True, file_okay=False
        ),
    ],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of tables.")] = False,
    misses: Annotated[
        bool, typer.Option("--misses", help="Also list every difference from the truth.")
    ] = False,
) -> None:
    """Compare the reader with hand-typed truth: precision, recall, wrong amounts stated."""
    pairs = cases(folder)
    if not pairs:
        typer.echo(f"error: {folder}: no notice with a truth file beside it", err=True)
        raise typer.Exit(1)
    evaluation = Evaluation()
    columns = (TextColumn("reading notices"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("notices", total=len(pairs))
        for step in evaluate(pairs):
            evaluation = step
            progress.advance(task)
    if as_json:
        typer.echo(json.dumps(evaluation.record(), ensure_ascii=False))
        return
    _show_evaluation(Console(), evaluation)
    if misses:
        for miss in evaluation.misses:
            typer.echo(json.dumps(miss, ensure_ascii=False))


def _show_evaluation(console: Console, evaluation: Evaluation) -> None:
    table = Table(title=f"{evaluation.notices} notices")
    table.add_column("field")
    for head in ("in truth", "stated", "correct", "review (right)", "precision", "recall"):
        table.add_column(head, justify="right")
    for name, score in evaluation.fields.items():
        _score_row(table, name, score)
    _score_row(table, "lot {supplier, amount|rate, status}", evaluation.lots)
    _score_row(table, "lot label", evaluation.lot_labels)
    console.print(table)
    wrong = evaluation.wrong_amounts
    console.print(f"wrong amounts stated: {len(wrong)}", style="red" if wrong else "green")
    for item in wrong:
        console.print(f"  {item['file']} {item['field']}: {item['read']} (truth {item['truth']})")
    for problem in evaluation.unreadable:
        console.print(f"unreadable: {problem}", style="red")


def _score_row(table: Table, name: str, score: Score) -> None:
    table.add_row(
        name,
        str(score.truths),
        str(score.stated),
        str(score.correct),
        f"{score.review} ({score.review_correct})",
        _percent(score.precision),
        _percent(score.recall),
    )


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.1%}"
