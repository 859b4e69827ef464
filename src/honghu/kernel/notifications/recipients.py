"""Whose turn it is: the persons with a sign-in who hold the roles of a state."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection

from honghu.kernel.cases.turns import roles_in_turn
from honghu.kernel.registers.model import Register
from honghu.kernel.registers.queries import get_register

_HOLDERS = """
SELECT DISTINCT p.role, p.person_id, p.organisation_id
FROM parties_position p JOIN parties_account a ON a.person_id = p.person_id AND a.is_active
WHERE p.from_date <= %(on)s AND (p.to_date IS NULL OR p.to_date >= %(on)s)
  AND (p.role = ANY(%(office)s)
       OR (p.role = ANY(%(local)s) AND p.organisation_id = ANY(%(organisations)s::uuid[])))
ORDER BY p.role, p.person_id, p.organisation_id
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Recipient:
    """A person, and for which organisation they are told."""

    person_id: uuid.UUID
    organisation_id: uuid.UUID


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """A case in a state, for which recipients are asked."""

    case_id: uuid.UUID
    register: str
    register_version: int
    state: str
    parties: Mapping[str, Sequence[str]]


def find_recipients(asked: Iterable[Asked], *, on: dt.date) -> dict[uuid.UUID, list[Recipient]]:
    """Who is to be told that each case stands in its state, in one query for all of them.

    While a case is open: those whose turn it is. When it has ended, or rests: those who hold a role
    of a party of the case. Nobody is named twice for a case. The answer is by case.
    """
    wanted = {each.case_id: _seats(each) for each in asked}
    seats = [seat for found in wanted.values() for seat in found]
    if not seats:
        return {case_id: [] for case_id in wanted}
    values: dict[str, Any] = {
        "on": on,
        "office": sorted({role for role, places in seats if places is None}),
        "local": sorted({role for role, places in seats if places is not None}),
        "organisations": sorted({place for _role, places in seats for place in places or ()}),
    }
    holders: dict[str, list[Recipient]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS, values)
        for role, person_id, organisation_id in cursor.fetchall():
            holders.setdefault(role, []).append(Recipient(person_id, organisation_id))
    return {case_id: _seated(found, holders) for case_id, found in wanted.items()}


_Seat = tuple[str, frozenset[str] | None]
"""A role, and the organisations in which it must be held; null for any."""


def _seats(asked: Asked) -> list[_Seat]:
    register = get_register(asked.register, asked.register_version)
    state = register.states.get(asked.state)
    if state is None:
        return []
    if state.end is not None or state.rests:
        return [_seat(register, code, asked) for code, role in register.roles.items() if role.of]
    return [_seat(register, code, asked) for code in sorted(roles_in_turn(register, state))]


def _seat(register: Register, code: str, asked: Asked) -> _Seat:
    of = register.roles[code].of
    return code, None if of is None else frozenset(asked.parties.get(of, ()))


def _seated(seats: Sequence[_Seat], holders: Mapping[str, Sequence[Recipient]]) -> list[Recipient]:
    found: dict[uuid.UUID, Recipient] = {}
    for role, places in seats:
        for one in holders.get(role, ()):
            if places is None or str(one.organisation_id) in places:
                found.setdefault(one.person_id, one)
    return list(found.values())
