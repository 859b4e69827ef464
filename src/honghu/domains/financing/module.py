"""What financing declares of itself."""

from pathlib import Path

from honghu.domains.financing.commands import (
    account_changes,
    amendments,
    authorisations,
    banks,
    claims,
    consortia,
    disbursements,
    entrusted,
    exempt_contracts,
    filings,
    invitations,
    loan_changes,
    loans,
    locks,
    monthly_returns,
    notices,
    opportunities,
    overdue_lists,
    payments,
    quotes,
    registrations,
    retractions,
    sanctions,
    write_offs,
)
from honghu.domains.financing.commands.days import begin_day
from honghu.domains.financing.pages.cautions import payment_recorded_alike
from honghu.domains.financing.pages.letters import confirmation_panel
from honghu.domains.financing.pages.offers import quotes_panel
from honghu.domains.financing.pages.panels import (
    ceiling_panel,
    conditions_panel,
    consents_panel,
    contact_panel,
    encumbrances_panel,
    opportunity_panel,
    payments_panel,
)
from honghu.domains.financing.pages.pickers import (
    newest_awards,
    own_awards,
    own_products,
    payments_standing,
    quote_as_asked,
)
from honghu.domains.financing.pages.policy import invitation_panel
from honghu.domains.financing.pages.registration import registered_panel
from honghu.domains.financing.reports.registry import BANK_ROLES, OFFICE_ROLES
from honghu.domains.procurement.events import FILED_BY
from honghu.kernel.modules.module import Entry, Module, Panel, Picker, Way
from honghu.kernel.registers.model import Text

_CEILING = Panel(Text("融资上限", "Ceiling"), "financing/ceiling.html", ceiling_panel)

MODULE = Module(
    code="financing",
    begin_day=begin_day,
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
        "financing.admit_member": consortia.admit_member,
        "financing.consent_member": consortia.consent_member,
        "financing.change_supplier": invitations.change_supplier,
        "financing.apply": invitations.apply,
        "financing.resume_application": invitations.resume_application,
        "financing.withdraw_application": invitations.withdraw_application,
        "financing.name_filing": filings.name_filing,
        "financing.file_copy": filings.file_copy,
        "financing.record_exempt": exempt_contracts.record_exempt,
        "financing.name_opportunity": opportunities.name_opportunity,
        "financing.draft_quote": quotes.draft_quote,
        "financing.offer_quote": quotes.offer_quote,
        "financing.choose_quote": quotes.choose_quote,
        "financing.open_loan": loans.open_loan,
        "financing.propose_credit": entrusted.propose_credit,
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
        "financing.take_back_payment": retractions.take_back_payment,
        "financing.request_retraction": retractions.request_retraction,
        "financing.verify_retraction": retractions.verify_retraction,
        "financing.write_off_loan": write_offs.write_off_loan,
        "financing.propose_change": loan_changes.propose_change,
        "financing.decide_change": loan_changes.decide_change,
        "financing.apply_settlement": loans.apply_settlement,
        "financing.verify_settlement": loans.verify_settlement,
        "financing.amend_contract": amendments.amend_contract,
        "financing.confirm_supplement": amendments.confirm_supplement,
        "financing.change_loan_supplier": amendments.change_supplier,
        "financing.reauthorise_loan": amendments.reauthorise_loan,
        "financing.flag_supplier": sanctions.flag_supplier,
        "financing.freeze_supplier": sanctions.freeze_supplier,
        "financing.report_investigation": sanctions.report_investigation,
        "financing.verify_sanction": sanctions.verify_sanction,
        "financing.lodge_challenge": sanctions.lodge_challenge,
        "financing.request_account_change": account_changes.request_account_change,
        "financing.consent_account_change": account_changes.consent_account_change,
        "financing.confirm_account_change": account_changes.confirm_account_change,
        "financing.verify_account_change": account_changes.verify_account_change,
        "financing.request_confirmation": claims.request_confirmation,
        "financing.confirm_receivable": claims.confirm_receivable,
        "financing.claim_payment": claims.claim_payment,
        "financing.dispute_claim": claims.dispute_claim,
        "financing.settle_claim": claims.settle_claim,
        "financing.enter_supplier": registrations.enter_supplier,
        "financing.register_supplier": registrations.register_supplier,
        "financing.name_scheme": registrations.name_scheme,
        "financing.approve_scheme": registrations.approve_scheme,
        "financing.name_risk": payments.name_risk,
        "financing.name_return": monthly_returns.name_return,
        "financing.confirm_return": monthly_returns.confirm_return,
        "financing.correct_return": monthly_returns.correct_return,
        "financing.prepare_overdue_list": overdue_lists.prepare_overdue_list,
        "financing.publish_overdue_list": overdue_lists.publish_overdue_list,
    },
    reactions=dict.fromkeys(FILED_BY, notices.follow_notice) | opportunities.REACTIONS,
    panels={
        "financing-opportunity": (
            Panel(
                Text("怎样参与报价", "How a bank comes to quote"),
                "financing/opportunity.html",
                opportunity_panel,
            ),
        ),
        "supplier-registration": (
            Panel(Text("首次登录", "First sign-in"), "financing/registered.html", registered_panel),
        ),
        "serving-bank": (
            Panel(
                Text("已锁定的合同", "Encumbered contracts"),
                "financing/table.html",
                encumbrances_panel,
            ),
        ),
        "financing-application": (
            Panel(
                Text("政策与邀请", "Policy and invitation"),
                "financing/invitation.html",
                invitation_panel,
            ),
            Panel(
                Text("联合体成员同意情况", "Consents of the members"),
                "financing/table.html",
                consents_panel,
            ),
            Panel(Text("报价比较", "Quotes side by side"), "financing/quotes.html", quotes_panel),
        ),
        "financing-intent": (
            Panel(
                Text("供应商联系信息", "Contact of the supplier"),
                "financing/contact.html",
                contact_panel,
            ),
        ),
        "financing-loan": (
            Panel(
                Text("采购人确认方式", "How the buyer confirms"),
                "financing/confirmation.html",
                confirmation_panel,
            ),
            Panel(
                Text("放款条件", "Conditions of disbursement"),
                "financing/table.html",
                conditions_panel,
            ),
            _CEILING,
            Panel(
                Text("财政付款去向", "Where payments went"), "financing/table.html", payments_panel
            ),
        ),
    },
    pickers={
        "award-challenge.award": Picker(newest_awards),
        "contract-filing.award": Picker(newest_awards),
        "receivable-confirmation.award": Picker(own_awards),
        "payment-due.award": Picker(own_awards),
        "financing-quote.product": Picker(own_products),
        "payment-retraction.reference": Picker(payments_standing),
    },
    prefills={
        "financing-quote.draft": quote_as_asked,
    },
    ways={
        "financing-application": (
            Way(
                Text("比较报价并选定", "Compare and choose"),
                "financing-offers",
                frozenset({"quoting"}),
                ("supplier",),
            ),
            Way(
                Text("拟定报价", "Draft a quote"),
                "financing-quote-of",
                frozenset({"quoting"}),
                ("bank_manager",),
            ),
        ),
        "financing-intent": (
            Way(
                Text("拟定报价", "Draft a quote"),
                "financing-quote-on",
                frozenset({"received", "accepted"}),
                ("bank_manager",),
            ),
        ),
    },
    cautions={"financing-loan.record_payment": payment_recorded_alike},
    entries=(
        Entry(
            Text("我的政采贷", "My contract financing"), "financing-home", ("supplier", "member")
        ),
        Entry(Text("政采贷监测", "Monitoring board"), "financing-board", OFFICE_ROLES),
        Entry(
            Text("政采贷报表", "Financing reports"),
            "financing-reports",
            (*OFFICE_ROLES, *BANK_ROLES),
        ),
        Entry(Text("逾期未付款项", "Overdue payments"), "financing-overdue", OFFICE_ROLES),
        Entry(Text("政策载明与核查", "Policy in documents"), "financing-agencies", OFFICE_ROLES),
    ),
)
