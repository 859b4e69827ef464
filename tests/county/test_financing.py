"""Rows 1 to 4 of the county's page of June 2023, out of invented awards; down to the notice."""

import collections
import datetime as dt
import uuid
from zoneinfo import ZoneInfo

import pytest

from honghu.analytics.figure import Scope
from honghu.analytics.queries import figure_rows, measure
from honghu.analytics.registry import get_figure
from honghu.domains.financing.queries.claims import kept_lists, listed_buyers
from honghu.domains.financing.reports.declaration import Question
from honghu.domains.financing.reports.registry import REPORTS
from honghu.domains.procurement.queries import get_award, get_notice
from honghu.kernel.cases.models import Case
from honghu.kernel.cases.queries import find_case
from honghu.kernel.evidence.queries import open_content
from honghu.kernel.ledger.chart import load_chart
from honghu.kernel.parties.actor import SYSTEM
from honghu.site.sample import financing, lending, statements
from honghu.site.sample.county import SampleCounty

CHINA = ZoneInfo("Asia/Shanghai")
PAGE = Scope(end=dt.datetime(2023, 7, 1, tzinfo=CHINA))
PILOT = Scope(end=dt.datetime(2022, 7, 1, tzinfo=CHINA))


@pytest.fixture
def lent(shipped: None) -> None:
    county = SampleCounty()
    load_chart()
    financing.load(county)


@pytest.mark.slow
def test_figures_of_the_page_come_out_of_awards(lent: None) -> None:
    said = {
        "financing.principal_lent": (None, 159_000_000 * 100),
        "financing.banks_serving": (3, 8),
        "financing.banks_lending": (1, 4),
        "financing.suppliers_financed": (12, 17),
    }
    for code, (before, today) in said.items():
        figure = get_figure(code)
        assert measure(figure, PAGE).value == today, code
        if before is not None:
            assert measure(figure, PILOT).value == before, code

    rows = figure_rows(get_figure("financing.principal_lent"), PAGE, limit=1000)
    assert len(rows) == 26
    assert sum(row.numerator or 0 for row in rows) == 159_000_000 * 100
    assert len({row.numerator for row in rows}) > 20, "no row may stand for many"
    assert len({row.subject for row in rows}) == 4

    days = dt.date(2022, 1, 1), dt.date(2023, 6, 30)
    question = Question(from_date=days[0], to_date=days[1], now=PAGE.end)
    r1 = {row.key: row.values for row in REPORTS["r1"].rows(question)}
    sizes = [r1[f"size:{number}"] for number in (1, 2, 3)]
    assert [row["group"] for row in sizes] == ["中型", "小型", "微型"]
    assert sum(int(str(row["loans"])) for row in sizes) == 26
    assert "私人控股" in {row["group"] for key, row in r1.items() if key.startswith("ownership")}

    row = rows[0]
    assert row.case_id is not None
    loan = find_case(row.case_id, actor=SYSTEM, now=PAGE.end)
    award = get_award(uuid.UUID(loan.facts["award"]))
    notice = get_notice(award.notice_id)
    with open_content(notice.sha256) as content:
        text = content.read().decode()
    assert award.supplier_name
    assert award.supplier_name in text
    assert "中标（成交）金额" in text

    _carry_on()
    for code, (_before, today) in said.items():
        assert measure(get_figure(code), PAGE).value == today, f"{code} after what came later"


def _carry_on() -> None:
    """What became of the loans: settled all but two, whose suppliers are barred or bankrupt."""
    lending.load(SampleCounty(1))
    statements.load(SampleCounty(2))

    def states(register: str) -> dict[str, int]:
        found = Case.objects.filter(register=register).values_list("state", flat=True)
        return dict(collections.Counter(found))

    assert states("financing-loan") == {"settled": 24, "repaying": 1, "written_off": 1}
    assert states("supplier-sanction") == {"sanctioned": 1, "dismissed": 1}
    assert states("risk-event") == {"cleared": 1, "handled": 1}
    assert states("account-change") == {"changed": 1}
    assert states("monthly-return") == {"verified": 37}
    assert states("payment-retraction") == {"taken_back": 1}
    lost = Case.objects.get(register="financing-loan", state="written_off").facts
    assert 0 < lost["recovered"] < lost["written_off"]
    assert states("statement-exception") == {"settled": 1, "raised": 1}
    assert [len(listed_buyers(year)) for year in (2022, 2023, 2025)] == [1, 1, 1]
    assert [each.state for each in kept_lists(2025)] == ["published"]
    days = dt.date(2022, 1, 1), dt.date(2024, 12, 31)
    now = dt.datetime(2025, 1, 1, tzinfo=CHINA)
    question = Question(from_date=days[0], to_date=days[1], now=now)
    r7 = {row.key: row.values for row in REPORTS["r7"].rows(question)}["all"]
    assert (r7["loans"], r7["overdue"]) == (2, 1)  # one is overdue, one was written off
    (changed,) = REPORTS["r6"].rows(question)
    assert changed.values["changed"] is not None
