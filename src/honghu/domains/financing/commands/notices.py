"""What financing does when procurement has filed a notice."""

import datetime as dt
import uuid

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from honghu.domains.financing.commands.amendments import amend_published
from honghu.domains.financing.commands.filings import follow_contract
from honghu.domains.financing.commands.invitations import REGISTER as APPLICATIONS
from honghu.domains.financing.commands.invitations import invite
from honghu.domains.financing.commands.loans import match_published
from honghu.domains.financing.commands.payments import RISKS
from honghu.domains.financing.commands.quotes import LOANS
from honghu.domains.procurement.commands import outcome_of
from honghu.domains.procurement.events import NoticeFiled
from honghu.domains.procurement.queries import contracts_of_award, get_award
from honghu.kernel.cases.commands import open_case, perform
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.queries import cases_with_fact
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.parties.actor import SYSTEM

_WAITING_FOR_CONTRACT = frozenset({"awaiting_contract", "contract_doubt"})
_DRAWN = frozenset({"repaying", "changing", "settling", "writing_off", "written_off"})


def follow_notice(effect: Effect) -> None:
    """Reaction to a filed notice: invite, match the contract, freeze or void."""
    if effect.result not in {"filed", "passed"}:
        return
    notice_id, now = uuid.UUID(effect.case.facts["notice"]), effect.now
    effect.then(lambda: _follow(notice_id, now))


def _follow(notice_id: uuid.UUID, now: dt.datetime) -> None:
    filed = outcome_of(notice_id)
    if filed is None:
        return
    if filed.consequence == "contracted":
        for award_id in filed.affected:
            for loan in cases_with_fact(LOANS, fact="award", value=str(award_id), now=now):
                _tell_contract(loan, award_id, notice_id, now)
    elif filed.consequence in {"replaced", "revoked", "terminated"}:
        for award_id in filed.affected:
            _stop(award_id, filed, now)
    follow_contract(filed, now)
    for award_id in filed.awards:
        invite(get_award(award_id), now=now)


def _tell_contract(
    loan: CaseRow, award_id: uuid.UUID, notice_id: uuid.UUID, now: dt.datetime
) -> None:
    """A first contract is matched with the loan; a later one amends it (rules 2 and 16)."""
    if loan.state in _WAITING_FOR_CONTRACT:
        match_published(loan.id, str(award_id), key=str(notice_id), now=now)
    elif loan.facts.get("contract_amount") is not None and not loan.ended:
        amend_published(loan, contracts_of_award(award_id)[0], now)


def _stop(award_id: uuid.UUID, filed: NoticeFiled, now: dt.datetime) -> None:
    """A correction freezes what is not drawn, a termination voids it; what is drawn is a risk."""
    key, final = f"notice:{filed.notice_id}", filed.consequence == "terminated"
    with translation.override(settings.LANGUAGE_CODE):
        reason = (
            _("the project was terminated by a notice")
            if final
            else _("the award was corrected by a notice")
        )
    for application in cases_with_fact(APPLICATIONS, fact="award", value=str(award_id), now=now):
        _freeze_or_void(application, final=final, reason=reason, key=key, now=now)
    for loan in cases_with_fact(LOANS, fact="award", value=str(award_id), now=now):
        if loan.state in _DRAWN:
            _warn(loan, filed, key, now)
        else:
            _freeze_or_void(loan, final=final, reason=reason, key=key, now=now)


def _freeze_or_void(case: CaseRow, *, final: bool, reason: str, key: str, now: dt.datetime) -> None:
    if case.ended or (case.state == "frozen" and not final):
        return
    perform(
        case.id,
        "void" if final else "freeze",
        actor=SYSTEM,
        now=now,
        idempotency_key=f"{key}:{case.id}",
        form={"reason": reason} if final else {"freeze_reason": reason},
    )


def _warn(loan: CaseRow, filed: NoticeFiled, key: str, now: dt.datetime) -> None:
    open_case(
        RISKS,
        action="raise",
        actor=SYSTEM,
        now=now,
        idempotency_key=f"{key}:risk:{loan.id}",
        parent_id=loan.id,
        form={
            "kind": "award_terminated" if filed.consequence == "terminated" else "award_changed",
            "loan": loan.number,
            "bank": loan.facts["bank"],
            "supplier": loan.facts.get("supplier"),
            "amount": loan.facts.get("outstanding"),
            "detail": None,
        },
    )
