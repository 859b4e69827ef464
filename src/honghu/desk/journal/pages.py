"""The journal for people: its signed head, the receipts of steps, and verification by anybody."""

import json
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from honghu.base.problems import NotFound
from honghu.desk.frame.pages import desk_page, open_page
from honghu.desk.frame.visit import DeskRequest, Visit
from honghu.desk.journal.verdicts import Shown, judge
from honghu.kernel.cases.queries import find_case
from honghu.kernel.journal.keys import load_signer
from honghu.kernel.journal.queries import latest_checkpoint, log_size, receipt
from honghu.kernel.journal.receipt import RECEIPT_SIZE_MAX_BYTES


@require_safe
@open_page
def journal(request: HttpRequest) -> HttpResponse:
    """The latest signed head, for everybody: whoever keeps it can prove later that nothing changed."""
    checkpoint = latest_checkpoint()
    context = {
        "checkpoint": checkpoint,
        "root": bytes(checkpoint.root).hex() if checkpoint else "",
        "size": log_size(),
        "key": load_signer().verifier.vkey,
    }
    return render(request, "desk/journal/journal.html", context)


@require_safe
@desk_page
def receipt_file(request: DeskRequest, leaf_id: uuid.UUID) -> HttpResponse:
    """The receipt of a step or transfer, verifiable offline, for who may see its case."""
    found = receipt(leaf_id)
    _check_sight(found, request.visit)
    response = JsonResponse(found, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = f'attachment; filename="honghu-receipt-{leaf_id}.json"'
    return response


def _check_sight(found: dict[str, Any], visit: Visit) -> None:
    """Raise NotFound unless the record belongs to a case that the reader may see."""
    content = json.loads(found["payload"])
    case_id = content.get("case") or content.get("case_id")
    if case_id is None:
        raise NotFound(_("This record belongs to no case."))
    find_case(uuid.UUID(case_id), actor=visit.actor, now=visit.now)


@require_http_methods(["GET", "HEAD", "POST"])
@open_page
def verify(request: HttpRequest) -> HttpResponse:
    """Paste or upload a receipt; the verdict in words. Nothing that is sent is kept."""
    shown: Shown | None = None
    text = ""
    if request.method == "POST":
        text = request.POST.get("receipt", "").strip()
        upload = request.FILES.get("file")
        if upload is not None and upload.size is not None:
            raw = upload.read(RECEIPT_SIZE_MAX_BYTES + 1)
            text = raw.decode("utf-8", errors="replace")
        shown = judge(text, load_signer().verifier.vkey) if text else None
    context = {
        "shown": shown,
        "text": text,
        "is_missing": request.method == "POST" and not text,
        "key": load_signer().verifier.vkey,
    }
    return render(request, "desk/journal/verify.html", context)
