"""Routes of cases: lists, one case, what may be done with it, doing it."""

import dataclasses
import datetime as dt
import re
import uuid
from typing import Annotated, Any, Final

from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Header, Path, Query, Router
from ninja.responses import Status
from pydantic import Field, StringConstraints

from honghu.api.access import ApiRequest
from honghu.api.assembly import replies
from honghu.api.bodies import Body, Reply
from honghu.api.registers import ActionReply, action_reply, register_of
from honghu.api.values import SEARCHABLE, VERSION_MAX, Code, Instant, Sha256, Version, masked
from honghu.base.problems import HonghuError, Invalid
from honghu.kernel.cases.commands import StaleVersion, open_case, perform
from honghu.kernel.cases.detail import get_case
from honghu.kernel.cases.queries import (
    COUNTED_TO,
    MAX_PAGE_SIZE,
    CaseFilter,
    Sort,
    find_case,
    list_cases,
)
from honghu.kernel.cases.rows import CaseDetail, CaseRow, Light, StepRow
from honghu.kernel.cases.writing import Done
from honghu.kernel.registers.model import Register
from honghu.kernel.registers.queries import get_register

router = Router(tags=["cases"])

_KEY: Final = re.compile(r'"([\x20-\x21\x23-\x5b\x5d-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255})')
_ETAG: Final = re.compile(r'(?:W/)?"(\d{1,10})"|(\d{1,10})', re.ASCII)
Evidence = dict[Code, Annotated[list[Sha256], Field(max_length=100)]]
KeyHeader = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        description="A value of your own, new for each request that is not a repetition.",
        max_length=257,
    ),
]


class KeyUnreadable(HonghuError):  # noqa: N818 named after what happened
    """The header Idempotency-Key is missing or no key."""

    code = "idempotency-key"
    status = 400


class VersionNotMatched(StaleVersion):
    """The case is no longer at the version of the header If-Match (RFC 9110, 13.1.1)."""

    status = 412


class CaseReply(Reply):
    """A case in a list. `facts` are by field of its register; `light` is green, amber, red, none."""

    id: uuid.UUID
    register_code: str
    register_version: int
    number: str
    title: str
    state: str
    state_title: str
    version: int
    facts: dict[str, Any]
    opened_at: dt.datetime
    changed_at: dt.datetime
    closed_at: dt.datetime | None
    due_at: dt.datetime | None
    due_provisional: bool
    light: Light
    ended: bool


_SAME: Final = tuple(CaseReply.model_fields.keys() - {"register_code", "facts"})


class CasesReply(Reply):
    """One page of a list. `total` is exact unless `more_than`.

    `next` and `previous` are for `after` and `before` of the neighbouring pages; null at the ends.
    """

    items: list[CaseReply]
    total: int
    more_than: bool
    page: int
    page_size: int
    next: str | None
    previous: str | None


class StepReply(Reply):
    """A step. `form` is null where it was erased by law; `position` until the journal has it."""

    id: uuid.UUID
    sequence: int
    action: str
    action_title: str
    from_state: str
    to_state: str
    person: str
    organisation: str
    at: dt.datetime
    claimed_at: dt.datetime | None
    form: dict[str, Any] | None
    evidence: list[str]
    position: int | None
    form_digest: str
    facts_digest: str


class DeadlineReply(Reply):
    """A deadline of a case."""

    code: str
    rule: str
    duration: str
    started_at: dt.datetime
    due_at: dt.datetime
    provisional: bool
    status: str
    ended_at: dt.datetime | None
    light: Light


class CaseDetailReply(CaseReply):
    """A case with its history. `names` gives the name of each organisation that is mentioned."""

    parties: dict[str, list[str]]
    counters: dict[str, int]
    parent: CaseReply | None
    children: list[CaseReply]
    steps: list[StepReply]
    deadlines: list[DeadlineReply]
    names: dict[str, str]


class PossibilityReply(Reply):
    """An action that the state allows; `why_not` and `remedy` say why you may not do it."""

    action: ActionReply
    allowed: bool
    why_not: str
    remedy: str


class DoneReply(Reply):
    """What an action came to."""

    step_id: uuid.UUID
    case_id: uuid.UUID
    number: str
    state: str
    version: int


class ActionBody(Body):
    """What is asked of a case. `evidence` maps the action's slots to hashes of stored files.

    `claimed_at` is when it happened where that differs from now; server time orders all steps.
    """

    form: dict[str, Any] = {}
    evidence: Evidence = {}
    expected_version: Version | None = None
    claimed_at: Instant | None = None
    confirm: Annotated[str, StringConstraints(max_length=100)] | None = None


class OpeningBody(Body):
    """A case to be opened, by one of the register's opening actions."""

    action: Code = "open"
    form: dict[str, Any] = {}
    evidence: Evidence = {}
    parent_id: uuid.UUID | None = None
    rebound_of_id: uuid.UUID | None = None
    claimed_at: Instant | None = None


@router.get("/registers/{code}/cases", response=replies({200: CasesReply}, 404))
def list_register_cases(
    request: ApiRequest,
    *,
    code: Path[Code],
    state: Annotated[list[Code], Query(max_length=50)] = [],  # noqa: B006 ninja copies it
    text: Annotated[str, Query(pattern=SEARCHABLE, max_length=200)] = "",
    light: Query[Light | None] = None,
    open: Query[bool] = False,  # noqa: A002 the word in the address
    sort: Query[Sort] = "-changed_at",
    page: Annotated[int, Query(ge=1)] = 1,
    page_size: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)] = 100,
    after: Annotated[str | None, Query(pattern=SEARCHABLE, max_length=500)] = None,
    before: Annotated[str | None, Query(pattern=SEARCHABLE, max_length=500)] = None,
) -> CasesReply:
    """List the register's cases that you may see: filtered, sorted, a page at a time.

    Follow `next` (as `after`) to its end to read the whole list, of any length; with filter and
    sorting as before. Pages by number reach as far as lists are counted.
    """
    if after and before:
        message = _("A page begins after one place or ends before another, not both.")
        raise Invalid(message, fields={"before": message})
    if page * page_size > COUNTED_TO and not (after or before):
        message = _("A list is read up to its {count}th row.").format(count=COUNTED_TO)
        raise Invalid(message, remedy=_("Narrow the filter."), fields={"page": message})
    caller = request.auth
    found = list_cases(
        register_of(code, caller),
        actor=caller.actor,
        now=caller.now,
        wanted=CaseFilter(tuple(state), text, light, open),
        sort=sort,
        page=page,
        page_size=page_size,
        after=after,
        before=before,
    )
    return CasesReply(
        items=[_case(row) for row in found.rows],
        total=found.total,
        more_than=found.more_than,
        page=found.page,
        page_size=found.page_size,
        next=found.next,
        previous=found.previous,
    )


@router.post(
    "/registers/{code}/cases", response=replies({200: DoneReply, 201: DoneReply}, 404, 409, 415)
)
def open_register_case(
    request: ApiRequest,
    response: HttpResponse,
    code: Path[Code],
    body: OpeningBody,
    key: KeyHeader,
) -> Status[DoneReply]:
    """Open a case. The same key with the same body gives the first answer again (200)."""
    caller = request.auth
    for related in (body.parent_id, body.rebound_of_id):
        if related is not None:
            find_case(related, actor=caller.actor, now=caller.now)
    done = open_case(
        code,
        action=body.action,
        actor=caller.actor,
        now=caller.now,
        idempotency_key=read_key(key),
        form=body.form,
        evidence=body.evidence,
        parent_id=body.parent_id,
        rebound_of_id=body.rebound_of_id,
        claimed_at=body.claimed_at,
    )
    return _answer(response, done)


@router.get("/cases/{case_id}", response=replies({200: CaseDetailReply}, 404))
def read_case(
    request: ApiRequest, response: HttpResponse, case_id: Path[uuid.UUID]
) -> CaseDetailReply:
    """Read a case with its steps, deadlines and relatives. The ETag is its version."""
    detail = get_case(case_id, actor=request.auth.actor, now=request.auth.now)
    response["ETag"] = f'"{detail.row.version}"'
    return CaseDetailReply(
        **_case_values(detail.row),
        parties={code: list(ids) for code, ids in detail.parties.items()},
        counters=dict(detail.counters),
        parent=_case(detail.parent) if detail.parent else None,
        children=[_case(each) for each in detail.children],
        steps=[_step(each, detail.register) for each in detail.steps],
        deadlines=[DeadlineReply(**dataclasses.asdict(each)) for each in detail.deadlines],
        names=dict(detail.names),
    )


@router.get("/cases/{case_id}/actions", response=replies({200: list[PossibilityReply]}, 404))
def list_case_actions(
    request: ApiRequest, response: HttpResponse, case_id: Path[uuid.UUID]
) -> list[PossibilityReply]:
    """List what the case's state allows: what you may do, and why not for the rest."""
    detail: CaseDetail = get_case(case_id, actor=request.auth.actor, now=request.auth.now)
    response["ETag"] = f'"{detail.row.version}"'
    return [
        PossibilityReply(
            action=action_reply(detail.register, each.action),
            allowed=each.allowed,
            why_not=each.why_not,
            remedy=each.remedy,
        )
        for each in detail.possibilities
    ]


@router.post(
    "/cases/{case_id}/actions/{action}",
    response=replies({200: DoneReply, 201: DoneReply}, 404, 409, 412, 415),
)
def perform_case_action(
    request: ApiRequest,
    *,
    response: HttpResponse,
    case_id: Path[uuid.UUID],
    action: Path[Code],
    body: ActionBody,
    key: KeyHeader,
    if_match: Annotated[
        str | None,
        Header(alias="If-Match", description="The ETag that you saw; or send expected_version."),
    ] = None,
) -> Status[DoneReply]:
    """Perform an action. The same key with the same body gives the first answer again (200)."""
    caller = request.auth
    matched = _version(if_match)
    if matched is not None and body.expected_version not in (None, matched):
        message = _("If-Match and expected_version name different versions.")
        raise Invalid(message, fields={"expected_version": message})
    try:
        done = perform(
            case_id,
            action,
            actor=caller.actor,
            now=caller.now,
            idempotency_key=read_key(key),
            expected_version=body.expected_version if matched is None else matched,
            form=body.form,
            evidence=body.evidence,
            claimed_at=body.claimed_at,
            confirm=body.confirm,
        )
    except StaleVersion as error:
        if matched is None:
            raise
        raise VersionNotMatched(error.message, remedy=error.remedy) from error
    return _answer(response, done)


def read_key(header: str) -> str:
    """The key of the header, quoted (a structured field's string) or bare. Raises KeyUnreadable."""
    found = _KEY.fullmatch(header.strip())
    if found is None:
        message = _("The Idempotency-Key is no key.")
        raise KeyUnreadable(message, remedy=_("Send up to 255 visible ASCII characters."))
    return found[1] or found[2]


def _version(header: str | None) -> int | None:
    """The version of If-Match; null without the header, or for any version (`*`)."""
    if header is None or header.strip() == "*":
        return None
    found = _ETAG.fullmatch(header.strip())
    version = int(found[1] or found[2]) if found else None
    if version is None or version > VERSION_MAX:
        message = _("If-Match names no version of a case.")
        raise Invalid(message, remedy=_("Send the ETag as it came."), fields={"If-Match": message})
    return version


def _answer(response: HttpResponse, done: Done) -> Status[DoneReply]:
    response["ETag"] = f'"{done.version}"'
    response["Location"] = f"/api/v1/cases/{done.case_id}"
    if done.replayed:
        response["Idempotent-Replayed"] = "true"
    reply = DoneReply(
        step_id=done.step_id,
        case_id=done.case_id,
        number=done.number,
        state=done.state,
        version=done.version,
    )
    return Status(200 if done.replayed else 201, reply)


def _case_values(row: CaseRow) -> dict[str, Any]:
    register = get_register(row.register, row.register_version)
    values = {name: getattr(row, name) for name in _SAME}
    facts = masked(row.facts, register.fields.values())
    return values | {"register_code": row.register, "facts": facts}


def _case(row: CaseRow) -> CaseReply:
    return CaseReply(**_case_values(row))


def _step(row: StepRow, register: Register) -> StepReply:
    values = {name: getattr(row, name) for name in StepReply.model_fields}
    # Personal fields are those of the version under which the step was done.
    register = get_register(register.code, row.register_version)
    action = register.actions.get(row.action)
    if row.form is not None:
        known = [*register.fields.values(), *(action.form.values() if action else ())]
        values["form"] = masked(row.form, known)
    return StepReply(**values | {"evidence": list(row.evidence)})
