"""Days that a domain keeps beside its cases are called to mind as deadlines are."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any, Final

from django.db import connection
from django.utils.timezone import localdate

from honghu.kernel.notifications.mailing import New, keep
from honghu.kernel.notifications.models import Notification
from honghu.kernel.notifications.recipients import Recipient

_CASES: Final = """
SELECT id, number, register, register_version, state FROM cases_case WHERE id = ANY(%s)"""
_HOLDERS: Final = """
SELECT DISTINCT p.organisation_id, p.role, p.person_id
FROM parties_position p JOIN parties_account a ON a.person_id = p.person_id AND a.is_active
WHERE p.organisation_id = ANY(%(organisations)s) AND p.role = ANY(%(roles)s)
  AND p.from_date <= %(on)s AND (p.to_date IS NULL OR p.to_date >= %(on)s)
ORDER BY 1, 2, 3"""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DueDate:
    """A day of a case that its register knows nothing of: what is owed then, by whom.

    `id` stands for the occasion: a person is told of it once before and once when it is over.
    """

    id: uuid.UUID
    case_id: uuid.UUID
    due_at: dt.datetime
    is_over: bool
    organisation_id: uuid.UUID
    roles: tuple[str, ...]


def tell_of_dates(dates: Sequence[DueDate], *, now: dt.datetime) -> int:
    """Tell those who hold one of the roles for the organisation; returns how many were told.

    In the caller's transaction: what is rolled back is told to nobody, and told again it changes
    nothing. The mail goes out with the person's others.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CASES, [[each.case_id for each in dates]])
        cases = {row[0]: row for row in cursor.fetchall()}
    holders = _holders(dates, on=localdate(now))
    news = []
    for each in dates:
        found = {
            one for role in each.roles for one in holders.get((each.organisation_id, role), ())
        }
        for one in sorted(found, key=lambda holder: holder.person_id):
            _case_id, number, register, version, state = cases[each.case_id]
            row = Notification(
                person_id=one.person_id,
                organisation_id=one.organisation_id,
                kind=Notification.Kind.OVERDUE if each.is_over else Notification.Kind.DUE_SOON,
                case_id=each.case_id,
                number=number,
                register=register,
                register_version=version,
                state=state,
                deadline_id=each.id,
                due_at=each.due_at,
                created_at=now,
            )
            news.append(New(row, emergency=False))
    return keep(news, now=now)


def _holders(
    dates: Sequence[DueDate], *, on: dt.date
) -> dict[tuple[uuid.UUID, str], list[Recipient]]:
    wanted: dict[str, Any] = {
        "on": on,
        "organisations": [each.organisation_id for each in dates],
        "roles": sorted({role for each in dates for role in each.roles}),
    }
    found: dict[tuple[uuid.UUID, str], list[Recipient]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS, wanted)
        for organisation_id, role, person_id in cursor.fetchall():
            one = Recipient(person_id, organisation_id)
            found.setdefault((organisation_id, role), []).append(one)
    return found
