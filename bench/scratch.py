"""What the benchmarks share: a scratch installation, printing."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django


@contextlib.contextmanager
def installation(settings: str = "honghu.site.settings") -> Iterator[Path]:
    """A migrated installation with a database server of its own in a temporary folder."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["HONGHU_HOME"] = folder
        os.environ.pop("DATABASE_URL", None)
        os.environ["DJANGO_SETTINGS_MODULE"] = settings
        django.setup()
        from django.core.management import call_command
        from django.db import connection, connections

        call_command("migrate", verbosity=0, interactive=False)
        connection.become_app()  # type: ignore[attr-defined]  # our own backend
        try:
            yield Path(folder)
        finally:
            connections.close_all()


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
