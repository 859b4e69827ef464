"""`honghu lending`: schedules without a database; days closed; loans compared with their events."""

import datetime as dt
import json
import sys
import uuid
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from rich.console import Console
from rich.progress import Progress, TaskID

from honghu.base.money import format_yuan
from honghu.base.problems import HonghuError
from honghu.domains.lending.closing.running import Progress as StepProgress
from honghu.domains.lending.closing.running import close_day, days_to_close
from honghu.domains.lending.commands.lpr import add_lpr
from honghu.domains.lending.queries.lpr import known_lpr, resets_waiting
from honghu.domains.lending.queries.verify import verify_loans
from honghu.domains.lending.readers.floating import read_floating_terms
from honghu.domains.lending.readers.loan_terms import is_dates_only, read_due_date_terms
from honghu.domains.lending.readers.lpr import published_lpr
from honghu.domains.lending.rules.duedates import due_dates
from honghu.domains.lending.rules.lpr import LprRow
from honghu.domains.lending.rules.problems import LoanTermsError
from honghu.domains.lending.rules.run import ScheduleRow
from honghu.domains.lending.rules.schedule import build_schedule
from honghu.kernel.clocks.calendar import published_calendar

app = typer.Typer(
    no_args_is_help=True, help="Loans: schedules, interest; days closed; what is kept verified."
)
lpr_app = typer.Typer(no_args_is_help=True, help="The published LPR: listed, and added to.")
app.add_typer(lpr_app, name="lpr")


_STEP_TITLES = {
    "reprice": gettext_noop("rates"),
    "serve": gettext_noop("interest and due dates"),
    "post": gettext_noop("ledger"),
    "nonaccrual": gettext_noop("non-accrual"),
    "classify": gettext_noop("risk classes"),
    "provide": gettext_noop("provisions"),
    "remind": gettext_noop("reminders"),
}


@app.callback()
def lending() -> None:
    """Loans: schedules and interest, computed to the fen."""


@app.command()
def schedule(
    terms: Annotated[str, typer.Option(help="JSON file with one case or a list; - reads stdin.")],
) -> None:
    """Print the repayment schedule of each case as JSON; needs no database.

    A case is an object with `terms`, and an `id` if it has one. Terms that state only due dates
    give only dates; terms with `lpr` take their rate from the published table of this version. If
    any case is wrong, nothing is printed but what is wrong.
    """
    cases = _read_cases(terms)
    answers, refusals = [], []
    for index, case in enumerate(cases):
        try:
            answers.append(_answer(case))
        except HonghuError as error:
            refusals.append(f"case {_name_of(case, index)}: {error}")
    if refusals:
        _fail(*refusals)
    typer.echo(json.dumps(answers, ensure_ascii=False, indent=1))


@app.command()
def verify(
    loan: Annotated[str | None, typer.Option(help="Id of one loan; all if left out.")] = None,
) -> None:
    """Live every loan afresh from its events and compare rows, accruals and ledger; exit 1 on faults.

    The control accounts are compared with the sums of the loans unless one loan is named.
    """
    try:
        loan_id = None if loan is None else uuid.UUID(loan)
    except ValueError:
        _fail(f"{loan} is not the id of a loan")
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(_("Living the loans afresh"), total=None)
        report = verify_loans(
            loan_id=loan_id,
            on_progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    for fault in report.faults:
        typer.echo(f"{fault.code}: {fault.place}: {fault.message}")
    typer.echo(
        _("%(loans)d loans, %(accounts)d control accounts: %(faults)d faults")
        % {
            "loans": report.loans,
            "accounts": report.accounts,
            "faults": len(report.faults),
        }
    )
    if report.faults or (loan_id is not None and report.loans == 0):
        raise typer.Exit(1)


@app.command()
def close(
    date: Annotated[
        str | None, typer.Option(help="Day to close; the days not closed yet if left out.")
    ] = None,
    through: Annotated[str | None, typer.Option(help="Last day to close, if several.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Chunks worked on at once.")] = 2,
    *,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for another close to end instead of refusing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print each day's report.")] = False,
) -> None:
    """Close business days: accrue, let fall due, classify, provide, remind, report.

    A close that was stopped is taken up where it was. A closed day tries again what it skipped.
    Exit status 2 if loans were skipped.
    """
    now = timezone.now()
    today = timezone.localdate(now)
    skipped = 0
    with Progress(console=Console(stderr=True), transient=True) as bar:
        try:
            days = days_to_close(first=_day(date), through=_day(through), today=today)
            if not days:
                typer.echo(_("Every day up to %(day)s is closed.") % {"day": today})
            for day in days:
                report = close_day(
                    day,
                    now=now,
                    today=today,
                    workers=workers,
                    wait=wait,
                    on_progress=_shown_on(bar),
                )
                skipped += report["skipped"]["count"]
                typer.echo(json.dumps(report, ensure_ascii=False) if as_json else _summary(report))
        except HonghuError as error:
            bar.stop()
            _fail(str(error))
    if skipped:
        raise typer.Exit(2)


@lpr_app.command("list")
def list_lpr(
    count: Annotated[int, typer.Option(min=1, help="How many of the last ones.")] = 12,
) -> None:
    """Print the last published rates that are known: day, one year, five years and more."""
    for row in known_lpr().rows[-count:]:
        typer.echo(f"{row.date} {row.one_year:.2f} {row.five_years:.2f}")


@lpr_app.command("add")
def add_published_lpr(
    date: Annotated[str, typer.Argument(help="Day of publication, e.g. 2025-08-20.")],
    one_year: Annotated[str, typer.Argument(help="Percent a year, e.g. 3.00.")],
    five_years: Annotated[str, typer.Argument(help="Percent a year, e.g. 3.50.")],
    source: Annotated[str, typer.Option(help="The announcement, or its address.")],
) -> None:
    """Add a published LPR to the rule book, month by month; loans reset by it from then on."""
    published = _day(date)
    assert published is not None  # noqa: S101 a text gives a day or ends here
    try:
        row = LprRow(published, Decimal(one_year), Decimal(five_years))
        is_new = add_lpr(row, source=source, now=timezone.now())
    except InvalidOperation:
        _fail(f"{one_year} {five_years}: no rates (write e.g. 3.00 3.50)")
    except HonghuError as error:
        _fail(str(error))
    typer.echo(_("added") if is_new else _("stands there already"))
    if waiting := len(resets_waiting()):
        typer.echo(
            _("%(count)d resets wait for an LPR; the next close takes it.") % {"count": waiting}
        )


def _day(text: str | None) -> dt.date | None:
    try:
        return None if text is None else dt.date.fromisoformat(text)
    except ValueError:
        _fail(f"{text} is no day: write it as 2026-06-30")


def _shown_on(bar: Progress) -> Callable[[StepProgress], None]:
    """Show each step of each day as a bar of its own."""
    tasks: dict[tuple[dt.date, str], TaskID] = {}

    def show(progress: StepProgress) -> None:
        key = (progress.business_date, progress.step)
        if key not in tasks:
            title = _(_STEP_TITLES[progress.step])
            tasks[key] = bar.add_task(f"{progress.business_date} {title}")
        bar.update(tasks[key], completed=progress.done, total=progress.chunks)

    return show


def _summary(report: Mapping[str, Any]) -> str:
    """A day in some lines: what was served and earned, and each loan that was skipped."""
    served, earned = report["counts"]["serve"], report["earned"]
    fen = sum(row[part] for row in earned for part in ("interest", "compound", "penalty"))
    lines = [
        _(
            "%(date)s: %(loans)d loans served, %(due)d fell due, %(skipped)d skipped; %(fen)s yuan earned"
        )
        % {
            "date": report["business_date"],
            "loans": served["quiet"] + served["due"] + served["caught_up"],
            "due": served["due"],
            "skipped": report["skipped"]["count"],
            "fen": format_yuan(fen),
        }
    ]
    lines += [
        f"  {skip['loan']} {skip['reason']}: {skip['detail']} ({_(skip['remedy'])})"
        for skip in report["skipped"]["loans"]
    ]
    return "\n".join(lines)


def _read_cases(source: str) -> Sequence[Any]:
    try:
        content = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        _fail(f"{source}: {error.strerror} (give a file that can be read, or - for stdin)")
    try:
        # Exact numbers: a binary float would not be the amount that was written.
        cases = json.loads(content, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        _fail(f"{source}: not JSON: {error} (give one object, or a list of objects)")
    return cases if isinstance(cases, list) else [cases]


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number")


def _answer(case: Any) -> dict[str, Any]:
    if not isinstance(case, Mapping) or "terms" not in case:
        raise LoanTermsError("no terms", remedy='write {"id": ..., "terms": {...}}')
    terms = case["terms"]
    is_working_day = published_calendar().is_working_day
    if is_dates_only(terms):
        days = due_dates(read_due_date_terms(terms), is_working_day)
        return {"id": case.get("id"), "due": [day.isoformat() for day in days]}
    rows = build_schedule(read_floating_terms(terms, published_lpr()), is_working_day)
    return {"id": case.get("id"), "schedule": [_shown(row) for row in rows]}


def _shown(row: ScheduleRow) -> dict[str, str]:
    return {
        "due": row.due.isoformat(),
        "principal": _yuan(row.principal_fen),
        "interest": _yuan(row.interest_fen),
        "balance": _yuan(row.balance_fen),
    }


def _yuan(fen: int) -> str:
    """Yuan with two decimals and no separators, as machines read them."""
    return f"{Decimal(fen).scaleb(-2):.2f}"


def _name_of(case: Any, index: int) -> str:
    if isinstance(case, Mapping) and "id" in case:
        return repr(case["id"])
    return f"number {index + 1}"


def _fail(*messages: str) -> NoReturn:
    for message in messages:
        typer.echo(message, err=True)
    raise typer.Exit(1)
