"""Parts of the case pages of the rivers: lines of work, the ladder of urging, numbers of returns."""

import datetime as dt
from collections.abc import Mapping

from django.utils.translation import gettext as _

from honghu.domains.rivers.queries import lines_of_case, standing_of
from honghu.domains.rivers.reports import (
    QUARTER_HEADS,
    is_quarter,
    month_values,
    quarter_lines,
)
from honghu.kernel.cases.rows import CaseDetail
from honghu.kernel.cases.wording import words
from honghu.kernel.parties.queries import organisation_names
from honghu.web.components import Column, Row, Table


def _kind(code: str) -> str:
    return {
        "labour": _("Manpower"),
        "machine": _("Machines"),
        "truck": _("Trucks"),
        "boat": _("Vessels"),
        "water_hyacinth": _("Water hyacinth"),
        "alligator_weed": _("Alligator weed"),
        "other_plants": _("Other plants"),
        "rubbish": _("Rubbish"),
        "silt": _("Silt and obstacles"),
        "structure": _("Structures"),
    }[code]


def _unit(measure: str, kind: str) -> str:
    if measure == "times":
        return {
            "labour": _("person-days"),
            "machine": _("machine-days"),
            "truck": _("truck-days"),
            "boat": _("boat-days"),
        }[kind]
    return {"m2": _("m²"), "kg": _("kg"), "m": _("m"), "m3": _("m³")}[measure]


def work_panel(detail: CaseDetail) -> Mapping[str, object] | None:
    """All lines of work with their numbers, reversals among them; hidden while there is none."""
    lines = lines_of_case(detail.row.id)
    if not lines:
        return None
    names = organisation_names({line.unit_id for line in lines})
    rows = tuple(
        Row(
            cells=(
                str(line.number),
                line.day,
                names[line.unit_id],
                _kind(line.kind),
                f"{line.quantity.normalize():f} {_unit(line.measure, line.kind)}",
                line.vehicle or line.site or "",
                _remark(line.reverses_number, is_reversed=line.is_reversed),
            )
        )
        for line in lines
    )
    columns = (
        Column(label=_("Line")),
        Column(label=_("Day"), kind="date"),
        Column(label=_("Unit")),
        Column(label=_("What"), role="title"),
        Column(label=_("Quantity")),
        Column(label=_("Plate or place")),
        Column(label=_("Remark")),
    )
    return {"table": Table(caption=_("Inputs and what was cleared"), columns=columns, rows=rows)}


def _remark(reverses_number: int | None, *, is_reversed: bool) -> str:
    if reverses_number is not None:
        return _("Reverses line {number}").format(number=reverses_number)
    return _("Reversed") if is_reversed else ""


def ladder_panel(detail: CaseDetail) -> Mapping[str, object] | None:
    """The ladder of urging while a term runs: what was done, and when the next step is due."""
    standing = standing_of(detail.row.id, detail.row.facts.get("supervised_due_on"))
    if standing is None:
        return None
    steps = (
        ("reminder", _("Reminder"), None),
        ("supervision", _("Supervision slip"), standing.due_at),
        ("interview", _("Interview"), standing.supervised_due_at),
        ("circular", _("Circular"), standing.supervised_due_at),
    )
    rows = tuple(
        Row(cells=(title, at, _("Done") if code in standing.done else ""))
        for code, title, at in steps
    )
    columns = (
        Column(label=_("Step"), role="title"),
        Column(label=_("Due after"), kind="instant"),
        Column(label=_("State")),
    )
    return {"table": Table(caption=_("Ladder of urging"), columns=columns, rows=rows)}


def return_panel(detail: CaseDetail) -> Mapping[str, object] | None:
    """The numbers of a return as they are counted now; what was signed stands in its paper."""
    facts = detail.row.facts
    if detail.row.ended or not facts.get("first_day"):
        return None
    first = dt.date.fromisoformat(facts["first_day"])
    last = dt.date.fromisoformat(facts["last_day"])
    if is_quarter(facts["period"]):
        columns = tuple(
            Column(label=words(head), role="title" if index == 0 else "field")
            for index, head in enumerate(QUARTER_HEADS)
        )
        rows = tuple(Row(cells=line.cells) for line in quarter_lines(first, last))
        return {"table": Table(caption=_("Patrols of the quarter"), columns=columns, rows=rows)}
    rows = tuple(
        Row(cells=(words(title), words(value))) for title, value in month_values(first, last)
    )
    columns = (Column(label=_("Figure"), role="title"), Column(label=_("Value")))
    return {"table": Table(caption=_("Figures of the month"), columns=columns, rows=rows)}
