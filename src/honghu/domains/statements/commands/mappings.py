"""A bank's mappings of CSV columns, kept by name."""

import datetime as dt
from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from honghu.base.problems import Invalid
from honghu.domains.statements.commands.problems import bank_of
from honghu.domains.statements.models import CsvMapping
from honghu.domains.statements.readers.columns import FIELDS, is_complete
from honghu.kernel.parties.actor import Actor

_NAME_MAX: Final = 60


def keep_mapping(
    name: str,
    columns: Mapping[str, str],
    *,
    newest_first: bool,
    actor: Actor,
    now: dt.datetime,
) -> None:
    """Keep which head holds which field, under a name of the bank's; again with the name replaces.

    Raises NotTheBank, Invalid for an unknown field, or columns that state no amount.
    """
    bank_id = bank_of(actor)
    label = " ".join(name.split())[:_NAME_MAX]
    if not label or not label.isprintable():
        message = _("A mapping needs a name.")
        raise Invalid(message, fields={"name": message})
    chosen = {field: head.strip() for field, head in columns.items() if head.strip()}
    if set(chosen) - FIELDS.keys() or not is_complete(chosen):
        message = _("Say which columns hold the date and the amount.")
        raise Invalid(message, fields={"columns": message})
    CsvMapping.objects.update_or_create(
        bank_id=bank_id,
        name=label,
        defaults={"columns": chosen, "newest_first": newest_first, "changed_at": now},
    )
