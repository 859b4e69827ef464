"""Routes of financing: what may still be drawn, may an account be paid, the policy's text for all."""

import datetime as dt
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Path, Query, Router
from ninja.responses import Status
from pydantic import Field, StringConstraints

from honghu.api.access import ApiRequest, asks_only
from honghu.api.assembly import replies
from honghu.api.bodies import Body, Reply
from honghu.api.cases import DoneReply, KeyHeader, read_key
from honghu.api.values import SEARCHABLE
from honghu.base.problems import Conflict, Invalid, NotAllowed, NotFound
from honghu.domains.financing.queries import bank_may_see_award, get_ceiling, is_encumbered
from honghu.domains.financing.queries.banks import is_filed
from honghu.domains.financing.queries.payees import (
    PayeeQuestion,
    alike_payments,
    check_payees,
    may_ask,
    payee_text,
)
from honghu.domains.financing.queries.policy import (
    Place,
    policy_paragraph,
    qr_svg,
    snippet,
    word_document,
)
from honghu.domains.financing.reports.declaration import Question
from honghu.domains.financing.reports.registry import find_report, sight_of_reports
from honghu.domains.procurement.queries import get_award
from honghu.kernel.cases.commands import perform
from honghu.kernel.cases.wording import words
from honghu.kernel.parties.actor import Actor

router = Router(tags=["financing"])

_OFFICE = frozenset({"procurement_clerk", "procurement_office", "auditor"})


class AuthorisationMissing(NotAllowed):
    """The bank holds no live authorisation of the award's supplier (rule 19)."""

    code = "authorisation-missing"


class BankNotServing(NotAllowed):
    """The organisation is no filed bank."""

    code = "bank-not-serving"


class CeilingReply(Reply):
    """How much may still be drawn on an award, across all banks, in fen.

    `ceiling_fen` and `residual_fen` are null while no priced contract exists. `encumbered` says
    that an account is locked for the award, never by whom.
    """

    ratio: Decimal | None
    ceiling_fen: int | None
    residual_fen: int | None
    encumbered: bool


@router.get("/awards/{award_id}/ceiling", response=replies({200: CeilingReply}, 404))
def read_ceiling(request: ApiRequest, award_id: Path[uuid.UUID]) -> CeilingReply:
    """Read the residual ceiling: for the office, and for banks that the supplier authorised."""
    caller = request.auth
    award = get_award(award_id)
    actor = caller.actor
    bank_id = actor.organisation_id
    if not actor.roles & _OFFICE and (
        bank_id is None or not bank_may_see_award(award.id, bank_id, on=caller.today)
    ):
        message = _("Your organisation holds no live authorisation for this award.")
        raise AuthorisationMissing(message, remedy=_("Ask the supplier to authorise your bank."))
    found = get_ceiling(award.id)
    if found is None:
        return CeilingReply(ratio=None, ceiling_fen=None, residual_fen=None, encumbered=False)
    return CeilingReply(
        ratio=found.ratio,
        ceiling_fen=found.ceiling_fen,
        residual_fen=found.residual_fen,
        encumbered=found.encumbered,
    )


class EncumbranceReply(Reply):
    """Whether an account is locked for an award, and what may still be drawn: never by whom."""

    encumbered: bool
    residual_fen: int | None


@router.get("/awards/{award_id}/encumbrance", response=replies({200: EncumbranceReply}, 404))
def read_encumbrance(request: ApiRequest, award_id: Path[uuid.UUID]) -> EncumbranceReply:
    """Read whether an award is encumbered: for the office and for every filed bank (rule 9)."""
    caller = request.auth
    award = get_award(award_id)
    bank_id = caller.actor.organisation_id
    if not caller.actor.roles & _OFFICE and (
        bank_id is None or not is_filed(bank_id, now=caller.now)
    ):
        message = _("Your organisation is not a serving bank.")
        raise BankNotServing(message, remedy=_("Ask the procurement office to file your bank."))
    found = get_ceiling(award.id)
    return EncumbranceReply(
        encumbered=is_encumbered(award.id),
        residual_fen=None if found is None else found.residual_fen,
    )


class ContractNotFinanced(NotFound):
    """No account is locked for what the payment names, or several contracts bear the number."""

    code = "contract-not-financed"


class PaymentAlike(Conflict):
    """A payment of the same amount and day is recorded under another reference."""

    code = "payment-alike"


ContractNo = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=SEARCHABLE)]
AccountNo = Annotated[str, StringConstraints(min_length=4, max_length=40, pattern=SEARCHABLE)]
Fen = Annotated[int, Field(gt=0, le=10**15, strict=True)]


class PaymentBody(Body):
    """A payment that the treasury has made; `reference` is the number of its voucher (支付凭证号)."""

    contract_no: ContractNo | None = None
    award_id: uuid.UUID | None = None
    account_no: AccountNo
    amount_fen: Fen
    paid_on: dt.date
    reference: Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=SEARCHABLE)]
    purpose: Literal["prepayment", "progress", "final"] | None = None
    is_another: bool = False


class PayeeCheckBody(Body):
    """A payment to be made: on a contract by its number, or on an award by its identifier."""

    contract_no: ContractNo | None = None
    award_id: uuid.UUID | None = None
    account_no: AccountNo
    amount_fen: Fen


class PayeeCheckReply(Reply):
    """`answer` is yes, no, or unknown: then a person decides. `reason` is stable.

    `expected_account` shows the last digits of the account that the buyer agreed to pay into.
    """

    answer: str
    reason: str
    detail: str
    expected_account: str | None


class PayeeChecksBody(Body):
    """Up to a thousand payments to be made."""

    checks: Annotated[list[PayeeCheckBody], Field(min_length=1, max_length=1_000)]


class PayeeChecksReply(Reply):
    """The answers in the order of the checks."""

    results: list[PayeeCheckReply]


@router.post("/payments/check", response=replies({200: PayeeCheckReply}, 415))
@asks_only
def check_payment(request: ApiRequest, body: PayeeCheckBody) -> PayeeCheckReply:
    """Ask whether an account may receive a contract's money. Nothing is recorded."""
    return _checked(request, [body])[0]


@router.post("/payments/checks", response=replies({200: PayeeChecksReply}, 413, 415))
@asks_only
def check_payments(request: ApiRequest, body: PayeeChecksBody) -> PayeeChecksReply:
    """Ask about up to a thousand payments at once."""
    return PayeeChecksReply(results=_checked(request, body.checks))


def _checked(request: ApiRequest, bodies: Sequence[PayeeCheckBody]) -> list[PayeeCheckReply]:
    actor = request.auth.actor
    _insist(actor)
    questions = [
        PayeeQuestion(_contract(each), each.account_no, each.amount_fen) for each in bodies
    ]
    return [
        PayeeCheckReply(
            answer=each.verdict.answer,
            reason=each.verdict.reason,
            detail=payee_text(each.verdict.reason),
            expected_account=each.expected_account,
        )
        for each in check_payees(questions, actor=actor)
    ]


def _insist(actor: Actor) -> None:
    if not may_ask(actor):
        message = _("Payments are asked about by the treasury, the bank of the lock and the buyer.")
        raise NotAllowed(message, remedy=_("Act for the organisation that holds such a role."))


def _contract(body: PayeeCheckBody | PaymentBody) -> str | uuid.UUID:
    """What the body names. Raises Invalid unless it is exactly one of both."""
    if (body.contract_no is None) == (body.award_id is None):
        message = _("Name the contract by its number, or the award by its identifier.")
        raise Invalid(message, fields={"contract_no": message, "award_id": message})
    return body.contract_no.strip() if body.contract_no is not None else body.award_id  # type: ignore[return-value]


@router.post("/payments", response=replies({201: DoneReply}, 404, 409, 415))
def record_treasury_payment(
    request: ApiRequest, body: PaymentBody, key: KeyHeader
) -> Status[DoneReply]:
    """Record a payment that the treasury has made on a financed contract.

    The same key again gives the first result; a payment that looks like one recorded already (same
    amount, same day, another reference) is refused unless `is_another` says that it is not.
    """
    actor = request.auth.actor
    _insist(actor)
    asked = PayeeQuestion(_contract(body), body.account_no, body.amount_fen)
    found = check_payees([asked], actor=actor)[0]
    if found.loan_id is None:
        message = payee_text(found.verdict.reason)
        raise ContractNotFinanced(message, remedy=_("Check the contract number."))
    if not body.is_another:
        _refuse_alike(found.loan_id, body)
    done = perform(
        found.loan_id,
        "record_payment",
        actor=actor,
        now=request.auth.now,
        idempotency_key=read_key(key),
        form={
            "amount": body.amount_fen,
            "paid_on": body.paid_on.isoformat(),
            "account_no": body.account_no,
            "reference": body.reference,
            "purpose": body.purpose,
        },
    )
    values = {name: getattr(done, name) for name in DoneReply.model_fields}
    return Status(201, DoneReply(**values))


def _refuse_alike(loan_id: uuid.UUID, body: PaymentBody) -> None:
    alike = alike_payments(loan_id, amount_fen=body.amount_fen, from_date=body.paid_on, days=0)
    others = [each for each in alike if each != body.reference.strip()]
    if others:
        message = _("A payment of this amount and day is recorded already as {reference}.").format(
            reference=others[0]
        )
        raise PaymentAlike(message, remedy=_("Send `is_another` if it is another payment."))


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_Agency = Annotated[str | None, Query(max_length=100)]


class PolicyReply(Reply):
    """The paragraph on contract financing for tender documents or award letters, with its QR code."""

    place: str
    agency: str | None
    text: str
    address: str
    version: str
    from_date: dt.date
    source: str
    qr_svg: str


def _file(media_type: str, description: str) -> dict[str, object]:
    content = {media_type: {"schema": {"type": "string"}}}
    return {"responses": {200: {"description": description, "content": content}}}


@router.get("/policy/{place}", auth=None, response=replies({200: PolicyReply}, public=True))
def read_policy(
    request: HttpRequest,  # noqa: ARG001
    response: HttpResponse,
    place: Path[Place],
    agency: _Agency = None,
) -> PolicyReply:
    """Read the paragraph as it holds today. Open to everybody, also to scripts of other sites."""
    found = policy_paragraph(place, on=timezone.localdate(), agency=agency)
    _open(response)
    return PolicyReply(
        place=found.place,
        agency=found.agency,
        text=found.text,
        address=found.address,
        version=found.version,
        from_date=found.from_date,
        source=found.source,
        qr_svg=qr_svg(found),
    )


@router.get(
    "/policy/{place}/snippet",
    auth=None,
    response=replies({200: None}, public=True),
    openapi_extra=_file("text/html", "A piece of HTML to embed."),
)
def read_policy_snippet(
    request: HttpRequest,  # noqa: ARG001
    place: Path[Place],
    agency: _Agency = None,
) -> HttpResponse:
    """Read the paragraph as a piece of HTML that a page can embed."""
    found = policy_paragraph(place, on=timezone.localdate(), agency=agency)
    return _open(HttpResponse(snippet(found), content_type="text/html; charset=utf-8"))


@router.get(
    "/policy/{place}/document",
    auth=None,
    response=replies({200: None}, public=True),
    openapi_extra=_file(_WORD, "A Word document."),
)
def read_policy_document(
    request: HttpRequest,  # noqa: ARG001
    place: Path[Place],
    agency: _Agency = None,
) -> HttpResponse:
    """Read the paragraph as a Word document."""
    found = policy_paragraph(place, on=timezone.localdate(), agency=agency)
    response = HttpResponse(word_document(found), content_type=_WORD)
    response["Content-Disposition"] = f'attachment; filename="policy-{place}.docx"'
    return _open(response)


def _open(response: HttpResponse) -> HttpResponse:
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = "public, max-age=300"
    return response


class ReportColumnReply(Reply):
    """A column. Kinds: text, integer, decimal (text, in `unit`), money (fen), percent (a share of
    one as text), date."""

    code: str
    title: str
    kind: str
    unit: str | None


class ReportRowReply(Reply):
    """A row: its key, a value for each column's code (null is unknown), the cases it counts."""

    key: str
    values: dict[str, int | str | None]
    cases: list[uuid.UUID]


class ReportReply(Reply):
    """A report for a span of days, both included. A bank gets its own rows."""

    code: str
    title: str
    definition: str
    from_date: dt.date
    to_date: dt.date
    columns: list[ReportColumnReply]
    rows: list[ReportRowReply]


@router.get("/financing/reports/{report_code}", response=replies({200: ReportReply}, 404))
def read_report(
    request: ApiRequest,
    report_code: Path[str],
    from_date: Annotated[dt.date, Query(alias="from")],
    to_date: Annotated[dt.date, Query(alias="to")],
) -> ReportReply:
    """Read a report, r1 to r8: for the finance bureau and auditors, r1, r4 and r7 for banks."""
    sight = sight_of_reports(request.auth.actor)
    report = find_report(report_code, sight)
    if to_date < from_date:
        message = _("The last day is before the first.")
        raise Invalid(message, fields={"to": message})
    question = Question(
        from_date=from_date, to_date=to_date, now=request.auth.now, bank_id=sight.bank_id
    )
    return ReportReply(
        code=report.code,
        title=words(report.title),
        definition=words(report.definition),
        from_date=from_date,
        to_date=to_date,
        columns=[
            ReportColumnReply(
                code=column.code,
                title=words(column.title),
                kind=column.kind,
                unit=words(column.unit) if column.unit else None,
            )
            for column in report.columns
        ],
        rows=[
            ReportRowReply(
                key=row.key,
                values={name: _plain(value) for name, value in row.values.items()},
                cases=sorted({each.case_id for each in row.behind if each.case_id is not None}),
            )
            for row in report.rows(question)
        ],
    )


def _plain(value: object) -> int | str | None:
    """A value as JSON carries it: whole numbers as such, decimals and days as text."""
    if value is None or isinstance(value, int | str):
        return value
    return value.isoformat() if isinstance(value, dt.date) else str(value)
