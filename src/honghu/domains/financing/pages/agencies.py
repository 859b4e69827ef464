"""For agencies: the paragraph on contract financing to print, and whether a notice prints it (D1)."""

import dataclasses
from typing import Final, get_args

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from honghu.api.limits import Strangers
from honghu.desk.frame.pages import open_page
from honghu.domains.financing.queries.policy import (
    Place,
    PolicyParagraph,
    policy_paragraph,
    qr_svg,
    snippet,
)
from honghu.domains.procurement.queries import reason_text
from honghu.domains.procurement.readers import UnreadableNoticeError
from honghu.domains.procurement.readers.policy_channel import policy_channel
from honghu.web.components import Badge
from honghu.web.fields import Choice, FormField
from honghu.web.uploads import chosen_files

FILES_AT_ONCE: Final = 10
_BYTES_MAX: Final = 2 * 2**20
"""A page of a notice is a tenth of that; anybody may send one."""
_AGENCY_MAX: Final = 100
_STRANGERS: Final = Strangers(a_minute=20)
"""More batches than anybody chooses by hand."""


@dataclasses.dataclass(frozen=True, slots=True)
class Checked:
    """What a file prints of the channel, with its words."""

    name: str
    outcome: Badge
    words: str
    why: str


@require_http_methods(["GET", "HEAD", "POST"])
@open_page
def for_agencies(request: HttpRequest) -> HttpResponse:
    """The paragraph with its QR code, as Word and as HTML to embed; below, the check of notices.

    Open to everybody: an agency has no sign-in here. What is checked is not kept.
    """
    place: Place = "award" if request.GET.get("place") == "award" else "tender"
    agency = request.GET.get("agency", "").strip()[:_AGENCY_MAX]
    checked: list[Checked] = []
    fault = ""
    if request.method == "POST":
        _STRANGERS.insist(request)
        files, fault = chosen_files(request, "notices", most=FILES_AT_ONCE)
        checked = [_check(file) for file in files]
    paragraph = policy_paragraph(place, on=timezone.localdate(), agency=agency or None)
    context = _shown(paragraph) | {
        "fields": _fields(place, agency),
        "checked": checked,
        "fault": fault,
        "most": FILES_AT_ONCE,
    }
    status = 422 if fault else 200
    return render(request, "financing/agencies.html", context, status=status)


def _shown(paragraph: PolicyParagraph) -> dict[str, object]:
    """The paragraph as the page shows it, and the addresses of the machine door that give it."""
    door = f"{settings.PUBLIC_ADDRESS.rstrip('/')}/api/v1/policy/{paragraph.place}"
    query = f"?{urlencode({'agency': paragraph.agency})}" if paragraph.agency else ""
    return {
        "paragraph": paragraph,
        "qr": mark_safe(qr_svg(paragraph)),  # noqa: S308 drawn by segno from an address
        "word_url": f"/api/v1/policy/{paragraph.place}/document{query}",
        "snippet": snippet(paragraph),
        "snippet_address": f"{door}/snippet{query}",
        "json_address": f"{door}{query}",
    }


def _fields(place: Place, agency: str) -> tuple[FormField, ...]:
    places = {"tender": _("Tender documents"), "award": _("Award notice and letter")}
    return (
        FormField(
            name="place",
            label=_("Printed in"),
            control="choice",
            value=place,
            is_select=True,
            choices=tuple(Choice(value=each, label=places[each]) for each in get_args(Place)),
        ),
        FormField(
            name="agency", label=_("Agency"), control="text", value=agency, max_length=_AGENCY_MAX
        ),
    )


def _check(file: "UploadedFile[bytes]") -> Checked:
    """Read one file; what is too large or no text says so and stops none of the others."""
    name = file.name or _("File")
    if (file.size or 0) > _BYTES_MAX:
        why = _("The file is larger than {limit} MB.").format(limit=_BYTES_MAX // 2**20)
        return Checked(name, Badge(label=_("refused"), tone="red"), "", why)
    try:
        reading = policy_channel(file.read(), name=name)
    except UnreadableNoticeError:
        why = _("This is no text: save the page of the notice as .html or .txt.")
        return Checked(name, Badge(label=_("unreadable"), tone="red"), "", why)
    outcomes = {
        "value": Badge(label=_("printed"), tone="green"),
        "review": Badge(label=_("in doubt"), tone="amber"),
    }
    absent = Badge(label=_("absent"), tone="red")
    outcome = outcomes.get(reading.state, absent)
    return Checked(name, outcome, str(reading.value or ""), reason_text(reading.why or ""))
