"""The `honghu` command as a whole: what it says when the database is not ready."""

import pytest
from django.db import ProgrammingError
from psycopg.errors import UndefinedTable

from honghu.site import cli


def test_a_database_without_tables_is_told_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def journal_verify() -> None:
        raise ProgrammingError("no relation") from UndefinedTable("no relation")

    monkeypatch.setattr(cli, "build", lambda: journal_verify)
    monkeypatch.setattr("django.utils.translation.activate", lambda _language: None)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    assert "honghu migrate" in capsys.readouterr().err
