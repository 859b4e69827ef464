"""What the closes found out about a loan: its classes, and what its class asks to be set aside."""

import dataclasses
import datetime as dt
import json
import uuid
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from django.conf import settings
from django.db import connection

from honghu.domains.lending.queries.loans import LoanRow
from honghu.domains.lending.queries.portfolio import Portfolio
from honghu.domains.lending.rules.classification import RiskClass
from honghu.domains.lending.rules.provision import (
    adequacy,
    read_provision_rules,
    required_provision,
)
from honghu.kernel.rulesets.queries import RuleValue, find_rule

_HISTORY: Final = """
SELECT business_date, before, after, findings, by, verified_by FROM lending_classchange
WHERE loan_id = %s ORDER BY number DESC"""


@dataclasses.dataclass(frozen=True, slots=True)
class ClassLine:
    """A change of class: on which business day, from and to which, and the grounds found.

    The persons are null where the rules did it.
    """

    business_date: dt.date
    before: str | None
    after: str
    grounds: Sequence[str]
    by: uuid.UUID | None
    verified_by: uuid.UUID | None


@dataclasses.dataclass(frozen=True, slots=True)
class ProvisionNeed:
    """What a loan's class asks to be set aside by the rules of a day, and the source of the ratio."""

    ratio: Decimal
    required_fen: int
    source: str


def class_history(loan_id: uuid.UUID) -> list[ClassLine]:
    """The changes of a loan's class, the newest first; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_HISTORY, [loan_id])
        rows = cursor.fetchall()
    return [
        ClassLine(day, before, after, _grounds(findings), by, verified_by)
        for day, before, after, findings, by, verified_by in rows
    ]


@dataclasses.dataclass(frozen=True, slots=True)
class Ratio:
    """An allowance as a share, and the least that the rules of the day ask for."""

    found: Decimal
    least: Decimal


@dataclasses.dataclass(frozen=True, slots=True)
class ProvisionStanding:
    """How a bank's allowance compares with its loans.

    A ratio is null where there is nothing to divide by, or no rule. `shortfall_fen` is what is
    missing to the strictest of the rules.
    """

    of_all: Ratio | None
    of_bad: Ratio | None
    shortfall_fen: int


def provision_standing(found: Portfolio) -> ProvisionStanding | None:
    """The two ratios of a bank's portfolio and what is missing, by the rules of its day.

    Null without loans, where a loan has no class yet, or a class no rule (银监会令2011年第4号).
    """
    if found.served_to is None:
        return None
    on, classes = found.served_to, {each.code: each for each in RiskClass}
    rules = read_provision_rules(lambda code: find_rule(code, on=on, region=settings.HONGHU_REGION))
    balances: dict[RiskClass, int] = {}
    for row in found.standing:
        risk_class = classes.get(row.risk_class)
        if risk_class is None or risk_class not in rules.ratios:
            return None
        balances[risk_class] = balances.get(risk_class, 0) + row.balance_fen
    held = adequacy(found.allowance_fen, balances, rules)
    return ProvisionStanding(
        _ratio(held.allowance_ratio, rules.allowance_ratio_min),
        _ratio(held.coverage_ratio, rules.coverage_ratio_min),
        held.shortfall_fen,
    )


def _ratio(found: Fraction | None, least: Decimal | None) -> Ratio | None:
    if found is None or least is None:
        return None
    return Ratio(Decimal(found.numerator) / found.denominator, least)


def _grounds(findings: Any) -> tuple[str, ...]:
    """The grounds among a line's findings, pairs of class and ground, each once."""
    kept = json.loads(findings) if isinstance(findings, str) else findings
    return tuple(dict.fromkeys(ground for _class, ground in kept))


def provision_need(loan: LoanRow) -> ProvisionNeed | None:
    """What the loan's class asks for, by the rules of the day that the loan was served to.

    Null for a loan that is not served any more, that has no class yet, or whose class has no rule.
    """
    classes = {each.code: each for each in RiskClass}
    if loan.status != "active" or loan.risk_class not in classes:
        return None
    rows: dict[str, RuleValue | None] = {}

    def find(code: str) -> RuleValue | None:
        if code not in rows:
            rows[code] = find_rule(code, on=loan.served_to, region=settings.HONGHU_REGION)
        return rows[code]

    rules = read_provision_rules(find)
    found = classes[loan.risk_class]
    row = rows.get(f"lending.provision_ratio.{found.code}")
    if row is None:
        return None
    required = required_provision(loan.owed_principal_fen, found, rules)
    return ProvisionNeed(rules.ratio(found), required, row.source)
