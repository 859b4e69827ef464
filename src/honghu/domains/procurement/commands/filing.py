"""What a filed notice does: awards, a contract, or a change of earlier awards."""

import uuid
from collections.abc import Sequence
from decimal import Decimal

from honghu.base.identifiers import new_id
from honghu.domains.procurement.commands.values import (
    candidates,
    day_of,
    fen_of,
    link_of,
    value_of,
)
from honghu.domains.procurement.events import Consequence, NoticeFiled
from honghu.domains.procurement.models import Award, Contract, Notice, NoticeLink
from honghu.domains.procurement.rules import (
    KnownAward,
    contract_differences,
    covered_awards,
)

_STATUS = {
    "awarded": Award.Status.ACTIVE,
    "failed": Award.Status.UNSUCCESSFUL,
    "revoked": Award.Status.REVOKED,
}


def give_effect(notice: Notice) -> None:
    """Write what the notice states: awards, a contract, or a change of earlier awards."""
    notice.status = Notice.Status.FILED
    if notice.kind == "award":
        _make_awards(notice)
    elif notice.kind == "contract":
        _file_contract(notice)
    elif notice.kind in {"correction", "termination"}:
        _change_awards(notice)
    for earlier in _earlier_versions(notice):
        _supersede(earlier, notice)


def _earlier_versions(notice: Notice) -> list[Notice]:
    """All versions before this one, the latest first: one of them may never have taken effect."""
    found = []
    while notice.supersedes is not None:
        notice = notice.supersedes
        found.append(notice)
    return found


def _supersede(earlier: Notice, notice: Notice) -> None:
    """The earlier version's awards give way to the new version's, each to that of its lot.

    The chain matters: what is lent against the one counts against the other. A version that was
    discarded stays so.
    """
    successors = list(notice.awards.all())
    for award in earlier.awards.filter(status=Award.Status.ACTIVE):
        award.status = Award.Status.REPLACED
        award.replaced_by_id = _successor(award.lot, successors)
        award.save(update_fields=["status", "replaced_by"])
    if earlier.status != Notice.Status.DISCARDED:
        earlier.status = Notice.Status.SUPERSEDED
        earlier.save(update_fields=["status"])


def _successor(lot: str | None, made: Sequence[Award]) -> uuid.UUID | None:
    """The award that takes the place of one of this lot; null where that is not plain."""
    same = [each.id for each in made if each.lot == lot]
    if len(same) == 1:
        return same[0]
    return made[0].id if len(made) == 1 else None


def _make_awards(notice: Notice, *, lots: Sequence[int] | None = None) -> list[Award]:
    indexes = range(notice.lot_count) if lots is None else lots
    awards = [_award(notice, index) for index in indexes]
    return Award.objects.bulk_create(awards)


def _award(notice: Notice, index: int) -> Award:
    def value(name: str) -> str | None:
        return value_of(notice, f"lots[{index}].{name}")

    rate = value("rate")
    return Award(
        id=new_id(),
        notice=notice,
        position=index,
        lot=value("lot"),
        lot_name=value("lot_name"),
        project_no=notice.project_no,
        plan_no=notice.plan_no,
        project_name=notice.project_name or "",
        buyer_name=notice.buyer or "",
        supplier_name=value("supplier"),
        supplier_uscc=value("supplier_uscc"),
        amount_fen=fen_of(notice, f"lots[{index}].amount"),
        rate=Decimal(rate) if rate is not None else None,
        rate_kind=value("rate_kind"),
        currency=value("currency") or "CNY",
        consortium_members=notice.members[index],
        published_date=notice.published_date,
        status=_STATUS.get(value("status") or "", Award.Status.UNSUCCESSFUL),
    )


def _file_contract(notice: Notice) -> None:
    supplier = value_of(notice, "contract_supplier")
    amount_fen = fen_of(notice, "contract_amount")
    if notice.lot_count == 1:
        supplier = supplier or value_of(notice, "lots[0].supplier")
        amount_fen = amount_fen or fen_of(notice, "lots[0].amount")
    known = candidates(notice)
    wanted = set(link_of(notice).awards)
    linked = [award for award in known if award.id in wanted]
    covered = covered_awards(linked, supplier=supplier, amount_fen=amount_fen)
    several = len(covered) > 1
    parts: list[KnownAward | None] = [*covered] or [None]
    for award in parts:
        # Each lot of a contract over several has its own amount, which the award states.
        part = award.amount_fen if several and award is not None else amount_fen
        Contract.objects.create(
            notice=notice,
            award_id=award.id if award is not None else None,
            contract_no=value_of(notice, "contract_no"),
            contract_name=value_of(notice, "contract_name"),
            project_no=notice.project_no,
            project_name=notice.project_name,
            buyer_name=notice.buyer,
            supplier_name=supplier,
            amount_fen=part,
            signed_date=day_of(value_of(notice, "signed_on")),
            published_date=notice.published_date,
            differences=_differences(notice, award, supplier, part),
        )


def _differences(
    notice: Notice, award: KnownAward | None, supplier: str | None, amount_fen: int | None
) -> list[str]:
    if award is None:
        return ["award"]
    return contract_differences(
        award,
        supplier=supplier,
        buyer=notice.buyer,
        project_no=notice.project_no,
        amount_fen=amount_fen,
    )


_EFFECTS: dict[str, tuple[Consequence, str]] = {
    "replace_winner": ("replaced", Award.Status.REPLACED),
    "replace_amount": ("replaced", Award.Status.REPLACED),
    "replace_amount_by_rate": ("replaced", Award.Status.REPLACED),
    "revoke_lot": ("revoked", Award.Status.REVOKED),
    "revoke_supplier": ("revoked", Award.Status.REVOKED),
}


def _change_awards(notice: Notice) -> None:
    """A correction replaces or revokes, a termination ends, the awards that it is linked to."""
    link = link_of(notice)
    consequence: Consequence = "terminated"
    status: str = Award.Status.TERMINATED
    if notice.kind == "correction":
        effect = value_of(notice, "effect")
        consequence, status = _EFFECTS.get(effect or "", ("none", ""))
        if consequence == "none":
            return
    concerned = Award.objects.filter(pk__in=link.awards, status=Award.Status.ACTIVE)
    if value_of(notice, "effect") == "revoke_supplier":
        names = {value_of(notice, f"lots[{i}].supplier") for i in range(notice.lot_count)} - {None}
        concerned = concerned.filter(supplier_name__in=names) if names else concerned
    affected = list(concerned.values_list("id", flat=True))
    NoticeLink.objects.bulk_create(
        NoticeLink(notice=notice, award_id=each, basis=link.basis, confirmed=True)
        for each in affected
    )
    made: list[Award] = []
    if consequence == "replaced":
        standing = [
            i for i in range(notice.lot_count) if value_of(notice, f"lots[{i}].status") == "awarded"
        ]
        made = _make_awards(notice, lots=standing)
    for award in Award.objects.filter(pk__in=affected):
        award.status = status
        award.replaced_by_id = _successor(award.lot, made)
        award.save(update_fields=["status", "replaced_by"])


def outcome_of(notice_id: uuid.UUID) -> NoticeFiled | None:
    """What a filed notice brought about, for modules that react; null if it is not filed."""
    notice = (
        Notice.objects.select_related("supersedes")
        .filter(pk=notice_id, status=Notice.Status.FILED)
        .first()
    )
    if notice is None:
        return None
    made = list(notice.awards.order_by("position").values_list("id", flat=True))
    affected = list(notice.links.values_list("award_id", flat=True))
    for earlier in _earlier_versions(notice):
        affected += earlier.awards.values_list("id", flat=True)
    contracts = list(Contract.objects.filter(notice=notice).order_by("id"))
    affected += [each.award_id for each in contracts if each.award_id is not None]
    return NoticeFiled(
        notice.id,
        notice.kind,
        _consequence(notice),
        made,
        affected,
        contracts[0].id if contracts else None,
    )


def _consequence(notice: Notice) -> Consequence:
    """What the notice means for the awards that it affects."""
    match notice.kind:
        case "award":
            return "awarded" if notice.supersedes is None else "replaced"
        case "contract":
            return "contracted"
        case "termination":
            return "terminated"
        case "correction":
            return _EFFECTS.get(value_of(notice, "effect") or "", ("none", ""))[0]
        case _:
            return "none"
