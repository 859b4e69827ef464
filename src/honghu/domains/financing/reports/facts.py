"""What the cases behind numbers are called."""

import dataclasses
import uuid
from collections.abc import Collection

from honghu.kernel.cases.models import Case


@dataclasses.dataclass(frozen=True, slots=True)
class CaseName:
    """A case's number and what it is about."""

    number: str
    title: str


def case_names(ids: Collection[uuid.UUID]) -> dict[uuid.UUID | None, CaseName]:
    """The names of cases by id; one query."""
    rows = Case.objects.filter(pk__in=ids).values_list("id", "number", "title")
    return {case_id: CaseName(number, title) for case_id, number, title in rows}
