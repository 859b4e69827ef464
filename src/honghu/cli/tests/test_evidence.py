"""`honghu evidence`: an altered file is named, one that the law takes is erased with its reason."""

import datetime as dt

import pytest
from typer.testing import CliRunner

from honghu.cli.evidence import app
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.evidence.queries import get_evidence
from honghu.kernel.evidence.spool import storage, storage_name
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.commands import (
    add_organisation,
    add_person,
    appoint,
    open_account,
)
from honghu.kernel.rulesets.commands import publish_all_rules

NOW = dt.datetime(2026, 3, 2, 1, tzinfo=dt.UTC)


@pytest.mark.django_db
def test_a_file_is_erased_by_somebody_with_a_reason() -> None:
    publish_all_rules(now=NOW, approved_by=None)
    person = add_person(name="庹档案", now=NOW)
    open_account(person=person, username="archive", password=None)
    bureau = add_organisation(name="洪湖市档案馆", kind="office", now=NOW)
    appoint(person_id=person.id, organisation_id=bureau.id, role="archivist", from_date=NOW.date())
    sha256 = store_evidence(
        content="登记表".encode(), filename="a.txt", actor=SYSTEM, now=NOW, kind="document"
    ).sha256
    told = [sha256, "--reason", "依个人信息保护法第四十七条", "--yes", "--by"]
    assert CliRunner().invoke(app, ["erase", *told, "nobody"]).exit_code == 1
    assert get_evidence(sha256).erased_at is None
    assert CliRunner().invoke(app, ["erase", *told, "archive"]).exit_code == 0
    assert get_evidence(sha256).erased_at is not None
    assert CliRunner().invoke(app, ["verify"]).exit_code == 0


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
