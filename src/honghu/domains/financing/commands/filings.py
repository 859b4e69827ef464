"""Step D8: the contract is published in two working days, its copy filed in seven (rule 2).

实施条例 art 50 for the publication, 政府采购法 art 47 for the copy; both count from the signing.
"""

import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.domains.financing.commands.exempt_contracts import match_loans
from honghu.domains.financing.queries.filings import (
    FILINGS,
    filing_due_date,
    filings_of_contract,
)
from honghu.domains.procurement.events import NoticeFiled
from honghu.domains.procurement.queries import ContractRow, contracts_of_award, get_award
from honghu.kernel.cases.commands import open_case, perform
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.queries import cases_with_fact
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.queries import find_organisation
from honghu.kernel.rulesets.queries import get_calendar, get_rule

_ENDING = frozenset({"replaced", "revoked", "terminated"})


def follow_contract(filed: NoticeFiled, now: dt.datetime) -> None:
    """A contract notice asks for the copy of each contract; what ends an award ends its filing.

    A later contract of the same award is a filing of its own, beside the first.
    """
    for award_id in filed.affected:
        if filed.consequence == "contracted":
            newest = contracts_of_award(award_id)[0]
            if newest.notice_id == filed.notice_id:
                ask_for_copy(newest, award_id, now)
        elif filed.consequence in _ENDING:
            _end(award_id, f"notice:{filed.notice_id}", now)


def ask_for_copy(
    contract: ContractRow, award_id: uuid.UUID, now: dt.datetime, *, key: str | None = None
) -> None:
    """Open the filing of a contract, unless one stands. `key` tells a second one from the first."""
    if filings_of_contract(str(contract.id), now=now):
        return
    award = get_award(award_id)
    buyer = find_organisation(name=award.buyer_name)
    # Without a stated day of signing the statute's days count from what is known: the publication.
    start = contract.signed_date or contract.published_date or localdate(now)
    form: dict[str, Any] = {
        "award": str(award_id),
        "contract": str(contract.id),
        "contract_no": contract.contract_no,
        "project_name": award.project_name,
        "buyer": str(buyer.id) if buyer else None,
        "contract_amount": contract.amount_fen,
        "signed_on": contract.signed_date and contract.signed_date.isoformat(),
        "published_on": contract.published_date and contract.published_date.isoformat(),
        "publication": _publication(contract),
        "due_on": filing_due_date(start).isoformat(),
    }
    open_case(
        FILINGS,
        action="open",
        actor=SYSTEM,
        now=now,
        idempotency_key=f"contract-filing:{contract.id}" + (f":{key}" if key else ""),
        form=form,
    )


def _after(day: dt.date, rule: str) -> dt.date:
    """The last of the rule's working days counted from a day."""
    days = get_rule(f"financing.{rule}", on=day, region=settings.HONGHU_REGION).as_duration().value
    return get_calendar().add_working_days(day, days)


def _publication(contract: ContractRow) -> str | None:
    """Whether the contract was published in time; null where a day is not stated."""
    signed, published = contract.signed_date, contract.published_date
    if signed is None or published is None:
        return None
    late = published > _after(signed, "contract_publication_working_days")
    return "late" if late else "in_time"


def _end(award_id: uuid.UUID, key: str, now: dt.datetime) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        reason = _("the award was corrected by a notice")
    for row in cases_with_fact(FILINGS, fact="award", value=str(award_id), now=now):
        if not row.ended:
            perform(
                row.id,
                "void",
                actor=SYSTEM,
                now=now,
                idempotency_key=f"{key}:{row.id}",
                form={"reason": reason},
            )


def name_filing(effect: Effect) -> None:
    """Effect of `open`: name it after the project; its buyer sees it."""
    facts = effect.case.facts
    parts = [facts.get("project_name"), facts.get("contract_no")]
    effect.case.title = " · ".join(str(part) for part in parts if part)


def file_copy(effect: Effect) -> None:
    """Effect of `verify`: passed, the copy counts as filed on this day.

    A contract that no notice publishes is matched with the loans that wait for it.
    """
    if effect.result != "passed":
        return
    effect.case.facts["filed_on"] = localdate(effect.now).isoformat()
    if effect.case.facts.get("exemption"):
        match_loans(effect)
