"""Publishing: the OCDS 1.1 release of each notice that takes effect, written with its filing.

A release says only what the notice published. Nothing of applications, quotes or loans enters.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from honghu.domains.procurement.commands.filing import outcome_of
from honghu.domains.procurement.events import NoticeFiled
from honghu.domains.procurement.models import (
    Award,
    Contract,
    Notice,
    PublishedRelease,
    SourceStatement,
)
from honghu.domains.procurement.readers.ocds.statements import SCHEME
from honghu.kernel.cases.effects import Effect
from honghu.kernel.rulesets.queries import get_rule

PREFIX_RULE: Final = "procurement.ocid_prefix"
_OCDS_ADDRESS: Final = "ocds:"
_KINDS: Final = frozenset({"award", "contract", "correction", "termination"})
_STATUS: Final = {"active": "active", "unsuccessful": "unsuccessful"}
_LOT_STATUS: Final = {"active": "complete", "unsuccessful": "unsuccessful"}
_DOCUMENT_TYPES: Final = {"contract": "contractNotice", "termination": "cancellationDetails"}
_FEN: Final = 100


def publish_release(effect: Effect) -> None:
    """Reaction to a notice that may have been filed: publish its release if it was."""
    notice = Notice.objects.get(pk=effect.case.facts["notice"])
    if notice.status == Notice.Status.FILED and _is_ours(notice):
        filed = outcome_of(notice.id)
        if filed is not None:
            publish(filed, now=effect.now)


def publish_missing(*, now: dt.datetime) -> int:
    """Publish the releases of notices filed before releases were kept; how many."""
    waiting = Notice.objects.filter(status=Notice.Status.FILED, release=None).order_by("id")
    count = 0
    for notice_id in list(waiting.values_list("id", flat=True)):
        filed = outcome_of(notice_id)
        count += filed is not None and publish(filed, now=now)
    return count


def publish(filed: NoticeFiled, *, now: dt.datetime) -> bool:
    """Write the release of a filed notice; false if there is none to write.

    A notice that came as OCDS is published where it came from, not again here. A contract whose
    award is unknown is not published: OCDS has no contract without award, and none is invented.
    """
    notice = Notice.objects.get(pk=filed.notice_id)
    if not _is_ours(notice):
        return False
    signed = list(Contract.objects.filter(notice=notice).order_by("id"))
    if any(each.award_id is None for each in signed):
        return False
    made = list(Award.objects.filter(pk__in=filed.awards).order_by("position"))
    affected = list(Award.objects.filter(pk__in=filed.affected).order_by("id"))
    ocid = _ocid(notice, affected, now)
    body = _Release(notice, filed, ocid, now).body(made, affected, signed)
    _row, new = PublishedRelease.objects.get_or_create(
        notice=notice, defaults={"ocid": ocid, "released_at": now, "body": body}
    )
    return new


def _is_ours(notice: Notice) -> bool:
    """Whether the notice is of a kind that is published, and first of all by us."""
    return notice.kind in _KINDS and not (notice.source_url or "").startswith(_OCDS_ADDRESS)


def _ocid(notice: Notice, affected: Sequence[Award], now: dt.datetime) -> str:
    """The process that a notice belongs to: that of what it changes or carries out, else by its
    project number and buyer, else one of its own. Once given, it never changes."""
    earlier = [award.notice_id for award in affected]
    if notice.supersedes_id is not None:
        earlier.append(notice.supersedes_id)
    known = PublishedRelease.objects.filter(notice_id__in=earlier).order_by("notice_id").first()
    if known is not None:
        return known.ocid
    received = SourceStatement.objects.filter(notice_id__in=earlier).first()
    if received is not None:
        return received.process
    prefix = get_rule(PREFIX_RULE, on=timezone.localdate(now), region=settings.HONGHU_REGION)
    number = notice.project_no or notice.plan_no
    internal = notice.id.hex if number is None else _short(f"{number}\n{_bare(notice.buyer)}")
    return f"{prefix.as_text()}-{internal}"


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _bare(text: str | None) -> str:
    return re.sub(r"[\s（）()]", "", text or "")


class _Release:
    """A release while it is put together; organisations are collected as they are named."""

    def __init__(self, notice: Notice, filed: NoticeFiled, ocid: str, now: dt.datetime) -> None:
        self._notice = notice
        self._filed = filed
        self._ocid = ocid
        self._now = now
        self._parties: dict[str, dict[str, Any]] = {}

    def body(
        self, made: Sequence[Award], affected: Sequence[Award], signed: Sequence[Contract]
    ) -> dict[str, Any]:
        """The release. Names without value are left out: unknown is not stated."""
        cancelled = [] if signed else list(affected)
        buyer = self._party(self._notice.buyer, None, "buyer")
        awards = [self._made(award) for award in made]
        awards += [self._cancelled(award) for award in cancelled]
        contracts = [self._contract(each) for each in signed]
        release: dict[str, Any] = {
            "ocid": self._ocid,
            "id": str(self._notice.id),
            "date": _instant(self._now),
            "tag": [self._tag(made, cancelled)],
            "initiationType": "tender",
            "language": "zh",
            "buyer": buyer,
            "tender": self._tender(made, placed=bool(made or contracts)),
            "awards": awards,
            "contracts": contracts,
        }
        release["parties"] = list(self._parties.values())
        return dict(_stated(release))

    def _tag(self, made: Sequence[Award], cancelled: Sequence[Award]) -> str:
        match self._notice.kind:
            case "award":
                return "award" if self._notice.supersedes_id is None else "awardUpdate"
            case "contract":
                return "contract" if self._notice.supersedes_id is None else "contractUpdate"
            case "termination":
                return "awardCancellation" if cancelled else "tenderCancellation"
            case _:
                if made:
                    return "awardUpdate"
                return "awardCancellation" if cancelled else "tenderUpdate"

    def _tender(self, made: Sequence[Award], *, placed: bool) -> dict[str, Any]:
        statuses = {award.status for award in made}
        status = None
        if self._notice.kind == "termination":
            status = "cancelled"
        elif statuses:
            status = "complete" if Award.Status.ACTIVE in statuses else "unsuccessful"
        lots = [
            {"id": award.lot, "title": award.lot_name, "status": _LOT_STATUS.get(award.status)}
            for award in made
            if award.lot is not None
        ]
        agency = self._certain("agency")
        return {
            "id": self._notice.project_no or self._ocid,
            "title": self._notice.project_name,
            "status": status,
            "procuringEntity": self._party(agency, None, "procuringEntity"),
            "lots": list({lot["id"]: _stated(lot) for lot in lots}.values()),
            "documents": [] if placed else [self._document()],
        }

    def _made(self, award: Award) -> dict[str, Any]:
        suppliers: list[str | None] = [*award.consortium_members] or [award.supplier_name]
        lone = len(suppliers) == 1
        rate = {
            "value": award.rate and format(award.rate.normalize(), "f"),
            "kind": award.rate_kind,
        }
        return {
            "id": str(award.id),
            "title": award.lot_name or award.project_name,
            "status": _STATUS.get(award.status, "cancelled"),
            "date": _midnight(award.published_date),
            "value": amount_of(award.amount_fen),
            "priceRate": rate if award.rate is not None else None,
            "suppliers": [
                self._party(name, award.supplier_uscc if lone else None, "supplier")
                for name in suppliers
            ],
            "relatedLots": [award.lot] if award.lot is not None else None,
            "documents": [self._document()],
        }

    def _cancelled(self, award: Award) -> dict[str, Any]:
        amendment = {
            "id": str(self._notice.id),
            "date": _midnight(self._notice.published_date) or _instant(self._now),
            "rationale": self._filed.consequence,
        }
        return {
            "id": str(award.id),
            "status": "cancelled",
            "amendments": [amendment],
            "documents": [self._document()],
        }

    def _contract(self, contract: Contract) -> dict[str, Any]:
        return {
            "id": str(contract.id),
            "awardID": str(contract.award_id),
            "title": contract.contract_name or contract.contract_no,
            "status": "active",
            "dateSigned": _midnight(contract.signed_date),
            "value": amount_of(contract.amount_fen),
            "documents": [self._document()],
        }

    def _document(self) -> dict[str, Any]:
        url = self._notice.source_url or ""
        page = self._notice.filename.lower().endswith((".html", ".htm"))
        channel = self._notice.readings.get("financing_channel", {}).get("state")
        return {
            "id": self._notice.sha256,
            "documentType": _DOCUMENT_TYPES.get(self._notice.kind, "awardNotice"),
            "title": self._notice.project_name,
            "url": url if url.startswith(("http://", "https://")) else None,
            "datePublished": _midnight(self._notice.published_date),
            "format": "text/html" if page else "text/plain",
            "language": "zh",
            "hash": f"sha256:{self._notice.sha256}",
            "financingChannel": {"value": "stated", "absent": "absent"}.get(channel or ""),
        }

    def _party(self, name: str | None, uscc: str | None, role: str) -> dict[str, str] | None:
        """Name an organisation and remember it as a party with this role."""
        if name is None:
            return None
        identity = f"{SCHEME}-{uscc}" if uscc else f"name-{_short(_bare(name))}"
        party = self._parties.setdefault(identity, {"id": identity, "name": name, "roles": []})
        if uscc:
            party["identifier"] = {"scheme": SCHEME, "id": uscc, "legalName": name}
        if role not in party["roles"]:
            party["roles"].append(role)
        return {"id": identity, "name": name}

    def _certain(self, field: str) -> str | None:
        reading = self._notice.readings.get(field, {})
        return reading.get("value") if reading.get("state") == "value" else None


def _stated(value: Any) -> Any:
    """Without what is null or empty, at any depth."""
    if isinstance(value, Mapping):
        found = {name: _stated(each) for name, each in value.items()}
        return {name: each for name, each in found.items() if each not in (None, "", [], {})}
    if isinstance(value, list):
        return [_stated(each) for each in value if each is not None]
    return value


def amount_of(fen: int | None) -> dict[str, Any] | None:
    """An OCDS value of so many fen; null stays null."""
    if fen is None:
        return None
    whole, part = divmod(fen, _FEN)
    # The shortest decimal form of such a fraction is exact to the fen up to 10^13 yuan.
    return {"amount": whole if part == 0 else fen / _FEN, "currency": "CNY"}


def _instant(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _midnight(day: dt.date | None) -> str | None:
    """A day as OCDS wants it: the instant at which it begins here."""
    if day is None:
        return None
    zone = ZoneInfo(settings.TIME_ZONE)
    return dt.datetime.combine(day, dt.time(), zone).isoformat()
