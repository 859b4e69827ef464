"""A list becomes cases: every fault by its cell, nothing twice, nothing half."""

import datetime as dt
import io
import threading

import openpyxl
import pytest
from django.db import connection

from honghu.base.problems import Invalid, NotFound
from honghu.kernel.cases import effects
from honghu.kernel.cases.models import Case, Step
from honghu.kernel.cases.permissions import NotYourTurn
from honghu.kernel.cases.queries import list_cases
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.commands import add_organisation, appoint
from honghu.kernel.registers.commands import publish_register
from honghu.kernel.sheets.checking import HeadsNotFound, MergedCells
from honghu.kernel.sheets.commands import (
    ImportHasFaults,
    ImportUnderWay,
    accept_import,
    check_import,
    continue_import,
    continue_imports,
)
from honghu.kernel.sheets.models import ImportRow
from honghu.kernel.sheets.queries import (
    get_import,
    import_rows,
    marked_workbook,
    template_workbook,
)
from honghu.kernel.sheets.targets import ImportNotPossible, import_target
from honghu.kernel.sheets.tests.conftest import DITCHES, HEADS, NOW, clerk, stranger, workbook

TOWN = "新堤街道"
GOOD = ("四湖渠", "水草", 1234.5, 120.5, dt.date(2026, 5, 1), "是", TOWN, None, 13812345678)
PLAIN = ("中府渠", "waste", "0.3万元", None, "2026年5月2日", "no", None, None, None)


@pytest.fixture
def town(register):
    return add_organisation(name=TOWN, kind="township", now=NOW)


def check(register, actor, *rows, **more):
    return check_import(
        workbook(*rows, **more), filename="list.xlsx", register=register, actor=actor, now=NOW
    )


def bring(register, actor, *rows, partial=False):
    run = check(register, actor, *rows)
    accept_import(run.id, actor=actor, now=NOW, partial=partial)
    return continue_import(run.id, actor=actor, now=NOW)


def test_rows_become_cases_with_their_typed_facts(register, actor, town):
    run = bring(register, actor, GOOD, (None,) * 9, PLAIN)
    assert (run.status, run.opened, run.total) == ("finished", 2, 2)
    found = list_cases(register, actor=actor, now=NOW, sort="number").rows
    assert {**found[0].facts, "caller": None} == {
        "ditch": "四湖渠",
        "kind": "weeds",
        "cost": 123_450,
        "area": "120.5",
        "found": "2026-05-01",
        "urgent": True,
        "town": str(town.id),
        "card": None,
        "caller": None,
    }
    assert (found[1].facts["cost"], found[1].facts["found"]) == (300_000, "2026-05-02")
    # Personal values live with the case alone.
    assert not ImportRow.objects.exclude(form=None).exists()


def test_the_dry_run_opens_nothing_and_names_every_cell(register, actor):
    def arrange(_book, page):
        page.write_formula(4, 0, "=1/0", None, "#DIV/0!")

    run = check(
        register,
        actor,
        GOOD[:6],
        (None, "鱼", -1, "x", 46000, "vielleicht", "无此镇", 914210000000000000, "12"),
        ("渠", "水草", 1.005, None, None, None, None, "=HYPERLINK(1)", None),
        (None, "水草"),
        arrange=arrange,
    )
    assert (run.good, run.faulty, Case.objects.count()) == (1, 3, 0)
    faults = {
        fault.cell: fault.message
        for row in import_rows(run, ("faulty",), limit=9)
        for fault in row.faults
    }
    assert set(faults) == {*(f"{letter}3" for letter in "ABCDEFGHI"), "C4", "H4", "A5"}
    assert "46000" in faults["E3"]
    assert "水草" in faults["B3"]
    assert "cut this long number" in faults["H3"]
    assert "error" in faults["A5"]
    with pytest.raises(ImportHasFaults):
        accept_import(run.id, actor=actor, now=NOW)
    accept_import(run.id, actor=actor, now=NOW, partial=True)
    assert continue_import(run.id, actor=actor, now=NOW).opened == 1


def test_the_same_rows_are_never_opened_twice(register, actor, town):
    first = bring(register, actor, GOOD, GOOD, PLAIN)
    assert first.opened == 3  # the same row twice in one list is two rows
    again = check(register, actor, PLAIN, GOOD, GOOD)
    assert (again.good, again.repeated) == (0, 3)
    assert import_rows(again, ("repeated",), limit=1)[0].case_number.startswith("沟-2026-")
    # Another person, and a list with one more.
    more = bring(register, clerk("石二"), GOOD, GOOD, GOOD)
    assert (more.opened, more.repeated, Case.objects.count()) == (1, 2, 4)


def test_wanted_again_they_are_opened_once_for_each_file(register, actor):
    bring(register, actor, PLAIN)
    source = workbook(PLAIN)

    def again():
        source.seek(0)
        run = check_import(
            source, filename="x.xlsx", register=register, actor=actor, now=NOW, again=True
        )
        accept_import(run.id, actor=actor, now=NOW)
        return continue_import(run.id, actor=actor, now=NOW)

    assert again().opened == 1
    assert (again().opened, Case.objects.count()) == (0, 2)


def test_the_marked_copy_is_corrected_and_brought_in(register, actor):
    run = bring(register, actor, PLAIN, ("渠", "鱼", "12.30"), partial=True)
    book = openpyxl.load_workbook(io.BytesIO(marked_workbook(run, actor=actor)))
    page = book.active
    assert page["B5"].value == "鱼"
    assert "水草" in page["B5"].comment.text
    assert page["B5"].fill.fgColor.rgb == "FFFBE9E6"
    page["B5"] = "垃圾"
    target = io.BytesIO()
    book.save(target)
    target.seek(0)
    next_run = check_import(target, filename="c.xlsx", register=register, actor=actor, now=NOW)
    assert (next_run.good, next_run.faulty) == (1, 0)


def test_the_template_lists_options_and_reads_back_empty(register, actor):
    data = template_workbook(import_target(register, actor=actor))
    book = openpyxl.load_workbook(io.BytesIO(data))
    page = book.worksheets[0]
    assert [page.cell(3, n).value for n in (1, 2)] == ["ditch", "kind"]
    assert page.row_dimensions[3].hidden
    assert page["A4"].value == "沟渠*\nDitch"
    assert len(page.data_validations.dataValidation) == 2
    assert [cell.value for cell in book["_options"]["B"]][:2] == ["水草", "垃圾"]
    run = check_import(io.BytesIO(data), filename="t.xlsx", register=register, actor=actor, now=NOW)
    assert run.total == 0


@pytest.mark.parametrize(
    ("heads", "said"),
    [
        (("a", "b"), "None of the columns is known"),
        ((*HEADS, "备注"), "J1: there is no column"),
        ((*HEADS, "沟渠"), "J1: the column 沟渠 stands there twice"),
        (HEADS[1:], "Columns are missing: Ditch"),
    ],
)
def test_heads_that_cannot_be_told_are_refused(register, actor, heads, said):
    with pytest.raises(HeadsNotFound, match=said):
        check(register, actor, heads=heads)


def test_merged_cells_are_refused_with_their_place(register, actor):
    with pytest.raises(MergedCells, match="A2:A3"):
        check(
            register,
            actor,
            PLAIN,
            arrange=lambda _book, page: page.merge_range(1, 0, 2, 0, "渠"),
        )


def test_who_may_bring_a_list_and_who_may_see_it(register, actor):
    with pytest.raises(NotYourTurn):
        check(register, stranger(), PLAIN)
    run = check(register, actor, PLAIN)
    with pytest.raises(NotFound):
        get_import(run.id, actor=clerk("方三"))
    accept_import(run.id, actor=actor, now=NOW)
    with pytest.raises(ImportUnderWay):
        accept_import(run.id, actor=actor, now=NOW)


def test_an_opening_that_needs_a_photograph_takes_no_list(register, actor):
    source = DITCHES.replace("version: 1", "version: 2").replace(
        "    facts: [ditch,", "    evidence: {before: {kind: photo, min: 1}}\n    facts: [ditch,", 1
    )
    with pytest.raises(ImportNotPossible, match="needs a file"):
        check(publish_register(source=source, actor=SYSTEM, now=NOW), actor, PLAIN)


def test_what_the_command_of_the_opening_refuses_is_told_before(register, actor, monkeypatch):
    def refuse_waste(effect):
        if effect.form["kind"] == "waste":
            raise Invalid("no waste here", fields={"kind": "not this kind"})

    monkeypatch.setitem(effects._effects, "sheets.refuse_waste", refuse_waste)
    source = DITCHES.replace("version: 1", "version: 2").replace(
        "    by: [office]\n    facts",
        "    by: [office]\n    command: sheets.refuse_waste\n    facts",
    )
    changed = publish_register(source=source, actor=SYSTEM, now=NOW)
    run = check(changed, actor, PLAIN, ("渠", "水草"))
    assert (run.good, run.faulty, Case.objects.count()) == (1, 1, 0)
    (row,) = import_rows(run, ("faulty",), limit=9)
    assert [(fault.cell, fault.field, fault.message) for fault in row.faults] == [
        ("2", "kind", "not this kind")
    ]
    assert row.cells["cost"] == "3000.00"


def test_the_worker_goes_on_as_the_person_who_accepted(register, actor):
    run = check(register, actor, PLAIN, ("渠", "水草"))
    accept_import(run.id, actor=actor, now=NOW)
    # Nobody acts for a person who holds no position: the list waits.
    assert continue_imports(now=NOW, seconds=9) == 0
    appoint(
        person_id=actor.person_id,
        organisation_id=actor.organisation_id,
        role="office",
        from_date=dt.date(2026, 1, 1),
    )
    assert continue_imports(now=NOW, seconds=9) == 2
    assert get_import(run.id, actor=actor).status == "finished"
    assert set(Step.objects.values_list("person_id", flat=True)) == {actor.person_id}
    assert continue_imports(now=NOW, seconds=9) == 0


def test_two_who_go_on_at_once_open_each_row_once(committed_db):
    register = publish_register(source=DITCHES, actor=SYSTEM, now=NOW)
    actor = clerk()
    run = check(register, actor, *[(f"渠{n}", "水草") for n in range(24)])
    accept_import(run.id, actor=actor, now=NOW)

    def work():
        try:
            continue_import(run.id, actor=actor, now=NOW)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    continue_import(run.id, actor=actor, now=NOW)
    assert get_import(run.id, actor=actor).opened == Case.objects.count() == 24
