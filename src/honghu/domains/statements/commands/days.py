"""What the worker does by itself: entries that were taken in and not filed yet are filed."""

import datetime as dt
from typing import Final

from honghu.domains.statements.commands.filing import continue_filing

_SECONDS: Final = 20.0
"""So long at a time: the worker has other work."""


def file_waiting(*, now: dt.datetime) -> int:
    """File what waits for so many seconds; how many entries. Again does the rest."""
    return continue_filing(now=now, seconds=_SECONDS)
