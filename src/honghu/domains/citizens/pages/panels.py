"""Parts of a report's case page: what the reporter said, where to file it, what may be the same."""

import json
from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import gettext as _

from honghu.base.problems import NotFound
from honghu.domains.citizens.queries.services import find_service
from honghu.domains.citizens.queries.similar import point_of, similar_reports, words_of
from honghu.domains.citizens.rules.likeness import Said
from honghu.kernel.cases.rows import CaseDetail
from honghu.kernel.cases.wording import words
from honghu.kernel.registers.model import Field
from honghu.web.components import Column, Fact, Row, Table


def reporter_panel(detail: CaseDetail) -> Mapping[str, object]:
    """The words as they came, for the officers alone; the contact is read with a reason."""
    facts = detail.row.facts
    said = [
        Fact(label=_("In the reporter's words"), value=facts.get("description"), kind="long_text"),
        Fact(label=_("Where"), value=facts.get("address")),
    ]
    said += _answers(facts.get("service") or "", facts.get("answers"))
    said += [
        Fact(label=_("Remark of the reporter"), value=step.form["remark"], kind="long_text")
        for step in detail.steps
        if step.action in {"remark", "rate"} and step.form and step.form.get("remark")
    ]
    said += [
        Fact(label=_("Reason of the judgement"), value=step.form["reason"], kind="long_text")
        for step in detail.steps
        if step.action == "rate" and step.form and step.form.get("reason")
    ]
    return {
        "facts": [each for each in said if each.value],
        "held": facts.get("held_because"),
        "contact_url": "" if detail.row.ended else reverse("report-contact", args=[detail.row.id]),
    }


def _answers(service: str, answers: str | None) -> list[Fact]:
    try:
        asked = {field.code: field for field in find_service(service).attributes}
    except NotFound:
        asked = {}
    return [
        Fact(
            label=words(asked[code].title) if code in asked else code,
            value=_shown(asked.get(code), value),
        )
        for code, value in json.loads(answers or "{}").items()
    ]


def _shown(field: Field | None, value: object) -> str:
    values = [str(each) for each in (value if isinstance(value, list) else [value])]
    titles = field.options if field else {}
    return "、".join(words(titles[each]) if each in titles else each for each in values)


def filing_panel(detail: CaseDetail) -> Mapping[str, object] | None:
    """Where to file it, while it waits to be looked at."""
    if detail.row.state != "received":
        return None
    try:
        service = find_service(detail.row.facts.get("service") or "")
    except NotFound:
        return {"service": "", "register": "", "url": ""}
    return {
        "service": words(service.title),
        "register": words(service.register.title),
        "url": f"{reverse('report-file', args=[detail.row.id])}?parent={detail.row.id}",
    }


def similar_panel(detail: CaseDetail) -> Mapping[str, object] | None:
    """Reports that may be the same, while it waits to be looked at; hidden where there is none."""
    if detail.row.state != "received":
        return None
    facts = detail.row.facts
    said = Said(point_of(facts.get("place")), detail.row.opened_at, words_of(facts))
    found = similar_reports(facts.get("service") or "", said, but=detail.row.id)
    if not found:
        return None
    columns = (
        Column(label=_("Number"), kind="code", role="title"),
        Column(label=_("Apart"), kind="integer", unit=_("m")),
        Column(label=_("Time between"), kind="integer", unit=_("h")),
        Column(label=_("Words alike"), kind="integer", unit="%"),
        Column(label=_("What it says")),
    )
    rows = tuple(
        Row(
            cells=(
                each.number,
                each.likeness.metres,
                each.likeness.hours,
                each.likeness.words_percent,
                (each.public_text or "")[:60],
            ),
            url=reverse("case", args=[each.case_id]),
        )
        for each in found
    )
    table = Table(caption=_("Reports that may be the same"), columns=columns, rows=rows)
    return {"table": table, "merge_url": reverse("case-action", args=[detail.row.id, "merge"])}
