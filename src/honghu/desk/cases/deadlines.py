"""The deadlines of a case, each with the rule that it comes from."""

import dataclasses
from collections.abc import Mapping
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from honghu.desk.frame.listing import due_light
from honghu.desk.frame.visit import Visit
from honghu.desk.rules.wording import source_text
from honghu.kernel.cases.rows import CaseDetail, DeadlineRow
from honghu.kernel.cases.wording import words
from honghu.kernel.rulesets.queries import find_rule
from honghu.web.components import Badge, Light, Tone

_FACT: Final = "fact:"
_TONES: Final[Mapping[str, Tone]] = {
    "running": "lake",
    "suspended": "amber",
    "met": "green",
    "missed": "red",
    "cancelled": "neutral",
}


@dataclasses.dataclass(frozen=True, slots=True)
class DeadlineView:
    """A deadline as its table shows it; `rule_url` is empty where no rule-book row stands behind."""

    row: DeadlineRow
    rule: str
    source: str
    rule_url: str
    light: Light | None
    status: Badge


def deadline_views(detail: CaseDetail, visit: Visit) -> tuple[DeadlineView, ...]:
    """All deadlines, the running ones first; at most one query, for the rule book's edition."""
    rows = sorted(detail.deadlines, key=lambda row: (row.status != "running", row.due_at))
    return tuple(_view(detail, row, visit) for row in rows)


def _view(detail: CaseDetail, row: DeadlineRow, visit: Visit) -> DeadlineView:
    rule, source, url = _rule(detail, row, visit)
    light = None
    if row.status == "running":
        light = due_light(row.light.value, row.due_at, visit.now)
    return DeadlineView(
        row, rule, source, url, light, Badge(label=_status(row.status), tone=_TONES[row.status])
    )


def _status(status: str) -> str:
    return {
        "running": pgettext("deadline", "running"),
        "suspended": pgettext("deadline", "stopped"),
        "met": pgettext("deadline", "met"),
        "missed": pgettext("deadline", "missed"),
        "cancelled": pgettext("deadline", "fell away"),
    }[status]


def _rule(detail: CaseDetail, row: DeadlineRow, visit: Visit) -> tuple[str, str, str]:
    """The rule in words, its source, and its address in the rule book."""
    if row.rule.startswith(_FACT):
        field = detail.register.fields.get(row.rule.removeprefix(_FACT))
        return (words(field.title) if field else row.rule), _("a date of the case itself"), ""
    on = timezone.localdate(row.started_at)
    found = find_rule(row.rule, on=on, region=settings.HONGHU_REGION) if row.rule else None
    if found is None:
        return row.rule or row.code, "", ""
    title = found.title_en if visit.language.startswith("en") else found.title_zh
    return title, source_text(found), reverse("rule", args=[found.name])
