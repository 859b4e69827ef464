"""Writes: take waiting messages of the outbox and hand each to everybody who tells of it.

One transaction takes the messages, writes what is to be told and marks them: each step is told
once, whenever a worker is stopped; a step that rolled back has no message.
"""

import datetime as dt
from typing import Final

from django.db import transaction

from honghu.kernel.cases.outbox import mark_delivered, take_messages
from honghu.kernel.notifications.commands import notify_of_steps
from honghu.kernel.notifications.saved_views import tell_of_arrivals
from honghu.kernel.webhooks.commands import queue_deliveries

_TOGETHER: Final = 200


def relay_steps(*, now: dt.datetime) -> int:
    """Pass waiting steps on, some hundred at a time; returns how many. Any number may do so."""
    with transaction.atomic():
        messages = take_messages(_TOGETHER)
        if messages:
            notify_of_steps(messages, now=now)
            tell_of_arrivals(messages, now=now)
            queue_deliveries(messages, now=now)
            mark_delivered((each.step_id for each in messages), now=now)
    return len(messages)
