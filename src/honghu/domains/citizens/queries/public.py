"""Reports as everybody may see them: nothing personal, nothing that waits to be looked at."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _

from honghu.base.problems import NotFound
from honghu.domains.citizens.queries.services import REPORTS
from honghu.domains.citizens.rules.privacy import personal_kinds
from honghu.kernel.cases.selection import loads
from honghu.kernel.cases.wording import words
from honghu.kernel.evidence.queries import uses_of_case
from honghu.kernel.parties.queries import organisation_names
from honghu.kernel.registers.model import Register
from honghu.kernel.registers.queries import get_register, known_registers

OPEN_STATES: Final = ("received", "handling")
ENDED_STATES: Final = ("finished", "refused", "merged")
PAGE_MAX: Final = 1000

_COLUMNS: Final = """
c.id, c.number, c.state, c.opened_at, c.changed_at, c.due_at, c.facts,
k.id, k.register, k.register_version, k.number, k.state, k.changed_at, k.due_at, k.facts, d.number
"""
_FROM: Final = """
FROM cases_case c LEFT JOIN LATERAL (
  SELECT * FROM cases_case x WHERE x.parent_id = c.id ORDER BY x.opened_at DESC, x.id DESC LIMIT 1
) k ON true
LEFT JOIN cases_case d ON d.id::text = c.facts->>'duplicate_of'
WHERE c.register = 'public-report'
"""
_UPDATES: Final = """
SELECT s.id, s.at, s.action, s.to_state, s.register, s.register_version, f.form, r.id, r.number,
  r.facts, d.number
FROM cases_step s JOIN cases_case c ON c.id = s.case_id
JOIN cases_case r ON r.id = CASE WHEN c.register = 'public-report' THEN c.id ELSE c.parent_id END
  AND r.register = 'public-report'
LEFT JOIN cases_case d ON d.id::text = r.facts->>'duplicate_of'
LEFT JOIN cases_stepform f ON f.step_id = s.id
WHERE s.register = ANY(%(registers)s) AND s.from_state <> s.to_state AND s.action <> 'report'
"""


@dataclasses.dataclass(frozen=True, slots=True)
class PublicReport:
    """A report as everybody may see it. `text` and `address` are null while they are kept back.

    `case_number`, `case_state` and `case_end` are those of the case that it was filed as.
    """

    id: uuid.UUID
    number: str
    state: str
    service: str
    service_name: str
    text: str | None
    address: str | None
    held: bool
    longitude: str | None
    latitude: str | None
    opened_at: dt.datetime
    updated_at: dt.datetime
    expected_at: dt.datetime | None
    outcome: str | None
    answer: str | None
    satisfaction: str | None
    photos_public: bool
    agency: str | None
    case_id: uuid.UUID | None
    case_register: str | None
    case_number: str | None
    case_state: str | None
    case_end: str | None
    joined_number: str | None

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to act on it."""
        return self.state in OPEN_STATES


@dataclasses.dataclass(frozen=True, slots=True)
class ReportUpdate:
    """Something that was done, in plain words. `status` is FixMyStreet's word for what came of it."""

    id: uuid.UUID
    report_id: uuid.UUID
    report_number: str
    at: dt.datetime
    status: str
    text: str


@dataclasses.dataclass(frozen=True, slots=True)
class Wanted:
    """Which reports are asked for; null asks for all."""

    numbers: Sequence[str] | None = None
    services: Sequence[str] | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    updated_since: dt.datetime | None = None
    updated_until: dt.datetime | None = None
    is_open: bool | None = None


def find_report(number: str) -> PublicReport:
    """One report by its number. Raises NotFound."""
    found = list_reports(Wanted(numbers=[number if number.isprintable() else ""]))
    if not found:
        message = _("There is no report {number}.").format(number=number[:40])
        raise NotFound(message, remedy=_("Check the number; it begins with QZ."))
    return found[0]


def list_reports(wanted: Wanted, *, page: int = 1, page_size: int = PAGE_MAX) -> list[PublicReport]:
    """Reports, the newest first, in two queries at any number."""
    conditions, values = _conditions(wanted)
    values |= {"limit": min(page_size, PAGE_MAX), "offset": (page - 1) * page_size}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} {_FROM} {conditions} "
            "ORDER BY c.opened_at DESC, c.id DESC LIMIT %(limit)s OFFSET %(offset)s",
            values,
        )
        rows = cursor.fetchall()
    units = [loads(row[14]).get("responsible") for row in rows if row[14] is not None]
    names = organisation_names(uuid.UUID(each) for each in units if each) if any(units) else {}
    return [_row(row, names) for row in rows]


def _conditions(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    parts: list[tuple[str, str, Any]] = [
        ("c.number = ANY(%(numbers)s)", "numbers", wanted.numbers),
        ("c.facts->>'service' = ANY(%(services)s)", "services", wanted.services),
        ("c.opened_at >= %(since)s", "since", wanted.since),
        ("c.opened_at <= %(until)s", "until", wanted.until),
        ("c.changed_at >= %(updated_since)s", "updated_since", wanted.updated_since),
        ("c.changed_at <= %(updated_until)s", "updated_until", wanted.updated_until),
    ]
    used = [(sql, name, value) for sql, name, value in parts if value is not None]
    text = "".join(f" AND {sql}" for sql, _name, _value in used)
    values = {
        name: list(value) if isinstance(value, list | tuple) else value for _s, name, value in used
    }
    if wanted.is_open is not None:
        text += f" AND {'' if wanted.is_open else 'NOT '}(c.state = ANY(%(open)s))"
        values["open"] = list(OPEN_STATES)
    return text, values


def _row(row: Sequence[Any], names: Mapping[uuid.UUID, str]) -> PublicReport:
    (case_id, number, state, opened_at, changed_at, due_at, facts_text) = row[:7]
    (child, code, version, child_number, child_state, child_changed, child_due, child_facts) = row[
        7:15
    ]
    facts = loads(facts_text)
    unit = loads(child_facts).get("responsible") if child else None
    own = get_register(code, version) if child else None
    declared = own.states.get(child_state) if own else None
    place = facts.get("place") or {}
    return PublicReport(
        id=case_id,
        number=number,
        state=state,
        service=facts.get("service") or "",
        service_name=service_title(facts.get("service") or "", facts.get("service_name") or ""),
        text=facts.get("public_text"),
        address=facts.get("public_address"),
        held=bool(facts.get("held_because")),
        longitude=place.get("lon"),
        latitude=place.get("lat"),
        opened_at=opened_at,
        updated_at=max(changed_at, child_changed) if child else changed_at,
        expected_at=(child_due or due_at) if state in OPEN_STATES else None,
        outcome=facts.get("outcome"),
        answer=facts.get("answer"),
        satisfaction=facts.get("satisfaction"),
        photos_public=bool(facts.get("photos_public")),
        agency=names.get(uuid.UUID(unit)) if unit else None,
        case_id=child,
        case_register=code,
        case_number=child_number,
        case_state=words(declared.title) if declared else None,
        case_end=declared.end if declared else None,
        joined_number=row[15],
    )


def service_title(code: str, fallback: str) -> str:
    """The service in the reader's language; as it was called then where it is no longer offered."""
    name, _dot, option = code.partition(".")
    register = known_registers().get(name)
    if register is None or register.public_reports is None:
        return fallback
    by = register.public_reports.by
    title = register.fields[by].options.get(option) if by else register.title
    return words(title) if title else fallback


def list_updates(
    *,
    report_id: uuid.UUID | None = None,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    limit: int = PAGE_MAX,
) -> list[ReportUpdate]:
    """What was done with one report, or with all in a period; the earliest first, in one query."""
    taking = [code for code, each in known_registers().items() if each.public_reports is not None]
    text = _UPDATES
    values: dict[str, Any] = {"registers": [REPORTS, *taking], "limit": limit}
    for sql, name, value in (
        ("r.id = %(report)s", "report", report_id),
        ("s.at >= %(since)s", "since", since),
        ("s.at <= %(until)s", "until", until),
    ):
        if value is not None:
            text, values = f"{text} AND {sql}", values | {name: value}
    with connection.cursor() as cursor:
        cursor.execute(f"{text} ORDER BY s.at, s.sequence, s.id LIMIT %(limit)s", values)
        return [_update(row) for row in cursor.fetchall()]


def _update(row: Sequence[Any]) -> ReportUpdate:
    (step_id, at, action, target, code, version, form, report_id, number, facts, joined) = row
    register = get_register(code, version)
    if code == REPORTS:
        text = _said_by_report(action, loads(form) or {}, loads(facts), joined)
        status = "open" if target in OPEN_STATES else _closed_status(target, loads(facts))
    else:
        text, status = _said_by_case(register, action, target, loads(form) or {}), "open"
    return ReportUpdate(step_id, report_id, number, at, status, text)


def _closed_status(state: str, facts: Mapping[str, Any]) -> str:
    """How an ended report ended, in the words of FixMyStreet's extension: `closed` means mended there."""
    if state == "merged":
        return "duplicate"
    return "no_further_action" if facts.get("outcome") == "refused" else "closed"


def _said_by_report(
    action: str, form: Mapping[str, Any], facts: Mapping[str, Any], joined: str | None
) -> str:
    if action == "accept":
        return _("Taken up as case {number}.").format(number=form.get("case_number") or "")
    if action == "merge":
        return _("The same was reported before: see report {number}.").format(number=joined or "")
    if action == "refuse":
        return _("Not taken up: {answer}").format(answer=facts.get("answer") or "")
    if action == "conclude":
        return outcome_words(form.get("outcome"))
    return _("The report has ended.")


def outcome_words(outcome: str | None) -> str:
    """What came of a report, as a sentence for the reporter."""
    return {
        "settled": _("The problem was dealt with, checked by others and closed."),
        "joined": _("The problem is being dealt with together with another one."),
        "refused": _("The office concerned did not take it up."),
    }.get(outcome or "", _("The report has been answered."))


def _said_by_case(register: Register, action: str, target: str, form: Mapping[str, Any]) -> str:
    """The state that was reached, and what was done as far as the register says it may be public."""
    state, declared = register.states.get(target), register.actions.get(action)
    said = [words(state.title) if state else target]
    for code, field in declared.form.items() if declared else ():
        text = form.get(code)
        if field.public and isinstance(text, str) and text and not personal_kinds(text):
            said.append(text)
    return _(": ").join(said)


@dataclasses.dataclass(frozen=True, slots=True)
class Pictures:
    """SHA-256 names of the photographs that may be shown, from before and after the work."""

    before: tuple[str, ...]
    after: tuple[str, ...]


def pictures_of(report: PublicReport, *, is_reporter: bool) -> Pictures:
    """The photographs that may be shown of a report: at most two queries.

    Those from before to the reporter who sent them, and to all once an officer has released them;
    those from after once the case is closed, in slots that its register makes public.
    """
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    if is_reporter or report.photos_public:
        before = tuple(dict.fromkeys(use.sha256 for use in uses_of_case(report.id)))
    if report.case_id is not None and report.case_end == "closed" and report.case_register:
        takes = get_register(report.case_register).public_reports
        shown = takes.pictures if takes else ()
        uses = [use for use in uses_of_case(report.case_id) if use.slot in shown]
        after = tuple(dict.fromkeys(use.sha256 for use in uses))
    return Pictures(before, after)


def report_of_token(token: str) -> str | None:
    """The number of the report that a token stands for; null until an officer has looked at it.

    Raises NotFound.
    """
    try:
        wanted = uuid.UUID(token)
    except ValueError:
        wanted = None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number, state, facts->>'service' FROM cases_case "
            "WHERE id = %s AND register = 'public-report'",
            [wanted],
        )
        row = cursor.fetchone()
    if row is None:
        message = _("There is no such token.")
        raise NotFound(message)
    register = known_registers().get(row[2].partition(".")[0])
    takes = register.public_reports if register else None
    is_waiting = takes is not None and takes.batch and row[1] == "received"
    return None if is_waiting else str(row[0])


def rebound_of_report(report_id: uuid.UUID) -> tuple[uuid.UUID, str] | None:
    """The report that a dissatisfied answer opened, by id and number; null where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, number FROM cases_case WHERE rebound_of_id = %s ORDER BY opened_at LIMIT 1",
            [report_id],
        )
        row = cursor.fetchone()
    return None if row is None else (row[0], row[1])
