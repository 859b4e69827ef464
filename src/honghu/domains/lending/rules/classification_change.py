"""Changes of a risk class by persons.

A person may always judge a loan to be worse than the rules ask for. To raise it takes a second
person, and never goes past what the rules of the day ask for; out of the bad classes only after
the debtor has paid as agreed for long enough.
"""

import dataclasses
import datetime as dt
import uuid
from typing import NamedTuple

from honghu.base.problems import Conflict, NotAllowed
from honghu.domains.lending.rules.classification import (
    ClassificationRules,
    Finding,
    RiskClass,
    months_after,
    worst,
)


class VerifierNeeded(NotAllowed):
    """A class is raised by one person alone."""

    code = "class-verifier-needed"


class UnableToRaiseClass(Conflict):
    """The rules of the day, or too short a time of regular payment, forbid the better class."""

    code = "unable-to-raise-class"


class Cure(NamedTuple):
    """Since when all arrears are paid, and how many instalments were paid on time since."""

    arrears_paid_date: dt.date
    periods_paid: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ClassChange:
    """One line of a loan's class history. `by` and `verified_by` are None where the rules did it."""

    date: dt.date
    before: RiskClass | None
    after: RiskClass
    findings: tuple[Finding, ...] = ()
    by: uuid.UUID | None = None
    verified_by: uuid.UUID | None = None


def judge(
    current: RiskClass,
    wanted: RiskClass,
    own: tuple[Finding, ...],
    rules: ClassificationRules,
    *,
    on: dt.date,
    by: uuid.UUID,
    verified_by: uuid.UUID | None = None,
    cure: Cure | None = None,
) -> ClassChange:
    """A person's judgement on the class of a loan.

    `own` is what the rules ask for on the loan's facts, without earlier judgements
    (`classification.own_findings` with `judged` None). Raises VerifierNeeded for a better class
    without a second person, UnableToRaiseClass where the rules ask for a worse one, or where a bad
    loan has not been cured.
    """
    if wanted < current:
        if verified_by is None or verified_by == by:
            raise VerifierNeeded(
                f"the class is raised from {current.code} to {wanted.code} by one person",
                remedy="have another person verify it",
            )
        floor = worst(own)
        if wanted < floor:
            raise UnableToRaiseClass(
                f"the rules of {on} ask for {floor.code} at least",
                remedy=f"raise it to {floor.code} at most",
            )
        if current.is_bad and not wanted.is_bad and not is_cured(cure, rules, on):
            raise UnableToRaiseClass(
                "the arrears are not paid, or regular payment has not lasted long enough",
                remedy=f"wait for {rules.cure_months} months and {rules.cure_periods} instalments",
            )
    return ClassChange(date=on, before=current, after=wanted, by=by, verified_by=verified_by)


def is_cured(cure: Cure | None, rules: ClassificationRules, on: dt.date) -> bool:
    """Whether a bad loan may become performing: the longer of the two terms has passed.

    Rules that set no term ask for nothing but that the arrears are paid.
    """
    if cure is None:
        return False
    until = months_after(cure.arrears_paid_date, rules.cure_months or 0)
    return on >= until and cure.periods_paid >= (rules.cure_periods or 0)
