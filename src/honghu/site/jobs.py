"""The parts of `honghu work` that are no single command of the kernel.

What leaves the house is sent in a thread of its own, so that a slow server of somebody else's delays
nothing here.
"""

import contextlib
import datetime as dt
import logging
import threading
import time
import uuid

from django.conf import settings
from django.db import DatabaseError, connection
from django.urls import reverse
from django.utils import timezone

from honghu.analytics.kept import keep_days
from honghu.base.problems import HonghuError
from honghu.kernel.cases.outbox import forget_delivered
from honghu.kernel.modules.module import DayJob
from honghu.kernel.modules.registry import modules
from honghu.kernel.notifications.commands import remind
from honghu.kernel.notifications.mailing import send_mails
from honghu.kernel.parties.clients import forget_access_tokens
from honghu.kernel.registers.queries import latest_registers
from honghu.kernel.relay.commands import relay_steps
from honghu.kernel.webhooks.delivering import deliver

REMIND_EVERY = dt.timedelta(minutes=1)
_PAUSE_SECONDS = 2.0
_DAY = "day"
_log = logging.getLogger(__name__)


def begin_day() -> None:
    """Keep the days that are over, forget messages passed on long ago; then each module. Twice is once.

    A module that cannot (a rule of its own is missing) is reported; it holds up nobody else.
    """
    now = timezone.now()
    keep_days(latest_registers(), now=now)
    forget_delivered(before=now - dt.timedelta(days=settings.HONGHU_OUTBOX_DAYS))
    for module in modules():
        _do(module.code, "did not begin the day", module.begin_day)


def begin_day_apart() -> None:
    """Begin the day in a thread of its own: closing a million loans holds up no step's teller.

    What is cut off is begun again with the worker; a day that is still being begun is left alone.
    """
    if not any(thread.name == _DAY for thread in threading.enumerate()):
        threading.Thread(target=_begin_until_done, name=_DAY, daemon=True).start()


def _begin_until_done() -> None:
    while True:
        try:
            begin_day()
        except DatabaseError:
            # The database is away for a moment: what was done stays done, the rest is tried again.
            _log.exception("day.not_begun")
            is_done = False
        else:
            is_done = True
        finally:
            with contextlib.suppress(DatabaseError):
                connection.close()
        if is_done:
            return
        time.sleep(REMIND_EVERY.total_seconds())


def watch() -> None:
    """Let each module look after what runs: every minute; without need it changes nothing."""
    for module in modules():
        _do(module.code, "does not watch", module.watch)


def _do(code: str, failed: str, job: DayJob | None) -> None:
    if job is None:
        return
    try:
        job(now=timezone.now())
    except HonghuError as error:
        _log.error("%s %s: %s: %s", code, failed, error.code, error)


def tell() -> int:
    """Write down what is to be told of new steps; returns of how many. Fast, nothing is sent."""
    told = 0
    while count := relay_steps(now=timezone.now()):
        told += count
    return told


def remind_now() -> int:
    """Remind of deadlines that are near or over; returns of how many. Old access tokens go, too."""
    forget_access_tokens(now=timezone.now())
    return remind(now=timezone.now())


def send() -> int:
    """Send what waits and may be sent now; returns how much was tried."""
    mails = send_mails(now=timezone.now(), link=case_address, confirm_link=confirm_address)
    return mails + deliver(now=timezone.now())


def case_address(case_id: uuid.UUID) -> str:
    """The address of a case's page as people reach it from outside."""
    return settings.PUBLIC_ADDRESS + reverse("case", args=[case_id])


def confirm_address(token: str) -> str:
    """The address of the page on which a mail address is confirmed."""
    return settings.PUBLIC_ADDRESS + reverse("confirm-mail", args=[token])


def keep_sending() -> None:
    """Send in a thread of its own, as long as the process lives."""
    threading.Thread(target=_forever, name="outgoing", daemon=True).start()


def _forever() -> None:
    while True:
        try:
            idle = not send()
        except DatabaseError:
            # The database is away for a moment: what was begun is taken up again after its lease.
            _log.exception("outgoing.failed")
            idle = True
            with contextlib.suppress(DatabaseError):
                connection.close()
        if idle:
            time.sleep(_PAUSE_SECONDS)
