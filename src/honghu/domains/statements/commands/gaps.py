"""Balances that do not meet: a gap between two statements is a case that a person must explain."""

import datetime as dt
import uuid

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from honghu.base.money import format_yuan
from honghu.domains.statements.commands.chaining import neighbours
from honghu.domains.statements.models import Gap, Statement
from honghu.kernel.cases.commands import open_case
from honghu.kernel.parties.actor import SYSTEM

EXCEPTIONS = "statement-exception"


def find_gaps(statement: Statement, *, now: dt.datetime) -> tuple[uuid.UUID, ...]:
    """Compare a new statement with its neighbours; the cases of those that do not meet it."""
    before, after = neighbours(statement)
    pairs = [(before, statement)] if before is not None else []
    pairs += [(statement, after)] if after is not None else []
    return tuple(
        _open(one, other, now) for one, other in pairs if one.closing_fen != other.opening_fen
    )


def _open(before: Statement, after: Statement, now: dt.datetime) -> uuid.UUID:
    with translation.override(settings.LANGUAGE_CODE):
        detail = _(
            "The statement up to {to} closes with {closing} yuan, the one from {from_} opens with "
            "{opening} yuan."
        ).format(
            to=before.to_date,
            closing=format_yuan(before.closing_fen),
            from_=after.from_date,
            opening=format_yuan(after.opening_fen),
        )
    done = open_case(
        EXCEPTIONS,
        action="raise",
        actor=SYSTEM,
        now=now,
        idempotency_key=f"statement-gap:{before.id}:{after.id}",
        form={
            "kind": "gap",
            "reason": "balance",
            "bank": str(after.bank_id),
            "account": after.account_masked,
            "statement": str(after.id),
            "booked_on": after.from_date.isoformat(),
            "amount": after.opening_fen - before.closing_fen,
            "detail": detail,
        },
    )
    Gap.objects.create(
        before=before,
        after=after,
        closing_fen=before.closing_fen,
        opening_fen=after.opening_fen,
        case_id=done.case_id,
    )
    return done.case_id
