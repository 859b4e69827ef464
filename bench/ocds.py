"""OCDS releases read per second on one core, beside parsing the same bytes alone; then kept, filed.

    python bench/ocds.py [FILE]

FILE is a release package, a record package or JSON Lines; without it 6,000 releases of the usual
size are made. The physical limits, in the same run: `json` on each line, and `ijson` building each
release of the package; neither looks at a single field. CPU time of the process is measured, so
other work on the machine does not count. Memory is the peak of the reader's own allocations.
With --database also, in a scratch database and by the wall clock: releases kept per second (one
transaction) beside COPY of the same rows, the same file again, and processes merged and filed as
cases per second.
"""

import datetime as dt
import gzip
import itertools
import json
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ijson

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from honghu.domains.procurement.readers.found import Part
from honghu.domains.procurement.readers.ocds.streams import open_source
from honghu.domains.procurement.readers.sources.ocds import SOURCE

_RELEASES = 6000
_ROUNDS = 3
_WANTED = 3000
_FILED = 200


def release(number: int) -> dict[str, Any]:
    """A release of about 3 kB: one tender of two lots, an award, two parties, documents."""
    supplier = {"id": f"CN-USCI-{number:018d}", "name": f"某供应商{number}有限公司"}
    buyer = {"id": f"buyer-{number % 50}", "name": f"某单位{number % 50}"}
    words = "本项目采购内容包括设备供货、安装、调试、培训及售后服务，详见采购文件。" * 4
    return {
        "ocid": f"ocds-000000-{number}",
        "id": f"{number}-1",
        "date": "2026-05-11T09:30:00+08:00",
        "tag": ["award"],
        "initiationType": "tender",
        "language": "zh",
        "parties": [
            buyer | {"roles": ["buyer"], "address": {"streetAddress": "某路1号", "region": "湖北"}},
            supplier
            | {
                "roles": ["supplier"],
                "identifier": {"scheme": "CN-USCI", "id": f"{number:018d}", "legalName": "x"},
            },
        ],
        "buyer": buyer,
        "tender": {
            "id": f"T-{number}",
            "title": f"某项目{number}",
            "description": words,
            "status": "complete",
            "value": {"amount": 1300000, "currency": "CNY"},
            "items": [
                {"id": str(each), "description": words[:60], "quantity": 3, "unit": {"name": "台"}}
                for each in range(4)
            ],
            "lots": [{"id": str(each), "title": f"第{each}包"} for each in (1, 2)],
        },
        "awards": [
            {
                "id": "A1",
                "status": "active",
                "date": "2026-05-11T00:00:00+08:00",
                "value": {"amount": 1268000.5, "currency": "CNY"},
                "suppliers": [supplier],
                "relatedLots": ["1"],
                "documents": [{"id": "d1", "title": words[:20], "url": "https://example.org/1"}],
            }
        ],
    }


def _rate(work: Callable[[], int]) -> tuple[int, float]:
    best, count = float("inf"), 0
    for _round in range(_ROUNDS):
        start = time.process_time()
        count = work()
        best = min(best, time.process_time() - start)
    return count, count / best


def _read(path: Path) -> int:
    return sum(isinstance(each, Part) for each in SOURCE.read(path))


def _json(path: Path) -> int:
    with open_source(path) as file:
        return sum(json.loads(line) is not None for line in file)


def _ijson(path: Path) -> int:
    with open_source(path) as file:
        return sum(1 for _each in ijson.items(file, "releases.item", use_float=True))


def _memory(path: Path) -> float:
    tracemalloc.start()
    _read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


def _made(folder: Path) -> tuple[Path, Path, Path]:
    releases = [release(number) for number in range(_RELEASES)]
    lines, package = folder / "releases.jsonl", folder / "package.json"
    text = "\n".join(json.dumps(each, ensure_ascii=False) for each in releases) + "\n"
    lines.write_text(text, "utf-8")
    whole = {"uri": "x", "version": "1.1", "releases": releases}
    package.write_text(json.dumps(whole, ensure_ascii=False), "utf-8")
    packed = folder / "releases.jsonl.gz"
    packed.write_bytes(gzip.compress(lines.read_bytes()))
    print(f"{_RELEASES} releases, {len(text.encode()) / _RELEASES:.0f} bytes each")
    return lines, package, packed


def _show(name: str, found: tuple[int, float]) -> float:
    print(f"{name:42}{found[0]:8} {found[1]:9.0f}/s")
    return found[1]


def _database(lines: Path) -> None:
    """Keep the file, keep it again, file some of its processes."""
    from bench.scratch import installation

    with installation():
        from honghu.domains.procurement.commands.intake import merge_waiting, take_source
        from honghu.kernel.parties.actor import SYSTEM
        from honghu.site.county import settle_county

        now = dt.datetime(2026, 6, 1, 1, 0, tzinfo=dt.UTC)
        settle_county(now=now)
        rates = []
        for name in ("kept in the database", "the same file again"):
            start = time.perf_counter()
            found = take_source(lines, actor=SYSTEM, now=now).found
            rates.append(_show(name, (found, found / (time.perf_counter() - start))))
        copied = _show("limit: COPY of the same rows alone", _copied())
        print(f"keeping is {rates[0] / copied:.2f} of it")
        start = time.perf_counter()
        filed = len(list(itertools.islice(merge_waiting(actor=SYSTEM, now=now), _FILED)))
        _show("merged and filed as cases", (filed, filed / (time.perf_counter() - start)))


def _copied() -> tuple[int, float]:
    """What was kept, once more by COPY into a table that is neither checked nor logged."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM procurement_sourcepart")
        rows = cursor.fetchall()
        cursor.execute("CREATE TEMPORARY TABLE copied (LIKE procurement_sourcepart)")
        start = time.perf_counter()
        with cursor.cursor.copy("COPY copied FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return len(rows), len(rows) / (time.perf_counter() - start)


def main() -> int:
    """Print the figures; exit status 1 if fewer than 3,000 releases a second are read."""
    files = [each for each in sys.argv[1:] if each != "--database"]
    if files:
        return 0 if _show("read and checked", _rate(lambda: _read(Path(files[0])))) else 1
    with tempfile.TemporaryDirectory() as folder:
        lines, package, packed = _made(Path(folder))
        rates = [
            _show("JSON Lines, read and checked", _rate(lambda: _read(lines))),
            _show("JSON Lines, gzip, read and checked", _rate(lambda: _read(packed))),
            _show("release package, read and checked", _rate(lambda: _read(package))),
        ]
        _show("limit: json alone, JSON Lines", _rate(lambda: _json(lines)))
        _show("limit: ijson alone, release package", _rate(lambda: _ijson(package)))
        for path in (lines, package):
            size = path.stat().st_size / 2**20
            print(f"peak memory reading {path.name} of {size:.1f} MB: {_memory(path):.1f} MB")
        if "--database" in sys.argv:
            _database(lines)
    return 0 if min(rates) >= _WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
