"""What lending does by itself each day, under `honghu work`."""

import datetime as dt

from django.utils.timezone import localdate

from honghu.domains.lending.closing.models import Closing
from honghu.domains.lending.closing.running import close_day, days_to_close
from honghu.domains.lending.closing.telling import tell_borrowers
from honghu.domains.lending.commands.portfolios import keep_portfolios
from honghu.domains.lending.models import Loan


def close_days(*, now: dt.datetime) -> int:
    """Close every day up to today that is not closed, remind borrowers, sum the portfolios.

    Returns how many days were closed. What was stopped is taken up where it stood, what could not
    be served is skipped and stands in the day's report. Without a loan in service there is nothing
    to close. Raises ClosingRuns while somebody else closes, and what a missing rule of the book
    raises.
    """
    today = localdate(now)
    closed = 0
    if (
        Loan.objects.filter(status=Loan.Status.ACTIVE).exists()
        or Closing.objects.filter(finished_at=None).exists()
    ):
        for day in days_to_close(first=None, through=None, today=today):
            close_day(day, now=now, today=today)
            closed += 1
    tell_borrowers(now=now)
    if closed:
        keep_portfolios(now=now)
    return closed
