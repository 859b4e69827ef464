"""What financing declares of itself."""

from pathlib import Path

from honghu.domains.financing.commands import (
    authorisations,
    banks,
    disbursements,
    invitations,
    loans,
    locks,
    notices,
    payments,
    quotes,
)
from honghu.domains.financing.pages import (
    ceiling_panel,
    invitation_panel,
    payments_panel,
    quotes_panel,
)
from honghu.domains.procurement.events import FILED_BY
from honghu.kernel.modules.module import Module, Panel
from honghu.kernel.registers.model import Text

STOPPED_BY = tuple(f"financing-application.{action}" for action in ("decline", "freeze", "void"))
"""The actions after which the quotes of an application have lost what they answered."""

_CEILING = Panel(Text("融资上限", "Ceiling"), "financing/ceiling.html", ceiling_panel)

MODULE = Module(
    code="financing",
    title=Text("政采贷", "Contract financing"),
    folder=Path(__file__).parent,
    effects={
        "financing.invite_supplier": invitations.invite_supplier,
        "financing.identify_supplier": invitations.identify_supplier,
        "financing.authorise_banks": authorisations.authorise_banks,
        "financing.authorise_all_banks": authorisations.authorise_all_banks,
        "financing.name_intent": authorisations.name_intent,
        "financing.accept_intent": authorisations.accept_intent,
        "financing.end_authorisation": authorisations.end_authorisation,
        "financing.forget_bank": authorisations.forget_bank,
        "financing.close_intent": authorisations.close_intent,
        "financing.apply_filing": banks.apply_filing,
        "financing.verify_filing": banks.verify_filing,
        "financing.verify_bank_withdrawal": banks.verify_withdrawal,
        "financing.draft_product": banks.draft_product,
        "financing.verify_product": banks.verify_product,
        "financing.withdraw_quote": quotes.withdraw_quote,
        "financing.apply": invitations.apply,
        "financing.resume_application": invitations.resume_application,
        "financing.draft_quote": quotes.draft_quote,
        "financing.offer_quote": quotes.offer_quote,
        "financing.choose_quote": quotes.choose_quote,
        "financing.open_loan": loans.open_loan,
        "financing.approve_credit": loans.approve_credit,
        "financing.match_contract": loans.match_contract,
        "financing.propose_lock": locks.propose_lock,
        "financing.confirm_account": locks.confirm_account,
        "financing.lock_account": locks.lock_account,
        "financing.propose_disbursement": disbursements.propose_disbursement,
        "financing.disburse": disbursements.disburse,
        "financing.freeze_loan": loans.freeze_loan,
        "financing.resume_loan": loans.resume_loan,
        "financing.void_loan": loans.void_loan,
        "financing.record_payment": payments.record_payment,
        "financing.verify_settlement": loans.verify_settlement,
        "financing.name_risk": payments.name_risk,
    },
    reactions=dict.fromkeys(FILED_BY, notices.follow_notice)
    | dict.fromkeys(STOPPED_BY, quotes.end_quotes),
    panels={
        "financing-application": (
            Panel(
                Text("政策与邀请", "Policy and invitation"),
                "financing/invitation.html",
                invitation_panel,
            ),
            Panel(Text("报价比较", "Quotes side by side"), "financing/table.html", quotes_panel),
        ),
        "financing-loan": (
            _CEILING,
            Panel(
                Text("财政付款去向", "Where payments went"), "financing/table.html", payments_panel
            ),
        ),
    },
)
