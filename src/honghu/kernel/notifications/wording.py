"""What a notification says, in the language that is active: number, register, what to do, until when."""

import dataclasses
import datetime as dt
import uuid

from django.utils.translation import gettext as _

from honghu.kernel.cases.wording import words
from honghu.kernel.notifications.models import Notification
from honghu.kernel.registers.queries import get_register

_KIND = Notification.Kind


@dataclasses.dataclass(frozen=True, slots=True)
class Told:
    """A notification in words. `urgent` says that a deadline is near or over."""

    case_id: uuid.UUID
    number: str
    register: str
    state: str
    kind: str
    sentence: str
    due_at: dt.datetime | None


def read_told(row: Notification) -> Told:
    """Put a notification into words; none of them is a fact of the case."""
    register = get_register(row.register, row.register_version)
    state = register.states.get(row.state)
    stands = words(state.title) if state else row.state
    return Told(
        row.case_id, row.number, words(register.title), stands, row.kind, _say(row.kind), row.due_at
    )


def _say(kind: str) -> str:
    said = {
        _KIND.TURN: _("It is your turn."),
        _KIND.RETURNED: _("It came back to you."),
        _KIND.ENDED: _("It has ended."),
        _KIND.SETTLED: _("It is in force; nothing is asked of you."),
        _KIND.IN_VIEW: _("New in a list that you saved."),
        _KIND.DUE_SOON: _("Its deadline is near."),
        _KIND.OVERDUE: _("Its deadline is over."),
    }
    return said[_KIND(kind)]
