"""Pages of procurement: taking notices in, and a notice's readings beside the text they came from."""

import dataclasses
import html
import re
import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from honghu.base.problems import HonghuError, NotAllowed
from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest
from honghu.domains.procurement.commands import take_notice
from honghu.domains.procurement.queries import get_notice, reason_text
from honghu.domains.procurement.readers.page import decode
from honghu.kernel.cases.rows import CaseDetail
from honghu.kernel.cases.wording import words
from honghu.kernel.evidence.queries import open_content
from honghu.kernel.registers.queries import get_register
from honghu.web.components import Badge, Column, Crumb, Row, Table
from honghu.web.uploads import chosen_files

CLERK = "procurement_clerk"
FILES_AT_ONCE = 50
AROUND = 24
"""Characters shown before and after what was read, so that a person sees the place."""

_LOT_FIELD = re.compile(r"lots\[(\d+)\]\.(\w+)")
FIELD_TITLES = {
    "kind": gettext_lazy("Kind of notice"),
    "project_no": gettext_lazy("Project number"),
    "plan_no": gettext_lazy("Plan number"),
    "project_name": gettext_lazy("Project"),
    "buyer": gettext_lazy("Buyer"),
    "agency": gettext_lazy("Agency"),
    "publish_date": gettext_lazy("Published on"),
    "total": gettext_lazy("Total"),
    "currency": gettext_lazy("Currency"),
    "budget": gettext_lazy("Budget"),
    "first_notice_date": gettext_lazy("First notice of"),
    "correction_date": gettext_lazy("Corrected on"),
    "effect": gettext_lazy("Effect of the correction"),
    "contract_no": gettext_lazy("Contract number"),
    "contract_name": gettext_lazy("Contract"),
    "contract_amount": gettext_lazy("Contract amount"),
    "contract_supplier": gettext_lazy("Supplier of the contract"),
    "signed_on": gettext_lazy("Signed on"),
    "performance_from": gettext_lazy("Performed from"),
    "performance_to": gettext_lazy("Performed until"),
    "financing_channel": gettext_lazy("Financing channel printed"),
    "lot": gettext_lazy("Lot"),
    "lot_name": gettext_lazy("Name of the lot"),
    "supplier": gettext_lazy("Supplier"),
    "supplier_uscc": gettext_lazy("Credit code of the supplier"),
    "supplier_address": gettext_lazy("Address of the supplier"),
    "amount": gettext_lazy("Amount"),
    "rate": gettext_lazy("Rate"),
    "rate_kind": gettext_lazy("Kind of rate"),
    "status": gettext_lazy("Outcome"),
    "reason": gettext_lazy("Reason"),
    "before_supplier": gettext_lazy("Supplier before"),
    "before_amount": gettext_lazy("Amount before"),
    "original_currency": gettext_lazy("Original currency"),
    "original_amount": gettext_lazy("Original amount"),
    "fx_rate": gettext_lazy("Exchange rate"),
}
"""What the reader's fields are called on the page."""

CODE_TITLES = {
    "status": {
        "awarded": gettext_lazy("awarded"),
        "failed": gettext_lazy("failed"),
        "revoked": gettext_lazy("award revoked"),
        "proposed": gettext_lazy("proposed for the award"),
        "candidate": gettext_lazy("candidate"),
    },
    "rate_kind": {
        "discount_rate": gettext_lazy("discount rate"),
        "reduction_rate": gettext_lazy("reduction rate"),
        "fee_rate": gettext_lazy("fee rate"),
        "percent_unspecified": gettext_lazy("a percentage of unknown kind"),
    },
    "currency": {"CNY": gettext_lazy("yuan (CNY)")},
    "effect": {
        "replace_winner": gettext_lazy("another winner"),
        "replace_amount": gettext_lazy("another amount"),
        "replace_amount_by_rate": gettext_lazy("a rate instead of the amount"),
        "revoke_lot": gettext_lazy("the lot is revoked"),
        "revoke_supplier": gettext_lazy("the supplier is revoked"),
        "none_on_award": gettext_lazy("the award is not touched"),
    },
}
"""Codes of the reader's fields in words."""

# Markup, also where the excerpt cuts through it; the template escapes what is left.
_TAG = re.compile(r"<[^<>]*(>|$)|^[^<>]*>")
_SHOWN_FIRST = ("review", "value")


@dataclasses.dataclass(frozen=True, slots=True)
class TakenFile:
    """What became of one uploaded file."""

    name: str
    outcome: Badge
    detail: str
    url: str


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def take_notices(request: DeskRequest) -> HttpResponse:
    """Upload notices, several at once; each file has its own result, and none stops the rest."""
    visit = request.visit
    if not visit.actor.holds(CLERK):
        message = _("Notices are taken in by the clerk of the procurement office.")
        raise NotAllowed(message, remedy=_("Ask the procurement office."))
    results: list[TakenFile] = []
    fault = ""
    if request.method == "POST":
        files, fault = chosen_files(request, "notices", most=FILES_AT_ONCE)
        results = [_take(request, file) for file in files]
    context = {
        "crumbs": (
            Crumb(
                label=_("Procurement notices"), url=reverse("register", args=["procurement-notice"])
            ),
            Crumb(label=_("Take notices in")),
        ),
        "results": results,
        "fault": fault,
        "most": FILES_AT_ONCE,
    }
    return render(request, "procurement/take_notices.html", context, status=422 if fault else 200)


def _take(request: DeskRequest, file: Any) -> TakenFile:
    name = file.name or "notice"
    if file.size > settings.HONGHU_EVIDENCE_MAX_BYTES:
        detail = _("The file is larger than {limit} MB.").format(
            limit=settings.HONGHU_EVIDENCE_MAX_BYTES // 2**20
        )
        return TakenFile(name, Badge(label=_("refused"), tone="red"), detail, "")
    visit = request.visit
    try:
        taken = take_notice(content=file.read(), filename=name, actor=visit.actor, now=visit.now)
    except HonghuError as refusal:
        detail = " ".join(filter(None, [refusal.message, refusal.remedy]))
        return TakenFile(name, Badge(label=_("refused"), tone="red"), detail, "")
    url = reverse("case", args=[taken.case_id]) if taken.case_id else ""
    kind = get_register("procurement-notice").fields["kind"].options[taken.kind]
    label = kind.in_language(request.LANGUAGE_CODE)
    if not taken.new:
        return TakenFile(name, Badge(label=_("known already"), tone="neutral"), label, url)
    if taken.status == "review":
        return TakenFile(name, Badge(label=_("a person decides"), tone="amber"), label, url)
    return TakenFile(name, Badge(label=_("filed"), tone="green"), label, url)


def readings_panel(detail: CaseDetail) -> Mapping[str, object] | None:
    """Every field as it was read, what is in doubt first, with the words it was read from."""
    notice = get_notice(uuid.UUID(detail.row.facts["notice"]))
    with open_content(notice.sha256) as file:
        source = decode(file.read(), name=notice.filename)
    # A correction names fields and codes as the reader does; nobody else has use for them.
    coded = not detail.row.ended
    shown = [(n, r) for n, r in notice.readings.items() if r["state"] in _SHOWN_FIRST]
    shown.sort(key=lambda pair: _SHOWN_FIRST.index(pair[1]["state"]))
    rows = tuple(
        Row(
            cells=(
                f"{_field_title(name)} {name}" if coded else _field_title(name),
                _value_text(name, reading["value"], coded=coded),
                _badge(reading["state"]),
                _place(source, reading["span"]),
                reason_text(reading["why"] or ""),
            ),
            level="amber" if reading["state"] == "review" else None,
        )
        for name, reading in shown
    )
    columns = (
        Column(label=_("Field"), role="title"),
        Column(label=_("Read as")),
        Column(label=_("How sure"), kind="badge"),
        Column(label=_("In the notice")),
        Column(label=_("Why")),
    )
    return {
        "table": Table(
            caption=_("Fields as read"),
            columns=columns,
            rows=rows,
            is_caption_hidden=True,
            density="compact",
        ),
        "absent": [_field_title(n) for n, r in notice.readings.items() if r["state"] == "absent"],
        "reader_version": notice.reader_version,
    }


def _field_title(name: str) -> str:
    """A field's name in the reader's language; lots are counted from 1."""
    match = _LOT_FIELD.fullmatch(name)
    if match is None:
        return str(FIELD_TITLES[name])
    number, field = int(match[1]) + 1, match[2]
    return _("Lot {number}: {field}").format(number=number, field=FIELD_TITLES[field])


def _value_text(name: str, value: str | None, *, coded: bool) -> str:
    """A value as read, a code in words; with `coded` the code too, as a correction writes it."""
    if value is None:
        return "—"
    field = name.rpartition(".")[2]
    if field == "kind":
        kind = get_register("procurement-notice").fields["kind"].options.get(value)
        title = words(kind) if kind else ""
    else:
        title = str(CODE_TITLES.get(field, {}).get(value, ""))
    if not title:
        return value
    return f"{title} {value}" if coded else title


def _badge(state: str) -> Badge:
    if state == "review":
        return Badge(label=_("a person decides"), tone="amber")
    return Badge(label=_("stated"), tone="green")


def _place(source: str, span: list[int] | None) -> str:
    """What was read, in brackets, with the text around it."""
    if span is None:
        return ""
    start, end = span
    before = _TAG.sub(" ", source[max(0, start - AROUND) : start])
    after = _TAG.sub(" ", source[end : end + AROUND])
    shown = f"…{before}【{_TAG.sub(' ', source[start:end])}】{after}…"
    return " ".join(html.unescape(shown).split())
