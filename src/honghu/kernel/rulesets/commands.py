"""Writes: publishing rules and the official calendar of a year."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from honghu.base.problems import Conflict
from honghu.kernel.clocks.calendar import CalendarError, DayKind
from honghu.kernel.rulesets.edition import forget_edition, to_value
from honghu.kernel.rulesets.models import CalendarDay, CalendarYear, Rule
from honghu.kernel.rulesets.reader import FileRow, read_rule_file
from honghu.kernel.rulesets.values import RuleValue

# Any fixed number: publishers of the rule book wait for each other.
_PUBLISHING_LOCK: Final = 6_203_114_205
_SAME: Final = (
    "value", "unit", "clock", "title_zh", "title_en", "effective_to", "source", "source_mark",
)  # fmt: skip


class RuleConflictError(Conflict):
    """A rule file that contradicts what is published; the message names file and line."""

    code = "rule_conflict"


@dataclass(frozen=True, slots=True)
class Published:
    """How many rows were new and how many stood there already."""

    new: int
    unchanged: int


def rule_files() -> list[Path]:
    """All rule files: the kernel's, those of the installed modules, and the installation's own.

    A county adds or overrides rules in `rulesets/*.yaml` under its home folder.
    """
    folders = [Path(config.path) / "rulesets" for config in apps.get_app_configs()]
    folders.append(Path(settings.HONGHU_HOME) / "rulesets")
    own = Path(__file__).parent.glob("*.yaml")
    return sorted(own) + [path for folder in folders for path in sorted(folder.glob("*.yaml"))]


def rule_codes() -> frozenset[str]:
    """The codes of all rules that the files name, whatever their dates: `domain.code`.

    Files that cannot be read are left out here; publishing them says what is wrong.
    """
    found: set[str] = set()
    for path in rule_files():
        try:
            read = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
            found |= {f"{read['domain']}.{rule['code']}" for rule in read["rules"]}
        except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError):
            continue
    return frozenset(found)


def publish_all_rules(*, now: dt.datetime, approved_by: uuid.UUID | None) -> Published:
    """Publish every rule file of the installation in one transaction. Raises as publish_rules."""
    with transaction.atomic():
        reports = [publish_rules(path, now=now, approved_by=approved_by) for path in rule_files()]
    return Published(sum(r.new for r in reports), sum(r.unchanged for r in reports))


def publish_rules(
    source: Path | str, *, now: dt.datetime, approved_by: uuid.UUID | None
) -> Published:
    """Publish the rows of a rule file (a path, or the YAML text); rows that stand are left alone.

    Either all new rows are written or none. Raises RuleFileError for a file that cannot be read,
    RuleConflictError where a row of the same rule, region, day and revision says something else, or a
    revision is skipped; both name file and line.
    """
    rows = read_rule_file(source)
    with transaction.atomic():
        _lock()
        known = _published_rows({row.rule.name for row in rows})
        new: list[FileRow] = []
        for row in sorted(rows, key=lambda row: row.rule.revision):
            if _is_new(row, known):
                new.append(row)
                known[row.key] = row.rule
        Rule.objects.bulk_create(
            [_to_model(row.rule, now=now, approved_by=approved_by) for row in new]
        )
    forget_edition()
    return Published(len(new), len(rows) - len(new))


def publish_calendar_year(
    year: int,
    rows: Iterable[tuple[dt.date, str]],
    *,
    source: str,
    now: dt.datetime,
    approved_by: uuid.UUID | None,
) -> Published:
    """Publish the official calendar of a year: the days that differ from Monday-to-Friday.

    `rows` are (day, kind) with the kinds of clocks.calendar.DayKind. Publishing makes the year
    official, also with no row. A day published before with another kind is superseded by a higher
    revision; a day published before and left out now is refused: say what it is. Raises
    CalendarError.
    """
    days = _checked_days(year, rows, source)
    with transaction.atomic():
        _lock()
        known = {
            day.date: day
            for day in CalendarDay.objects.filter(date__year=year).order_by("revision")
        }
        missing = sorted(known.keys() - days.keys())
        if missing:
            raise CalendarError(
                f"{missing[0]} was published as {known[missing[0]].kind} and is left out now",
                remedy="name every day that was named before, with its kind",
            )
        new = [
            CalendarDay(
                date=day,
                kind=kind,
                revision=known[day].revision + 1 if day in known else 1,
                source=source,
                approved_by=approved_by,
                created_at=now,
            )
            for day, kind in sorted(days.items())
            if day not in known or known[day].kind != kind
        ]
        CalendarDay.objects.bulk_create(new)
        _publish_year(year, source=source, changed=bool(new), now=now, approved_by=approved_by)
    forget_edition()
    return Published(len(new), len(days) - len(new))


def _publish_year(
    year: int, *, source: str, changed: bool, now: dt.datetime, approved_by: uuid.UUID | None
) -> None:
    last = CalendarYear.objects.filter(year=year).order_by("-revision").first()
    if last is None or changed:
        CalendarYear.objects.create(
            year=year,
            revision=last.revision + 1 if last else 1,
            source=source,
            approved_by=approved_by,
            created_at=now,
        )


def _checked_days(
    year: int, rows: Iterable[tuple[dt.date, str]], source: str
) -> dict[dt.date, str]:
    if not source.strip():
        raise CalendarError("a calendar needs its source", remedy="name the State Council's notice")
    days: dict[dt.date, str] = {}
    for day, kind in rows:
        if day.year != year:
            raise CalendarError(f"{day} is not in {year}", remedy="publish each year by itself")
        if kind not in list(DayKind):
            raise CalendarError(
                f"{day}: unknown kind {kind!r}",
                remedy=f"use one of {', '.join(DayKind)}",
            )
        if days.setdefault(day, kind) != kind:
            raise CalendarError(f"{day} stands twice, as two kinds", remedy="remove one")
    return days


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_PUBLISHING_LOCK])


_Key = tuple[str, str | None, dt.date, int]


def _published_rows(names: set[str]) -> dict[_Key, RuleValue]:
    domains = {name.partition(".")[0] for name in names}
    values = map(to_value, Rule.objects.filter(domain__in=domains))
    return {(v.name, v.region, v.effective_from, v.revision): v for v in values}


def _is_new(row: FileRow, known: dict[_Key, RuleValue]) -> bool:
    """Whether the row is to be written; False if it stands there already, word for word."""
    name, region, day, revision = row.key
    published = known.get(row.key)
    if published is None:
        if revision > 1 and (name, region, day, revision - 1) not in known:
            raise RuleConflictError(
                f"{row.place}: revision {revision} of {name} from {day} without the one before it",
                remedy=f"write revision {revision - 1}",
            )
        return True
    differing = [field for field in _SAME if getattr(row.rule, field) != getattr(published, field)]
    if differing:
        field = differing[0]
        raise RuleConflictError(
            f"{row.place}: {name} from {day} is published with {field}"
            f" {getattr(published, field)!r}, the file says {getattr(row.rule, field)!r}",
            remedy=f"rows are never edited: write a row with a later day, or `revision: {revision + 1}`",
        )
    return False


def _to_model(rule: RuleValue, *, now: dt.datetime, approved_by: uuid.UUID | None) -> Rule:
    domain, _dot, code = rule.name.partition(".")
    return Rule(
        id=rule.id,
        domain=domain,
        code=code,
        region=rule.region,
        value=rule.value,
        unit=rule.unit,
        clock=rule.clock,
        title_zh=rule.title_zh,
        title_en=rule.title_en,
        effective_from=rule.effective_from,
        effective_to=rule.effective_to,
        revision=rule.revision,
        source=rule.source,
        source_mark=rule.source_mark,
        approved_by=approved_by,
        created_at=now,
    )
