"""Panels that financing adds to the pages of cases."""

import uuid
from collections.abc import Mapping

from django.utils import timezone
from django.utils.translation import gettext as _

from honghu.domains.financing.commands.consortia import split_names
from honghu.domains.financing.queries import (
    PaymentRow,
    get_ceiling,
    list_encumbrances,
    payments_of_loan,
)
from honghu.domains.financing.queries.filings import contract_standing
from honghu.domains.financing.queries.standing import APPROVED, is_authorised, is_challenged
from honghu.kernel.cases.rows import CaseDetail
from honghu.kernel.parties.queries import get_organisation
from honghu.web.components import Badge, Column, Fact, Row, Table


def consents_panel(detail: CaseDetail) -> Mapping[str, object] | None:
    """Of a consortium: every member, and whether it has consented, for all of them to see."""
    facts = detail.row.facts
    members = split_names(facts.get("member_names"))
    if not members:
        return None
    consented = set(split_names(facts.get("consented")))
    lead = detail.names.get(str(facts.get("supplier")), "")
    known = {detail.names.get(each, "") for each in detail.parties.get("members", ())}
    rows = tuple(
        Row(cells=(name, _consent(name, lead=lead, known=known, consented=consented)))
        for name in dict.fromkeys((*([lead] if lead else []), *members))
    )
    return {
        "table": Table(
            caption=_("Consents of the members"),
            columns=(
                Column(label=_("Member"), role="title"),
                Column(label=_("Consent"), kind="badge"),
            ),
            rows=rows,
            is_caption_hidden=True,
        )
    }


def _consent(name: str, *, lead: str, known: set[str], consented: set[str]) -> Badge:
    if name == lead:
        return Badge(label=_("applies for all"), tone="green")
    if name in consented:
        return Badge(label=_("consented"), tone="green")
    if name in known:
        return Badge(label=_("consent is missing"), tone="amber")
    return Badge(label=_("not registered yet"), tone="red")


def contact_panel(detail: CaseDetail) -> Mapping[str, object] | None:
    """The supplier's contact, as long as the authorisation stands (rule 19); then only why not."""
    facts = detail.row.facts
    supplier = get_organisation(uuid.UUID(facts["supplier"]))
    if detail.row.ended or not is_authorised(
        parent_of(detail), uuid.UUID(facts["bank"]), on=timezone.localdate()
    ):
        return {"facts": ()}
    return {
        "facts": (
            Fact(label=_("Supplier"), value=supplier.name),
            Fact(label=_("Unified social credit code"), value=supplier.uscc, kind="code"),
            Fact(label=_("Contact telephone"), value=supplier.contact, kind="code"),
        )
    }


def parent_of(detail: CaseDetail) -> uuid.UUID | None:
    """The case to which this one belongs, if its reader may see it."""
    return detail.parent.id if detail.parent is not None else None


def opportunity_panel(detail: CaseDetail) -> Mapping[str, object] | None:
    """What comes next of an opportunity: the application, if its reader may see it."""
    if detail.row.ended:
        return None
    return {"application": parent_of(detail)}


def ceiling_panel(detail: CaseDetail) -> Mapping[str, object] | None:
    """How much may still be drawn on the award, across all banks; never who has drawn it."""
    ceiling = get_ceiling(uuid.UUID(detail.row.facts["award"]))
    if ceiling is None:
        return None
    return {
        "facts": (
            Fact(label=_("Contract amount"), value=ceiling.contract_fen, kind="money"),
            Fact(label=_("Financing ratio"), value=ceiling.ratio, kind="percent"),
            Fact(label=_("Paid by the treasury"), value=ceiling.paid_fen, kind="money"),
            Fact(label=_("Ceiling"), value=ceiling.ceiling_fen, kind="money"),
            Fact(label=_("Drawn or reserved"), value=ceiling.exposure_fen, kind="money"),
            Fact(label=_("Still to be drawn"), value=ceiling.residual_fen, kind="money"),
        ),
        "encumbered": ceiling.encumbered,
    }


def conditions_panel(detail: CaseDetail) -> Mapping[str, object] | None:
    """What must be there before money is lent (rule 2), and what is; until it is lent."""
    row, now = detail.row, timezone.now()  # noqa: TID251 a page reads the clock
    if row.state not in APPROVED:
        return None
    facts = row.facts
    contract = contract_standing(facts, now=now, today=timezone.localdate(now))
    rows = [
        (_("Contract published or recorded, and equal to the award"),
         bool(facts.get("contract_amount")), facts.get("contract_no")),
        (_("Account locked"), row.state in {"ready", "releasing"}, facts.get("account_no")),
        (_("No challenge pending"),
         not is_challenged(uuid.UUID(facts["award"]), now=now), None),
    ]  # fmt: skip
    if contract.is_needed:
        rows.insert(1, (_("Copy of the contract filed"), contract.is_filed, contract.number))
    columns = (
        Column(label=_("Condition"), role="title"),
        Column(label=_("State"), kind="badge"),
        Column(label=_("Number")),
    )
    return {
        "table": Table(
            caption=_("Conditions of disbursement"),
            columns=columns,
            rows=tuple(
                Row(cells=(name, _met(is_met=is_met), number)) for name, is_met, number in rows
            ),
            is_caption_hidden=True,
        )
    }


def _met(*, is_met: bool) -> Badge:
    if is_met:
        return Badge(label=_("fulfilled"), tone="green")
    return Badge(label=_("missing"), tone="amber")


def encumbrances_panel(detail: CaseDetail) -> Mapping[str, object] | None:
    """For a filed bank: which contracts are encumbered and what is left on them; never by whom."""
    if detail.row.state not in {"filed", "withdrawing"}:
        return None
    rows = tuple(
        Row(cells=(each.project_name, each.project_no, each.lot, each.residual_fen))
        for each in list_encumbrances()
    )
    if not rows:
        return None
    columns = (
        Column(label=_("Project"), role="title"),
        Column(label=_("Project number")),
        Column(label=_("Lot")),
        Column(label=_("Still to be drawn"), kind="money"),
    )
    return {
        "table": Table(
            caption=_("Encumbered contracts"), columns=columns, rows=rows, is_caption_hidden=True
        )
    }


def _penalty_fen(paid: PaymentRow) -> int | None:
    """Penalty and compound interest together; null where they are not known."""
    if paid.penalty_fen is None or paid.compound_fen is None:
        return None
    return paid.penalty_fen + paid.compound_fen


def payments_panel(detail: CaseDetail) -> Mapping[str, object] | None:
    """The treasury's payments and where each went; of one that was taken back, that it was."""
    payments = payments_of_loan(detail.row.id)
    if not payments:
        return None
    has_loss = any(paid.recovered_fen for paid in payments)
    columns = (
        Column(label=_("Reference"), role="title"),
        Column(label=_("Paid on"), kind="date"),
        Column(label=_("Paid"), kind="money"),
        Column(label=_("Interest"), kind="money"),
        Column(label=_("Penalty interest"), kind="money"),
        Column(label=_("Principal"), kind="money"),
        *((Column(label=_("Recovered"), kind="money"),) if has_loss else ()),
        Column(label=_("Released"), kind="money"),
        Column(label=_("Into the locked account"), kind="badge"),
    )
    rows = tuple(Row(cells=_payment_cells(paid, has_loss=has_loss)) for paid in payments)
    return {
        "table": Table(caption=_("Payments"), columns=columns, rows=rows, is_caption_hidden=True)
    }


def _payment_cells(paid: PaymentRow, *, has_loss: bool) -> tuple[object, ...]:
    parts: list[object] = [paid.interest_fen, _penalty_fen(paid), paid.principal_fen]
    parts += [paid.recovered_fen] if has_loss else []
    parts.append(paid.released_fen)
    into = (
        Badge(label=_("yes"), tone="green") if paid.into_lock else Badge(label=_("no"), tone="red")
    )
    if paid.retracted_at is not None:
        parts, into = [None] * len(parts), Badge(label=_("taken back"), tone="amber")
    return (paid.reference, paid.paid_date, paid.amount_fen, *parts, into)
