"""From an award to an application: invite, identify, authorise, apply."""

import datetime as dt
import uuid

from django.conf import settings
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import HonghuError, Invalid
from honghu.domains.financing.commands.authorisations import end_intents, put_intents
from honghu.domains.financing.commands.consortia import SEPARATOR, join_members
from honghu.domains.financing.commands.opportunities import publish_opportunity
from honghu.domains.financing.commands.sanctions import require_unblocked
from honghu.domains.financing.models import Authorisation
from honghu.domains.financing.rules import is_framework_entry
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
    """Open an application for an award that stands; null for a lot that nobody won and for
    an entry to a framework agreement, which has no contract to finance.

    The supplier is found by its code, else by its exact and unique name; an unknown supplier goes
    to the procurement office.
    """
    if not award.is_active or is_framework_entry(award.project_name):
        return None
    if award.supplier_name is None and not award.consortium_members:
        return None
    supplier = (
        find_organisation(uscc=award.supplier_uscc, name=award.supplier_name)
        if award.supplier_name is not None
        else None
    )
    form = {
        "award": str(award.id),
        "project_name": award.project_name,
        "project_no": award.project_no,
        "lot": award.lot,
        "buyer_name": award.buyer_name,
        "supplier_name": award.supplier_name,
        "supplier_uscc": award.supplier_uscc,
        "member_names": SEPARATOR.join(award.consortium_members) or None,
        "supplier": str(supplier.id) if supplier else None,
        "award_amount": award.amount_fen,
        "result": "known" if supplier else "unknown",
    }
    done = open_case(
        REGISTER,
        action="invite",
        actor=SYSTEM,
        now=now,
        idempotency_key=f"award:{award.id}",
        form=form,
    )
    publish_opportunity(award, done.case_id, form, now=now)
    return done.case_id


def invite_supplier(effect: Effect) -> None:
    """Effect of `invite`: name the case after its project and supplier; join a consortium."""
    facts = effect.case.facts
    who = facts.get("supplier_name") or facts.get("member_names")
    parts = [facts.get("project_name"), facts.get("lot"), who]
    join_members(effect)
    effect.case.title = " · ".join(str(part) for part in parts if part)


def identify_supplier(effect: Effect) -> None:
    """Effect of `identify`: a person says which registered organisation the award means.

    Of a consortium whose lead the notice does not state, any member may lead. Raises
    UnableToIdentifySupplier unless its name is that of the award: a winner is not chosen.
    """
    chosen = get_organisation(uuid.UUID(effect.form["supplier"]))
    facts = effect.case.facts
    lead, members = facts.get("supplier_name"), facts.get("member_names") or ""
    named = [lead] if lead is not None else members.split(SEPARATOR)
    if chosen.name not in named:
        message = _("The award names {award}, not {chosen}.").format(
            award=SEPARATOR.join(named), chosen=chosen.name
        )
        raise UnableToIdentifySupplier(
            message, remedy=_("Register the supplier under the name on the award.")
        )


def apply(effect: Effect) -> None:
    """Effect of `apply`: amount and tenor within the award and the rule book (rules 4 and 6).

    Raises Invalid naming the field.
    """
    facts = effect.case.facts
    require_unblocked(uuid.UUID(facts["supplier"]), now=effect.now)
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


def change_supplier(effect: Effect) -> None:
    """Effect of `change_supplier`: the successor authorises banks anew (§ 6, merger or rename)."""
    resume_application(effect)


def resume_application(effect: Effect) -> None:
    """Effect of `resume`: what banks had been authorised for must be granted anew."""
    Authorisation.objects.filter(application_id=effect.case.id, withdrawn_at=None).update(
        withdrawn_at=effect.now
    )
    end_intents(effect)
    effect.case.facts["freeze_reason"] = None


def withdraw_application(effect: Effect) -> None:
    """Effect of `withdraw`: the supplier takes the application back and may make another one.

    Authorisations and quotes end at once; what was applied for stays in the steps alone.
    """
    resume_application(effect)
    for name in ("amount", "tenor_months", "purpose", "applied_at"):
        effect.case.facts[name] = None
