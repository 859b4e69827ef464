"""What a supervisor asks of all registers at once: open, overdue, closed on time, sent back, come back.

What is open now is counted as it stands: by register from the cases, by organisation from the
answers (a row for each organisation that an open case records, kept by triggers). What was closed
is read off the days that are over and kept (see `kept`), and counted for those that are not.
Every question is a few statements over all registers, whatever their size.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from django.db import connection
from django.utils.timezone import get_current_timezone, localdate

from honghu.analytics.kept import EVERY, WHOLE, closings_since, kept_until
from honghu.kernel.cases.judgements import JUDGED, judged_values
from honghu.kernel.registers.model import Register

__all__ = ["EVERY", "Period", "Standing", "by_organisation", "by_register", "party_fields", "total"]

_OPEN: Final = """
SELECT register, count(*), count(*) FILTER (WHERE due_at < %(now)s),
  count(*) FILTER (WHERE due_at >= %(now)s AND amber_at <= %(now)s)
FROM cases_case WHERE closed_at IS NULL AND register = ANY(%(registers)s) GROUP BY register
"""
_ANSWERED: Final = """
SELECT {by}, count(*), count(*) FILTER (WHERE due_at < %(now)s),
  count(*) FILTER (WHERE due_at >= %(now)s AND amber_at <= %(now)s)
FROM analytics_answer WHERE {which} AND register = ANY(%(registers)s) GROUP BY 1
"""
_DAYS: Final = """
SELECT {by}, sum(closed)::bigint, sum(on_time)::bigint, sum(returned)::bigint,
  sum(extended)::bigint
FROM analytics_closedday
WHERE register = ANY(%(registers)s) AND field = %(field)s AND day >= %(first)s {which}
GROUP BY 1
"""
_REBOUNDS: Final = """
SELECT c.register, p.key, o.value::uuid, c.id
FROM cases_case c
LEFT JOIN LATERAL jsonb_each(c.parties) p ON true
LEFT JOIN LATERAL jsonb_array_elements_text(p.value) o ON true
WHERE c.rebound_of_id IS NOT NULL AND c.opened_at >= %(since)s AND c.opened_at < %(now)s
  AND c.register = ANY(%(registers)s)
"""
_SATISFACTION: Final = f"""
SELECT {{by}}, count(DISTINCT j.case_id), count(DISTINCT j.case_id) FILTER (WHERE j.is_content)
FROM ({JUDGED}) j {{parties}} WHERE j.register = ANY(%(registers)s) {{which}} GROUP BY 1
"""  # noqa: S608
_PARTIES: Final = """CROSS JOIN LATERAL jsonb_each(j.parties) p
CROSS JOIN LATERAL jsonb_array_elements_text(p.value) o"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a register, or an organisation, stands: open ones now, the rest in the period.

    `closed` are problems solved; `on_time`, `returned` and `extended` are those among them with no
    deadline missed, sent back at least once, prolonged at least once. `rebounds` were opened in
    the period because a closed case came back. `judged` were judged in it by who had asked for
    them, `content` of these with satisfaction.
    """

    open: int = 0
    overdue: int = 0
    near: int = 0
    closed: int = 0
    on_time: int = 0
    returned: int = 0
    extended: int = 0
    rebounds: int = 0
    judged: int = 0
    content: int = 0

    def __add__(self, other: "Standing") -> "Standing":
        """Both together."""
        return Standing(
            **{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(Standing)}
        )


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days up to now: the last `days` of them, today among them."""

    days: int
    now: dt.datetime

    @property
    def first(self) -> dt.date:
        """Its first day."""
        return localdate(self.now) - dt.timedelta(days=self.days - 1)

    @property
    def since(self) -> dt.datetime:
        """The beginning of its first day."""
        return dt.datetime.combine(self.first, dt.time(), get_current_timezone())


def by_register(registers: Sequence[Register], period: Period) -> dict[str, Standing]:
    """The standing of every register, by code, in six statements."""
    asked = _asked(registers, period)
    found = {code: Standing() for code in asked["registers"]}
    for code, count, overdue, near in _read(_OPEN, asked):
        found[code] += Standing(open=count, overdue=overdue, near=near)
    days = _DAYS.format(by="register", which="")
    for code, *counts in _read(days, asked | {"field": WHOLE}):
        found[code] += _closed(counts)
    for row in closings_since(registers, _unkept(registers, period), until=period.now):
        if row.field == WHOLE:
            found[row.register] += _closed(row.counts)
    for code, cases in _rebounds(asked, lambda register, _field, _who: register).items():
        found[code] += Standing(rebounds=cases)
    for code, standing in _satisfaction(asked, "j.register").items():
        found[code] += standing
    return found


def by_organisation(
    registers: Sequence[Register], period: Period, *, field: str = EVERY
) -> dict[uuid.UUID, Standing]:
    """The standing of each organisation that the registers' cases record, in any field or in one.

    A case counts once for an organisation, in however many fields it stands. Six statements.
    """
    asked = _asked(registers, period) | {"field": field}
    found: dict[uuid.UUID, Standing] = {}

    def add(organisation: uuid.UUID, standing: Standing) -> None:
        found[organisation] = found.get(organisation, Standing()) + standing

    which = "is_first" if field == EVERY else "field = %(field)s"
    answered = _ANSWERED.format(by="organisation_id", which=which)
    for organisation, count, overdue, near in _read(answered, asked):
        add(organisation, Standing(open=count, overdue=overdue, near=near))
    for organisation, *counts in _read(_DAYS.format(by="organisation_id", which=""), asked):
        add(organisation, _closed(counts))
    for row in closings_since(registers, _unkept(registers, period), until=period.now):
        if row.field == field and row.organisation_id is not None:
            add(row.organisation_id, _closed(row.counts))
    for who, cases in _rebounds(
        asked, lambda _register, at, who: who if field in {EVERY, at} else None
    ).items():
        add(who, Standing(rebounds=cases))
    which = "" if field == EVERY else "AND p.key = %(field)s"
    for who, standing in _satisfaction(asked, "o.value::uuid", _PARTIES, which).items():
        add(who, standing)
    return found


def of_organisation(
    registers: Sequence[Register], organisation_id: uuid.UUID, period: Period
) -> dict[str, Standing]:
    """The standing of one organisation in each register, by code, in six statements."""
    asked = _asked(registers, period) | {"field": EVERY, "organisation": organisation_id}
    found = {code: Standing() for code in asked["registers"]}
    answered = _ANSWERED.format(
        by="register", which="is_first AND organisation_id = %(organisation)s"
    )
    for code, count, overdue, near in _read(answered, asked):
        found[code] += Standing(open=count, overdue=overdue, near=near)
    days = _DAYS.format(by="register", which="AND organisation_id = %(organisation)s")
    for code, *counts in _read(days, asked):
        found[code] += _closed(counts)
    for row in closings_since(registers, _unkept(registers, period), until=period.now):
        if row.field == EVERY and row.organisation_id == organisation_id:
            found[row.register] += _closed(row.counts)
    for code, cases in _rebounds(
        asked, lambda register, _field, who: register if who == organisation_id else None
    ).items():
        found[code] += Standing(rebounds=cases)
    return found


def total(standings: Iterable[Standing]) -> Standing:
    """All of them together."""
    return sum(standings, Standing())


def party_fields(register: Register) -> tuple[str, ...]:
    """The fields whose organisations have roles in the register."""
    return tuple(dict.fromkeys(role.of for role in register.roles.values() if role.of is not None))


def _asked(registers: Sequence[Register], period: Period) -> dict[str, Any]:
    return {
        "registers": [one.code for one in registers],
        "now": period.now, "since": period.since, "first": period.first,
    }  # fmt: skip


def _unkept(registers: Sequence[Register], period: Period) -> dict[str, dt.date]:
    """By register the first day of the period that is not kept."""
    until = kept_until()
    day = dt.timedelta(days=1)
    return {
        one.code: max(period.first, until[one.code] + day) if one.code in until else period.first
        for one in registers
    }


def _closed(counts: Sequence[int]) -> Standing:
    closed, on_time, returned, extended = counts
    return Standing(closed=closed, on_time=on_time, returned=returned, extended=extended)


def _rebounds(asked: dict[str, Any], key: Any) -> dict[Any, int]:
    """Of cases that came back, how many for each key; a case counts once for one."""
    found: dict[Any, set[uuid.UUID]] = {}
    for register, field, organisation, case_id in _read(_REBOUNDS, asked):
        of = key(register, field, organisation)
        if of is not None:
            found.setdefault(of, set()).add(case_id)
    return {of: len(cases) for of, cases in found.items()}


def _satisfaction(
    asked: dict[str, Any], by: str, parties: str = "", which: str = ""
) -> dict[Any, Standing]:
    """How the cases were judged in the period, by what the statement groups by."""
    statement = _SATISFACTION.format(by=by, parties=parties, which=which)
    return {
        key: Standing(judged=judged, content=content)
        for key, judged, content in _read(statement, asked | judged_values())
    }


def _read(statement: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
