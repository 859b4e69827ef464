"""Excel out and in at a county's size: rows written, rows checked, memory at its highest.

    HONGHU_HOME=/tmp/bench-sheets python bench/sheets.py [rows ...]

Each size in turn, 10,000 and 100,000 unless told otherwise: the bounds at 100,000 are 30 s and
500 MB for a check, 15 s for an export. Limits of the same run: xlsxwriter's own loop without a
style or a type, and calamine reading alone. Each part runs in a process of its own, so that its
memory is its own.
"""

import datetime as dt
import os
import resource
import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path

COLUMNS = 12
PARTS = ("write", "limit-write", "fill", "limit-read", "check", "open", "export")
FIELDS = "\n".join(
    f"  {code}: {{title: {{zh: 列{code}, en: {code}}}, type: {kind}{more}}}"
    for code, kind, more in (
        ("name", "text", ", required: true"),
        ("place", "text", ""),
        ("cost", "money", ""),
        ("paid", "money", ""),
        ("area", "decimal", ""),
        ("count", "integer", ""),
        ("found", "date", ""),
        ("due", "date", ""),
        ("urgent", "boolean", ""),
        ("kind", "choice", ", options: {weeds: {zh: 水草, en: Weeds}}"),
        ("phone", "phone", ""),
        ("remark", "long_text", ""),
    )
)
REGISTER = f"""
register: bench-sheet
version: 1
title: {{zh: 量测, en: Bench}}
fields:
{FIELDS}
roles: {{office: {{title: {{zh: 办, en: Office}}, held_in: [office]}}}}
states:
  open: {{title: {{zh: 开, en: Open}}, start: true, waits_for: office, no_clock: {{zh: 无, en: none}}}}
  gone: {{title: {{zh: 撤, en: Gone}}, end: cancelled}}
actions:
  open:
    title: {{zh: 登记, en: Open}}
    from: start
    to: open
    by: [office]
    facts: [name, place, cost, paid, area, count, found, due, urgent, kind, phone, remark]
  drop: {{title: {{zh: 撤销, en: Drop}}, from: open, to: gone, by: [office], kind: decision}}
"""


def main() -> None:
    """Run the parts one after the other and print what each took."""
    if sys.argv[1:2] and sys.argv[1] in PARTS:
        _part(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
        return
    for rows in sorted(map(int, sys.argv[1:])) or (10_000, 100_000):
        with tempfile.TemporaryDirectory() as folder:
            print(f"{rows:,} rows of {COLUMNS} columns")
            for part in PARTS:
                subprocess.run(
                    [sys.executable, __file__, part, str(rows), folder], check=True, env=os.environ
                )


def _part(part: str, rows: int, folder: Path) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "honghu.site.settings")
    import django

    django.setup()
    work = {
        "write": _write,
        "limit-write": _limit_write,
        "fill": _fill,
        "limit-read": _limit_read,
        "check": _check,
        "open": _open,
        "export": _export,
    }[part]
    start, busy = time.perf_counter(), time.process_time()
    taken = work(rows, folder)
    seconds = taken if taken is not None else time.perf_counter() - start
    busy = time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if part != "fill":
        print(
            f"  {part:12} {seconds:7.1f} s  ({busy:5.1f} s of a core)  {peak:5.0f} MB", flush=True
        )


def _write(rows: int, folder: Path) -> None:
    """An export as officials file it."""
    from honghu.kernel.sheets.tables import Sheet, SheetColumn, SheetKind, write_sheet

    kinds: tuple[SheetKind, ...] = (
        *("text",) * 4,
        *("yuan", "yuan", "decimal", "integer", "date", "date", "instant", "percent"),
    )
    day, at = dt.date(2026, 5, 6), dt.datetime(2026, 5, 6, tzinfo=dt.UTC)
    columns = tuple(SheetColumn(title=f"第{n}列", kind=kind) for n, kind in enumerate(kinds))
    sheet = Sheet(title="量测", columns=columns, as_of=day)
    content = (
        (
            f"编号{n}",
            "四湖总干渠",
            "待清理",
            "新堤街道",
            n * 100,
            n,
            Decimal("1.5"),
            n,
            day,
            day,
            at,
            Decimal("0.0385"),
        )
        for n in range(rows)
    )
    write_sheet(folder / "out.xlsx", sheet, content)


def _limit_write(rows: int, folder: Path) -> None:
    """The same cells with the library alone."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(folder / "plain.xlsx"), {"constant_memory": True})
    page = book.add_worksheet()
    for row in range(rows):
        for column in range(4):
            page.write_string(row, column, "四湖总干渠")
        for column in range(4, COLUMNS):
            page.write_number(row, column, row)
    book.close()


def _fill(rows: int, folder: Path) -> None:
    """A filled-in list, as somebody brings it."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(folder / "in.xlsx"), {"constant_memory": True})
    page = book.add_worksheet()
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    heads = [
        "name",
        "place",
        "cost",
        "paid",
        "area",
        "count",
        "found",
        "due",
        "urgent",
        "kind",
        "phone",
        "remark",
    ]
    for column, head in enumerate(heads):
        page.write_string(0, column, head)
    for n in range(1, rows + 1):
        page.write_string(n, 0, f"渠段{n}")
        page.write_string(n, 1, "四湖总干渠")
        for column, value in ((2, n + 0.5), (3, n), (4, 1.25), (5, n)):
            page.write_number(n, column, value)
        page.write_number(n, 6, 46000, day)
        page.write_number(n, 7, 46010, day)
        page.write_string(n, 8, "是")
        page.write_string(n, 9, "水草" if n % 100 else "鱼")
        page.write_string(n, 10, "13812345678")
        page.write_string(n, 11, "巡查发现，请清理。")
    book.close()


def _limit_read(_rows: int, folder: Path) -> None:
    """The same file with the reader alone."""
    import python_calamine

    sheet = python_calamine.CalamineWorkbook.from_path(str(folder / "in.xlsx")).get_sheet_by_index(
        0
    )
    assert sum(1 for _ in sheet.iter_rows())  # noqa: S101


def _set_up() -> tuple[object, object, dt.datetime]:
    from django.utils import timezone

    from honghu.kernel.parties.actor import Actor
    from honghu.kernel.parties.commands import add_organisation, add_person
    from honghu.kernel.registers.commands import publish_register
    from honghu.kernel.registers.queries import get_register
    from honghu.site.cli import bring_up_to_date

    bring_up_to_date()
    now = timezone.now()
    office = add_organisation(name=f"量测 {now.isoformat()}", kind="office", now=now)
    person = add_person(name="量测", now=now)
    actor = Actor(person.id, office.id, frozenset({"office"}), "量测", office.name)
    publish_register(source=REGISTER, actor=actor, now=now)
    return get_register("bench-sheet"), actor, now


def _check(_rows: int, folder: Path) -> float:
    """The dry run, one row in a hundred faulty."""
    from honghu.kernel.sheets.commands import check_import

    register, actor, now = _set_up()
    start = time.perf_counter()
    check_import(
        folder / "in.xlsx",
        filename="in.xlsx",
        register=register,  # type: ignore[arg-type]
        actor=actor,  # type: ignore[arg-type]
        now=now,
        again=True,
    )
    return time.perf_counter() - start


def _open(_rows: int, folder: Path) -> float:
    """Opening cases for ten seconds, as accepted rows do; prints the rate."""
    from honghu.kernel.sheets.commands import accept_import, check_import, continue_import

    register, actor, now = _set_up()
    run = check_import(
        folder / "in.xlsx",
        filename="in.xlsx",
        register=register,  # type: ignore[arg-type]
        actor=actor,  # type: ignore[arg-type]
        now=now,
        again=True,
    )
    accept_import(run.id, actor=actor, now=now, partial=True)  # type: ignore[arg-type]
    start = time.perf_counter()
    done = continue_import(run.id, actor=actor, now=now, seconds=10)  # type: ignore[arg-type]
    taken = time.perf_counter() - start
    print(f"  {done.opened} cases opened, {done.opened / taken:.0f} a second")
    return taken


def _export(rows: int, folder: Path) -> float:
    """A register of so many cases as a file; the cases are copies of one, made by SQL."""
    from django.db import connection

    from honghu.kernel.sheets.exports import export_cases

    register, actor, now = _set_up()
    columns = (
        "register, register_version, title, state, version, facts, parties, party_ids, counters, "
        "opened_at, changed_at, due_provisional, search"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO cases_case (id, number, {columns}) "
            f"SELECT gen_random_uuid(), gen_random_uuid()::text, {columns} FROM "
            "(SELECT * FROM cases_case WHERE register = 'bench-sheet' LIMIT 1) one, "
            "generate_series(1, %s - (SELECT count(*) FROM cases_case "
            "WHERE register = 'bench-sheet'))",
            [rows],
        )
        cursor.execute("ANALYZE cases_case")
    names = "number name place cost paid area count found due urgent kind remark"
    start = time.perf_counter()
    with (folder / "cases.xlsx").open("wb") as target:
        export_cases(
            target,
            register,  # type: ignore[arg-type]
            actor=actor,  # type: ignore[arg-type]
            now=now,
            columns=tuple(names.split()),
        )
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
