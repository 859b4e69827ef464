"""Tables whose rows are written once: SQL for migrations, of this app and of all others.

A migration that uses it depends on `("journal", "0001_journal")`, which makes the shared function:

    migrations.RunSQL(*append_only_sql("cases_step"))
"""

import re

APP_ROLE = "honghu_app"
FUNCTION = "honghu_refuse_change"

CREATE_FUNCTION_SQL = f"""
CREATE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: the table is append-only', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation', HINT = 'Correct by adding a row, never by changing one.';
END $$;
"""
DROP_FUNCTION_SQL = f"DROP FUNCTION {FUNCTION}();"

_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]{0,45}")


def append_only_sql(table: str) -> tuple[str, str]:
    """Forward and reverse SQL that lets rows of `table` be inserted and read, and nothing else.

    UPDATE, DELETE and TRUNCATE are refused to everybody by a trigger (also where they would touch
    no row), and taken from the application's role where that role exists.
    Raises ValueError for a name that is no plain lower-case identifier.
    """
    if not _IDENTIFIER.fullmatch(table):
        raise ValueError(f"not a plain table name: {table!r}")
    forward = f"""
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION {FUNCTION}();
{_grant_sql(table, "SELECT, INSERT")}"""
    reverse = f"""
DROP TRIGGER {table}_append_only ON {table};
{_grant_sql(table, "SELECT, INSERT, UPDATE, DELETE")}"""
    return forward, reverse


def _grant_sql(table: str, privileges: str) -> str:
    # The names are constants and a checked identifier: GRANT takes no parameters.
    return f"""DO $$ BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
    REVOKE ALL ON {table} FROM {APP_ROLE};
    GRANT {privileges} ON {table} TO {APP_ROLE};
  END IF;
END $$;
"""  # noqa: S608
