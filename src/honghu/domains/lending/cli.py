"""`honghu lending`: schedules on the command line, without a database."""

import json
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from honghu.base.problems import HonghuError
from honghu.domains.lending.readers.loan_terms import (
    is_dates_only,
    read_due_date_terms,
    read_terms,
)
from honghu.domains.lending.rules.duedates import due_dates
from honghu.domains.lending.rules.problems import LoanTermsError
from honghu.domains.lending.rules.run import ScheduleRow
from honghu.domains.lending.rules.schedule import build_schedule
from honghu.kernel.clocks.calendar import published_calendar

app = typer.Typer(no_args_is_help=True, help="Loans: schedules and interest.")


@app.callback()
def lending() -> None:
    """Loans: schedules and interest, computed to the fen."""


@app.command()
def schedule(
    terms: Annotated[str, typer.Option(help="JSON file with one case or a list; - reads stdin.")],
) -> None:
    """Print the repayment schedule of each case as JSON; needs no database.

    A case is an object with `terms`, and an `id` if it has one. Terms that state only due dates
    give only dates. If any case is wrong, nothing is printed but what is wrong.
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
    rows = build_schedule(read_terms(terms), is_working_day)
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
