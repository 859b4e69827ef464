"""Report R8: which notices print the channel, by month and page by page."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils import translation
from typer.testing import CliRunner

from honghu.domains.financing.cli import app
from honghu.domains.financing.queries.coverage import count_states, coverage
from honghu.domains.procurement.commands import take_notice
from honghu.kernel.parties.actor import SYSTEM
from tests import notices

CHANNEL = "\n八、其他补充事宜\n中标供应商可向银行申请政采贷，咨询电话：0716-2400000。\n".encode()
MAY, JUNE = dt.date(2026, 5, 1), dt.date(2026, 6, 1)


def test_the_share_by_month(county: dict[str, Any], now: dt.datetime, tmp_path: Path) -> None:
    pages = [
        notices.award(number="N-1") + CHANNEL,
        notices.award(number="N-2", project="另一项目"),
        notices.award(number="N-3", project="第三项目", published="2026年06月02日") + CHANNEL,
    ]
    for index, page in enumerate(pages):
        taken = take_notice(content=page, filename=f"{index}.txt", actor=SYSTEM, now=now)
        assert taken.status == "filed"
        (tmp_path / f"{index}.txt").write_bytes(page)
    rows = coverage(from_date=MAY, to_date=dt.date(2026, 6, 30))
    assert [(row.month, row.notices, row.stated, row.share) for row in rows] == [
        (MAY, 2, 1, Decimal("0.5")),
        (JUNE, 1, 1, Decimal(1)),
    ]
    assert coverage(from_date=MAY, to_date=MAY) == []
    shown = CliRunner().invoke(app, ["coverage", "--from", "2026-05-01", "--to", "2026-06-30"])
    assert "50.0%" in shown.stdout
    with translation.override("en"):
        named = CliRunner().invoke(app, ["coverage", str(tmp_path)]).stdout
    assert "2 of 3 print the channel" in named
    assert "1.txt: absent" in named
    assert CliRunner().invoke(app, ["coverage", str(tmp_path / "no")]).exit_code == 1


def test_doubt_is_no_coverage() -> None:
    (row,) = count_states([(MAY, "review"), (MAY, "unreadable"), (MAY, "value"), (MAY, "absent")])
    assert (row.notices, row.share) == (4, Decimal("0.25"))
