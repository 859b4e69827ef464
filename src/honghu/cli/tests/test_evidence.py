"""`honghu evidence verify`: a file that was altered behind the program is named."""

import datetime as dt

import pytest
from typer.testing import CliRunner

from honghu.cli.evidence import app
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.evidence.spool import storage, storage_name
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.rulesets.commands import publish_all_rules

NOW = dt.datetime(2026, 3, 2, 1, tzinfo=dt.UTC)


@pytest.mark.django_db
def test_an_altered_file_is_named_and_the_status_says_so() -> None:
    publish_all_rules(now=NOW, approved_by=None)
    stored = store_evidence(
        content="渠道整治前的现场记录".encode(),
        filename="note.txt",
        actor=SYSTEM,
        now=NOW,
        kind="document",
    )
    assert CliRunner().invoke(app, ["verify"]).exit_code == 0
    name = storage_name(stored.sha256)
    storage().delete(name)
    gone = CliRunner().invoke(app, ["verify"])
    assert gone.exit_code == 1
    assert f"{stored.sha256}  lost" in gone.stdout
