"""Routes of bank statements: bringing a file in, reading what became of it."""

import datetime as dt
import uuid
from typing import Annotated

from ninja import File, Form, Path, Query, Router
from ninja.files import UploadedFile
from ninja.responses import Status
from pydantic import StringConstraints

from honghu.api.access import ApiRequest
from honghu.api.assembly import replies
from honghu.api.bodies import Reply, check_parts
from honghu.api.values import SEARCHABLE
from honghu.domains.statements.commands.filing import continue_filing
from honghu.domains.statements.commands.importing import take_statements
from honghu.domains.statements.commands.terms import terms_of
from honghu.domains.statements.queries.statements import (
    get_statement,
    list_entries,
    outcomes_of,
    work_of,
)

router = Router(tags=["statements"])

FILING_SECONDS = 5.0
"""So long the import itself files entries; `honghu work` and the pages do the rest."""
_PARTS = (
    *("file", "mapping", "account_no", "opening_fen", "closing_fen"),
    *("from_date", "to_date", "newest_first"),
)
_Name = Annotated[str, StringConstraints(max_length=60, pattern=SEARCHABLE)]


class EntryReply(Reply):
    """An entry: `outcome` is matched, exception, other or debit; `case_id` is where it went."""

    number: int
    direction: str
    amount_fen: int
    booked_date: dt.date
    payer: str | None
    text: str
    reference: str | None
    outcome: str
    reason: str
    filed_as: str | None
    case_id: uuid.UUID | None
    case_number: str | None


class StatementReply(Reply):
    """A statement. `outcomes` counts its entries, `left` how many wait to be filed, `gaps` are cases."""

    id: uuid.UUID
    account: str
    statement_no: str | None
    from_date: dt.date
    to_date: dt.date
    opening_fen: int
    closing_fen: int
    credit_fen: int
    debit_fen: int
    entries: int
    pending: int
    file_sha256: str
    outcomes: dict[str, int]
    left: int
    gaps: list[uuid.UUID]
    is_new: bool


class StatementsReply(Reply):
    """The statements of a file, in its order."""

    statements: list[StatementReply]


class EntriesReply(Reply):
    """Entries in their order. `next` is what to send as `after`; null at the end."""

    items: list[EntryReply]
    next: int | None


@router.post("/statements", response=replies({201: StatementsReply}, 409, 413, 415))
def send_statements(
    request: ApiRequest,
    *,
    file: File[UploadedFile],
    mapping: Form[_Name | None] = None,
    account_no: Form[Annotated[str, StringConstraints(max_length=40)] | None] = None,
    opening_fen: Form[int | None] = None,
    closing_fen: Form[int | None] = None,
    from_date: Form[dt.date | None] = None,
    to_date: Form[dt.date | None] = None,
    newest_first: Form[bool | None] = None,
) -> Status[StatementsReply]:
    """Bring in a bank's file, camt.053 or CSV. The same one again changes nothing.

    `mapping` names how the bank's CSV is read; the other parts say what a CSV itself does not.
    """
    check_parts(request, _PARTS)
    caller = request.auth
    terms = terms_of(
        caller.actor,
        mapping=mapping,
        account_no=account_no,
        opening_fen=opening_fen,
        closing_fen=closing_fen,
        from_date=from_date,
        to_date=to_date,
        newest_first=newest_first,
    )
    taken = take_statements(
        file, filename=file.name or "", actor=caller.actor, now=caller.now, terms=terms
    )
    for each in taken:
        continue_filing(now=caller.now, seconds=FILING_SECONDS, statement_id=each.id)
    told = [_statement(request, each.id, is_new=each.is_new) for each in taken]
    return Status(201, StatementsReply(statements=told))


@router.get("/statements/{statement_id}", response=replies({200: StatementReply}, 404))
def read_statement(request: ApiRequest, statement_id: Path[uuid.UUID]) -> StatementReply:
    """Read what became of a statement: the bank its own, treasury and auditor all."""
    return _statement(request, statement_id, is_new=False)


@router.get("/statements/{statement_id}/entries", response=replies({200: EntriesReply}, 404))
def read_statement_entries(
    request: ApiRequest,
    statement_id: Path[uuid.UUID],
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
) -> EntriesReply:
    """Read entries and where each went, page by page."""
    get_statement(statement_id, actor=request.auth.actor)
    rows = list_entries(statement_id, after=after, limit=limit + 1)
    items = [
        EntryReply(**{name: getattr(row, name) for name in EntryReply.model_fields})
        for row in rows[:limit]
    ]
    return EntriesReply(items=items, next=items[-1].number if len(rows) > limit else None)


def _statement(request: ApiRequest, statement_id: uuid.UUID, *, is_new: bool) -> StatementReply:
    row = get_statement(statement_id, actor=request.auth.actor)
    work = work_of(row.id)
    names = StatementReply.model_fields.keys() & {*row.__slots__} - {"gaps"}
    return StatementReply(
        **{name: getattr(row, name) for name in names},
        account=row.account_masked,
        outcomes=dict(outcomes_of(row.id)),
        left=0 if work is None else work.total - work.done,
        gaps=list(row.gaps),
        is_new=is_new,
    )
