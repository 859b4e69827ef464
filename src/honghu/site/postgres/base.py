"""Database backend: Django's own for PostgreSQL, plus the embedded server and the humble role.

The application works as the role `honghu_app`, which owns nothing: append-only tables grant it
INSERT and SELECT only. Migrations (and creating or dropping whole databases) work as the owner.
"""

import select
import time
from typing import Any, Final

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base

from honghu.site.postgres import embedded

APP_ROLE = "honghu_app"
_FRESH_SECONDS: Final = 60

_ROLE_SQL = f"""
DO $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
    CREATE ROLE {APP_ROLE} NOLOGIN;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$ BEGIN
  -- An administrator may have made the role and the membership; to grant it again needs more.
  IF NOT pg_has_role(CURRENT_USER, '{APP_ROLE}', 'MEMBER') THEN
    GRANT {APP_ROLE} TO CURRENT_USER;
  END IF;
END $$;
GRANT USAGE ON SCHEMA public TO {APP_ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP_ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO {APP_ROLE};
"""


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection; `as_owner` is true only while the schema itself is changed."""

    as_owner = False
    _answered_at: float | None = None

    def get_connection_params(self) -> dict[str, Any]:
        """Start the embedded server first, where the settings name no server."""
        if self.settings_dict.get("EMBEDDED"):
            self.settings_dict.update(embedded.address())
        params: dict[str, Any] = super().get_connection_params()
        return params

    def is_usable(self) -> bool:
        """Whether the server still answers on this connection; Django asks once a request.

        A server that ended has closed its side, and a socket on which nothing lies to be read
        between transactions was not closed: that costs no statement. After a minute of silence
        Django's own question is asked, for a firewall between may have forgotten the connection
        without telling.
        """
        now = time.monotonic()
        is_fresh = self._answered_at is not None and now - self._answered_at < _FRESH_SECONDS
        if not (is_fresh and self._is_quiet()) and not super().is_usable():
            return False
        self._answered_at = now
        return True

    def _is_quiet(self) -> bool:
        if self.connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            return False
        unread = select.poll()
        unread.register(self.connection.fileno(), select.POLLIN)
        return not unread.poll(0)

    def _configure_role(self, connection: Any) -> bool:
        if self.as_owner or self.alias == NO_DB_ALIAS:
            return False
        with connection.cursor() as cursor:
            # Before the first migration the role does not exist, and neither does any table.
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP_ROLE])
            if cursor.fetchone() is None:
                return False
            cursor.execute(f"SET ROLE {APP_ROLE}")
        return True

    def prepare_database(self) -> None:
        """Called by Django before migrating: create the humble role, then work as the owner."""
        super().prepare_database()
        self.as_owner = True
        with self.cursor() as cursor:
            cursor.execute("RESET ROLE")
            try:
                cursor.execute(_ROLE_SQL)
            except Exception as error:
                if isinstance(error.__cause__, psycopg.errors.InsufficientPrivilege):
                    message = (
                        f"the database user may not create the role {APP_ROLE}; let an "
                        f"administrator run: CREATE ROLE {APP_ROLE} NOLOGIN; "
                        f"GRANT {APP_ROLE} TO the user in DATABASE_URL"
                    )
                    raise ImproperlyConfigured(message) from error
                raise

    def become_app(self) -> None:
        """Give the owner's powers back: the next connection works as the humble role."""
        self.as_owner = False
        self.close()
