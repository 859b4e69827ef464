"""The rule book: what holds today, and all that ever held."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from honghu.base.problems import NotFound
from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest
from honghu.desk.rules.wording import source_mark, source_text, title, value_text
from honghu.kernel.cases.wording import words
from honghu.kernel.modules.registry import modules
from honghu.kernel.rulesets.queries import HistoryRow, RuleValue, list_rules, rule_history
from honghu.web.components import Badge, Column, Crumb, Row, Table


@require_safe
@desk_page
def rules(request: DeskRequest) -> HttpResponse:
    """Every rule that holds today in this county, by domain, with its source."""
    today = timezone.localdate(request.visit.now)
    found = list_rules(on=today, region=settings.HONGHU_REGION)
    domains: dict[str, list[RuleValue]] = {}
    for rule in found:
        domains.setdefault(rule.name.partition(".")[0], []).append(rule)
    titles = {module.code: words(module.title) for module in modules()}
    titles["kernel"] = _("Platform")
    tables = [_table(titles.get(domain, domain), rows, request) for domain, rows in domains.items()]
    return render(request, "desk/rules/rules.html", {"tables": tables, "today": today})


def _table(caption: str, rows: list[RuleValue], request: DeskRequest) -> Table:
    language = request.visit.language
    return Table(
        caption=caption,
        density="compact",
        columns=(
            Column(label=_("Rule"), role="title"),
            Column(label=_("Value")),
            Column(label=_("Source")),
            Column(label=_("In force since"), kind="date"),
            Column(label=_("Code"), kind="code", role="hidden"),
        ),
        rows=tuple(
            Row(
                cells=(
                    title(rule, language),
                    value_text(rule),
                    source_text(rule),
                    rule.effective_from,
                    rule.name,
                ),
                url=reverse("rule", args=[rule.name]),
            )
            for rule in rows
        ),
    )


@require_safe
@desk_page
def rule(request: DeskRequest, name: str) -> HttpResponse:
    """One rule with every row ever published: value, region, days, source."""
    history = rule_history(name)
    if not history:
        raise NotFound(_("There is no rule %(name)s.") % {"name": name})
    language = request.visit.language
    context = {
        "title": title(history[0].rule, language),
        "name": name,
        "crumbs": (Crumb(label=_("Rule book"), url=reverse("rules")), Crumb(label=name)),
        "table": _history_table(history),
    }
    return render(request, "desk/rules/rule.html", context)


def _history_table(history: list[HistoryRow]) -> Table:
    return Table(
        caption=_("Every row ever published"),
        columns=(
            Column(label=_("In force since"), kind="date", role="title"),
            Column(label=_("Until"), kind="date"),
            Column(label=_("Value")),
            Column(label=_("Region")),
            Column(label=_("Source")),
            Column(label=_("Kind of source"), kind="badge"),
            Column(label=_("Published"), kind="instant"),
            Column(label=_("Standing"), kind="badge"),
        ),
        rows=tuple(
            Row(
                cells=(
                    row.rule.effective_from,
                    row.rule.effective_to,
                    value_text(row.rule),
                    row.rule.region or _("everywhere"),
                    source_text(row.rule),
                    Badge(label=source_mark(row.rule)),
                    row.created_at,
                    Badge(label=_("replaced"))
                    if row.superseded
                    else Badge(label=_("stands"), tone="green"),
                )
            )
            for row in history
        ),
    )
