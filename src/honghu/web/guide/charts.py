"""One chart of each kind, with invented numbers."""

from decimal import Decimal

from django.utils.translation import gettext as _

from honghu.web.charts.model import Chart, Series

_MONTHS = tuple(f"2026-{month:02d}" for month in range(1, 11))


def sparkline() -> Chart:
    """A line the size of a word."""
    return Chart(
        kind="sparkline",
        title=_("Overdue, by month"),
        categories=_MONTHS,
        series=(Series(label=_("Overdue"), values=(9, 12, 11, 8, 8, 6, 7, 4, 3, 2)),),
        source=_("Invented numbers"),
    )


def charts() -> tuple[Chart, ...]:
    """Every kind, as pages declare them."""
    return (*_counts(), *_amounts())


def _counts() -> tuple[Chart, ...]:
    source = _("Invented numbers")
    found, closed = _("Found"), _("Struck off")
    return (
        Chart(
            kind="line",
            title=_("Problems found and struck off"),
            categories=_MONTHS,
            series=(
                Series(label=found, values=(42, 51, 38, 66, 73, 58, None, 49, 40, 37)),
                Series(label=closed, values=(12, 33, 40, 44, 61, 70, 64, 57, 52, 45)),
            ),
            unit=_("cases"),
            category_label=_("Month"),
            source=source,
        ),
        Chart(
            kind="bar",
            title=_("Open problems by town"),
            categories=(_("Xindi"), _("Luoshan"), _("Wulin"), _("Fengkou"), _("Datonghu")),
            series=(Series(label=_("Open"), values=(23, 17, 12, 6, None)),),
            unit=_("cases"),
            category_label=_("Town"),
            source=source,
        ),
        Chart(
            kind="stacked",
            title=_("Cases by light"),
            categories=(_("Xindi"), _("Luoshan"), _("Wulin"), _("Fengkou"), _("Datonghu")),
            series=(
                Series(label=_("In time"), values=(12, 9, 7, 3, 1)),
                Series(label=_("Due soon"), values=(7, 5, 4, 2, 0)),
                Series(label=_("Overdue"), values=(4, 3, 1, 1, 0)),
            ),
            unit=_("cases"),
            category_label=_("Town"),
            source=source,
        ),
    )


def _amounts() -> tuple[Chart, ...]:
    source = _("Invented numbers")
    return (
        Chart(
            kind="share",
            title=_("Loans by bank"),
            categories=(_("Bank A"), _("Bank B"), _("Bank C")),
            series=(Series(label=_("Amount"), values=(1_286_000_000, 640_000_000, 95_500_000)),),
            measure="money_wan",
            category_label=_("Bank"),
            source=source,
        ),
        Chart(
            kind="funnel",
            title=_("From award to loan"),
            categories=(_("Awards"), _("Applications"), _("Quotes"), _("Loans")),
            series=(Series(label=_("Cases"), values=(184, 96, 71, 44)),),
            category_label=_("Stage"),
            source=source,
        ),
        Chart(
            kind="area",
            title=_("Outstanding loans"),
            categories=_MONTHS,
            series=(
                Series(
                    label=_("Outstanding"),
                    values=tuple(month * 210_000_000 for month in range(1, 11)),
                ),
            ),
            measure="money_wan",
            category_label=_("Month"),
            source=source,
        ),
        Chart(
            kind="bar",
            title=_("Change against last year"),
            categories=(_("First quarter"), _("Second quarter")),
            series=(
                Series(label=_("Found"), values=(Decimal("0.12"), Decimal("-0.08"))),
                Series(label=_("Struck off"), values=(Decimal("0.31"), Decimal("0.05"))),
            ),
            measure="rate",
            source=source,
        ),
    )
