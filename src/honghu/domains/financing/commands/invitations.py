"""From an award to an application: invite, identify, authorise, apply."""

import datetime as dt
import uuid

from django.conf import settings
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import HonghuError, Invalid
from honghu.domains.financing.commands.authorisations import end_intents, put_intents
from honghu.domains.financing.models import Authorisation
from honghu.domains.procurement.queries import AwardRow
from honghu.kernel.cases.commands import open_case
from honghu.kernel.cases.effects import Effect
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.queries import find_organisation, get_organisation
from honghu.kernel.rulesets.queries import get_rule

REGISTER = "financing-application"


class UnableToIdentifySupplier(HonghuError):  # noqa: N818 named after what was attempted
    """The organisation chosen is not the one on the award."""

    code = "supplier-differs"


def invite(award: AwardRow, *, now: dt.datetime) -> uuid.UUID | None:
    """Open an application for an award that stands; null for a lot that nobody won.

    The supplier is found by its code, else by its exact and unique name; an unknown supplier goes
    to the procurement office.
    """
    if not award.is_active or award.supplier_name is None:
        return None
    supplier = find_organisation(uscc=award.supplier_uscc, name=award.supplier_name)
    done = open_case(
        REGISTER,
        action="invite",
        actor=SYSTEM,
        now=now,
        idempotency_key=f"award:{award.id}",
        form={
            "award": str(award.id),
            "project_name": award.project_name,
            "project_no": award.project_no,
            "lot": award.lot,
            "buyer_name": award.buyer_name,
            "supplier_name": award.supplier_name,
            "supplier": str(supplier.id) if supplier else None,
            "award_amount": award.amount_fen,
            "result": "known" if supplier else "unknown",
        },
    )
    return done.case_id


def invite_supplier(effect: Effect) -> None:
    """Effect of `invite`: name the case after its project and supplier."""
    facts = effect.case.facts
    parts = [facts.get("project_name"), facts.get("lot"), facts.get("supplier_name")]
    effect.case.title = " · ".join(str(part) for part in parts if part)


def identify_supplier(effect: Effect) -> None:
    """Effect of `identify`: a person says which registered organisation the award means.

    Raises UnableToIdentifySupplier unless its name is that of the award: a winner is not chosen.
    """
    chosen = get_organisation(uuid.UUID(effect.form["supplier"]))
    if chosen.name != effect.case.facts.get("supplier_name"):
        message = _("The award names {award}, not {chosen}.").format(
            award=effect.case.facts.get("supplier_name"), chosen=chosen.name
        )
        raise UnableToIdentifySupplier(
            message, remedy=_("Register the supplier under the name on the award.")
        )


def apply(effect: Effect) -> None:
    """Effect of `apply`: amount and tenor within the award and the rule book (rules 4 and 6).

    Raises Invalid naming the field.
    """
    facts = effect.case.facts
    ceiling = facts.get("award_amount")
    if ceiling is not None and facts["amount"] > ceiling:
        message = _("More than the award itself cannot be financed.")
        raise Invalid(message, fields={"amount": message})
    longest = get_rule(
        "financing.tenor_months_max", on=localdate(effect.now), region=settings.HONGHU_REGION
    ).as_duration()
    if facts["tenor_months"] > longest.value:
        message = _("At most {months} months.").format(months=longest.value)
        raise Invalid(message, fields={"tenor_months": message})
    facts["applied_at"] = effect.now.isoformat()
    put_intents(effect)


def resume_application(effect: Effect) -> None:
    """Effect of `resume`: what banks had been authorised for must be granted anew."""
    Authorisation.objects.filter(application_id=effect.case.id, withdrawn_at=None).update(
        withdrawn_at=effect.now
    )
    end_intents(effect)
    effect.case.facts["freeze_reason"] = None
