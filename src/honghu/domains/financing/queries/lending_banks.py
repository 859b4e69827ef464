"""What each bank lent in a span of time, as the ledger's postings say."""

import datetime as dt
import uuid
from typing import Final, NamedTuple

from django.db import connection

from honghu.analytics.figure import Scope
from honghu.analytics.registry import get_figure

LENT_FIGURE: Final = "financing.principal_lent"
_LENT: Final = """
SELECT subject::uuid, count(DISTINCT case_id) FILTER (WHERE at >= %(since)s),
  coalesce(sum(numerator) FILTER (WHERE at >= %(since)s), 0)::bigint
FROM ({rows}) AS lent GROUP BY subject ORDER BY subject
"""


class LentByBank(NamedTuple):
    """A bank that has lent before the end of a span, and what it lent within it, in fen."""

    bank_id: uuid.UUID
    loans: int
    lent_fen: int


def lent_by_bank(since: dt.datetime, until: dt.datetime) -> list[LentByBank]:
    """Every bank that has lent before `until`, with its loans since `since`; one query.

    A lending bank that lent nothing in the span has 0 of it: that much the ledger knows.
    """
    relation = get_figure(LENT_FIGURE).relation(Scope(end=until))
    with connection.cursor() as cursor:
        asked = dict(relation.parameters) | {"since": since}
        cursor.execute(_LENT.format(rows=relation.sql), asked)
        return [LentByBank(*row) for row in cursor.fetchall()]
