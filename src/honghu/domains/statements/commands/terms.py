"""How a file is to be read, from what somebody fills in beside it."""

import datetime as dt

from django.utils.translation import gettext as _

from honghu.base.problems import NotFound
from honghu.domains.statements.commands.problems import bank_of
from honghu.domains.statements.models import CsvMapping
from honghu.domains.statements.readers.columns import CsvTerms
from honghu.kernel.parties.actor import Actor


def terms_of(
    actor: Actor,
    *,
    mapping: str | None = None,
    account_no: str | None = None,
    opening_fen: int | None = None,
    closing_fen: int | None = None,
    from_date: dt.date | None = None,
    to_date: dt.date | None = None,
    newest_first: bool | None = None,
) -> CsvTerms:
    """The terms, with the mapping that the bank keeps under this name. Raises NotTheBank, NotFound."""
    bank_id = bank_of(actor)
    columns: dict[str, str] = {}
    newest = False
    if mapping:
        kept = CsvMapping.objects.filter(bank_id=bank_id, name=mapping).first()
        if kept is None:
            message = _("Your bank keeps no mapping {name}.").format(name=mapping)
            raise NotFound(message, remedy=_("Keep the columns under this name first."))
        columns, newest = kept.columns, kept.newest_first
    return CsvTerms(
        columns=columns,
        account_no=account_no or None,
        opening_fen=opening_fen,
        closing_fen=closing_fen,
        from_date=from_date,
        to_date=to_date,
        newest_first=newest if newest_first is None else newest_first,
    )
