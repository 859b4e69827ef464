"""The published LPR as CSV with the columns date, one_year and five_years."""

import csv
import datetime as dt
import functools
import io
from decimal import Decimal, InvalidOperation
from importlib import resources
from typing import Final

from honghu.domains.lending.rules.lpr import LprError, LprRow, LprTable

_COLUMNS: Final = ("date", "one_year", "five_years")


def read_lpr_table(text: str) -> LprTable:
    """The table in CSV. Raises LprError naming the line that is wrong."""
    lines = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    if tuple(lines.fieldnames or ()) != _COLUMNS:
        raise LprError("line 1: wrong columns", remedy=f"begin the file with: {','.join(_COLUMNS)}")
    rows = []
    for line in lines:
        try:
            row = LprRow(
                dt.date.fromisoformat(line["date"]),
                Decimal(line["one_year"]),
                Decimal(line["five_years"]),
            )
        except (ValueError, InvalidOperation, TypeError) as error:
            raise LprError(
                f"line {lines.line_num}: not a date and two rates",
                remedy="write e.g. 2023-06-20,3.55,4.20",
            ) from error
        rows.append(row)
    return LprTable(tuple(rows))


@functools.cache
def published_lpr() -> LprTable:
    """The rates published by the National Interbank Funding Center, as far as the package knows."""
    data = resources.files("honghu.domains.lending") / "data" / "lpr.csv"
    return read_lpr_table(data.read_text(encoding="utf-8"))
