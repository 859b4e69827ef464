"""Routes of procurement: awards, notices taken in and read, and open data (OCDS) for everybody."""

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import File, Path, Query, Router
from ninja.files import UploadedFile
from ninja.responses import Status

from honghu.api.access import ApiRequest
from honghu.api.assembly import replies
from honghu.api.bodies import Reply, check_parts
from honghu.domains.procurement.commands import REGISTER, take_notice
from honghu.domains.procurement.queries import (
    AwardRow,
    get_award,
    get_notice,
    get_record,
    list_awards,
    list_releases,
    package_of,
)
from honghu.kernel.cases.permissions import check_role
from honghu.kernel.cases.queries import find_case
from honghu.kernel.registers.queries import get_register

router = Router(tags=["procurement"])


class AwardReply(Reply):
    """An award as its notice states it; null where the notice does not. Rates are text."""

    id: uuid.UUID
    notice_id: uuid.UUID
    lot: str | None
    lot_name: str | None
    project_no: str | None
    plan_no: str | None
    project_name: str
    buyer_name: str
    supplier_name: str | None
    supplier_uscc: str | None
    amount_fen: int | None
    rate: Decimal | None
    rate_kind: str | None
    consortium_members: list[str]
    published_date: dt.date | None
    status: str


class AwardsReply(Reply):
    """Awards, the newest first. `next` is what to send as `after`; null at the end."""

    items: list[AwardReply]
    next: uuid.UUID | None


class NoticeTakenReply(Reply):
    """What became of a file."""

    notice_id: uuid.UUID
    case_id: uuid.UUID | None
    kind: str
    status: str


class NoticeReply(Reply):
    """A notice. `readings` maps a field to state, value, span (characters of the text), why."""

    id: uuid.UUID
    sha256: str
    filename: str
    kind: str
    status: str
    version: int
    project_no: str | None
    project_name: str | None
    buyer: str | None
    published_date: dt.date | None
    case_id: uuid.UUID | None
    reader_version: str
    readings: dict[str, dict[str, Any]]


@router.get("/awards", response=replies({200: AwardsReply}))
def list_all_awards(
    request: HttpRequest,  # noqa: ARG001
    after: Query[uuid.UUID | None] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> AwardsReply:
    """List awards. They are published by law, so everybody behind the door may read them."""
    rows = list_awards(limit=limit + 1, before=after)
    shown = rows[:limit]
    following = shown[-1].id if len(rows) > limit else None
    return AwardsReply(items=[_award(row) for row in shown], next=following)


@router.get("/awards/{award_id}", response=replies({200: AwardReply}, 404))
def read_award(request: HttpRequest, award_id: Path[uuid.UUID]) -> AwardReply:  # noqa: ARG001
    """Read one award."""
    return _award(get_award(award_id))


@router.post(
    "/notices", response=replies({200: NoticeTakenReply, 201: NoticeTakenReply}, 409, 413, 415)
)
def send_notice(
    request: ApiRequest, response: HttpResponse, file: File[UploadedFile]
) -> Status[NoticeTakenReply]:
    """Take a notice in: 201 for a new one, 200 for bytes that were taken before."""
    check_parts(request, ("file",))
    caller = request.auth
    register = get_register(REGISTER)
    # Asked before the file is read: who may not take notices in learns nothing of them.
    check_role(register, register.actions["receive"], caller.actor, None)
    taken = take_notice(
        content=file.read(), filename=file.name or "notice", actor=caller.actor, now=caller.now
    )
    response["Location"] = f"/api/v1/notices/{taken.notice_id}"
    reply = NoticeTakenReply(
        notice_id=taken.notice_id, case_id=taken.case_id, kind=taken.kind, status=taken.status
    )
    return Status(201 if taken.new else 200, reply)


@router.get("/notices/{notice_id}", response=replies({200: NoticeReply}, 404))
def read_notice(request: ApiRequest, notice_id: Path[uuid.UUID]) -> NoticeReply:
    """Read a notice with the span of the text from which each field was read."""
    row = get_notice(notice_id)
    if row.case_id is not None:
        find_case(row.case_id, actor=request.auth.actor, now=request.auth.now)
    values = {name: getattr(row, name) for name in NoticeReply.model_fields}
    return NoticeReply(
        **values | {"readings": {name: dict(found) for name, found in row.readings.items()}}
    )


_OPEN: dict[str, Any] = {"auth": None, "response": replies({200: dict[str, Any]}, 404, public=True)}


@router.get("/ocds/releases", **_OPEN)
def list_ocds_releases(
    request: HttpRequest,
    after: Query[uuid.UUID | None] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> HttpResponse:
    """Read an OCDS 1.1 release package, the earliest release first; `links.next` is what follows."""
    rows = list_releases(limit=limit + 1, after=after)
    package = package_of(
        _here(request), now=timezone.now(), releases=[row.body for row in rows[:limit]]
    )
    if len(rows) > limit:
        address = request.build_absolute_uri(request.path)
        package["links"] = {"next": f"{address}?limit={limit}&after={rows[limit - 1].id}"}
    return _open_answer(request, json.dumps(package, ensure_ascii=False), "application/json")


@router.get(
    "/ocds/releases.jsonl",
    auth=None,
    response=replies({200: None}, 404, public=True),
    openapi_extra={
        "responses": {
            200: {
                "description": "One release a line; the header Link names the next page.",
                "content": {"application/jsonl": {"schema": {"type": "string"}}},
            }
        }
    },
)
def list_ocds_lines(
    request: HttpRequest,
    after: Query[uuid.UUID | None] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
) -> HttpResponse:
    """Read releases as JSON Lines, page by page; a full page never changes."""
    rows = list_releases(limit=limit + 1, after=after)
    text = "".join(json.dumps(row.body, ensure_ascii=False) + "\n" for row in rows[:limit])
    response = _open_answer(request, text, "application/jsonl")
    if len(rows) > limit:
        address = request.build_absolute_uri(request.path)
        following = f"{address}?limit={limit}&after={rows[limit - 1].id}"
        response["Link"] = f'<{following}>; rel="next"'
    return response


@router.get("/ocds/records/{ocid}", **_OPEN)
def read_ocds_record(request: HttpRequest, ocid: Path[str]) -> HttpResponse:
    """Read a process as an OCDS record package: its releases, and what they come to."""
    package = package_of(_here(request), now=timezone.now(), records=[get_record(ocid)])
    return _open_answer(request, json.dumps(package, ensure_ascii=False), "application/json")


def _here(request: HttpRequest) -> str:
    return request.build_absolute_uri()


def _open_answer(request: HttpRequest, text: str, media_type: str) -> HttpResponse:
    """Open data: for scripts of any site, kept for a minute, 304 to who has it already."""
    content = text.encode()
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers: Mapping[str, str] = {
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": "public, max-age=60",
        "ETag": tag,
    }
    if tag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(content, content_type=f"{media_type}; charset=utf-8", headers=headers)


def _award(row: AwardRow) -> AwardReply:
    values = {name: getattr(row, name) for name in AwardReply.model_fields}
    return AwardReply(**values | {"consortium_members": list(row.consortium_members)})
