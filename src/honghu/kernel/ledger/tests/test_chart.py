"""The chart of accounts: the built-in one is good; bad ones are refused by line."""

import pytest

from honghu.kernel.ledger.chart import (
    CHART_FILE,
    ChartConflict,
    ChartError,
    load_chart,
    read_chart,
)
from honghu.kernel.ledger.models import ChartLine

GOOD = '{kind: a, code: "1001", type: asset, normal_side: debit, zh: 甲, en: A}'


def test_the_built_in_chart_is_bilingual_and_in_order() -> None:
    lines = read_chart(CHART_FILE.read_text(encoding="utf-8"))
    assert [line.code for line in lines] == sorted(line.code for line in lines)
    assert all(any("一" <= char <= "鿿" for char in line.name_zh) for line in lines)
    assert all(line.name_en.isascii() for line in lines)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lines: [", "not YAML"),
        ("rows: []", "no list"),
        ("lines: []", "no list"),
        (f"lines:\n  - {GOOD}\n  - {{kind: b}}", "line 3: not the keys"),
        (f"lines:\n  - {GOOD}\n  - {GOOD.replace('kind: a', 'kind: b')}", "code 1001 stands twice"),
        (f"lines:\n  - {GOOD.replace('debit', 'left')}", "line 2: bad normal_side of a"),
        (f"lines:\n  - {GOOD.replace('asset', 'thing')}", "line 2: bad type of a"),
        (f"lines:\n  - {GOOD.replace('1001', '1x')}", "line 2: bad code of a"),
        (f"lines:\n  - {GOOD.replace('kind: a', 'kind: A b')}", "line 2: bad kind of A b"),
        (f"lines:\n  - {GOOD.replace('甲', chr(34) * 2)}", "line 2: bad zh and en of a"),
    ],
)
def test_a_bad_chart_is_refused_by_line(text: str, said: str) -> None:
    with pytest.raises(ChartError, match=said):
        read_chart(text)


def test_loading_writes_what_changed(db: None) -> None:
    assert load_chart() == len(read_chart(CHART_FILE.read_text(encoding="utf-8")))
    assert load_chart() == 0
    renamed = read_chart(f"lines:\n  - {GOOD}")
    assert load_chart(renamed) == 1
    assert load_chart(read_chart(f"lines:\n  - {GOOD.replace('甲', '乙')}")) == 1
    assert ChartLine.objects.get(pk="a").name_zh == "乙"
    with pytest.raises(ChartConflict):
        load_chart(read_chart(f"lines:\n  - {GOOD.replace('debit', 'credit')}"))
