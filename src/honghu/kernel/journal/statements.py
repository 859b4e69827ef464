"""Prepared statements on Django's connection, for the few statements that every write runs.

They are long and always the same: parsing and planning them costs more than carrying them out.
"""

from typing import Any, cast

import psycopg
from django.db import connection
from django.db.backends.utils import CursorWrapper


class _PreparedCursor(psycopg.Cursor[Any]):
    """Binds on the server and prepares at the first use, once for each connection."""

    def execute(self, query: Any, params: Any = None, **_options: Any) -> Any:
        return super().execute(query, params, prepare=True)


def prepared_cursor() -> CursorWrapper:
    """Django's cursor (its logging, errors and query counts) around a prepared one.

    Values are bound on the server, which must be able to tell each one's type from its place.
    """
    connection.ensure_connection()
    # The wrappers ask for no more of a cursor than psycopg's has; their annotation says otherwise.
    cursor = cast("CursorWrapper", _PreparedCursor(connection.connection))
    if connection.queries_logged:
        return connection.make_debug_cursor(cursor)
    return connection.make_cursor(cursor)
