"""What a new day brings: what was taken in and not filed to its end is filed."""

import datetime as dt

from honghu.domains.statements.commands.filing import continue_filing


def begin_day(*, now: dt.datetime) -> int:
    """File what is left of statements whose import was interrupted; how many entries."""
    return continue_filing(now=now)
