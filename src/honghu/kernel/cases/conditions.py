"""What a list is narrowed to, as SQL: by sight, state, light, words, organisation, facts."""

import dataclasses
import datetime as dt
import json
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from honghu.base.problems import Invalid
from honghu.base.spots import Box, Spot
from honghu.kernel.cases import fates
from honghu.kernel.cases.rows import Light
from honghu.kernel.cases.search import query_terms, state_query, text_query
from honghu.kernel.cases.visibility import sight_of
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.model import Register
from honghu.kernel.registers.queries import versions_of

WORDS = "array_to_tsvector(search || (':'::text || state))"
"""The words of a case and its state as its index has them (see the index `case_needles`)."""

_ASKED_OF_INDEX = f"{WORDS} @@ %(words)s::tsquery"
# The same without the state, for which each row's array is made anew: a quarter of the time.
_ASKED_OF_ROW = "array_to_tsvector(search) @@ %(typed)s::tsquery"

_OPEN = "closed_at IS NULL"
_LIGHTS: Mapping[Light, tuple[str, ...]] = {
    Light.RED: (_OPEN, "due_at < %(now)s"),
    Light.AMBER: (_OPEN, "due_at >= %(now)s", "amber_at <= %(now)s"),
    Light.GREEN: (_OPEN, "due_at >= %(now)s", "amber_at > %(now)s"),
    Light.NONE: ("(closed_at IS NOT NULL OR due_at IS NULL)",),
}


_BOX = (
    # All of a box lies between its first and its last spot; not all between them lies in the box.
    "spot BETWEEN %(first_spot)s AND %(last_spot)s",
    "longitude_udeg BETWEEN %(west)s AND %(east)s",
    "latitude_udeg BETWEEN %(south)s AND %(north)s",
)


@dataclasses.dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list is narrowed to. `text` is searched inside titles, numbers and text facts.

    `organisation_id` is an organisation that the case records in any field, or in `party_field`;
    `ids` are chosen cases; `within` is what became of cases in a period; `facts` are values by
    field, as they stand in the case. `box` is where the case's place lies.
    """

    states: tuple[str, ...] = ()
    text: str = ""
    light: Light | None = None
    open_only: bool = False
    organisation_id: uuid.UUID | None = None
    party_field: str = ""
    within: fates.Within | None = None
    ids: tuple[uuid.UUID, ...] = ()
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    box: Box | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of a list with their values.

    `state` is the one state asked for, if it is one: the orders have indexes within a state.
    `is_dated` tells a light that only open cases with a due time have, from that of all others.
    """

    parts: tuple[str, ...]
    values: Mapping[str, Any]
    state: str | None
    is_dated: bool | None

    @property
    def where(self) -> str:
        """All of it as one condition."""
        return " AND ".join((*self.head(by_state=True), *self.tail(by_state=True)))

    def head(self, *, by_state: bool) -> tuple[str, ...]:
        """What the index of an order begins with: the register, and the state if it has that."""
        if by_state and self.state is not None:
            return ("register = %(register)s", "state = %(state)s")
        return ("register = %(register)s",)

    def tail(self, *, by_state: bool) -> tuple[str, ...]:
        """What is left to be looked at row by row."""
        if by_state or self.state is None:
            return self.parts
        return ("state = %(state)s", *self.parts)


def fits_row(parts: Iterable[str]) -> str:
    """The conditions as one, for rows that are looked through: no index is asked.

    The state, which stands among the words of the index, must be among the parts, too.
    """
    return (
        " AND ".join(_ASKED_OF_ROW if part == _ASKED_OF_INDEX else part for part in parts) or "true"
    )


def conditions_of(
    register: Register, actor: Actor, wanted: CaseFilter, now: dt.datetime
) -> Conditions | None:
    """The conditions of a list; null if the actor may see nothing of the register.

    Raises Invalid for a field that the register does not have, or keeps apart as personal.
    """
    sight = sight_of(register, actor)
    if sight.nothing:
        return None
    values: dict[str, Any] = {"register": register.code, "now": now}
    parties = {sight.organisation_id, wanted.organisation_id} - {None}
    parts = []
    if parties:
        parts.append("party_ids @> %(parties)s::uuid[]")
        values["parties"] = sorted(str(each) for each in parties)
    # What cannot be printed stands in no state.
    states = [state for state in wanted.states if state.isprintable()]
    if len(wanted.states) > 1 or (wanted.states and not states):
        parts.append("state = ANY(%(states)s)")
        values["states"] = states
    elif states:
        values["state"] = states[0]
    if wanted.open_only:
        parts.append(_OPEN)
    if wanted.light is not None:
        parts.extend(_LIGHTS[wanted.light])
    terms = query_terms(wanted.text)
    if terms:
        parts.append(_ASKED_OF_INDEX)
        values["typed"] = text_query(terms)
        # Word and state meet inside the index, where few have both however many have each; so do
        # words and being open, which a case is in the states that are no end.
        within = states or (_open_states(register) if _OPEN in parts else [])
        values["words"] = values["typed"] + (f" & ({state_query(within)})" if within else "")
    more, further = _fate(register, wanted)
    parts.extend(more)
    values |= further
    if wanted.facts:
        parts.append("facts @> %(facts)s::jsonb")
        values["facts"] = _facts(register, wanted.facts)
    if wanted.box is not None:
        parts.extend(_BOX)
        values |= _box(wanted.box)
    is_dated = None if wanted.light is None else wanted.light is not Light.NONE
    return Conditions(tuple(dict.fromkeys(parts)), values, values.get("state"), is_dated)


def _open_states(register: Register) -> list[str]:
    """The states of all its versions in which a case is open: a case keeps the version it has."""
    return sorted(
        {
            state.code
            for version in versions_of(register.code)
            for state in version.states.values()
            if state.end is None
        }
    )


def _fate(register: Register, wanted: CaseFilter) -> tuple[list[str], dict[str, Any]]:
    """In which field the organisation stands, and what became of the case."""
    parts: list[str] = []
    values: dict[str, Any] = {}
    if wanted.within is not None:
        parts, values = fates.conditions(register, wanted.within)
    if wanted.ids:
        parts.append("id = ANY(%(ids)s::uuid[])")
        values["ids"] = [str(each) for each in wanted.ids]
    if wanted.party_field:
        parts.append("parties -> %(party_field)s @> %(party)s::jsonb")
        values["party_field"] = wanted.party_field
        values["party"] = json.dumps(str(wanted.organisation_id))
    return parts, values


def _box(box: Box) -> dict[str, int]:
    return {
        "west": box.west,
        "east": box.east,
        "south": box.south,
        "north": box.north,
        "first_spot": Spot(box.west, box.south).number,
        "last_spot": Spot(box.east, box.north).number,
    }


def _facts(register: Register, facts: Mapping[str, Any]) -> str:
    for code in facts:
        field = register.fields.get(code)
        if field is None or field.personal:
            message = _("The register has no field {code} to list by.").format(code=code)
            raise Invalid(message, remedy=_("Use a field of the register."), fields={code: message})
    # A nul cannot be written in the database's JSON, and so stands in no fact.
    return json.dumps(dict(facts)).replace("\\u0000", "\\ufffd")
