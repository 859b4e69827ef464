"""Reads: actors, organisations and who holds a role."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Iterable, Mapping

from django.db import connection

from honghu.base.problems import NotFound
from honghu.kernel.parties.actor import Actor
from honghu.kernel.parties.models import Account, Organisation, Person

_ACTORS_SQL = """
SELECT p.organisation_id, o.name, pe.name, array_agg(p.role ORDER BY p.role), min(p.from_date)
FROM parties_position p
JOIN parties_organisation o ON o.id = p.organisation_id
JOIN parties_person pe ON pe.id = p.person_id
WHERE p.person_id = %s AND p.from_date <= %s AND (p.to_date IS NULL OR p.to_date >= %s)
GROUP BY p.organisation_id, o.name, pe.name
ORDER BY min(p.from_date), o.name
"""


@dataclasses.dataclass(frozen=True, slots=True)
class OrganisationRow:
    """An organisation as pages and APIs show it."""

    id: uuid.UUID
    name: str
    kind: str
    uscc: str | None
    contact: str | None


def get_actors(*, person_id: uuid.UUID, on: dt.date) -> list[Actor]:
    """The person's hats on a day: one actor for each organisation, the oldest position first."""
    with connection.cursor() as cursor:
        cursor.execute(_ACTORS_SQL, [person_id, on, on])
        rows = cursor.fetchall()
    return [
        Actor(person_id, organisation_id, frozenset(roles), name, organisation)
        for organisation_id, organisation, name, roles, _since in rows
    ]


def get_actor(
    *, person_id: uuid.UUID, on: dt.date, organisation_id: uuid.UUID | None = None
) -> Actor:
    """The person acting for the organisation, or for the first one that they serve.

    Raises NotFound if the person holds no position there on that day.
    """
    for actor in get_actors(person_id=person_id, on=on):
        if organisation_id in (None, actor.organisation_id):
            return actor
    message = "this person holds no position on that day"
    raise NotFound(message, remedy="ask the administrator of the organisation for a position")


def _row(organisation: Organisation) -> OrganisationRow:
    return OrganisationRow(
        organisation.id,
        organisation.name,
        organisation.kind,
        organisation.uscc,
        organisation.contact,
    )


def get_organisation(organisation_id: uuid.UUID) -> OrganisationRow:
    """One organisation by id. Raises NotFound."""
    try:
        return _row(Organisation.objects.get(pk=organisation_id))
    except Organisation.DoesNotExist:
        message = f"there is no organisation {organisation_id}"
        raise NotFound(message) from None


def find_organisation(
    *, name: str | None = None, uscc: str | None = None
) -> OrganisationRow | None:
    """The organisation with this code, else the only one with exactly this name; else null.

    Two organisations of one name are no answer: the choice goes to a person.
    """
    if uscc is not None:
        found = Organisation.objects.filter(uscc=uscc).first()
        return _row(found) if found else None
    candidates = list(Organisation.objects.filter(name=name)[:2])
    return _row(candidates[0]) if len(candidates) == 1 else None


def list_organisations(*, kind: str | None = None) -> list[OrganisationRow]:
    """All organisations, or those of one kind, by name."""
    rows = Organisation.objects.order_by("name")
    if kind is not None:
        rows = rows.filter(kind=kind)
    return [_row(row) for row in rows]


def organisation_names(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Names of the organisations, in one query."""
    return dict(Organisation.objects.filter(pk__in=set(ids)).values_list("id", "name"))


def person_names(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Names of the persons, in one query. Personal data: mask before showing it outside."""
    return dict(Person.objects.filter(pk__in=set(ids)).values_list("id", "name"))


def find_account(username: str) -> uuid.UUID | None:
    """The person behind a sign-in name; null if there is none."""
    return Account.objects.filter(username=username).values_list("person_id", flat=True).first()


@dataclasses.dataclass(frozen=True, slots=True)
class HolderRow:
    """Who holds a role. `username` is null for a person without a sign-in."""

    organisation: str
    person: str
    username: str | None
    role: str
    since: dt.date


_HOLDERS_SQL = """
SELECT o.name, p.name, a.username, h.role, h.from_date
FROM parties_position h
JOIN parties_organisation o ON o.id = h.organisation_id
JOIN parties_person p ON p.id = h.person_id
LEFT JOIN parties_account a ON a.person_id = p.id
WHERE h.from_date <= %s AND (h.to_date IS NULL OR h.to_date >= %s)
ORDER BY o.name, p.name, h.role
"""


def list_holders(*, on: dt.date) -> list[HolderRow]:
    """Who holds which role on a day, by organisation and person."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS_SQL, [on, on])
        return [HolderRow(*row) for row in cursor.fetchall()]
