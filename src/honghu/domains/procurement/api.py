"""Routes of procurement: awards, and notices taken in and read."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import File, Path, Query, Router
from ninja.files import UploadedFile
from ninja.responses import Status

from honghu.api.access import ApiRequest
from honghu.api.assembly import replies
from honghu.api.bodies import Reply, check_parts
from honghu.domains.procurement.commands import REGISTER, take_notice
from honghu.domains.procurement.queries import AwardRow, get_award, get_notice, list_awards
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


def _award(row: AwardRow) -> AwardReply:
    values = {name: getattr(row, name) for name in AwardReply.model_fields}
    return AwardReply(**values | {"consortium_members": list(row.consortium_members)})
