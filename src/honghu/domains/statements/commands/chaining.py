"""Where a statement stands among those of its account: after, before, or not beside them at all.

Statements of different days stand in the order of their days. Banks also send several of one day
(ISO 20022 camt.053: each with its identification and its electronic or legal sequence number); these
are taken if they follow each other without a doubt: by number, by balance, and with no entry twice.
"""

import dataclasses
import datetime as dt
import uuid
from typing import Any, Final

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from honghu.base.money import format_yuan
from honghu.domains.statements.commands.problems import (
    StatementDiffers,
    StatementGap,
    StatementOverlaps,
    differs,
)
from honghu.domains.statements.models import Statement
from honghu.domains.statements.readers.values import Foot, Head

_REPEATED: Final = """
SELECT e.reference FROM statements_entry e
JOIN statements_entry o ON o.statement_id = ANY(%(others)s::uuid[]) AND o.reference = e.reference
  AND o.amount_fen = e.amount_fen AND o.direction = e.direction AND o.text = e.text
  AND o.payer IS NOT DISTINCT FROM e.payer AND o.payment_no IS NOT DISTINCT FROM e.payment_no
WHERE e.statement_id = %(new)s AND e.reference <> '' ORDER BY e.number LIMIT 1
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Newcomer:
    """A statement whose entries are copied and which has no row yet."""

    id: uuid.UUID
    head: Head
    foot: Foot

    @property
    def days(self) -> tuple[dt.date, dt.date]:
        """First and last day."""
        return self.foot.from_date, self.foot.to_date


def place(new: Newcomer, others: QuerySet[Statement]) -> int:
    """The place of a statement among those of the same day; 0 where it is the only one.

    `others` are the statements of its account. Raises StatementDiffers, StatementOverlaps,
    StatementGap.
    """
    first, last = new.days
    crossing = list(
        others.filter(from_date__lte=last, to_date__gte=first).order_by(
            "from_date", "to_date", "place"
        )
    )
    if not crossing:
        return 0
    alike = [each for each in crossing if (each.from_date, each.to_date) == new.days]
    for each in crossing:
        _check_days(new, each)
        _check_named(new, each)
    at = _place_of_day(new, alike) if alike else 0
    before = [each for each in crossing if _key(each) < (*new.days, at)]
    after = [each for each in crossing if _key(each) > (*new.days, at)]
    if before:
        _check_meets(new, before[-1], crossing, is_after=True)
    if after:
        _check_meets(new, after[0], crossing, is_after=False)
    _check_entries(new, crossing)
    return at


def neighbours(statement: Statement) -> tuple[Statement | None, Statement | None]:
    """The statements of the account just before and just after a kept one; null at the ends."""
    first, last, at = _key(statement)
    others = Statement.objects.filter(
        bank_id=statement.bank_id, account_index=statement.account_index
    )
    earlier = (
        Q(from_date__lt=first)
        | Q(from_date=first, to_date__lt=last)
        | Q(from_date=first, to_date=last, place__lt=at)
    )
    later = (
        Q(from_date__gt=first)
        | Q(from_date=first, to_date__gt=last)
        | Q(from_date=first, to_date=last, place__gt=at)
    )
    return (
        others.filter(earlier).order_by("-from_date", "-to_date", "-place").first(),
        others.filter(later).order_by("from_date", "to_date", "place").first(),
    )


def _key(statement: Statement) -> tuple[dt.date, dt.date, int]:
    return statement.from_date, statement.to_date, statement.place


def _check_days(new: Newcomer, other: Statement) -> None:
    """Two statements share one day at most, the last of the one and the first of the other."""
    first, last = new.days
    shared = min(last, other.to_date) - max(first, other.from_date)
    if not shared and (first == other.to_date or last == other.from_date):
        return
    if (first, last) == (other.from_date, other.to_date):
        raise differs(other)
    raise _overlaps(other)


def _check_named(new: Newcomer, other: Statement) -> None:
    """Without a number of its own nobody can tell a second statement of a day from the first."""
    is_named = new.head.statement_no is not None and other.statement_no is not None
    is_numbered = new.head.sequence is not None and other.sequence is not None
    if is_named or is_numbered:
        return
    if new.days == (other.from_date, other.to_date):
        raise differs(other)
    raise _overlaps(other)


def _overlaps(other: Statement) -> StatementOverlaps:
    message = _("A statement of {from_} to {to} covers part of the period already.")
    return StatementOverlaps(
        message.format(from_=other.from_date, to=other.to_date),
        remedy=_("Export the statement from the day after."),
    )


def _place_of_day(new: Newcomer, alike: list[Statement]) -> int:
    """After the last or before the first of its day: by number, else by balance."""
    first, last = alike[0], alike[-1]
    number = new.head.sequence
    if number is not None and first.sequence is not None and last.sequence is not None:
        if number > last.sequence:
            return last.place + 1
        if number < first.sequence:
            return first.place - 1
        message = _("Statement no. {number} of {day} is kept already, and says otherwise.")
        raise StatementDiffers(
            message.format(number=number, day=first.from_date),
            remedy=_("Ask the bank which one holds; what is kept stays."),
        )
    if new.foot.opening_fen != last.closing_fen and new.foot.closing_fen == first.opening_fen:
        return first.place - 1
    return last.place + 1


def _check_meets(
    new: Newcomer, other: Statement, crossing: list[Statement], *, is_after: bool
) -> None:
    """Beside a statement that shares a day, numbers follow and balances meet."""
    step = 1 if is_after else -1
    number = new.head.sequence
    if number is not None and other.sequence is not None and number != other.sequence + step:
        message = _("Between statements no. {one} and no. {other} of {day} there are others.")
        raise StatementGap(
            message.format(one=other.sequence, other=number, day=other.to_date),
            remedy=_("Bring in no. {number} first.").format(number=other.sequence + step),
        )
    closing = other.closing_fen if is_after else new.foot.closing_fen
    opening = new.foot.opening_fen if is_after else other.opening_fen
    if closing == opening:
        return
    twin = next((each for each in crossing if each.opening_fen == new.foot.opening_fen), None)
    if twin is not None:
        message = _(
            "The statement begins with the same balance as no. {no} of {day}: it repeats it."
        )
        raise StatementOverlaps(
            message.format(no=_name(twin), day=twin.from_date),
            remedy=_("Bring in what the bank has booked since, or ask it which one holds."),
        )
    message = _(
        "Of {day}, one statement closes with {closing} yuan and the next opens with {opening}."
    )
    raise StatementGap(
        message.format(
            day=other.to_date if is_after else other.from_date,
            closing=format_yuan(closing),
            opening=format_yuan(opening),
        ),
        remedy=_("Bring in the statement between them first."),
    )


def _name(statement: Statement) -> str:
    return statement.statement_no or str(statement.sequence)


def _check_entries(new: Newcomer, crossing: list[Statement]) -> None:
    """No entry of the bank's own reference stands in two statements of a day."""
    asked: dict[str, Any] = {"new": new.id, "others": [each.id for each in crossing]}
    with connection.cursor() as cursor:
        cursor.execute(_REPEATED, asked)
        found = cursor.fetchone()
    if found is not None:
        message = _("The entry {reference} stands in another statement of the same day already.")
        raise StatementOverlaps(
            message.format(reference=found[0]),
            remedy=_("Bring in what the bank has booked since, or ask it which one holds."),
        )
