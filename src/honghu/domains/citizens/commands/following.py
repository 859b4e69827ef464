"""What the reporter does afterwards: remarks, a judgement; and the silence that ends a report."""

import datetime as dt
import uuid
from typing import Final

from django.db import connection
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import NotFound
from honghu.domains.citizens.commands.reports import forget_contacts
from honghu.domains.citizens.commands.secrets import open_contact
from honghu.domains.citizens.models import Contact
from honghu.kernel.cases.commands import perform
from honghu.kernel.cases.queries import find_case
from honghu.kernel.cases.writing import Done
from honghu.kernel.parties.actor import SYSTEM, Actor

_SILENT: Final = """
SELECT c.id FROM cases_case c JOIN cases_deadline d ON d.case_id = c.id AND d.status = 'running'
WHERE c.register = 'public-report' AND c.state = 'answered' AND d.due_at < %s ORDER BY c.id LIMIT 1000
"""


def add_remark(
    case_id: uuid.UUID, text: str, *, actor: Actor, now: dt.datetime, idempotency_key: str
) -> Done:
    """Keep a remark of the reporter. Raises FormInvalid, WrongState after the end."""
    return perform(
        case_id,
        "remark",
        actor=actor,
        now=now,
        idempotency_key=idempotency_key,
        form={"remark": text},
    )


def judge_report(
    case_id: uuid.UUID,
    satisfaction: str,
    reason: str,
    *,
    actor: Actor,
    now: dt.datetime,
    idempotency_key: str,
) -> Done:
    """Keep the reporter's judgement and end the report. Raises FormInvalid, WrongState."""
    return perform(
        case_id,
        "rate",
        actor=actor,
        now=now,
        idempotency_key=idempotency_key,
        form={"satisfaction": satisfaction, "reason": reason, "result": _result(case_id, now)},
    )


def _result(case_id: uuid.UUID, now: dt.datetime) -> str:
    outcome = find_case(case_id, actor=SYSTEM, now=now).facts.get("outcome")
    return "refused" if outcome == "refused" else "settled"


def read_contact(
    case_id: uuid.UUID, *, reason: str, actor: Actor, now: dt.datetime, idempotency_key: str
) -> dict[str, str]:
    """The reporter's contact for an officer who says why; that it was read is a step of the case.

    Raises NotFound where there is none, NotYourTurn, FormInvalid without a reason, ContactLost.
    """
    found = Contact.objects.filter(pk=case_id).first()
    if found is None:
        message = _("The reporter left no contact, or it was erased.")
        raise NotFound(message, remedy=_("Answer in the report: the reporter can read it there."))
    perform(
        case_id,
        "read_contact",
        actor=actor,
        now=now,
        idempotency_key=idempotency_key,
        form={"reason": reason},
    )
    return open_contact(bytes(found.sealed))


def erase_contact(case_id: uuid.UUID) -> bool:
    """Delete the contact at the reporter's wish (个人信息保护法 art. 47); false if there is none."""
    return bool(Contact.objects.filter(pk=case_id).delete()[0])


def begin_day(*, now: dt.datetime) -> tuple[int, int]:
    """End reports that nobody judged in time, forget contacts no longer needed; how many of each."""
    with connection.cursor() as cursor:
        cursor.execute(_SILENT, [now])
        silent = [row[0] for row in cursor.fetchall()]
    for case_id in silent:
        perform(
            case_id,
            "lapse",
            actor=SYSTEM,
            now=now,
            idempotency_key=f"lapse:{case_id}:{localdate(now)}",
            form={"result": _result(case_id, now)},
        )
    return len(silent), forget_contacts(now=now)
