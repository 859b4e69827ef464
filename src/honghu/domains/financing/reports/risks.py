"""Risk events that are open: how many, how many late, and the most urgent."""

import dataclasses
import datetime as dt
import uuid
from typing import Final

from honghu.kernel.cases.models import Case
from honghu.kernel.cases.wording import words
from honghu.kernel.registers.queries import get_register

RISKS: Final = "risk-event"
_SHOWN: Final = 10


@dataclasses.dataclass(frozen=True, slots=True)
class Risks:
    """Open events; `rows` are (case, number, title, state, is late), the most urgent first."""

    count: int
    overdue: int
    rows: tuple[tuple[uuid.UUID, str, str, str, bool], ...]


def open_risks(bank_id: uuid.UUID | None, *, now: dt.datetime) -> Risks:
    """The open risk events, of one bank if it is named; one query."""
    found = Case.objects.filter(register=RISKS, closed_at=None).order_by("due_at", "id")
    if bank_id is not None:
        found = found.filter(facts__bank=str(bank_id))
    rows = list(found.values_list("id", "number", "title", "state", "register_version", "due_at"))
    late = sum(row[-1] is not None and row[-1] < now for row in rows)
    shown = tuple(
        (
            case_id,
            number,
            title,
            words(get_register(RISKS, version).states[state].title),
            due is not None and due < now,
        )
        for case_id, number, title, state, version, due in rows[:_SHOWN]
    )
    return Risks(len(rows), late, shown)
