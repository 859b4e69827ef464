"""That a refusal left nothing behind: every row of every table is what it was."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

_TABLES = """
SELECT table_name FROM information_schema.tables
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY table_name
"""


def contents() -> dict[str, tuple[int, str | None]]:
    """Rows and digest of the contents of every table. Sequences may leave gaps and are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        names = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            " UNION ALL ".join(
                # Names come from the catalogue.
                f"SELECT '{name}', count(*), md5(string_agg(t::text, E'\\n' ORDER BY t::text))"  # noqa: S608
                f" FROM {name} t"
                for name in names
            )
        )
        return {name: (count, digest) for name, count, digest in cursor.fetchall()}


@contextmanager
def nothing_changes() -> Iterator[None]:
    """Assert that what happens inside leaves every table as it was."""
    before = contents()
    yield
    after = contents()
    changed = {
        name: (before[name][0], after[name][0]) for name in before if before[name] != after[name]
    }
    assert not changed, f"tables changed, rows before and after: {changed}"
