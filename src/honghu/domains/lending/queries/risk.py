"""What the closes found out about a loan: its classes, and what its class asks to be set aside."""

import dataclasses
import datetime as dt
import json
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.db import connection

from honghu.domains.lending.queries.loans import LoanRow
from honghu.domains.lending.rules.classification import RiskClass
from honghu.domains.lending.rules.provision import read_provision_rules, required_provision
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
