"""Contracts that the law exempts from publication: recorded by hand, matched when they are filed.

实施条例 art 50 lets contents that are state or commercial secrets stay unpublished; the copy is due
all the same (政府采购法 art 47). No notice speaks of such a contract, so the filing does.
"""

import datetime as dt
import uuid
from typing import Final

from django.conf import settings
from django.utils import translation
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Invalid
from honghu.domains.financing.commands.sanctions import read_id
from honghu.domains.financing.queries.filings import FILINGS, filing_due_date
from honghu.domains.procurement.queries import get_award
from honghu.kernel.cases.commands import perform
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.queries import cases_with_fact, find_case
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.queries import find_organisation

LOANS: Final = "financing-loan"
_WAITING: Final = frozenset({"awaiting_contract", "contract_doubt"})


def record_exempt(effect: Effect) -> None:
    """Effect of `record_exempt`: project and buyer are those of the award that was chosen.

    Raises Invalid for a day to come, NotFound for an award that is none.
    """
    facts, form = effect.case.facts, effect.form
    award = get_award(read_id(facts["award"], "award"))
    buyer = find_organisation(name=award.buyer_name)
    signed = dt.date.fromisoformat(form["signed"])
    if signed > localdate(effect.now):
        message = _("The day lies in the future.")
        raise Invalid(message, fields={"signed": message})
    facts.update(
        contract=str(effect.case.id),
        contract_amount=form["amount"],
        signed_on=form["signed"],
        exemption=form["reason"],
        exemption_basis=form["basis"],
        project_name=award.project_name,
        buyer=str(buyer.id) if buyer else None,
        due_on=filing_due_date(signed).isoformat(),
    )
    if buyer is not None:
        effect.case.add_party("buyer", buyer.id)
    effect.case.title = " · ".join(
        part for part in (award.project_name, facts.get("contract_no")) if part
    )


def match_loans(effect: Effect) -> None:
    """An exempt contract was filed: the loans that wait for the award's contract are told."""
    award, now = effect.case.facts["award"], effect.now
    filing_id, key = effect.case.id, str(effect.step_id)

    def work() -> None:
        filing = find_case(filing_id, actor=SYSTEM, now=now)
        for loan in cases_with_fact(LOANS, fact="award", value=award, now=now):
            if loan.state in _WAITING:
                _tell(loan.id, filing, key, now)

    effect.then(work)


def match_exempt(loan_id: uuid.UUID, award: str, *, key: str, now: dt.datetime) -> None:
    """Tell a loan of its award's exempt contract, if one is filed."""
    found = cases_with_fact(FILINGS, fact="award", value=award, now=now)
    filed = [row for row in found if row.state == "filed" and row.facts.get("exemption")]
    if filed:
        _tell(loan_id, max(filed, key=lambda row: row.facts["filed_on"]), key, now)


def _tell(loan_id: uuid.UUID, filing: CaseRow, key: str, now: dt.datetime) -> None:
    """The office has compared parties and project; the amount is compared here (rule 2)."""
    amount = filing.facts["contract_amount"]
    awarded = get_award(uuid.UUID(filing.facts["award"])).amount_fen
    same = awarded is None or awarded == amount
    with translation.override(settings.LANGUAGE_CODE):
        mismatch = None if same else _("Amount")
    perform(
        loan_id,
        "match_contract",
        actor=SYSTEM,
        now=now,
        idempotency_key=f"exempt:{filing.id}:{loan_id}:{key}",
        form={
            "contract": str(filing.id),
            "contract_no": filing.facts.get("contract_no"),
            "contract_amount": amount if same else None,
            "contract_matched_at": now.isoformat() if same else None,
            "mismatch": mismatch,
            "result": "matched" if same else "different",
        },
    )
