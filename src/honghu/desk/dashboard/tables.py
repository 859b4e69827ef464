"""Tables and charts of oversight: every number opens the list of exactly the cases behind it."""

import dataclasses
import uuid
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from honghu.analytics.oversight import Period, Standing
from honghu.analytics.ranking import rank
from honghu.kernel.cases.fates import Fate
from honghu.web.charts.model import Chart, Series
from honghu.web.components import Column, KeyFigure, Linked, Row, Share, Table

ROWS_MAX = 50
"""A register's table of organisations shows so many; a register of suppliers has thousands."""
_BARS = 20
_YEAR = 365


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: what it is about, the page behind it, and where its numbers open.

    `list_url` is the address of the list with what it is narrowed to already; empty where the
    numbers are of several lists and open on the page behind the line.
    """

    key: str | uuid.UUID
    title: str
    url: str
    standing: Standing
    list_url: str = ""


def period_words(days: int) -> str:
    """The length of a period in words."""
    if days > _YEAR:
        return _("%(years)d years") % {"years": days // _YEAR}
    return _("%(days)d days") % {"days": days}


def list_address(register: str, organisation_id: uuid.UUID | None = None, party: str = "") -> str:
    """The address of a register's list, of one organisation in any field or in one."""
    query = {"organisation": str(organisation_id)} if organisation_id else {}
    if party:
        query["party"] = party
    return f"{reverse('register', args=[register])}?{urlencode(query)}"


def _cells(line: Line, period: Period) -> tuple[object, ...]:
    """The numbers of a line, each with the list that it opens; 0 opens nothing."""
    now, since = line.standing, period.first.isoformat()
    unhappy = now.judged - now.content

    def opened(value: object, count: int, **query: str) -> object:
        if not count or not (line.list_url or line.url):
            return value
        if not line.list_url:
            return Linked(value, line.url)
        glue = "" if line.list_url.endswith("?") else "&"
        return Linked(value, f"{line.list_url}{glue}{urlencode(query)}")

    def share(part: int, fate: Fate) -> object:
        return opened(Share(part, now.closed), part, fate=fate, since=since)

    return (
        opened(now.open, now.open, open="true"),
        opened(now.overdue, now.overdue, light="red"),
        opened(now.near, now.near, light="amber"),
        opened(now.closed, now.closed, fate=Fate.CLOSED, since=since),
        share(now.on_time, Fate.ON_TIME),
        share(now.returned, Fate.RETURNED),
        share(now.extended, Fate.EXTENDED),
        opened(now.rebounds, now.rebounds, fate=Fate.REBOUND, since=since),
        opened(Share(now.content, now.judged), now.content, fate=Fate.SATISFIED, since=since),
        opened(unhappy, unhappy, fate=Fate.DISSATISFIED, since=since),
    )


def _columns(first: str) -> tuple[Column, ...]:
    return (
        Column(label=first, role="title"),
        Column(label=_("Open cases"), kind="integer"),
        Column(label=_("Overdue"), kind="integer"),
        Column(label=_("Due soon"), kind="integer"),
        Column(label=_("Closed"), kind="integer"),
        Column(label=_("Closed on time"), kind="percent"),
        Column(label=_("Returned"), kind="percent"),
        Column(label=_("Extended"), kind="percent"),
        Column(label=_("Rebounds"), kind="integer"),
        Column(label=_("Satisfied"), kind="percent"),
        Column(label=_("Dissatisfied"), kind="integer"),
    )


def plain_table(
    caption: str, first: str, lines: Sequence[Line], period: Period, whole: Standing
) -> Table:
    """Lines in their order, and what they make together."""
    return Table(
        caption=caption,
        columns=_columns(first),
        rows=tuple(_row(line, (line.title, *_cells(line, period))) for line in lines),
        totals=(_("All"), *_cells(Line("", "", "", whole), period)),
    )


def ranked_table(
    caption: str, lines: Iterable[Line], period: Period, *, least: int, most: int | None = None
) -> Table:
    """The first of the lines by the rank of their share closed on time; unranked ones follow."""
    lines = list(lines)
    ranks = ranks_of(lines, least=least)
    ordered = sorted(
        lines,
        key=lambda line: (
            ranks.get(line.key, len(lines) + 1),
            -line.standing.overdue,
            -line.standing.open,
            line.title,
        ),
    )
    return Table(
        caption=caption,
        columns=(
            Column(label=_("Rank"), kind="integer"),
            *_columns(_("Organisation")),
        ),
        rows=tuple(
            _row(line, (ranks.get(line.key), line.title, *_cells(line, period)))
            for line in ordered[:most]
        ),
    )


def ranks_of(lines: Iterable[Line], *, least: int) -> Mapping[str | uuid.UUID, int]:
    """The ranks of lines by their share closed on time."""
    shares = {line.key: (line.standing.on_time, line.standing.closed) for line in lines}
    return rank(shares, least=least)


def _row(line: Line, cells: tuple[object, ...]) -> Row:
    return Row(cells=cells, url=line.url, level="red" if line.standing.overdue else None)


def key_figures(whole: Standing, days: int) -> tuple[KeyFigure, ...]:
    """The five numbers at the head; the table below them says of what they are the sum."""
    period = _("last %(period)s") % {"period": period_words(days)}
    share = Decimal(whole.on_time) / whole.closed if whole.closed else None
    return (
        KeyFigure(label=_("Open cases"), value=whole.open),
        KeyFigure(label=_("Overdue"), value=whole.overdue, level="red" if whole.overdue else None),
        KeyFigure(label=_("Due soon"), value=whole.near, level="amber" if whole.near else None),
        KeyFigure(label=_("Closed"), value=whole.closed, period=period),
        KeyFigure(
            label=_("Closed on time"),
            value=share.quantize(Decimal("0.001")) if share is not None else None,
            kind="percent",
            period=f"{whole.on_time}/{whole.closed} · {period}",
        ),
    )


def open_chart(title: str, lines: Sequence[Line]) -> Chart | None:
    """Open cases, overdue apart from those in time; the first of the lines that have any."""
    shown = [line for line in lines if line.standing.open][:_BARS]
    if not shown:
        return None
    return Chart(
        kind="stacked",
        title=title,
        categories=tuple(line.title for line in shown),
        series=(
            Series(label=_("Overdue"), values=tuple(each.standing.overdue for each in shown)),
            Series(
                label=_("Not overdue"),
                values=tuple(each.standing.open - each.standing.overdue for each in shown),
            ),
        ),
        source=_("the registers as they stand"),
    )


def share_chart(lines: Sequence[Line], *, least: int) -> Chart | None:
    """The shares closed on time of those that have a rank, the greatest first."""
    ranks = ranks_of(lines, least=least)
    shown = sorted(
        (line for line in lines if line.key in ranks),
        key=lambda line: (ranks[line.key], line.title),
    )[:_BARS]
    if not shown:
        return None
    return Chart(
        kind="bar",
        title=_("Closed on time"),
        measure="percent",
        categories=tuple(line.title for line in shown),
        series=(
            Series(
                label=_("Closed on time"),
                values=tuple(
                    (Decimal(each.standing.on_time) / each.standing.closed).quantize(
                        Decimal("0.001")
                    )
                    for each in shown
                ),
            ),
        ),
        source=_("the cases closed in the period"),
    )
