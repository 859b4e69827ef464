"""The pictures of a portfolio."""

from django.utils.translation import gettext as _

from honghu.domains.lending.pages.lists import month_text
from honghu.domains.lending.pages.wording import AGE_TITLES
from honghu.domains.lending.queries.portfolio import Portfolio
from honghu.web.charts.model import Chart, Series


def portfolio_charts(found: Portfolio) -> dict[str, Chart]:
    """One picture for each table that has a course or parts; none where there is nothing."""
    if not found.standing:
        return {}
    day = found.served_to.isoformat() if found.served_to else ""
    source = _("Rows of the loans as of %(day)s, proved by the ledger") % {"day": day}
    by_age = dict.fromkeys(AGE_TITLES, 0)
    for row in found.standing:
        by_age[row.age] += row.balance_fen
    charts = {
        "ageing": Chart(
            kind="share",
            title=_("Principal owed by days past due"),
            categories=tuple(str(title) for title in AGE_TITLES.values()),
            series=(
                Series(
                    label=_("Principal owed"),
                    values=tuple(by_age.values()),
                ),
            ),
            measure="money_wan",
            unit=_("× 10,000 yuan"),
            category_label=_("Days past due"),
            source=source,
        )
    }
    if found.cash:
        charts["cash"] = Chart(
            kind="stacked",
            title=_("What falls due by month"),
            categories=tuple(month_text(row.month) for row in found.cash),
            series=(
                Series(label=_("Principal"), values=tuple(row.principal_fen for row in found.cash)),
                Series(
                    label=_("Interest as agreed"),
                    values=tuple(row.interest_fen for row in found.cash),
                ),
            ),
            measure="money_wan",
            unit=_("× 10,000 yuan"),
            category_label=_("Month"),
            source=_("Plans of the loans as of %(day)s") % {"day": day},
        )
    return charts
