"""What may not be read as a workbook is refused with its remedy, before it costs memory."""

import datetime as dt
import io
import resource
import zipfile

import pytest

from honghu.kernel.sheets import reading
from honghu.kernel.sheets.reading import WorkbookRefused, cell_name, read_grid
from honghu.kernel.sheets.tests.conftest import workbook


def rewritten(source, name, change):
    """A workbook with one part rewritten."""
    target = io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            data = old.read(part)
            new.writestr(part.filename, change(data) if part.filename == name else data)
    target.seek(0)
    return target


SHEET = "xl/worksheets/sheet1.xml"


def in_corner(place, row):
    cell = b'<c r="%s"><v>1</v></c>' % place
    row = b'<row r="%d">' % row + cell + b"</row></sheetData>"
    return rewritten(workbook(), SHEET, lambda data: data.replace(b"</sheetData>", row))


def bomb():
    target = io.BytesIO()
    with (
        zipfile.ZipFile(workbook()) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.infolist():
            new.writestr(part.filename, old.read(part))
        with new.open("xl/media/x.xml", "w") as hole:
            for _ in range(32):
                hole.write(b"\0" * 1_000_000)
    target.seek(0)
    return target


def with_macros():
    return rewritten(
        workbook(),
        "[Content_Types].xml",
        lambda data: data.replace(b".sheet.main+xml", b".sheet.macroEnabled.main+xml"),
    )


@pytest.mark.parametrize(
    ("make", "said", "remedy"),
    [
        (lambda: io.BytesIO("沟渠,类型\n一,二\n".encode("gbk")), "no Excel workbook", ".xlsx"),
        (lambda: io.BytesIO(b"\xd0\xcf\x11\xe0" + b"\0" * 600), "old workbook", "password"),
        (with_macros, "holds macros", "without macros"),
        (bomb, "Unpacked", "split"),
        (lambda: in_corner(b"XFD1048576", 1048576), "XFD1048576", "Delete"),
        (lambda: in_corner(b"IV200000", 200000), "200000 rows and 256 columns", "Delete"),
        (lambda: io.BytesIO(workbook().getvalue()[:-300]), "damaged", "save it again"),
        (lambda: io.BytesIO(b"PK\x03\x04" + b"x" * 100), "damaged", "again"),
    ],
)
def test_bad_files_are_refused_with_their_remedy(make, said, remedy, monkeypatch):
    monkeypatch.setattr(reading, "EXPANDED_MAX", 30_000_000)
    with pytest.raises(WorkbookRefused, match=said) as refused:
        read_grid(make())
    assert remedy in refused.value.remedy


@pytest.mark.parametrize("attributes", [b' x=">" r="XFD9"', b' a="' + b"y" * 9000 + b'" r="XFD9"'])
def test_a_place_cannot_be_hidden_from_the_guard(attributes):
    cell = b"<row><c" + attributes + b"><v>1</v></c></row></sheetData>"
    sly = rewritten(workbook(), SHEET, lambda data: data.replace(b"</sheetData>", cell))
    with pytest.raises(WorkbookRefused):
        read_grid(sly)


def test_empty_rows_down_to_the_millionth_cost_nothing():
    rows = b"".join(b'<row r="%d"><c r="A%d" s="0"/></row>' % (n, n) for n in range(2, 60_000))
    rows += b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    grid = read_grid(rewritten(workbook(), SHEET, lambda d: d.replace(b"</sheetData>", rows)))
    assert len(list(grid.rows())) == 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


@pytest.mark.parametrize("epoch", [False, True])
def test_days_are_the_same_under_both_epochs(epoch):
    source = workbook(("一", dt.date(2026, 1, 31)), heads=("a", "b"), options={"date_1904": epoch})
    assert list(read_grid(source).rows())[1] == (2, ["一", dt.date(2026, 1, 31)])


def test_places_are_those_of_excel_wherever_the_list_stands():
    def arrange(_book, page):
        page.write(4, 3, "x")
        page.write_formula(6, 3, "=1/0", None, "#DIV/0!")
        page.merge_range(8, 3, 8, 5, "m")

    grid = read_grid(workbook(heads=(), arrange=arrange))
    assert dict(grid.rows())[5][3] == "x"
    assert grid.errors == {"D7"}
    assert grid.merged == (((8, 3), (8, 5)),)
    assert [cell_name(5, 2), cell_name(1, 25), cell_name(9, 26)] == ["C5", "Z1", "AA9"]
