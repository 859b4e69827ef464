"""`honghu registers import`: the dry run says what is wrong, the same file twice changes nothing."""

import datetime as dt

import openpyxl
import pytest
from typer.testing import CliRunner

from honghu.cli.registers import app
from honghu.kernel.cases.models import Case
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.commands import add_organisation, add_person, appoint, open_account
from honghu.kernel.registers.commands import publish_register
from honghu.kernel.sheets.tests.conftest import DITCHES, NOW

RUN = CliRunner()
WHO = ("--register", "sheet-ditches", "--as", "wei")


@pytest.fixture
def people(db):
    publish_register(source=DITCHES, actor=SYSTEM, now=NOW)
    office = add_organisation(name="河湖办", kind="office", now=NOW)
    person = add_person(name="卫一", now=NOW)
    open_account(person=person, username="wei", password="lotus-root-and-seed-9")  # noqa: S106 invented
    appoint(
        person_id=person.id,
        organisation_id=office.id,
        role="office",
        from_date=dt.date(2026, 1, 1),
    )


def _fill(path, *rows):
    book = openpyxl.load_workbook(path)
    for row in rows:
        book.worksheets[0].append(row)
    book.save(path)


def test_template_dry_run_import_and_export(people, tmp_path):
    file, marked, out = (tmp_path / name for name in ("in.xlsx", "marked.xlsx", "out.xlsx"))
    assert RUN.invoke(app, ["template", str(file), *WHO]).exit_code == 0
    _fill(file, ["四湖渠", "水草", 12.5], ["中府渠", "鱼"])
    dry = RUN.invoke(app, ["import", str(file), *WHO, "--dry-run", "--marked", str(marked)])
    assert (dry.exit_code, Case.objects.count()) == (1, 0)
    assert "2 rows: 1 good, 1 faulty, 0 repeated" in dry.output
    assert "B6" in dry.output
    assert openpyxl.load_workbook(marked).worksheets[0]["B5"].comment
    whole = RUN.invoke(app, ["import", str(file), *WHO])
    assert (whole.exit_code, Case.objects.count()) == (1, 0)
    assert "import-has-faults" in whole.output
    for _time in range(2):
        assert RUN.invoke(app, ["import", str(file), *WHO, "--partial"]).exit_code == 0
        assert Case.objects.count() == 1
    assert RUN.invoke(app, ["export", str(out), *WHO]).exit_code == 0
    assert openpyxl.load_workbook(out).active["C4"].value == 12.5


def test_nobody_and_no_workbook_are_refused_in_words(people, tmp_path):
    file = tmp_path / "in.xlsx"
    file.write_text("沟渠,类型\n")
    told = RUN.invoke(app, ["import", str(file), *WHO])
    assert told.exit_code == 1
    assert "workbook-refused" in told.output
    unknown = RUN.invoke(app, ["import", str(file), *WHO[:3], "nobody"])
    assert unknown.stderr.startswith("honghu: not_found: ")
