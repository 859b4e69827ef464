"""A list with its filters, and key figures."""

import datetime as dt
from decimal import Decimal

from django.utils.translation import gettext as _

from honghu.web.components import Badge, Column, KeyFigure, Row, Tab, Table
from honghu.web.fields import Choice, FormField
from honghu.web.guide.case import badges


def filter_fields() -> tuple[FormField, ...]:
    """Filters of a list."""
    return (
        FormField(
            name="text", label=_("Text"), control="search", placeholder=_("Number, place, person")
        ),
        FormField(
            name="state",
            label=_("State"),
            control="choice",
            placeholder=_("all"),
            choices=tuple(
                Choice(value=str(n), label=badge.label)
                for n, badge in enumerate((*badges(), *badges()))
            ),
        ),
        FormField(name="from", label=_("Reported from"), control="date"),
    )


def table(now: dt.datetime) -> Table:
    """A list of cases."""
    places = (
        (_("Weeds on the Sihu canal, section 3"), "red", _("being put right"), 128_600_000, 9),
        (_("Rubbish on the bank at Zhongfu"), "amber", _("first check"), 45_000_00, 3),
        (_("Nets across the Neijing river"), "green", _("issued"), None, 1),
        (_("Outfall without a sign at Dawu"), "suspended", _("suspended"), 3_250_000_00, 5),
        (_("Broken boundary stone at Chenzhao"), "none", _("registered"), 1_200_00, None),
    )
    return Table(
        caption=_("Open problems on rivers and lakes"),
        columns=(
            Column(label=_("Number"), kind="code", sort="number", role="field"),
            Column(label=_("Problem"), role="title"),
            Column(label=_("State"), kind="badge"),
            Column(label=_("Light"), kind="light", sort="due", role="light"),
            Column(label=_("Due"), kind="instant", sort="due_at"),
            Column(label=_("Cost"), kind="money", sort="cost"),
            Column(label=_("Steps"), kind="integer", role="hidden"),
        ),
        rows=tuple(
            Row(
                cells=(
                    f"HH-2026-{417 + index:04d}",
                    title,
                    Badge(label=state),
                    level,
                    now + dt.timedelta(days=index - 1, hours=3),
                    cost,
                    steps,
                ),
                url="#",
                is_current=index == 1,
            )
            for index, (title, level, state, cost, steps) in enumerate(places)
        ),
        totals=(_("Total"), None, None, None, None, 458_220_000, None),
        sort="-due_at",
    )


def tabs() -> tuple[Tab, ...]:
    """Views of a register."""
    return (
        Tab(label=_("List"), url="#", count=79, is_current=True),
        Tab(label=_("Map"), url="#"),
        Tab(label=_("Figures"), url="#"),
        Tab(label=_("Lifecycle"), url="#"),
    )


def figures(now: dt.datetime) -> tuple[KeyFigure, ...]:
    """Key figures of several kinds."""
    today = now.date()
    return (
        KeyFigure(
            label=_("Lent on public contracts"),
            value=15_900_000_000,
            kind="money_wan",
            period=_("since the pilot began"),
            as_of=today,
            proof_url="#",
        ),
        KeyFigure(
            label=_("Suppliers financed"),
            value=17,
            unit=_("firms"),
            change=_("+5 this year"),
            as_of=today,
            proof_url="#",
        ),
        KeyFigure(
            label=_("Struck off on time"),
            value=Decimal("0.9372"),
            kind="percent",
            level="green",
            as_of=today,
            proof_url="#",
        ),
        KeyFigure(
            label=_("Mean days to disbursal"),
            value=Decimal("3.4"),
            kind="decimal",
            unit=_("days"),
            is_provisional=True,
            as_of=today,
            proof_url="#",
        ),
    )
