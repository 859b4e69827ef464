"""Flags, freezes and sanctions of suppliers (rule 18); challenges of awards (rules 2 and 3)."""

import datetime as dt
import uuid
from decimal import Decimal

from django.conf import settings
from django.utils import translation
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict, Invalid
from honghu.domains.financing.queries.standing import UNDRAWN, is_blocked
from honghu.domains.financing.queries.words import fault_texts
from honghu.domains.financing.rules import add_months, sanction_faults
from honghu.domains.procurement.queries import get_award
from honghu.kernel.cases.commands import perform
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.queries import cases_with_fact
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.queries import get_organisation
from honghu.kernel.rulesets.queries import get_rule

LOANS = "financing-loan"
_PERCENT = Decimal(100)


class SupplierBlocked(Conflict):
    """The supplier is frozen or under a sanction."""

    code = "supplier-blocked"


class ProposalDiffers(Conflict):
    """The decision is not the one that the investigation proposed."""

    code = "proposal-differs"


def require_unblocked(supplier_id: uuid.UUID, *, now: dt.datetime) -> None:
    """Raise SupplierBlocked while a freeze or a sanction of the supplier is in force (rule 18)."""
    if is_blocked(supplier_id, now=now):
        message = _("The supplier is frozen or under a sanction.")
        raise SupplierBlocked(message, remedy=_("Ask the procurement office."))


def flag_supplier(effect: Effect) -> None:
    """Effect of `flag`: a bank or the clerk reports what was found; a bank's flag is its own."""
    facts = effect.case.facts
    if not effect.actor.holds("procurement_clerk") and effect.actor.organisation_id is not None:
        facts["bank"] = str(effect.actor.organisation_id)
        effect.case.add_party("bank", effect.actor.organisation_id)
    effect.case.title = get_organisation(uuid.UUID(facts["supplier"])).name


def freeze_supplier(effect: Effect) -> None:
    """Effect of `freeze`: what the supplier has not drawn yet is frozen with it."""
    if effect.result != "frozen":
        return
    supplier, key, now = effect.case.facts["supplier"], str(effect.step_id), effect.now
    with translation.override(settings.LANGUAGE_CODE):
        reason = _("the supplier is under investigation")

    def work() -> None:
        for loan in cases_with_fact(LOANS, fact="supplier", value=supplier, now=now):
            if loan.state in UNDRAWN:
                perform(
                    loan.id,
                    "freeze",
                    actor=SYSTEM,
                    now=now,
                    idempotency_key=f"{key}:{loan.id}",
                    form={"freeze_reason": reason},
                )

    effect.then(work)


def report_investigation(effect: Effect) -> None:
    """Effect of `investigate`: a proposed sanction lies within the statute.

    Raises Invalid naming the fields (政府采购法 art 77).
    """
    facts, on, region = effect.case.facts, localdate(effect.now), settings.HONGHU_REGION
    if facts["proposal"] != "sanction":
        return

    def held(name: str) -> Decimal:
        return get_rule(f"financing.{name}", on=on, region=region).as_decimal() * _PERCENT

    def months(name: str) -> int:
        return get_rule(f"financing.{name}", on=on, region=region).as_duration().value

    fine = facts.get("fine_ratio")
    faults = sanction_faults(
        fine_ratio=None if fine is None else Decimal(fine),
        ban_months=facts.get("ban_months"),
        fine_bounds=(held("fraud_fine_ratio_min"), held("fraud_fine_ratio_max")),
        ban_bounds=(months("ban_months_min"), months("ban_months_max")),
    )
    if faults:
        message = _("The sanction lies outside the statute.")
        raise Invalid(message, remedy=_("Change the marked values."), fields=fault_texts(faults))


def verify_sanction(effect: Effect) -> None:
    """Effect of `verify`: the sanction holds from today, or the supplier is cleared.

    Raises ProposalDiffers unless it is what the investigation proposed.
    """
    facts, today = effect.case.facts, localdate(effect.now)
    if effect.result == "failed":
        return
    if effect.result != f"passed_{facts['proposal']}":
        message = _("The investigation proposed otherwise.")
        raise ProposalDiffers(message, remedy=_("Return it to be investigated again."))
    if effect.result == "passed_sanction":
        facts["in_force_from"] = today.isoformat()
        facts["until"] = add_months(today, facts.get("ban_months") or 0).isoformat()


def lodge_challenge(effect: Effect) -> None:
    """Effect of `lodge`: the award is known. Raises NotFound, Invalid for a day to come."""
    facts = effect.case.facts
    if facts["received_on"] > localdate(effect.now).isoformat():
        message = _("The day lies in the future.")
        raise Invalid(message, fields={"received_on": message})
    award = get_award(read_id(facts["award"], "award"))
    facts["project_name"] = award.project_name
    effect.case.title = f"{award.project_name} · {facts['challenger']}"


def read_id(text: str, field: str) -> uuid.UUID:
    """The id that somebody typed. Raises Invalid naming the field."""
    try:
        return uuid.UUID(text)
    except ValueError as error:
        message = _("There is no award {id}.").format(id=text)
        raise Invalid(message, fields={field: message}) from error
