"""Pages of procurement: taking notices in, and a notice's readings beside the text they came from."""

import dataclasses
import re
import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_http_methods

from honghu.base.problems import HonghuError, NotAllowed
from honghu.desk.frame.pages import desk_page
from honghu.desk.frame.visit import DeskRequest
from honghu.domains.procurement.commands import take_notice
from honghu.domains.procurement.queries import get_notice
from honghu.domains.procurement.readers.page import decode
from honghu.kernel.cases.rows import CaseDetail
from honghu.kernel.evidence.queries import open_content
from honghu.kernel.registers.queries import get_register
from honghu.web.components import Badge, Column, Crumb, Row, Table

CLERK = "procurement_clerk"
FILES_AT_ONCE = 50
AROUND = 24
"""Characters shown before and after what was read, so that a person sees the place."""

_LOT_FIELD = re.compile(r"lots\[(\d+)\]\.(\w+)")
FIELD_TITLES = {
    "kind": _l("Kind of notice"),
    "project_no": _l("Project number"),
    "plan_no": _l("Plan number"),
    "project_name": _l("Project"),
    "buyer": _l("Buyer"),
    "agency": _l("Agency"),
    "publish_date": _l("Published on"),
    "total": _l("Total"),
    "currency": _l("Currency"),
    "budget": _l("Budget"),
    "first_notice_date": _l("First notice of"),
    "correction_date": _l("Corrected on"),
    "effect": _l("Effect of the correction"),
    "contract_no": _l("Contract number"),
    "contract_name": _l("Contract"),
    "contract_amount": _l("Contract amount"),
    "contract_supplier": _l("Supplier of the contract"),
    "signed_on": _l("Signed on"),
    "performance_from": _l("Performed from"),
    "performance_to": _l("Performed until"),
    "financing_channel": _l("Financing channel printed"),
    "lot": _l("Lot"),
    "lot_name": _l("Name of the lot"),
    "supplier": _l("Supplier"),
    "supplier_uscc": _l("Credit code of the supplier"),
    "supplier_address": _l("Address of the supplier"),
    "amount": _l("Amount"),
    "rate": _l("Rate"),
    "rate_kind": _l("Kind of rate"),
    "status": _l("Outcome"),
    "reason": _l("Reason"),
    "before_supplier": _l("Supplier before"),
    "before_amount": _l("Amount before"),
    "original_currency": _l("Original currency"),
    "original_amount": _l("Original amount"),
    "fx_rate": _l("Exchange rate"),
}
"""What the reader's fields are called on the page."""

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
        files = request.FILES.getlist("notices")
        if not files:
            fault = _("Choose at least one file.")
        elif len(files) > FILES_AT_ONCE:
            fault = _("At most {count} files at once.").format(count=FILES_AT_ONCE)
        else:
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
    shown = [(n, r) for n, r in notice.readings.items() if r["state"] in _SHOWN_FIRST]
    shown.sort(key=lambda pair: _SHOWN_FIRST.index(pair[1]["state"]))
    rows = tuple(
        Row(
            cells=(
                f"{_field_title(name)} {name}",
                reading["value"] or "—",
                _badge(reading["state"]),
                _place(source, reading["span"]),
                reading["why"] or "",
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
    return " ".join(f"…{before}【{_TAG.sub(' ', source[start:end])}】{after}…".split())
