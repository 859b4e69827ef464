"""What the records are called that a case points to: organisations, persons, other cases."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Final

from honghu.kernel.cases.models import Case
from honghu.kernel.parties.queries import organisation_names, person_names
from honghu.kernel.registers.model import Field, FieldType

NAMED: Final = frozenset({FieldType.ORGANISATION, FieldType.PERSON, FieldType.CASE})
"""Types of fields whose value is the id of a record elsewhere, which means nothing to a reader."""

References = dict[FieldType, set[str]]
"""Ids of records by the type of field that points to them."""


def references(pairs: Iterable[tuple[Field, Any]]) -> References:
    """The ids among the values of fields; personal fields are left out."""
    found: References = {}
    for field, value in pairs:
        if field.type in NAMED and value and not field.personal:
            found.setdefault(field.type, set()).add(value)
    return found


def names_of(wanted: References) -> Mapping[str, str]:
    """Names of organisations and persons, numbers of cases, by id: at most one query for each kind."""
    ids = {kind: [uuid.UUID(each) for each in known] for kind, known in wanted.items() if known}
    found: dict[uuid.UUID, str] = {}
    if FieldType.ORGANISATION in ids:
        found |= organisation_names(ids[FieldType.ORGANISATION])
    if FieldType.PERSON in ids:
        found |= person_names(ids[FieldType.PERSON])
    if FieldType.CASE in ids:
        found |= Case.objects.filter(pk__in=ids[FieldType.CASE]).values_list("id", "number")
    return {str(key): name for key, name in found.items()}
