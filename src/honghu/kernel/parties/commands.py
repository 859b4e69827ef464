"""Writes: organisations, persons, positions, accounts."""

import datetime as dt
import uuid

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from honghu.base.identifiers import check_uscc
from honghu.base.problems import Conflict, NotFound
from honghu.kernel.parties.models import Account, Organisation, Person, Position


def add_organisation(
    *,
    name: str,
    kind: str,
    now: dt.datetime,
    uscc: str | None = None,
    region: str | None = None,
    contact: str | None = None,
) -> Organisation:
    """Enter an organisation. `uscc` is checked by its check digit (GB 32100).

    Raises IdentifierError for a bad code, Conflict if the code is already entered.
    """
    code = check_uscc(uscc) if uscc is not None else None
    try:
        with transaction.atomic():
            return Organisation.objects.create(
                name=name, kind=kind, uscc=code, region=region, contact=contact, created_at=now
            )
    except IntegrityError as error:
        message = f"an organisation with the code {code} is already entered"
        raise Conflict(message, remedy="use the organisation that is there") from error


def add_person(*, name: str, now: dt.datetime) -> Person:
    """Enter a natural person."""
    return Person.objects.create(name=name, created_at=now)


def appoint(
    *, person_id: uuid.UUID, organisation_id: uuid.UUID, role: str, from_date: dt.date
) -> Position:
    """Give a person a role in an organisation from a day on; twice is once."""
    position, _made = Position.objects.get_or_create(
        person_id=person_id,
        organisation_id=organisation_id,
        role=role,
        to_date=None,
        defaults={"from_date": from_date},
    )
    return position


def open_account(*, person: Person, username: str, password: str | None) -> Account:
    """Give a person a sign-in. Raises Conflict if the name is taken."""
    try:
        with transaction.atomic():
            return Account.objects.create_user(username=username, password=password, person=person)
    except IntegrityError as error:
        message = f"the sign-in name {username} is taken, or this person has one"
        raise Conflict(message, remedy="choose another sign-in name") from error


def renew_password(*, username: str, password: str) -> None:
    """Give a sign-in another password; whoever is signed in by it is signed out. Raises NotFound."""
    account = Account.objects.filter(username=username).first()
    if account is None:
        message = _("There is nobody with the sign-in name %(name)s.") % {"name": username}
        raise NotFound(message, remedy=_("See `honghu people --help`."))
    account.set_password(password)
    account.save(update_fields=["password"])


def dismiss(
    *, person_id: uuid.UUID, organisation_id: uuid.UUID, role: str, to_date: dt.date
) -> bool:
    """End a role with a day (the last on which it is held); false if it is not held."""
    ended = Position.objects.filter(
        person_id=person_id, organisation_id=organisation_id, role=role, to_date=None
    ).update(to_date=to_date)
    return ended == 1
