"""How a case's row is selected and read; shared by the queries of this package."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from honghu.kernel.cases.rows import CaseRow, light_of
from honghu.kernel.cases.wording import words
from honghu.kernel.registers.queries import get_register

COLUMNS = (
    "id, register, register_version, number, title, state, version, facts, opened_at, changed_at, "
    "closed_at, due_at, due_provisional, amber_at"
)


def loads(value: Any) -> Any:
    """A JSON column, whether the driver has read it or not."""
    return json.loads(value) if isinstance(value, str | bytes) else value


def case_row(values: Sequence[Any], now: dt.datetime) -> CaseRow:
    """The row from the values of COLUMNS, in their order."""
    (case_id, code, version, number, title, state, sequence, facts, opened_at, changed_at) = values[
        :10
    ]
    closed_at, due_at, provisional, amber_at = values[10:14]
    register = get_register(code, version)
    known = register.states.get(state)
    ended = closed_at is not None
    return CaseRow(
        case_id,
        code,
        version,
        number,
        title,
        state,
        sequence,
        loads(facts),
        opened_at,
        changed_at,
        closed_at,
        due_at,
        provisional,
        light_of(now=now, due_at=due_at, amber_at=amber_at, ended=ended),
        words(known.title) if known else state,
        ended,
    )
