"""Prepared statements on Django's connection, for the few statements that every write runs.

They are long and always the same: parsing and planning them costs more than carrying them out.
A rollback makes psycopg forget what it has prepared; the next use prepares it again.
"""

from typing import Any, Final, cast

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper

_ANY_THRESHOLD: Final = 5
"""Psycopg's own. Django sets none, and without one psycopg prepares nothing, asked or not."""


class _PreparedCursor(psycopg.Cursor[Any]):
    """Binds on the server and prepares at the first use, once for each connection."""

    def execute(self, query: Any, params: Any = None, **_options: Any) -> Any:
        return super().execute(query, params, prepare=True)


class _LoggedCursor(CursorDebugWrapper):
    """Logs the statement as it was prepared: with the places of its values, not with the values."""

    def debug_sql(
        self,
        sql: str | None = None,
        params: Any = None,
        use_last_executed_query: bool = False,  # noqa: FBT001, FBT002, ARG002 as Django calls it
        many: bool = False,  # noqa: FBT001, FBT002
    ) -> Any:
        return super().debug_sql(sql, params, many=many)


def prepared_cursor() -> CursorWrapper:
    """Django's cursor (its logging, errors and query counts) around a prepared one.

    Values are bound on the server, which must be able to tell each one's type from its place.
    """
    wrapper = connections[DEFAULT_DB_ALIAS]
    # As Django does before its own cursors: once a request, whether the server is still there.
    wrapper.close_if_health_check_failed()
    wrapper.ensure_connection()
    raw = wrapper.connection
    if raw.prepare_threshold is None:
        # Only this cursor heeds it: those of Django bind on the client, and so never prepare.
        raw.prepare_threshold = _ANY_THRESHOLD
    # The wrappers ask for no more of a cursor than psycopg's has; their annotation says otherwise.
    cursor = cast("CursorWrapper", _PreparedCursor(raw))
    return (_LoggedCursor if wrapper.queries_logged else CursorWrapper)(cursor, wrapper)
