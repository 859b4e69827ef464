"""Panels of supervision: what the minutes propose, and the card of a task."""

from collections.abc import Mapping

from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.domains.supervision.commands.ladder import ladder_of
from honghu.domains.supervision.queries import card_of_task, climbs_of, proposals_of
from honghu.kernel.cases.rows import CaseDetail
from honghu.kernel.cases.wording import listed
from honghu.web.components import Column, Row, Table


def proposals_panel(detail: CaseDetail) -> Mapping[str, object] | None:
    """The proposals of the latest minutes with what a person has to decide; null before them."""
    doubts = {"lead": _("who leads"), "due": _("until when")}
    states = {
        "open": _("To be confirmed"),
        "confirmed": _("Confirmed as a task"),
        "dropped": _("Left out"),
        "carried": _("Unchanged since the minutes before"),
    }
    rows = [
        Row(
            cells=(
                each.ordinal,
                each.text,
                each.lead_name or "",
                listed(each.co_owner_names),
                each.due_text or "",
                listed(doubts[doubt] for doubt in each.doubts),
                states[each.state],
            ),
            url=reverse("case", args=[each.task_id]) if each.task_id else "",
        )
        for each in proposals_of(detail.row.id)
    ]
    if not rows:
        return None
    columns = (
        Column(label=_("No."), kind="integer"),
        Column(label=_("Decision"), role="title"),
        Column(label=_("Lead as printed")),
        Column(label=_("Co-owners as printed")),
        Column(label=_("Time as printed")),
        Column(label=_("To be decided by a person")),
        Column(label=_("State")),
    )
    return {
        "table": Table(
            caption=_("Proposed tasks"), columns=columns, rows=tuple(rows), is_caption_hidden=True
        )
    }


def card_panel(detail: CaseDetail) -> Mapping[str, object] | None:
    """The yellow or red card of a task today, in words; null without one."""
    card = card_of_task(detail.row, detail.counters.get("returns", 0), now=timezone.now())
    if card is None or detail.row.ended:
        return None
    return {"card": _("Yellow card") if card == "yellow" else _("Red card")}


def urgings_panel(detail: CaseDetail) -> Mapping[str, object] | None:
    """How far a late case of any register has climbed, with its papers; null where it climbed nothing."""
    if not ladder_of(detail.row.register, on=localdate()):
        return None
    climbs = climbs_of(detail.row.id)
    if not climbs:
        return None
    rungs = {
        "reminder": _("Reminder"),
        "slip": _("Supervision slip"),
        "interview": _("Interview"),
        "notice": _("Notice"),
    }
    rows = tuple(
        Row(
            cells=(rungs[each.rung], each.climbed_at, each.paper or "", each.number),
            url=reverse("case", args=[each.urging_id]),
        )
        for each in climbs
    )
    columns = (
        Column(label=_("Rung"), role="title"),
        Column(label=_("Climbed"), kind="instant"),
        Column(label=_("Number of the paper")),
        Column(label=_("Urging")),
    )
    caption = _("Urged")
    return {"table": Table(caption=caption, columns=columns, rows=rows, is_caption_hidden=True)}
