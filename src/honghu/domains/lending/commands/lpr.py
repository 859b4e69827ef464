"""A newly published LPR enters the rule book as two dated, sourced rows."""

import datetime as dt
import json
from decimal import Decimal
from typing import Final

from honghu.domains.lending.queries.lpr import FIVE_YEARS, ONE_YEAR, known_lpr
from honghu.domains.lending.readers.lpr import published_lpr
from honghu.domains.lending.rules.lpr import LprError, LprRow
from honghu.kernel.rulesets.commands import publish_rules

_TITLES: Final = {
    ONE_YEAR: {"zh": "一年期贷款市场报价利率", "en": "LPR, one year"},
    FIVE_YEARS: {"zh": "五年期以上贷款市场报价利率", "en": "LPR, five years and more"},
}
_PERCENT: Final = 100
_HIGHEST: Final = Decimal(100)


def add_lpr(row: LprRow, *, source: str, now: dt.datetime) -> bool:
    """Add what was published on a day; false if it stands there already, word for word.

    Months follow one another, so that no rate is ever taken for one that was left out. Raises
    LprError for a gap, a day that has not come, a day that the package knows, rates that are none, or
    a missing source; RuleConflictError where that day stands with other rates or another source.
    """
    _check(row, source, now)
    document = {
        "domain": "lending",
        "rules": [
            {
                "code": code.partition(".")[2],
                "title": _TITLES[code],
                "unit": "rate_per_year",
                "rows": [
                    {
                        "value": str(rate / _PERCENT),
                        "from": row.date.isoformat(),
                        "source": source.strip(),
                        "mark": "V",
                    }
                ],
            }
            for code, rate in ((ONE_YEAR, row.one_year), (FIVE_YEARS, row.five_years))
        ],
    }
    # JSON is YAML, too.
    text = json.dumps(document, ensure_ascii=False)
    return publish_rules(text, now=now, approved_by=None).new > 0


def _check(row: LprRow, source: str, now: dt.datetime) -> None:
    if not source.strip():
        raise LprError("an LPR without its source", remedy="name the announcement or its address")
    if not all(0 < rate < _HIGHEST for rate in (row.one_year, row.five_years)):
        raise LprError(
            f"{row.one_year} and {row.five_years} are no rates in percent a year",
            remedy="write e.g. 3.00 3.50",
        )
    if row.date > now.date():
        raise LprError(f"{row.date} has not come", remedy="add it once it is published")
    if row.date <= published_lpr().rows[-1].date:
        raise LprError(
            f"the table of this version ends on {published_lpr().rows[-1].date}",
            remedy="add later days; an error in the table is corrected with a new version",
        )
    before = [each.date for each in known_lpr().rows if each.date < row.date][-1]
    months = (row.date.year - before.year) * 12 + row.date.month - before.month
    if months > 1:
        raise LprError(
            f"the last LPR known before {row.date} is that of {before}",
            remedy="add the months between first, also those on which nothing changed",
        )
