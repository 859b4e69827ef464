"""Suppliers registered by their code, and the financing schemes of the county."""

import datetime as dt
import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict, NotAllowed
from honghu.domains.financing.queries.desk import claimable
from honghu.kernel.cases.commands import perform
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.models import Case
from honghu.kernel.parties.actor import SYSTEM, Actor
from honghu.kernel.parties.commands import add_organisation
from honghu.kernel.parties.models import Organisation
from honghu.kernel.parties.queries import find_organisation

SCHEMES = "financing-scheme"
SUPPLIER = "enterprise"


class UnableToRegisterSupplier(Conflict):
    """Name and code do not belong together in what is known already."""

    code = "registration-conflict"


def enter_supplier(effect: Effect) -> None:
    """Effect of `enter`: the code's check digit was judged by its field; name the case."""
    facts = effect.case.facts
    effect.case.title = facts["supplier_name"]
    _known(facts["supplier_name"], facts["uscc"])


def _known(name: str, uscc: str) -> uuid.UUID | None:
    """The organisation that is meant; null if it is new. Raises UnableToRegisterSupplier."""
    by_code, by_name = find_organisation(uscc=uscc), find_organisation(name=name)
    if by_code is not None and by_code.name != name:
        message = _("The code is registered for {name}.").format(name=by_code.name)
        raise UnableToRegisterSupplier(message, remedy=_("Compare it with the licence."))
    if by_code is not None:
        return by_code.id
    if by_name is not None and by_name.uscc is not None:
        message = _("{name} is registered with another code.").format(name=name)
        raise UnableToRegisterSupplier(message, remedy=_("Compare it with the licence."))
    return by_name.id if by_name is not None else None


def register_supplier(effect: Effect) -> None:
    """Effect of `verify`: the supplier is entered and claims the awards made to its name.

    An award that prints another code is left to a person. Raises UnableToRegisterSupplier.
    """
    if effect.result != "passed":
        return
    facts, now = effect.case.facts, effect.now
    name, uscc, phone = facts["supplier_name"], facts["uscc"], facts.get("contact_phone")
    supplier = _known(name, uscc)
    if supplier is None:
        supplier = add_organisation(name=name, kind=SUPPLIER, uscc=uscc, contact=phone, now=now).id
    else:
        Organisation.objects.filter(pk=supplier).update(uscc=uscc, contact=phone)
    facts["supplier"] = str(supplier)
    effect.case.add_party("supplier", supplier)
    waiting = [row.id for row in claimable(supplier, now=now)]
    facts["claimed"] = len(waiting)
    key = str(effect.step_id)
    effect.then(lambda: _claim(waiting, str(supplier), key, now))


def claim_awards(*, actor: Actor, now: dt.datetime) -> int:
    """The actor's organisation takes the awards made to its name and code; how many.

    Twice is once. Raises NotAllowed unless the actor is a supplier.
    """
    supplier = actor.organisation_id
    if supplier is None or not actor.holds("supplier"):
        message = _("Only a supplier claims awards.")
        raise NotAllowed(message, remedy=_("Sign in for the supplier."))
    waiting = [row.id for row in claimable(supplier, now=now)]
    with transaction.atomic():
        _claim(waiting, str(supplier), f"claim:{supplier}", now)
    return len(waiting)


def _claim(cases: list[uuid.UUID], supplier: str, key: str, now: dt.datetime) -> None:
    for case_id in cases:
        perform(
            case_id,
            "identify",
            actor=SYSTEM,
            now=now,
            idempotency_key=f"{key}:{case_id}",
            form={"supplier": supplier, "basis": _("registered under this name and code")},
        )


def name_scheme(effect: Effect) -> None:
    """Effect of `draft`: name the scheme by its document."""
    facts = effect.case.facts
    effect.case.title = f"{facts['scheme_name']}（{facts['document_no']}）"


def approve_scheme(effect: Effect) -> None:
    """Effect of `approve`: an earlier scheme of the same issuer ends the day before."""
    if effect.result != "passed":
        return
    facts, key, now = effect.case.facts, str(effect.step_id), effect.now
    last = dt.date.fromisoformat(facts["effective_from"]) - dt.timedelta(days=1)
    earlier = Case.objects.filter(
        register=SCHEMES, state="in_force", facts__issued_by=facts["issued_by"]
    )
    ids = list(earlier.values_list("id", flat=True))

    def work() -> None:
        for case_id in ids:
            perform(
                case_id,
                "replace",
                actor=SYSTEM,
                now=now,
                idempotency_key=f"{key}:{case_id}",
                form={"effective_to": last.isoformat()},
            )

    effect.then(work)
