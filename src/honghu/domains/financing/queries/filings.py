"""Whether the contract of a loan is filed with the finance department (step D8, rule 2)."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings

from honghu.kernel.cases.queries import cases_with_fact
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.rulesets.queries import get_calendar, get_rule

FILINGS: Final = "contract-filing"
NEEDED_RULE: Final = "financing.disbursement_contract"
"""What must have become of a contract before money is lent on it: `filed` or `published`."""


def filing_due_date(signed: dt.date) -> dt.date:
    """The last day to file the copy of a contract signed on a day (政府采购法 art 47)."""
    rule = get_rule(
        "financing.contract_filing_working_days", on=signed, region=settings.HONGHU_REGION
    )
    return get_calendar().add_working_days(signed, rule.as_duration().value)


@dataclasses.dataclass(frozen=True, slots=True)
class ContractStanding:
    """How far a loan's contract has come. `is_needed` says that the rule book wants it filed.

    `number` and `due_date` are of the filing, null where none was opened.
    """

    is_needed: bool
    is_filed: bool
    number: str | None = None
    due_date: dt.date | None = None


def contract_standing(
    facts: Mapping[str, Any], *, now: dt.datetime, today: dt.date
) -> ContractStanding:
    """How far the contract has come that a loan with these facts rests on.

    A later contract of the same award has a filing of its own.
    """
    rule = get_rule(NEEDED_RULE, on=today, region=settings.HONGHU_REGION)
    needed = rule.value != "published"
    rows = filings_of_contract(facts.get("contract"), now=now)
    if not rows:
        return ContractStanding(needed, is_filed=False)
    row = next((each for each in rows if each.state == "filed"), rows[0])
    due = row.facts.get("due_on")
    return ContractStanding(
        needed,
        is_filed=row.state == "filed",
        number=row.number,
        due_date=dt.date.fromisoformat(due) if due else None,
    )


def filings_of_contract(contract: str | None, *, now: dt.datetime) -> list[CaseRow]:
    """The filings of a contract that stand, filed or on their way; void ones are left out."""
    if contract is None:
        return []
    found = cases_with_fact(FILINGS, fact="contract", value=contract, now=now)
    return [each for each in found if each.state != "void"]
