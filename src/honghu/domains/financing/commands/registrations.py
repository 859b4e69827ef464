"""Suppliers registered by their code, and the financing schemes of the county."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.identifiers import IdentifierError, check_uscc
from honghu.base.problems import Conflict, Invalid, NotAllowed
from honghu.domains.financing.queries.desk import claimable
from honghu.kernel.cases.commands import open_case, perform
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.models import Case
from honghu.kernel.cases.queries import cases_with_fact
from honghu.kernel.cases.writing import Done
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.evidence.spool import Readable
from honghu.kernel.notifications.commands import check_address, set_preference
from honghu.kernel.notifications.models import Preference
from honghu.kernel.notifications.queries import get_preference
from honghu.kernel.parties.actor import SYSTEM, Actor
from honghu.kernel.parties.commands import (
    add_organisation,
    add_person,
    appoint,
    open_account,
)
from honghu.kernel.parties.models import Account, Organisation
from honghu.kernel.parties.queries import find_account, find_organisation

APPLICATIONS, SCHEMES = "financing-application", "financing-scheme"
REGISTER = "supplier-registration"
SUPPLIER = "enterprise"


class UnableToRegisterSupplier(Conflict):
    """Name and code do not belong together in what is known already."""

    code = "registration-conflict"


def enter_supplier(effect: Effect) -> None:
    """Effect of `enter`: the code's check digit was judged by its field; name the case."""
    facts = effect.case.facts
    effect.case.title = facts["supplier_name"]
    check_address(facts.get("contact_mail"), field="contact_mail")
    _known(facts["supplier_name"], facts["uscc"])


def apply_registration(
    *,
    name: str,
    uscc: str,
    person: str,
    phone: str,
    mail: str | None = None,
    licence: Readable,
    filename: str,
    now: dt.datetime,
    size: str | None = None,
    ownership: str | None = None,
) -> Done:
    """A supplier registers itself from the public page; the office verifies it like any other.

    Only a name that an award here bears is taken, once at a time: nobody fills the office's list
    with inventions. `mail` is where the person is told, null for at the desk alone; `size` and
    `ownership` are options of the register's fields, null where the supplier does not say. Raises
    Invalid by field, UnableToRegisterSupplier, and evidence's own errors.
    """
    name = " ".join(name.split())
    try:
        code = check_uscc(uscc)
    except IdentifierError as error:
        message = _("The check digit of the code is wrong.")
        raise Invalid(message, fields={"uscc": message}) from error
    if not cases_with_fact(APPLICATIONS, fact="supplier_name", value=name, now=now):
        message = _("No award here was made to this name.")
        remedy = _("Write it as on the award notice, or ask the procurement office.")
        raise Invalid(message, remedy=remedy, fields={"supplier_name": f"{message} {remedy}"})
    if any(not row.ended for row in cases_with_fact(REGISTER, fact="uscc", value=code, now=now)):
        message = _("A registration of this code waits for its verification already.")
        raise UnableToRegisterSupplier(message, remedy=_("Ask the procurement office."))
    _known(name, code)
    with transaction.atomic():
        kept = store_evidence(
            content=licence, filename=filename, actor=SYSTEM, now=now, kind="document"
        )
        return open_case(
            REGISTER,
            action="enter",
            actor=SYSTEM,
            now=now,
            idempotency_key=f"registration:{code}:{kept.sha256}:{now.isoformat()}",
            form={
                "supplier_name": name,
                "uscc": code,
                "size": size,
                "ownership": ownership,
                "contact_person": person or None,
                "contact_phone": phone or None,
                "contact_mail": mail,
            },
            evidence={"licence": [kept.sha256]},
        )


def _seat(supplier_id: uuid.UUID, facts: Mapping[str, Any], now: dt.datetime) -> None:
    """Let the contact person sign in, under the supplier's code, once the office hands the link.

    The mail address is asked to be confirmed; nothing is mailed to it before.
    """
    person, uscc, mail = facts.get("contact_person"), facts["uscc"], facts.get("contact_mail")
    if not person or find_account(uscc) is not None:
        return
    entered = add_person(name=person, now=now)
    appoint(
        person_id=entered.id,
        organisation_id=supplier_id,
        role="supplier",
        from_date=localdate(now),
    )
    open_account(person=entered, username=uscc, password=None)
    if mail:
        usual = get_preference(person_id=entered.id)
        wanted = dataclasses.replace(usual, address=mail, frequency=Preference.Frequency.DAILY)
        set_preference(wanted, person_id=entered.id, now=now)


def account_of_supplier(uscc: str | None) -> Account | None:
    """The sign-in that a registration gave to the supplier of this code; null where there is none."""
    return Account.objects.filter(username=uscc).first() if uscc else None


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

    A supplier that registers again brings its facts up to date; what it leaves out stays.
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
        known = {"uscc": uscc} | ({"contact": phone} if phone else {})
        Organisation.objects.filter(pk=supplier).update(**known)
    facts["supplier"] = str(supplier)
    _seat(supplier, facts, now)
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
