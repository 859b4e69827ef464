"""The ladder of urging: reminder, supervision slip, interview, notice. Which rung is next, and when.

A reminder comes before the time is over, the others after it. Rungs are climbed one by one, and
each is heard for a while before the next.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

Rung: TypeAlias = Literal["reminder", "slip", "interview", "notice"]
RUNGS: Final[tuple[Rung, ...]] = ("reminder", "slip", "interview", "notice")


def next_rung(
    times: Mapping[Rung, dt.datetime],
    climbed: Mapping[str, dt.datetime],
    *,
    now: dt.datetime,
    due_at: dt.datetime,
    heard_until: dt.datetime | None,
) -> Rung | None:
    """The rung to climb now; null while none is due.

    `times` are the instants from which each rung is due (a rung without one is left out),
    `climbed` when rungs were climbed, `heard_until` until when the last one is to be heard.
    """
    last = max((RUNGS.index(rung) for rung in RUNGS if rung in climbed), default=-1)
    open_rungs = [
        rung
        for rung in RUNGS[last + 1 :]
        if rung in times and not (rung == "reminder" and now >= due_at)
    ]
    if not open_rungs or now < times[open_rungs[0]]:
        return None
    return None if heard_until is not None and now < heard_until else open_rungs[0]
