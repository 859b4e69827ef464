"""Why a statement is not taken in, in words of the reader."""

import uuid

from django.utils.translation import gettext as _

from honghu.base.problems import Conflict, HonghuError, Invalid, NotAllowed
from honghu.domains.statements.models import Statement
from honghu.domains.statements.readers.values import UnreadableStatementError
from honghu.kernel.parties.actor import Actor

BANK_ROLES = frozenset({"bank_manager", "bank_reviewer"})


class NotTheBank(NotAllowed):
    """Statements are brought in by the bank that keeps the accounts."""

    code = "not-the-bank"


class UnableToReadStatement(HonghuError):  # noqa: N818 named after what was attempted
    """The file cannot be read to its end; nothing of it was kept."""

    code = "statement-unreadable"


class AccountUnknown(Invalid):
    """The statement's account belongs to no loan of this bank."""

    code = "account-unknown"


class CurrencyNotKept(Invalid):
    """The statement is in another currency than yuan."""

    code = "currency-not-kept"


class StatementTooLarge(Invalid):
    """The file is larger than what is kept as evidence."""

    code = "statement-too-large"
    status = 413


class StatementDiffers(Conflict):
    """The same statement is kept already, with another content."""

    code = "statement-differs"


class StatementOverlaps(Conflict):
    """A statement of the same account covers part of the period already."""

    code = "statement-overlaps"


class StatementGap(Conflict):
    """Between this statement and one of the same day something is missing."""

    code = "statement-gap"


def differs(standing: Statement) -> StatementDiffers:
    """The refusal of a statement that says otherwise than the one that is kept."""
    message = _("The statement of {from_} to {to} is kept already, and says otherwise.")
    return StatementDiffers(
        message.format(from_=standing.from_date, to=standing.to_date),
        remedy=_("Ask the bank which one holds; what is kept stays."),
    )


def bank_of(actor: Actor) -> uuid.UUID:
    """The bank for which the actor may bring statements in. Raises NotTheBank."""
    if actor.organisation_id is None or not actor.roles & BANK_ROLES:
        message = _("Statements are brought in by the bank that keeps the accounts.")
        raise NotTheBank(message, remedy=_("Act for a bank as customer manager or reviewer."))
    return actor.organisation_id


def unreadable(error: UnreadableStatementError, filename: str) -> UnableToReadStatement:
    """The refusal of a file, with the place and the remedy."""
    what = _(error.what).format(**error.values)
    if error.line and error.column:
        message = _("{file}, line {line}, {column}: {what}")
    elif error.line:
        message = _("{file}, line {line}: {what}")
    else:
        message = _("{file}: {what}")
    message = message.format(file=filename, line=error.line, column=error.column, what=what)
    return UnableToReadStatement(message, remedy=_(error.remedy), fields={"file": message})
