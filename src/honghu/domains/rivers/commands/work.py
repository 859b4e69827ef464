"""Lines of work: what was brought and cleared; one truck counts once a day; corrections reverse."""

import datetime as dt
import uuid
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from django.db import connection
from django.db.models import Max
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict, Invalid
from honghu.domains.rivers.models import WorkLine
from honghu.domains.rivers.queries import PROBLEMS, find_by_number, lines_of_case, presence_of
from honghu.domains.rivers.rules.problems import missing_share
from honghu.kernel.cases.effects import Effect

INPUTS: Final = {
    "labour": "人次",
    "machine": "台次",
    "truck": "辆次",
    "boat": "艘次",
}
_MEASURES: Final = {"m2": "平方米", "kg": "公斤", "m": "米", "m3": "立方米"}


class UnableToCountTwice(Conflict):
    """A vehicle that would count more than once on one day."""

    code = "vehicle-counted-twice"


class UnableToCorrect(Conflict):
    """A line that cannot be reversed: reversed already, a reversal itself, or of another unit."""

    code = "line-correction-refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """What a line says."""

    day: dt.date
    unit_id: uuid.UUID
    side: str
    kind: str
    measure: str
    quantity: Decimal
    vehicle: str | None = None
    site: str | None = None


def record_input(effect: Effect) -> None:
    """Effect of `record_input`: one line of the actor's unit; split what one truck did for two.

    辆次 are days of presence, so one plate counts at most 1 a day over all problems. Raises
    Invalid for a day outside the work, UnableToCountTwice naming what is left of the day.
    """
    form = effect.form
    day = _day_of_work(effect)
    amount = Decimal(form["amount"])
    vehicle = (form.get("vehicle") or "").strip().upper() or None
    if vehicle is not None:
        _claim_presence(vehicle, day, amount)
    entry = _Entry(
        day=day,
        unit_id=_unit(effect),
        side="input",
        kind=form["kind"],
        measure="times",
        quantity=amount,
        vehicle=vehicle,
    )
    _book(effect.case.id, effect, entry)
    effect.case.facts["inputs"] = _summary(effect.case.id, "input")


def record_output(effect: Effect) -> None:
    """Effect of `record_output`: one line of what was cleared and where it went. Raises Invalid."""
    form = effect.form
    entry = _Entry(
        day=_day_of_work(effect),
        unit_id=_unit(effect),
        side="output",
        kind=form["material"],
        measure=form["measure_unit"],
        quantity=Decimal(form["amount"]),
        site=form["site"],
    )
    _book(effect.case.id, effect, entry)
    effect.case.facts["outputs"] = _summary(effect.case.id, "output")


def request_correction(effect: Effect) -> None:
    """Effect of `request`: name the line of the actor's own unit that is wrong.

    Raises Invalid for an unknown problem or line, UnableToCorrect.
    """
    facts = effect.case.facts
    problem = find_by_number(
        PROBLEMS, facts["problem_number"], field="problem_number", now=effect.now
    )
    line = _line(problem.id, facts["line"])
    _check_reversible(line)
    if line.unit_id != effect.actor.organisation_id:
        message = _("Line {number} was recorded by another unit.").format(number=line.number)
        raise UnableToCorrect(message, remedy=_("Let that unit ask for the correction."))
    facts["problem"] = str(problem.id)
    facts["line_text"] = _describe(line)
    facts["unit"] = str(line.unit_id)
    facts["issuer"] = problem.facts["issuer"]
    effect.case.parties["unit"] = [facts["unit"]]
    effect.case.parties["issuer"] = [facts["issuer"]]
    effect.case.title = f"{problem.number} 第{line.number}行 {facts['line_text']}"


def verify_correction(effect: Effect) -> None:
    """Effect of `verify`: reverse the line and book the right amount anew; nothing is changed.

    Works for problems that are struck off as well. Raises UnableToCorrect, UnableToCountTwice.
    """
    if effect.result != "passed":
        return
    facts = effect.case.facts
    problem_id, right = uuid.UUID(facts["problem"]), Decimal(facts["right_amount"])
    _lock(f"rivers-lines:{problem_id}")
    line = _line(problem_id, facts["line"])
    _check_reversible(line)
    if line.vehicle is not None:
        _claim_presence(line.vehicle, line.day, right - line.quantity)
    entry = _Entry(
        day=line.day,
        unit_id=line.unit_id,
        side=line.side,
        kind=line.kind,
        measure=line.measure,
        quantity=-line.quantity,
        vehicle=line.vehicle,
        site=line.site,
    )
    _book(problem_id, effect, entry, reverses=line)
    if right > 0:
        _book(problem_id, effect, replace(entry, quantity=right))


def _unit(effect: Effect) -> uuid.UUID:
    # Roles of these actions are all held in an organisation, so the actor has one.
    assert effect.actor.organisation_id is not None  # noqa: S101
    return effect.actor.organisation_id


def _day_of_work(effect: Effect) -> dt.date:
    day = dt.date.fromisoformat(effect.form["day"])
    issued = localdate(dt.datetime.fromisoformat(effect.case.facts["issued_at"]))
    if not issued <= day <= localdate(effect.now):
        message = _("Work is recorded from the day of the notice, {day}, until today.").format(
            day=issued
        )
        raise Invalid(message, remedy=_("Correct the date."), fields={"day": message})
    return day


def _claim_presence(vehicle: str, day: dt.date, amount: Decimal) -> None:
    """Refuse what would make one vehicle count more than once on a day, under a lock."""
    _lock(f"rivers-vehicle:{vehicle}:{day}")
    used = presence_of(vehicle, day)
    left = missing_share([used], amount)
    if left is not None:
        message = _("{vehicle} counts once on {day}; {left} of it is left.").format(
            vehicle=vehicle, day=day, left=f"{left.normalize():f}"
        )
        remedy = _("Split the day between the problems, e.g. 0.5 and 0.5.")
        raise UnableToCountTwice(message, remedy=remedy, fields={"amount": message})


def _lock(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def _book(
    case_id: uuid.UUID, effect: Effect, entry: _Entry, *, reverses: WorkLine | None = None
) -> None:
    _lock(f"rivers-lines:{case_id}")
    last = WorkLine.objects.filter(case_id=case_id).aggregate(last=Max("number"))["last"]
    WorkLine.objects.create(
        case_id=case_id,
        number=(last or 0) + 1,
        step_id=effect.step_id,
        at=effect.now,
        day=entry.day,
        unit_id=entry.unit_id,
        side=entry.side,
        kind=entry.kind,
        measure=entry.measure,
        quantity=entry.quantity,
        vehicle=entry.vehicle,
        site=entry.site,
        reverses=reverses,
    )


def _line(problem_id: uuid.UUID, number: int) -> WorkLine:
    line = WorkLine.objects.filter(case_id=problem_id, number=number).first()
    if line is None:
        message = _("The problem has no line {number}.").format(number=number)
        raise Invalid(message, remedy=_("Look at its lines of work."), fields={"line": message})
    return line


def _check_reversible(line: WorkLine) -> None:
    reversed_already = WorkLine.objects.filter(reverses_id=line.id).exists()
    if line.reverses_id is not None or reversed_already:
        message = _("Line {number} is a reversal, or is reversed already.").format(
            number=line.number
        )
        raise UnableToCorrect(message, remedy=_("Correct the line that stands."))


def _describe(line: WorkLine) -> str:
    unit = INPUTS[line.kind] if line.side == "input" else _MEASURES[line.measure]
    return f"{line.day} {line.quantity.normalize():f}{unit}"


def _summary(case_id: uuid.UUID, side: str) -> str:
    """The sums of a side as the list prints them, in the order in which kinds first came."""
    sums: dict[str, Decimal] = {}
    for line in lines_of_case(case_id):
        if line.side == side:
            unit = INPUTS[line.kind] if side == "input" else _MEASURES[line.measure]
            sums[unit] = sums.get(unit, Decimal(0)) + line.quantity
    return "，".join(f"{total.normalize():f}{unit}" for unit, total in sums.items())
