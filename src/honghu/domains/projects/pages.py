"""Panels of the page of a project: its months with their lights, and its gates."""

from collections.abc import Mapping
from decimal import Decimal

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from honghu.domains.projects.queries import ratings_of, shut_gates
from honghu.domains.projects.rules import STAGES
from honghu.kernel.cases.rows import CaseDetail
from honghu.kernel.cases.wording import words
from honghu.web.components import Column, Row, Table

_PERCENT = Decimal(100)


def ratings_panel(detail: CaseDetail) -> Mapping[str, object] | None:
    """The months of a project, the latest first; null before the first report."""
    lights = {"green": _("Green"), "yellow": _("Yellow"), "red": _("Red")}
    rows = [
        Row(
            cells=(
                each.month,
                each.plan_version,
                each.invested_fen,
                each.scheduled,
                each.completed,
                None if each.ratio is None else each.ratio * _PERCENT,
                _("Nothing scheduled") if each.light is None else lights[each.light],
            )
        )
        for each in reversed(ratings_of(detail.row.id))
    ]
    if not rows:
        return None
    columns = (
        Column(label=_("Month"), role="title"),
        Column(label=_("Version of the plan"), kind="integer"),
        Column(label=_("Invested"), kind="money"),
        Column(label=_("Scheduled (%)"), kind="decimal"),
        Column(label=_("Completed (%)"), kind="decimal"),
        Column(label=_("Of schedule (%)"), kind="decimal"),
        Column(label=_("Light")),
    )
    return _table(_("Monthly ratings"), columns, rows)


def gates_panel(detail: CaseDetail) -> Mapping[str, object] | None:
    """What is missing for the stages to come; null where every gate is open."""
    facts = detail.row.facts
    if detail.row.ended or not facts.get("stage"):
        return None
    ahead = STAGES[STAGES.index(facts["stage"]) + 1 :]
    missing = shut_gates(detail.row.id, ahead, now=timezone.now())
    gates = detail.register.fields["stage"].options
    rows = [
        Row(
            cells=(
                each.facts["artefact"],
                words(gates[each.facts["gate"]]),
                each.facts["gate_on"],
                each.state_title,
            ),
            url=reverse("case", args=[each.id]),
        )
        for each in missing
    ]
    if not rows:
        return None
    columns = (
        Column(label=_("Artefact"), role="title"),
        Column(label=_("Gate")),
        Column(label=_("Day of the gate")),
        Column(label=_("State")),
    )
    return _table(_("Gates that are shut"), columns, rows)


def _table(caption: str, columns: tuple[Column, ...], rows: list[Row]) -> Mapping[str, object]:
    return {
        "table": Table(caption=caption, columns=columns, rows=tuple(rows), is_caption_hidden=True)
    }
