"""The accounts of a lender's books on which the loans of one product and currency meet."""

import uuid
from typing import Final

from honghu.domains.lending.rules.postings import Part

_NAMESPACE: Final = uuid.UUID("3b0d9b5e-2c55-5a39-8a7b-6d1f3c1f9e42")

ACCOUNT_KINDS: Final = {
    Part.PRINCIPAL: "loan_principal",
    Part.INTEREST: "interest_receivable",
    Part.COMPOUND: "compound_receivable",
    Part.PENALTY: "penalty_receivable",
    Part.COSTS: "fee_receivable",
    Part.INTEREST_INCOME: "interest_income",
    Part.COMPOUND_INCOME: "compound_income",
    Part.PENALTY_INCOME: "penalty_income",
    Part.ALLOWANCE: "loss_allowance",
    Part.MONEY: "bank_funds",
    Part.RELEASED: "overpaid_loans",
    Part.WRITTEN_OFF: "written_off_claims",
    Part.WRITTEN_OFF_CONTRA: "written_off_contra",
    Part.OFF_INTEREST: "off_balance_interest",
    Part.OFF_COMPOUND: "off_balance_compound",
    Part.OFF_PENALTY: "off_balance_penalty",
    Part.OFF_CONTRA: "off_balance_contra",
}


def control_account_id(part: Part, lender_id: uuid.UUID, product: str, currency: str) -> uuid.UUID:
    """The ledger account that plays a part for all loans of a lender, product and currency."""
    return uuid.uuid5(_NAMESPACE, f"{part}:{lender_id}:{product}:{currency}")
