"""Rows 1 to 4 of the county's page of June 2023, out of invented awards; down to the notice."""

import datetime as dt
import uuid
from zoneinfo import ZoneInfo

import pytest

from honghu.analytics.figure import Scope
from honghu.analytics.queries import figure_rows, measure
from honghu.analytics.registry import get_figure
from honghu.domains.procurement.queries import get_award, get_notice
from honghu.kernel.cases.queries import find_case
from honghu.kernel.evidence.queries import open_content
from honghu.kernel.ledger.chart import load_chart
from honghu.kernel.modules.commands import publish_shipped
from honghu.kernel.parties.actor import SYSTEM
from honghu.site.sample import financing
from honghu.site.sample.county import SampleCounty

CHINA = ZoneInfo("Asia/Shanghai")
PAGE = Scope(end=dt.datetime(2023, 7, 1, tzinfo=CHINA))
PILOT = Scope(end=dt.datetime(2022, 7, 1, tzinfo=CHINA))


@pytest.fixture
def lent(db: None) -> None:
    county = SampleCounty()
    load_chart()
    publish_shipped(now=county.at(financing.PILOT_DAY))
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
