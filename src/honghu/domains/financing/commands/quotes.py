"""Banks' quotes: drafted by one person, offered by another, chosen by the supplier."""

import datetime as dt
import uuid
from decimal import Decimal

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import HonghuError, Invalid
from honghu.domains.financing.commands.authorisations import end_intents, follow_quote
from honghu.domains.financing.commands.banks import require_filed, terms_of_product
from honghu.domains.financing.commands.bounds import bounds_on
from honghu.domains.financing.models import Authorisation
from honghu.domains.financing.queries.banks import products_on
from honghu.domains.financing.queries.words import fault_texts
from honghu.domains.financing.rules import QuoteTerms, faults_under_product, quote_faults
from honghu.kernel.cases.commands import open_case, perform
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.queries import children_of, find_case
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.cases.wording import words
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.queries import find_organisation, organisation_names

REGISTER = "financing-quote"
LOANS = "financing-loan"
_LIVE = frozenset({"drafted", "offered"})


class UnableToQuote(HonghuError):  # noqa: N818 named after what was attempted
    """The bank may not quote on this application."""

    code = "quote-not-possible"
    status = 409


class UnableToChooseQuote(HonghuError):  # noqa: N818
    """The quote cannot be chosen."""

    code = "quote-not-available"
    status = 409


def _check_terms(effect: Effect, application: CaseRow) -> None:
    """Rules 6 and 7 on the server, whatever the page allowed. Raises Invalid with every fault."""
    facts, today = effect.case.facts, localdate(effect.now)
    terms = QuoteTerms(
        facts["amount"],
        Decimal(facts["rate"]),
        Decimal(facts["reference_rate"]),
        Decimal(facts["ratio"]),
        facts["tenor_months"],
        facts["fee"],
        facts["collateral"],
        dt.date.fromisoformat(facts["valid_until"]),
    )
    product = _product(effect, today)
    under = faults_under_product(
        terms, terms_of_product(product.facts), sector=application.facts.get("sector")
    )
    faults = under | quote_faults(
        terms, bounds_on(today), ceiling=application.facts.get("award_amount"), today=today
    )
    if faults:
        message = _("The quote breaks the rules of the scheme.")
        raise Invalid(message, remedy=_("Change the marked values."), fields=fault_texts(faults))


def _product(effect: Effect, today: dt.date) -> CaseRow:
    """The product under which the bank quotes: the one named, else the only one on offer.

    Raises UnableToQuote if the bank has none, Invalid if it must name one.
    """
    bank_id, facts = uuid.UUID(effect.case.facts["bank"]), effect.case.facts
    require_filed(bank_id, now=effect.now)
    offered = products_on(bank_id, today, now=effect.now)
    if not offered:
        message = _("Your bank has no product on offer.")
        raise UnableToQuote(message, remedy=_("Declare a product first."))
    named = [each for each in offered if facts.get("product") in {None, each.number}]
    if len(named) != 1:
        message = _("Name one of your bank's products: {numbers}").format(
            numbers=", ".join(each.number for each in offered)
        )
        raise Invalid(message, fields={"product": message})
    facts["product"] = named[0].number
    return named[0]


def draft_quote(effect: Effect) -> None:
    """Effect of `draft`: a quote of an authorised bank on an application that is open to quotes.

    Raises UnableToQuote naming what is missing, Invalid for terms outside the scheme.
    """
    case, bank_id = effect.case, effect.actor.organisation_id
    if case.parent_id is None or bank_id is None:
        message = _("A quote belongs to an application.")
        raise UnableToQuote(message, remedy=_("Open it from the application."))
    application = find_case(case.parent_id, actor=SYSTEM, now=effect.now)
    authorised = Authorisation.objects.filter(
        application_id=case.parent_id,
        bank_id=bank_id,
        withdrawn_at=None,
        expires_date__gte=localdate(effect.now),
    ).exists()
    if not authorised:
        message = _("Your bank holds no live authorisation of this supplier.")
        raise UnableToQuote(message, remedy=_("Ask the supplier to authorise your bank."))
    if application.register != "financing-application" or application.state != "quoting":
        message = _("This application takes no quotes now.")
        raise UnableToQuote(message, remedy=_("Wait until the supplier has applied."))
    siblings = children_of(case.parent_id, register=REGISTER, now=effect.now)
    if any(each.facts.get("bank") == str(bank_id) and each.state in _LIVE for each in siblings):
        message = _("Your bank has a live quote on this application.")
        raise UnableToQuote(message, remedy=_("Withdraw it before you draft another."))
    case.facts["bank"] = str(bank_id)
    case.add_party("bank", bank_id)
    _check_terms(effect, application)
    names = organisation_names([bank_id])
    case.title = f"{names[bank_id]} · {application.title}"
    _follow(effect, "accept")


def _follow(effect: Effect, action: str) -> None:
    """The bank's intent follows its quote, once the step is written."""
    application_id, bank_id = effect.case.parent_id, uuid.UUID(effect.case.facts["bank"])
    if application_id is not None:
        key, now = str(effect.step_id), effect.now
        effect.then(lambda: follow_quote(application_id, bank_id, action, key=key, now=now))


def withdraw_quote(effect: Effect) -> None:
    """Effect of `withdraw`: the intent is open to another quote."""
    _follow(effect, "reopen")


def offer_quote(effect: Effect) -> None:
    """Effect of `offer`: the terms are judged again on this day, then the supplier sees them."""
    application = find_case(_parent(effect), actor=SYSTEM, now=effect.now)
    if application.state != "quoting":
        message = _("This application takes no quotes now.")
        raise UnableToQuote(message, remedy=_("Withdraw the quote."))
    _check_terms(effect, application)
    supplier = uuid.UUID(application.facts["supplier"])
    effect.case.facts["supplier"] = str(supplier)
    effect.case.add_party("supplier", supplier)
    _follow(effect, "note_quote")


def _parent(effect: Effect) -> uuid.UUID:
    if effect.case.parent_id is None:
        message = _("A quote belongs to an application.")
        raise UnableToQuote(message)
    return effect.case.parent_id


def choose_quote(effect: Effect) -> None:
    """Effect of `choose`: the loan is opened with the chosen bank, the other quotes end.

    Raises UnableToChooseQuote for a quote of another application, not offered, or expired.
    """
    number = effect.form["quote"].strip()
    quotes = children_of(effect.case.id, register=REGISTER, now=effect.now)
    chosen = next((each for each in quotes if each.number == number), None)
    if chosen is None or chosen.state != "offered":
        message = _("There is no open quote {number} on this application.").format(number=number)
        raise UnableToChooseQuote(message, remedy=_("Choose one of the quotes that are listed."))
    if dt.date.fromisoformat(chosen.facts["valid_until"]) < localdate(effect.now):
        message = _("The quote {number} has expired.").format(number=number)
        raise UnableToChooseQuote(message, remedy=_("Ask the bank for a new one."))
    bank_id = uuid.UUID(chosen.facts["bank"])
    effect.case.facts["chosen_bank"] = str(bank_id)
    end_intents(effect, keep=bank_id)
    others = [each for each in quotes if each.state in _LIVE and each.id != chosen.id]
    effect.then(lambda: _end_quotes(effect, chosen, others))
    effect.then(lambda: _open_loan(effect, chosen))


def _end_quotes(effect: Effect, chosen: CaseRow, others: list[CaseRow]) -> None:
    for quote, result in [(chosen, "chosen"), *((each, "not_chosen") for each in others)]:
        action, form = "settle_choice", {"result": result}
        if quote.state == "drafted":
            action, form = "withdraw", {"reason": _("the supplier chose another quote")}
        perform(
            quote.id,
            action,
            actor=SYSTEM,
            now=effect.now,
            idempotency_key=f"{effect.step_id}:{quote.id}",
            form=form,
        )


def _open_loan(effect: Effect, chosen: CaseRow) -> None:
    facts = effect.case.facts
    buyer = find_organisation(name=facts.get("buyer_name"))
    open_case(
        LOANS,
        action="open",
        actor=SYSTEM,
        now=effect.now,
        idempotency_key=f"{effect.step_id}:loan",
        parent_id=effect.case.id,
        form={
            "award": facts["award"],
            "project_name": facts.get("project_name"),
            "supplier": facts["supplier"],
            "bank": chosen.facts["bank"],
            "buyer": str(buyer.id) if buyer else None,
            "amount": min(chosen.facts["amount"], facts["amount"]),
            "rate": chosen.facts["rate"],
            "ratio": chosen.facts["ratio"],
            "tenor_months": chosen.facts["tenor_months"],
            "loan_kind": "first",
        },
    )


def end_quotes(effect: Effect) -> None:
    """Reaction to an application that was declined, frozen or became void: its quotes end.

    They answered the application as it was; after a resumption banks are authorised anew.
    """
    application_id, key, now = effect.case.id, str(effect.step_id), effect.now
    reason = _("the application was stopped: {action}").format(action=words(effect.action.title))
    end_intents(effect)
    effect.then(lambda: withdraw_quotes(application_id, reason=reason, key=key, now=now))


def withdraw_quotes(application_id: uuid.UUID, *, reason: str, key: str, now: dt.datetime) -> None:
    """End all live quotes of an application that stops."""
    for quote in children_of(application_id, register=REGISTER, now=now):
        if quote.state in _LIVE:
            perform(
                quote.id,
                "withdraw",
                actor=SYSTEM,
                now=now,
                idempotency_key=f"{key}:{quote.id}",
                form={"reason": reason},
            )
