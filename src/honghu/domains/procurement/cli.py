"""Command line of procurement: read notices, measure the reader, exchange data by OCDS."""

import enum
import json
import sys
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from honghu.base.problems import HonghuError
from honghu.domains.procurement.commands.intake import (
    Filing,
    file_statements,
    merge_waiting,
    take_source,
)
from honghu.domains.procurement.commands.releases import publish_missing
from honghu.domains.procurement.queries import (
    get_record,
    list_issues,
    list_ocids,
    list_releases,
    package_of,
)
from honghu.domains.procurement.readers import (
    Notice,
    Reading,
    UnreadableNoticeError,
    read_notice,
)
from honghu.domains.procurement.readers.evaluation import Evaluation, Score, cases, evaluate
from honghu.domains.procurement.readers.page import MAX_BYTES
from honghu.domains.procurement.readers.records import LATER_KEYS, NOTICE_KEYS, notice_record
from honghu.kernel.parties.actor import SYSTEM

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


PAGE = 500


class Format(enum.StrEnum):
    """Forms of OCDS data."""

    RELEASES = "releases"
    RECORDS = "records"
    JSONL = "jsonl"


@app.command("import")
def import_files(
    files: Annotated[
        list[Path],
        typer.Argument(help="OCDS packages, JSON Lines (also .gz), folders of notices."),
    ],
    *,
    source: Annotated[
        str | None, typer.Option(help="Code of the source; recognised by the name if left out.")
    ] = None,
    keep_only: Annotated[
        bool, typer.Option("--keep-only", help="Keep the releases; file nothing yet.")
    ] = False,
) -> None:
    """Take in what other systems publish: a file is kept whole or not at all, and only once.

    Awards and contracts go through the gate of notices; what is in doubt waits for a person. What
    does not fit is listed, and kept: `honghu procurement issues`. May be interrupted and run again.
    """
    failed = False
    for path in files:
        now = timezone.now()
        try:
            taken = take_source(path, actor=SYSTEM, now=now, source=source)
        except HonghuError as error:
            failed = True
            typer.echo(f"honghu: {error}", err=True)
            continue
        typer.echo(
            _("{file}: {found} found, {added} new, {known} known, {issues} issues").format(
                file=path.name,
                found=taken.found,
                added=taken.added,
                known=taken.known,
                issues=taken.issues,
            )
        )
        if taken.issues:
            _show_issues(run_id=taken.run_id, process=None, limit=20)
        if not keep_only:
            _filed(file_statements(path, actor=SYSTEM, now=now, run_id=taken.run_id))
    if not keep_only:
        _filed(merge_waiting(actor=SYSTEM, now=timezone.now()))
    if failed:
        raise typer.Exit(1)


def _filed(results: Iterable[Filing]) -> None:
    """Show progress while statements are filed, then what came of them."""
    total = Filing()
    columns = (TextColumn(_("filing")), BarColumn(), TextColumn("{task.completed:.0f}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)
        for each in results:
            total += each
            progress.advance(task)
    if total != Filing():
        typer.echo(
            _(
                "{notices} filed or in review ({review} for a person), {unchanged} unchanged,"
                " {refused} refused"
            ).format(
                notices=total.notices,
                review=total.review,
                unchanged=total.unchanged,
                refused=total.refused,
            )
        )


@app.command()
def issues(
    *,
    run: Annotated[uuid.UUID | None, typer.Option(help="Only of this run.")] = None,
    process: Annotated[str | None, typer.Option(help="Only of this ocid.")] = None,
    limit: Annotated[int, typer.Option(help="How many at most.", min=1)] = 100,
) -> None:
    """List what did not fit in imported files: place, path, what, remedy."""
    _show_issues(run_id=run, process=process, limit=limit)


def _show_issues(*, run_id: uuid.UUID | None, process: str | None, limit: int) -> None:
    for row in list_issues(run_id=run_id, process=process, limit=limit):
        where = " ".join(part for part in (row.place, row.process, row.path) if part)
        mark = _("left out") if row.refused else _("noted")
        typer.echo(f"{row.filename} {where}: [{mark}] {row.what} {row.remedy}")


@app.command("export-ocds")
def export_ocds(
    *,
    form: Annotated[
        Format, typer.Option("--format", help="A package of releases or records, or JSON Lines.")
    ] = Format.RELEASES,
    out: Annotated[
        Path | None, typer.Option(help="File to write; standard output if left out.")
    ] = None,
) -> None:
    """Write the published OCDS 1.1 releases, or records with compiled releases."""
    publish_missing(now=timezone.now())
    if out is None:
        for text in _exported(form):
            sys.stdout.write(text)
        return
    # Written beside and moved, so that a failure leaves no half file under the name.
    partial = out.with_name(out.name + ".part")
    try:
        with partial.open("w", encoding="utf-8") as file:
            file.writelines(_exported(form))
        partial.replace(out)
    except OSError as error:
        typer.echo(f"honghu: {out}: {error.strerror}", err=True)
        raise typer.Exit(1) from error


def _exported(form: Format) -> Iterator[str]:
    """The file in pieces: a package is its frame with the items between, never all in memory."""
    items = _records() if form is Format.RECORDS else _releases()
    if form is Format.JSONL:
        yield from (f"{item}\n" for item in items)
        return
    name = str(form)
    frame = package_of(f"urn:honghu:export:{name}", now=timezone.now(), releases=[])
    del frame["releases"]
    yield json.dumps(frame, ensure_ascii=False).removesuffix("}") + f', "{name}": [\n'
    for index, item in enumerate(items):
        yield (",\n" if index else "") + item
    yield "\n]}\n"


def _releases() -> Iterator[str]:
    after = None
    while rows := list_releases(limit=PAGE, after=after):
        yield from (json.dumps(row.body, ensure_ascii=False) for row in rows)
        after = rows[-1].id


def _records() -> Iterator[str]:
    after = ""
    while ocids := list_ocids(limit=PAGE, after=after):
        yield from (json.dumps(get_record(ocid), ensure_ascii=False) for ocid in ocids)
        after = ocids[-1]
