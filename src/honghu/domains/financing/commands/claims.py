"""What buyers owe: receivables confirmed (art 16), payments due and their late interest (9-17)."""

import datetime as dt
import uuid
from decimal import Decimal

from django.conf import settings
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Invalid, NotAllowed
from honghu.domains.financing.commands.sanctions import read_id
from honghu.domains.financing.queries import live_loans
from honghu.domains.financing.queries.words import fault_text
from honghu.domains.financing.rules import (
    LateTerms,
    late_interest_fen,
    payment_due,
    rate_fault,
    term_starts,
)
from honghu.domains.procurement.queries import contracts_of_award, get_award
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.queries import find_case
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.queries import find_organisation, get_organisation
from honghu.kernel.rulesets.queries import get_rule


class NotYourAward(NotAllowed):
    """The award is another supplier's."""

    code = "award-of-another"


def _bind(effect: Effect) -> uuid.UUID:
    """Record project, supplier and buyer of the award that the supplier names; the award's id.

    Raises Invalid and NotFound for an unknown award or buyer, NotYourAward.
    """
    case, facts = effect.case, effect.case.facts
    award = get_award(read_id(facts["award"], "award"))
    own = effect.actor.organisation_id
    if own is None or get_organisation(own).name not in {award.supplier_name, *_members(award.id)}:
        message = _("The award is another supplier's.")
        raise NotYourAward(message, remedy=_("Choose an award of your own."))
    buyer = find_organisation(name=award.buyer_name)
    if buyer is None:
        message = _("The buyer {name} is not registered.").format(name=award.buyer_name)
        raise Invalid(message, remedy=_("Ask the procurement office."), fields={"award": message})
    facts.update(project_name=award.project_name, supplier=str(own), buyer=str(buyer.id))
    case.add_party("supplier", own)
    case.add_party("buyer", buyer.id)
    case.title = award.project_name
    return award.id


def _members(award_id: uuid.UUID) -> tuple[str, ...]:
    return tuple(get_award(award_id).consortium_members)


def request_confirmation(effect: Effect) -> None:
    """Effect of `request`: the buyer has 30 days; the lending bank, if there is one, sees it."""
    award_id = _bind(effect)
    contracts = contracts_of_award(award_id)
    effect.case.facts["contract_no"] = contracts[0].contract_no if contracts else None
    for loan_id in live_loans(award_id):
        bank = find_case(loan_id, actor=SYSTEM, now=effect.now).facts["bank"]
        effect.case.facts["bank"] = bank
        effect.case.add_party("bank", uuid.UUID(bank))


def confirm_receivable(effect: Effect) -> None:
    """Effect of `confirm`: no more than was asked for. Raises Invalid."""
    facts = effect.case.facts
    if facts["confirmed_amount"] > facts["amount"]:
        message = _("No more can be confirmed than was asked for.")
        raise Invalid(message, fields={"confirmed_amount": message})


def claim_payment(effect: Effect) -> None:
    """Effect of `claim`: the term begins and ends as the regulation says (rule 13).

    Raises Invalid for an agreed term above the longest, or an agreed rate below the LPR.
    """
    _bind(effect)
    facts, today = effect.case.facts, localdate(effect.now)
    longest = _days("payment_agreed_natural_days_max", today)
    if facts.get("agreed_days") is not None and facts["agreed_days"] > longest:
        message = _("At most {days} days may be agreed.").format(days=longest)
        raise Invalid(message, fields={"agreed_days": message})
    fault = rate_fault(_decimal(facts.get("agreed_rate")), _decimal(facts.get("lpr_at_contract")))
    if fault is not None:
        raise Invalid(
            _("The agreed rate does not hold."), fields={"agreed_rate": fault_text(fault)}
        )
    if facts["event_on"] > today.isoformat():
        message = _("The day lies in the future.")
        raise Invalid(message, fields={"event_on": message})
    starts = term_starts(
        event_date=dt.date.fromisoformat(facts["event_on"]),
        acceptance_due_date=_day(facts.get("acceptance_due_on")),
        accepted_date=_day(facts.get("accepted_on")),
    )
    due = payment_due(
        starts=starts,
        agreed_days=facts.get("agreed_days"),
        statutory_days=_days("payment_natural_days", today),
    )
    facts.update(starts_on=starts.isoformat(), due_on=due.isoformat())


def _days(name: str, on: dt.date) -> int:
    rule = get_rule(f"financing.{name}", on=on, region=settings.HONGHU_REGION)
    return rule.as_duration().value


def _day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def dispute_claim(effect: Effect) -> None:
    """Effect of `dispute`: the rest stays payable (art 15). Raises Invalid above the claim."""
    facts = effect.case.facts
    if (facts["disputed"] or 0) > facts["amount"]:
        message = _("No more can be in dispute than is due.")
        raise Invalid(message, fields={"disputed": message})


def settle_claim(effect: Effect) -> None:
    """Effect of `pay`: how late it is and what that costs (rule 14). Raises Invalid for a day to come."""
    facts, today = effect.case.facts, localdate(effect.now)
    due, paid = (dt.date.fromisoformat(facts[name]) for name in ("due_on", "paid_on"))
    if paid > today:
        message = _("The payment is dated in the future.")
        raise Invalid(message, fields={"paid_on": message})
    rate = get_rule(
        "financing.late_interest_rate_per_day", on=due, region=settings.HONGHU_REGION
    ).as_decimal()
    facts["overdue_days"] = max((paid - due).days, 0)
    facts["late_interest"] = late_interest_fen(
        amount_fen=facts["amount"],
        disputed_fen=facts.get("disputed") or 0,
        due=due,
        paid=paid,
        terms=LateTerms(_decimal(facts.get("agreed_rate")), rate),
    )
