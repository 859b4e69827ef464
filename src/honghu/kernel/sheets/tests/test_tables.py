"""What is written can be read back, and nothing in it is a formula."""

import datetime as dt
import io
import zipfile
from decimal import Decimal

import openpyxl
import pytest

from honghu.kernel.sheets import tables
from honghu.kernel.sheets.tables import Sheet, SheetColumn, SheetTooLong, sheet_bytes

SHEET = Sheet(
    title="沟渠问题台账",
    columns=(
        SheetColumn(title="名称"),
        SheetColumn(title="件数", kind="integer"),
        SheetColumn(title="面积", kind="decimal", unit="平方米"),
        SheetColumn(title="预算", kind="yuan"),
        SheetColumn(title="日期", kind="date"),
        SheetColumn(title="时间", kind="instant"),
        SheetColumn(title="比率", kind="percent"),
    ),
    as_of=dt.date(2026, 5, 6),
    prepared_by="市河长办",
)
AT = dt.datetime(2026, 5, 6, 2, 30, tzinfo=dt.UTC)
ROW = ("四湖渠", 3, Decimal("120.5"), 123_456_789, dt.date(2026, 5, 6), AT, Decimal("0.0385"))


def page_of(rows, sheet=SHEET):
    return openpyxl.load_workbook(io.BytesIO(sheet_bytes(sheet, rows))).active


def test_values_keep_their_types():
    page = page_of([ROW, (None,) * 7])
    values = [cell.value for cell in page[4]]
    assert values[:4] == ["四湖渠", 3, 120.5, 1234567.89]
    assert [value.isoformat() for value in values[4:6]] == [
        "2026-05-06T00:00:00",
        "2026-05-06T10:30:00",
    ]
    assert values[6] == 0.0385
    assert [page.cell(4, n).number_format for n in (4, 5, 7)] == ["#,##0.00", "yyyy-mm-dd", "0.00%"]
    assert [cell.value for cell in page[5]] == [None] * 7
    assert page["D3"].value == "预算(yuan)"


@pytest.mark.parametrize(
    "sly", ["=1+1", "+86", "-5", "@SUM(A1)", '=HYPERLINK("x")', "\t=1", "{=1}"]
)
def test_a_text_stays_a_text(sly):
    data = sheet_bytes(SHEET, [(sly, *ROW[1:])])
    cell = openpyxl.load_workbook(io.BytesIO(data)).active["A4"]
    assert (cell.value.strip(), cell.data_type) == (sly.strip(), "s")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
        assert not any("hyperlink" in name.lower() for name in archive.namelist())


def test_it_is_laid_out_for_the_file():
    page = page_of([ROW])
    assert page["A1"].value == "沟渠问题台账"
    assert "2026-05-06" in page["A2"].value
    assert page.freeze_panes == "A4"
    assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
    assert page.print_title_rows == "$1:$3"
    assert "&P" in page.oddFooter.center.text
    assert page.column_dimensions["A"].width > 7
    assert page["A4"].border.left.style == "thin"


def test_what_excel_cannot_hold_is_not_rounded_nor_dropped(monkeypatch):
    page = page_of([("长" * 40_000, *ROW[1:3], 9_007_199_254_740_991, *ROW[4:])])
    assert len(page["A4"].value) == 32_767
    assert page["D4"].value == "90,071,992,547,409.91"
    monkeypatch.setattr(tables, "ROWS_MAX", 2)
    with pytest.raises(SheetTooLong):
        sheet_bytes(SHEET, [ROW] * 3)
