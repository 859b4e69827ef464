"""Serving banks and their products: filed and listed by the finance bureau before they may serve."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict, HonghuError, Invalid
from honghu.domains.financing.commands.bounds import bounds_on
from honghu.domains.financing.queries.banks import filing_of, is_filed, versions_of_product
from honghu.domains.financing.queries.words import fault_texts
from honghu.domains.financing.rules import ProductTerms, product_faults
from honghu.kernel.cases.commands import perform
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.queries import cases_with_fact
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.queries import get_organisation

BANK = "bank"


class UnableToFileBank(HonghuError):  # noqa: N818 named after what was attempted
    """The organisation is no bank, or another's filing is asked for."""

    code = "filing-invalid"


class BankFiledBefore(Conflict):
    """The bank is filed already, or its filing is under way."""

    code = "bank-filed"


class BankNotFiled(Conflict):
    """The bank is not filed with the procurement office."""

    code = "bank-not-filed"


def apply_filing(effect: Effect) -> None:
    """Effect of `apply`: a bank asks to serve, or the clerk enters what it sent on paper.

    Raises UnableToFileBank for an organisation that is no bank, or for another bank than the
    actor's own; BankFiledBefore for a second live filing.
    """
    bank_id = uuid.UUID(effect.case.facts["bank"])
    bank = get_organisation(bank_id)
    if bank.kind != BANK:
        message = _("{name} is not a bank.").format(name=bank.name)
        raise UnableToFileBank(message, remedy=_("Choose one of the serving banks."))
    if not effect.actor.holds("procurement_clerk") and effect.actor.organisation_id != bank_id:
        message = _("A bank files for itself alone.")
        raise UnableToFileBank(message, remedy=_("Choose your own bank."))
    if filing_of(bank_id, now=effect.now) is not None:
        message = _("{name} has a filing already.").format(name=bank.name)
        raise BankFiledBefore(message, remedy=_("Look at the filing that is there."))
    effect.case.title = bank.name


def verify_filing(effect: Effect) -> None:
    """Effect of `verify`: the bank serves from this day on."""
    if effect.result == "passed":
        effect.case.facts["filed_on"] = localdate(effect.now).isoformat()


def verify_withdrawal(effect: Effect) -> None:
    """Effect of `verify_withdrawal`: every live intent of the bank ends; its loans run on."""
    if effect.result != "passed":
        return
    bank, key, now = effect.case.facts["bank"], str(effect.step_id), effect.now

    def work() -> None:
        for intent in cases_with_fact("financing-intent", fact="bank", value=bank, now=now):
            if not intent.ended:
                perform(
                    intent.id,
                    "expire",
                    actor=SYSTEM,
                    now=now,
                    idempotency_key=f"{key}:{intent.id}",
                    form={},
                )

    effect.then(work)


def require_filed(bank_id: uuid.UUID, *, now: dt.datetime) -> None:
    """Raise BankNotFiled unless the bank's filing is in force."""
    if not is_filed(bank_id, now=now):
        message = _("{name} is not filed with the procurement office.").format(
            name=get_organisation(bank_id).name
        )
        raise BankNotFiled(message, remedy=_("Choose one of the serving banks."))


def draft_product(effect: Effect) -> None:
    """Effect of `draft`: a filed bank declares a product, or a new version of one.

    Raises BankNotFiled, Invalid with everything that lies outside the scheme (rules 6 and 7).
    """
    bank_id, facts = effect.actor.organisation_id, effect.case.facts
    if bank_id is None:
        message = _("A product belongs to a bank.")
        raise UnableToFileBank(message)
    require_filed(bank_id, now=effect.now)
    facts["bank"] = str(bank_id)
    effect.case.add_party("bank", bank_id)
    today = localdate(effect.now)
    faults = product_faults(terms_of_product(facts), bounds_on(today), today=today)
    if faults:
        message = _("The product breaks the rules of the scheme.")
        raise Invalid(message, remedy=_("Change the marked values."), fields=fault_texts(faults))
    effect.case.title = f"{get_organisation(bank_id).name} · {facts['product_name']}"


def terms_of_product(facts: Mapping[str, Any]) -> ProductTerms:
    """The terms of a product from the facts of its case."""
    until = facts.get("effective_to")
    return ProductTerms(
        reference_rate=Decimal(facts["reference_rate"]),
        rate_min=Decimal(facts["rate_min"]),
        rate_max=Decimal(facts["rate_max"]),
        ratio_max=Decimal(facts["ratio_max"]),
        tenor_months_max=facts["tenor_months_max"],
        amount_min_fen=facts["amount_min"],
        amount_max_fen=facts["amount_max"],
        sectors=frozenset(facts.get("sectors") or ()),
        effective_from=dt.date.fromisoformat(facts["effective_from"]),
        effective_to=dt.date.fromisoformat(until) if until else None,
    )


def verify_product(effect: Effect) -> None:
    """Effect of `verify`: listed; an earlier version of the product ends the day before.

    Raises BankNotFiled if the bank's filing was withdrawn meanwhile.
    """
    if effect.result != "passed":
        return
    facts = effect.case.facts
    bank_id = uuid.UUID(facts["bank"])
    require_filed(bank_id, now=effect.now)
    last = dt.date.fromisoformat(facts["effective_from"]) - dt.timedelta(days=1)
    for earlier in versions_of_product(bank_id, facts["product_code"], now=effect.now):
        if earlier.facts["effective_from"] > last.isoformat():
            message = _("A version of this product holds from {day} already.").format(
                day=earlier.facts["effective_from"]
            )
            raise Conflict(message, remedy=_("Let the new version begin later."))
        effect.then(_replacement(effect, earlier.id, last))


def _replacement(effect: Effect, case_id: uuid.UUID, last: dt.date) -> Callable[[], object]:
    """What ends an earlier version of a product with a day, once the step is written."""
    return lambda: perform(
        case_id,
        "replace",
        actor=SYSTEM,
        now=effect.now,
        idempotency_key=f"{effect.step_id}:{case_id}",
        form={"effective_to": last.isoformat()},
    )
