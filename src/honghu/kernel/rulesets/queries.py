"""Reads: the rule that holds on a day, the rule book, the calendar, the office hours."""

import datetime as dt
import uuid
from dataclasses import dataclass

from honghu.base.problems import HonghuError, NotFound
from honghu.kernel.clocks.calendar import Calendar
from honghu.kernel.clocks.office_hours import OfficeHours
from honghu.kernel.rulesets.edition import (
    current_rule_book,
    reading_one_edition,
    region_chain,
    to_value,
)
from honghu.kernel.rulesets.models import Rule
from honghu.kernel.rulesets.values import RuleValue

__all__ = [
    "RuleMissingError",
    "RuleValue",
    "find_rule",
    "get_calendar",
    "get_office_hours",
    "get_rule",
    "get_rule_row",
    "list_rules",
    "reading_one_edition",
    "region_chain",
    "rule_history",
    "rule_names",
]

OFFICE_HOURS_RULE = "kernel.office_hours"


class RuleMissingError(HonghuError, LookupError):
    """No row of the rule holds on the day: the installation's rule book lacks it."""

    code = "rule_missing"
    status = 500


def get_rule(code: str, *, on: dt.date, region: str | None = None) -> RuleValue:
    """The rule "domain.code" as it holds on a day, in a region or, failing that, in a wider one.

    A village's rule goes before the town's, the county's, the prefecture's, the province's and
    the one that holds everywhere. One query, also where the rule book has not changed.
    Raises RuleMissingError naming rule, day and remedy.
    """
    book = current_rule_book()
    found = book.find(code, on, region)
    if found is not None:
        return found
    where = f" in region {region}" if region else ""
    days = [row.effective_from for rows in book.rules.get(code, {}).values() for row in rows]
    known = f"; its first row is from {min(days)}" if days else ""
    domain, _dot, name = code.partition(".")
    raise RuleMissingError(
        f"the rule book has no row of {code} for {on}{where}{known}",
        remedy=f"add a row of {name} to the domain's rulesets/{domain}.yaml, or to one under"
        " rulesets/ in the home folder, and publish the rules",
    )


def find_rule(code: str, *, on: dt.date, region: str | None = None) -> RuleValue | None:
    """As get_rule, but null where no row holds: for rules that an installation may leave out."""
    return current_rule_book().find(code, on, region)


def get_rule_row(rule_id: uuid.UUID) -> RuleValue:
    """The very row that a decision cited. Raises NotFound."""
    row = Rule.objects.filter(pk=rule_id).first()
    if row is None:
        message = f"there is no rule row {rule_id}"
        raise NotFound(message)
    return to_value(row)


def list_rules(
    *, on: dt.date, domain: str | None = None, region: str | None = None
) -> list[RuleValue]:
    """The rules that hold on a day, by name: all, or those of one domain."""
    book = current_rule_book()
    names = sorted(n for n in book.rules if domain is None or n.partition(".")[0] == domain)
    rows = (book.find(name, on, region) for name in names)
    return [row for row in rows if row is not None]


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A row of the rule book with who approved it and when it was published."""

    rule: RuleValue
    superseded: bool
    approved_by: uuid.UUID | None
    created_at: dt.datetime


def rule_history(code: str) -> list[HistoryRow]:
    """All rows of the rule "domain.code" ever published, the latest day and revision first."""
    domain, _dot, name = code.partition(".")
    rows = Rule.objects.filter(domain=domain, code=name).order_by(
        "-effective_from", "region", "-revision"
    )
    seen: set[tuple[str | None, dt.date]] = set()
    history = []
    for row in rows:
        day = (row.region, row.effective_from)
        history.append(HistoryRow(to_value(row), day in seen, row.approved_by, row.created_at))
        seen.add(day)
    return history


def rule_names() -> frozenset[str]:
    """The names of all published rules: what the register checker compares with."""
    return frozenset(current_rule_book().rules)


def get_calendar() -> Calendar:
    """The working-day calendar: the built-in one under the days published here."""
    return current_rule_book().calendar


def get_office_hours(*, on: dt.date, region: str | None = None) -> OfficeHours:
    """The office hours that hold on a day. Raises RuleMissingError."""
    return get_rule(OFFICE_HOURS_RULE, on=on, region=region).as_office_hours()
