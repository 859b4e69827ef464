"""Routes of evidence: sending a file, reading one."""

import uuid
from decimal import Decimal
from typing import Annotated

from django.http import FileResponse, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from ninja import File, Form, Path, Router
from ninja.files import UploadedFile
from ninja.responses import Status
from pydantic import Field

from honghu.api.access import ApiRequest
from honghu.api.assembly import replies
from honghu.api.bodies import Reply, check_parts
from honghu.api.values import Code, Instant, Sha256
from honghu.base.earth import Point
from honghu.base.problems import Invalid
from honghu.kernel.cases.files import visible_use
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.evidence.queries import open_content
from honghu.kernel.evidence.serving import serving_headers

router = Router(tags=["evidence"])

_PARTS = ("file", "kind", "captured_at", "longitude", "latitude")
Longitude = Annotated[Decimal, Field(ge=-180, le=180, max_digits=9, decimal_places=6)]
Latitude = Annotated[Decimal, Field(ge=-90, le=90, max_digits=9, decimal_places=6)]


class EvidenceReply(Reply):
    """A stored file: name it by its hash. `served_before`: the same or nearly the same picture
    stands in another case already, so it may be refused as proof of finished work."""

    sha256: str
    use_id: uuid.UUID
    size_bytes: int
    media_type: str
    width_px: int | None
    height_px: int | None
    served_before: bool


@router.post("/evidence", response=replies({201: EvidenceReply}, 409, 413, 415))
def send_evidence(
    request: ApiRequest,
    *,
    file: File[UploadedFile],
    kind: Form[Code],
    captured_at: Form[Instant | None] = None,
    longitude: Form[Longitude | None] = None,
    latitude: Form[Latitude | None] = None,
) -> Status[EvidenceReply]:
    """Store a file, to be named by its hash in an action; place (WGS 84) and time are claims."""
    check_parts(request, _PARTS)
    if (longitude is None) != (latitude is None):
        message = _("A place has longitude and latitude.")
        raise Invalid(message, fields={"longitude": message, "latitude": message})
    place = Point(longitude, latitude) if longitude is not None and latitude is not None else None
    stored = store_evidence(
        content=file,
        filename=file.name or "",
        actor=request.auth.actor,
        now=request.auth.now,
        kind=kind,
        captured_at=captured_at,
        place=place,
    )
    row = stored.evidence
    return Status(
        201,
        EvidenceReply(
            sha256=row.sha256,
            use_id=stored.use.id,
            size_bytes=row.size_bytes,
            media_type=row.media_type,
            width_px=row.width_px,
            height_px=row.height_px,
            served_before=bool(stored.duplicates),
        ),
    )


@router.get(
    "/evidence/{sha256}",
    response=replies({200: None, 304: None}, 404, 410),
    openapi_extra={
        "responses": {
            200: {
                "description": "The bytes, with the media type of their content.",
                "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
            }
        }
    },
)
def read_evidence(request: ApiRequest, sha256: Path[Sha256]) -> HttpResponseBase:
    """Read a file that your organisation sent, or that a case uses which you may see."""
    use = visible_use(sha256, actor=request.auth.actor)
    headers = serving_headers(use.media_type, use.filename, sha256=sha256)
    response: HttpResponse | FileResponse
    if request.headers.get("If-None-Match") == headers["ETag"]:
        response = HttpResponseNotModified(headers={"ETag": headers["ETag"]})
    else:
        response = FileResponse(open_content(sha256), headers=headers)
        response["Content-Length"] = str(use.size_bytes)
    return response
