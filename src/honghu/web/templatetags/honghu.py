"""The components as template tags: `{% load honghu %}`.

Each tag takes a value of `honghu.web.components` (or plain values) and draws one template of
`honghu/components/`. What each shows is on the page /styleguide; the variables are described in
docs/howto/page-components.md.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import template
from django.http import HttpRequest
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from honghu.web import display
from honghu.web.charts.model import Chart
from honghu.web.charts.rendering import drawn
from honghu.web.components import (
    ActionOffer,
    Badge,
    Column,
    Crumb,
    EmptyState,
    EvidencePair,
    EvidenceView,
    Fact,
    FilterChip,
    KeyFigure,
    Level,
    Light,
    Linked,
    Moment,
    Pages,
    Progress,
    Proof,
    Share,
    Stage,
    Tab,
    Table,
    Tone,
    ValueKind,
)
from honghu.web.fields import FormField

register = template.Library()

SHAPES: dict[str, str] = {
    "red": "▲",
    "amber": "●",
    "green": "✓",
    "suspended": "‖",
    "none": "○",
}


def light_words() -> dict[str, str]:
    """The word of each light in the reader's language."""
    return {
        "red": pgettext("light", "Overdue"),
        "amber": pgettext("light", "Due soon"),
        "green": pgettext("light", "On time"),
        "suspended": pgettext("light", "Clock stopped"),
        "none": pgettext("light", "No deadline"),
    }


@register.simple_tag
def unknown() -> SafeString:
    """The dash of a value that nobody knows, readable aloud."""
    return format_html(
        '<span class="unknown"><span aria-hidden="true">—</span>'
        '<span class="visually-hidden">{}</span></span>',
        _("unknown"),
    )


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A symbol of icons.svg. Without a label it is decoration."""
    address = f"{static('honghu/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>',
            label,
            address,
        )
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}"></use></svg>',
        address,
    )


@register.simple_tag
def light(value: Light | Level | None, word: str = "", detail: str = "") -> SafeString:
    """A light: shape, word and colour; never colour alone."""
    if value is None:
        return unknown()
    if isinstance(value, Light):
        level, word, detail = value.level, value.word, value.detail
    else:
        level = value
    more = format_html('<span class="light-detail">{}</span>', detail) if detail else ""
    return format_html(
        '<span class="light light--{}"><span class="light-shape" aria-hidden="true">{}</span>'
        '<span class="light-word">{}</span>{}</span>',
        level,
        SHAPES[level],
        word or light_words()[level],
        more,
    )


@register.simple_tag
def badge(value: Badge | str, tone: Tone = "neutral") -> SafeString:
    """A short word in a box."""
    label = value
    if isinstance(value, Badge):
        label, tone = value.label, value.tone
    return format_html('<span class="badge badge--{}">{}</span>', tone, label)


@register.simple_tag
def money(fen: int | None, unit: str = "yuan") -> SafeString:
    """An amount of fen without its unit, for columns whose head states it ("yuan" or "wan")."""
    if fen is None:
        return unknown()
    if unit == "wan":
        return format_html(
            '<data class="num" value="{}" title="{}">{}</data>',
            fen,
            _("%(amount)s yuan") % {"amount": display.yuan_text(fen)},
            display.wan_text(fen),
        )
    return format_html('<data class="num" value="{}">{}</data>', fen, display.yuan_text(fen))


@register.simple_tag
def amount(fen: int | None, unit: str = "yuan") -> SafeString:
    """An amount of fen with its unit, for running text and facts."""
    if fen is None:
        return unknown()
    return format_html('{} <span class="unit">{}</span>', money(fen, unit), money_unit(unit))


@register.simple_tag
def money_unit(unit: str = "yuan") -> str:
    """The word of the unit: 元 or 万元."""
    return _("× 10,000 yuan") if unit == "wan" else _("yuan")


@register.simple_tag
def day(value: dt.date | None) -> SafeString:
    """A day."""
    if value is None:
        return unknown()
    return format_html(
        '<time class="num" datetime="{}">{}</time>', value.isoformat(), display.date_text(value)
    )


@register.simple_tag
def instant(value: dt.datetime | None) -> SafeString:
    """An instant on the county's clock."""
    if value is None:
        return unknown()
    return format_html(
        '<time class="num" datetime="{}">{}</time>', value.isoformat(), display.instant_text(value)
    )


@register.simple_tag
def due_instant(value: dt.datetime | None) -> SafeString:
    """A due instant on the county's clock; the end of a day is its 24:00."""
    if value is None:
        return unknown()
    return format_html(
        '<time class="num" datetime="{}">{}</time>',
        value.isoformat(),
        display.due_instant_text(value),
    )


@register.simple_tag
def duration(value: dt.timedelta | None) -> SafeString:
    """A length of time."""
    return unknown() if value is None else format_html("{}", display.duration_text(value))


@register.simple_tag
def due(due_at: dt.datetime | None, now: dt.datetime) -> SafeString:
    """A due instant and how far it is."""
    if due_at is None:
        return unknown()
    return format_html(
        '{} · <span class="soft">{}</span>', due_instant(due_at), display.due_text(due_at, now)
    )


@register.simple_tag
def digest(value: str) -> SafeString:
    """A hash, shortened for the eye and whole for the clipboard."""
    return format_html(
        '<span class="digest"><code title="{0}">{1}</code>'
        '<button type="button" class="copy js-only" data-copy="{0}" hidden>{2}'
        '<span class="visually-hidden">{3}</span></button></span>',
        value,
        display.short_hash(value),
        icon("copy"),
        _("Copy the whole hash"),
    )


def _number(value: object) -> SafeString:
    if not isinstance(value, int | Decimal):
        message = f"a number is needed here, not {value!r}"
        raise TypeError(message)
    return format_html('<data class="num" value="{}">{}</data>', value, display.group_digits(value))


def _duration_value(value: Any) -> SafeString:
    return duration(value)


_DRAW: dict[str, Any] = {
    "code": lambda value: format_html('<span class="code">{}</span>', value),
    "integer": _number,
    "decimal": _number,
    "money": money,
    "money_wan": lambda value: money(value, "wan"),
    "rate": lambda value: format_html('<span class="num">{}</span>', display.percent_text(value)),
    "percent": lambda value: format_html(
        '<span class="num">{}</span>', display.percent_text(value)
    ),
    "date": day,
    "instant": instant,
    "duration": _duration_value,
    "boolean": lambda value: _("yes") if value else _("no"),
    "light": light,
    "badge": badge,
}


_PLACES = frozenset({"page", "after", "before"})
"""Where in a list one is: other filters make another list."""


@register.simple_tag
def show(value: object, kind: ValueKind = "text") -> SafeString | str:
    """A value of any kind: what facts and table cells are drawn with."""
    if value is None or value == "":
        return unknown()
    if isinstance(value, Linked):
        return format_html('<a href="{}">{}</a>', value.url, show(value.value, kind))
    if isinstance(value, Share):
        return _share(value)
    draw = _DRAW.get(kind)
    if draw is None:
        return format_html("{}", value)
    drawn: SafeString | str = draw(value)
    return drawn


def _share(share: Share) -> SafeString:
    """One digit behind the point, and the two numbers behind it; of nothing there is no share."""
    if not share.denominator:
        return unknown()
    of = format_html(
        '<span class="share-of">{}/{}</span>',
        display.group_digits(share.numerator), display.group_digits(share.denominator),
    )  # fmt: skip
    rate = (Decimal(share.numerator) / share.denominator).quantize(Decimal("0.001"))
    return format_html("<span>{} {}</span>", display.percent_text(rate), of)


def _part(name: str, /, **context: object) -> SafeString:
    """Draw one component; what it needs is named here, so nothing is undefined in it."""
    return mark_safe(render_to_string(f"honghu/components/{name}.html", context))  # noqa: S308


@register.simple_tag
def facts(items: Iterable[Fact], *, dense: bool = False) -> SafeString:
    """A list of named values."""
    return _part("facts", items=tuple(items), dense=dense)


@register.simple_tag
def stepper(stages: Sequence[Stage], label: str = "") -> SafeString:
    """The states of a case in order, and where it stands."""
    return _part("stepper", stages=stages, label=label or _("Where the case stands"))


@register.simple_tag
def timeline(moments: Sequence[Moment]) -> SafeString:
    """The steps of a case with their forms and evidence."""
    return _part("timeline", moments=moments)


@register.simple_tag
def evidence(item: EvidenceView) -> SafeString:
    """A photograph or file with its time, place and hash."""
    return _part("evidence", item=item)


@register.simple_tag
def evidence_pair(pair: EvidencePair) -> SafeString:
    """Before and after, side by side."""
    return _part("evidence_pair", pair=pair)


@register.simple_tag
def actions(offers: Sequence[ActionOffer]) -> SafeString:
    """What can be done now, and why the rest can't."""
    return _part("actions", offers=offers)


@register.simple_tag
def field(form_field: FormField) -> SafeString:
    """One form field with its label, help and error."""
    return _part("field", field=form_field)


@register.simple_tag
def error_summary(
    fields: Sequence[FormField], general: Sequence[str] = (), *, focus: bool = True
) -> SafeString:
    """All that is wrong with a form, on top of it, each linked to its field; empty if nothing."""
    wrong = tuple(one for one in fields if one.errors)
    if not wrong and not general:
        return mark_safe("")
    return _part("error_summary", fields=wrong, general=tuple(general), focus=focus)


@register.simple_tag
def confirm_number(case_number: str, name: str = "confirm", error: str = "") -> SafeString:
    """Ask for the case number before a dangerous action; the server compares it again."""
    return _part("confirm_number", case_number=case_number, name=name, error=error)


def with_query(request: HttpRequest, **changes: str | int | None) -> str:
    """The present address's query with some parameters changed; None takes one away.

    A change of the page leaves the place in the list behind (`after`, `before`).
    """
    query = request.GET.copy()
    if "page" in changes:
        changes = {"after": None, "before": None} | changes
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def table(context: Context, value: Table) -> SafeString:
    """A table; its heads sort through the address's `sort`."""
    heads = [_head(context["request"], column, value.sort) for column in value.columns]
    # Each cell says its column's label on phones: drawn once a column, not once a cell.
    labels = [_part("column_label", column=column) for column in value.columns]
    rows = [(row, list(zip(value.columns, labels, row.cells, strict=True))) for row in value.rows]
    totals = list(zip(value.columns, value.totals, strict=True)) if value.totals else []
    return _part("table", table=value, heads=heads, rows=rows, totals=totals)


def _head(request: HttpRequest, column: Column, sort: str) -> tuple[Column, str, str]:
    """A column, the direction it sorts in now, and the address that sorts by it."""
    if not column.sort:
        return column, "", ""
    direction = ""
    if sort.removeprefix("-") == column.sort:
        direction = "descending" if sort.startswith("-") else "ascending"
    wanted = f"-{column.sort}" if direction == "ascending" else column.sort
    return column, direction, with_query(request, sort=wanted, page=None)


@register.simple_tag(takes_context=True)
def pagination(context: Context, pages: Pages) -> SafeString:
    """Previous, next, and the pages around; keeps the rest of the address.

    The neighbouring pages are asked for by their place in the list where it is known: so they
    cost the same at any depth, and lose no row to what was written meanwhile.
    """
    request: HttpRequest = context["request"]
    links = [
        (number, with_query(request, page=number) if number else "") for number in pages.numbers
    ]
    back, on = pages.page - 1, pages.page + 1
    before = pages.previous if back > 1 else None
    return _part(
        "pagination",
        pages=pages,
        links=links,
        previous_url=with_query(request, page=back, before=before) if back else "",
        next_url=with_query(request, page=on, after=pages.next) if pages.has_next else "",
    )


@register.simple_tag(takes_context=True)
def filters(
    context: Context, fields: Sequence[FormField], chips: Sequence[FilterChip] = ()
) -> SafeString:
    """The filters of a list: a GET form, and what is on now.

    The sorting stays, and every filter of the address that has no field here.
    """
    query, own = context["request"].GET, {field.name for field in fields} | _PLACES
    kept = [(name, value) for name, value in query.items() if name not in own]
    return _part("filters", fields=fields, chips=chips, kept=kept)


@register.simple_tag
def crumbs(items: Sequence[Crumb]) -> SafeString:
    """The way to this page."""
    return _part("crumbs", crumbs=items)


@register.simple_tag
def loading() -> SafeString:
    """A place that is being filled."""
    return _part("loading")


@register.simple_tag
def tabs(items: Sequence[Tab], label: str = "") -> SafeString:
    """Views of one page."""
    return _part("tabs", tabs=items, label=label or _("Views"))


@register.simple_tag
def key_figure(figure: KeyFigure) -> SafeString:
    """A measure with its day, unit and proof."""
    return _part("key_figure", figure=figure)


@register.simple_tag
def chart(value: Chart) -> SafeString:
    """A chart with its unit, its source and the table behind it; a sparkline is its line alone."""
    return _part("chart", chart=drawn(value))


@register.simple_tag
def progress(value: Progress) -> SafeString:
    """How far long work is."""
    return _part("progress", progress=value)


@register.simple_tag
def proof(value: Proof) -> SafeString:
    """Where a step stands in the journal, and how to verify it."""
    return _part("proof", proof=value)


@register.simple_tag
def empty(state: EmptyState) -> SafeString:
    """An empty place, with the next step."""
    return _part("empty", state=state)


@register.simple_tag
def notice(text: str, tone: Tone = "neutral", title: str = "") -> SafeString:
    """A remark inside a page."""
    return _part("notice", text=text, tone=tone, title=title)


register.filter("short_hash", display.short_hash)
register.filter("listed", display.listed_text)
register.filter("duration_text", display.duration_text)
register.filter("size_text", display.size_text)
