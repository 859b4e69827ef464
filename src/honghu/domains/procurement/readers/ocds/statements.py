"""What a compiled release states of its awards and contracts, as notices state theirs.

Every field is a value, with the path it stands at; absent; or in need of a person. Nothing is
guessed: an amount without currency, in another currency, of zero, negative or with parts of a fen
is for a person.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from honghu.base.identifiers import IdentifierError, check_uscc
from honghu.domains.procurement.readers.found import Statement, gettext_noop
from honghu.domains.procurement.readers.ocds.checks import parse_date_time
from honghu.domains.procurement.readers.values import ABSENT, LotReading, Notice, Reading

READER: Final = "ocds-1"
SCHEME: Final = "CN-USCI"
"""The code of org-id.guide for the unified social credit code (GB 32100-2015)."""
YUAN: Final = "CNY"
_FEN: Final = Decimal("0.01")
_STATUS: Final = {"active": "awarded", "unsuccessful": "failed", "cancelled": "revoked"}
_LIVE_CONTRACTS: Final = frozenset({"active", "terminated"})

NO_CURRENCY: Final = gettext_noop("the amount has no currency")
FOREIGN: Final = gettext_noop("the amount is in another currency; state it in yuan")
NOT_POSITIVE: Final = gettext_noop("the amount is zero or negative")
PARTS_OF_FEN: Final = gettext_noop("the amount has parts of a fen")
SEVERAL_SUPPLIERS: Final = gettext_noop("several suppliers share the award; name the leading one")
NOT_STATED: Final = gettext_noop("the release does not state it")
UNKNOWN_STATUS: Final = gettext_noop("the status is not stated, or unknown")
IMPLAUSIBLE: Final = gettext_noop("the amount is implausibly large or small")
STANDS_ALREADY: Final = gettext_noop("this award stands already, from another source; discard one")
REASONS: Final = (
    NO_CURRENCY, FOREIGN, NOT_POSITIVE, PARTS_OF_FEN, SEVERAL_SUPPLIERS, NOT_STATED, UNKNOWN_STATUS,
    IMPLAUSIBLE, STANDS_ALREADY,
)  # fmt: skip
"""Why a field of a release goes to a person, besides the reasons of the notice reader."""


def address_of(ocid: str, kind: str, identifier: object) -> str:
    """The address of a statement: the same for all versions of this award or contract."""
    return f"ocds:{ocid}#{kind}/{identifier}"


def statements(compiled: Mapping[str, Any], releases: Sequence[str]) -> Iterator[Statement]:
    """The statements of a compiled release: one for each award decided, one for each contract.

    `releases` are the ids of the releases behind it. A pending award states nothing yet, nor does
    a contract that is not signed.
    """
    process = _Process(compiled, releases)
    for award in compiled.get("awards") or ():
        if award.get("status") != "pending":
            yield process.award(award)
    for contract in compiled.get("contracts") or ():
        if contract.get("status") in _LIVE_CONTRACTS or contract.get("dateSigned"):
            yield process.contract(contract)


class _Process:
    """A compiled release and what its statements share."""

    def __init__(self, compiled: Mapping[str, Any], releases: Sequence[str]) -> None:
        self.compiled = compiled
        self.releases = list(releases)
        self.ocid = str(compiled["ocid"])
        self.tender: Mapping[str, Any] = compiled.get("tender") or {}
        self.parties = {str(each.get("id")): each for each in compiled.get("parties") or ()}
        self.awards = {str(each["id"]): each for each in compiled.get("awards") or ()}

    def award(self, award: Mapping[str, Any]) -> Statement:
        """An award as an award notice of one lot."""
        names = self._names(award.get("suppliers") or ())
        amount, original = read_amount(award.get("value"))
        status = award.get("status")
        known = _STATUS.get(str(status))
        supplier = self._supplier(names, needed=known == "awarded")
        lot = LotReading(
            lot=self._lot(award),
            lot_name=self._lot_name(award),
            supplier=supplier,
            supplier_uscc=self._uscc(award.get("suppliers") or ()),
            amount=amount,
            currency=Reading.stated(YUAN, None) if amount.certain else ABSENT,
            status=Reading.stated(known, None) if known else Reading.doubtful(UNKNOWN_STATUS),
            original_currency=original[0],
            original_amount=original[1],
            consortium_members=tuple(names) if len(names) > 1 else (),
        )
        return self._statement("award", award, award.get("date"), lots=(lot,))

    def contract(self, contract: Mapping[str, Any]) -> Statement:
        """A contract as a contract notice of the lot of its award."""
        award = self.awards.get(str(contract.get("awardID")), {})
        suppliers = contract.get("suppliers") or award.get("suppliers") or ()
        names = self._names(suppliers)
        amount, original = read_amount(contract.get("value"))
        signed = _day(contract.get("dateSigned"))
        lot = LotReading(
            lot=self._lot(award) if award else ABSENT,
            supplier=self._supplier(names, needed=True),
            amount=amount,
            original_currency=original[0],
            original_amount=original[1],
        )
        return self._statement(
            "contract",
            contract,
            contract.get("dateSigned"),
            lots=(lot,),
            contract_no=Reading.stated(str(contract["id"]), None),
            contract_name=_text(contract.get("title")),
            contract_amount=amount,
            contract_supplier=lot.supplier,
            signed_on=Reading.stated(signed, None) if signed else ABSENT,
        )

    def _statement(
        self, kind: str, about: Mapping[str, Any], date: object, **readings: Any
    ) -> Statement:
        address = address_of(self.ocid, kind, about["id"])
        content = json.dumps(
            {"statement": address, "releases": self.releases, "compiledRelease": self.compiled},
            ensure_ascii=False,
            sort_keys=True,
            indent=1,
            default=str,
        )
        day = _day(date) or _day(self.compiled.get("date"))
        title = _text(self.tender.get("title")).certain or _text(about.get("title")).certain
        number = self.tender.get("id")
        notice = Notice(
            file=address,
            sha256=hashlib.sha256(content.encode()).hexdigest(),
            reader_version=READER,
            source=content,
            text=content,
            title=title,
            kind=Reading.stated(kind, None),
            project_no=Reading.stated(str(number or self.ocid), None),
            project_name=Reading.stated(title, None) if title else Reading.doubtful(NOT_STATED),
            buyer=self._buyer(),
            agency=self._agency(),
            publish_date=Reading.stated(day, None) if day else ABSENT,
            **readings,
        )
        return Statement(address, f"{kind}.json", content.encode(), notice)

    def _buyer(self) -> Reading:
        name = self._name(self.compiled.get("buyer") or {})
        if name is None:
            buyers = [
                self._name(each)
                for each in self.parties.values()
                if "buyer" in (each.get("roles") or ())
            ]
            name = buyers[0] if len(buyers) == 1 else None
        return Reading.stated(name, None) if name else Reading.doubtful(NOT_STATED)

    def _agency(self) -> Reading:
        name = self._name(self.tender.get("procuringEntity") or {})
        return Reading.stated(name, None) if name else ABSENT

    def _name(self, reference: Mapping[str, Any]) -> str | None:
        party = self.parties.get(str(reference.get("id")), {})
        name = reference.get("name") or party.get("name")
        return " ".join(name.split()) or None if isinstance(name, str) else None

    def _names(self, suppliers: Sequence[Mapping[str, Any]]) -> list[str]:
        return [name for each in suppliers if (name := self._name(each)) is not None]

    def _supplier(self, names: Sequence[str], *, needed: bool) -> Reading:
        if len(names) == 1:
            return Reading.stated(names[0], None)
        if len(names) > 1:
            return Reading.doubtful(SEVERAL_SUPPLIERS, "、".join(names))
        return Reading.doubtful(NOT_STATED) if needed else ABSENT

    def _uscc(self, suppliers: Sequence[Mapping[str, Any]]) -> Reading:
        """The credit code of a lone supplier, if it is given under its scheme and sound."""
        if len(suppliers) != 1:
            return ABSENT
        party = self.parties.get(str(suppliers[0].get("id")), {})
        identifier = party.get("identifier") or {}
        if identifier.get("scheme") != SCHEME:
            return ABSENT
        try:
            return Reading.stated(check_uscc(str(identifier.get("id") or "")), None)
        except IdentifierError:
            return ABSENT

    def _lot(self, award: Mapping[str, Any]) -> Reading:
        """The lot that the release names; where several awards name none, the award's own id."""
        lots = award.get("relatedLots") or ()
        if lots:
            return Reading.stated("、".join(map(str, lots)), None)
        return Reading.stated(str(award["id"]), None) if len(self.awards) > 1 else ABSENT

    def _lot_name(self, award: Mapping[str, Any]) -> Reading:
        titles = {str(lot.get("id")): lot.get("title") for lot in self.tender.get("lots") or ()}
        lots = list(award.get("relatedLots") or ())
        named = titles.get(str(lots[0])) if len(lots) == 1 else None
        return _text(named or award.get("title"))


def read_amount(value: Mapping[str, Any] | None) -> tuple[Reading, tuple[Reading, Reading]]:
    """An OCDS value as yuan, and (currency, amount) as stated if it is in another currency.

    Numbers must have been parsed as Decimal or int. A value that is not there is absent, not 0.
    """
    nothing = (ABSENT, ABSENT)
    amount = (value or {}).get("amount")
    if value is None or amount is None:
        return ABSENT, nothing
    number = Decimal(amount)
    currency = value.get("currency")
    text = format(number, "f")
    if currency is None:
        return Reading.doubtful(NO_CURRENCY, text), nothing
    if currency != YUAN:
        original = (Reading.stated(currency, None), Reading.stated(text, None))
        return Reading.doubtful(FOREIGN, f"{text} {currency}"), original
    if number <= 0:
        return Reading.doubtful(NOT_POSITIVE, text), nothing
    if number % _FEN:
        return Reading.doubtful(PARTS_OF_FEN, text), nothing
    return Reading.stated(format(number.quantize(_FEN), "f"), None), nothing


def doubt_amounts(notice: Notice, *, fen_min: int, fen_max: int) -> list[str]:
    """The amounts of a notice, as field names, that lie outside what is plausible here."""
    fields = [(f"lots[{index}].amount", lot.amount) for index, lot in enumerate(notice.lots)]
    fields.append(("contract_amount", notice.contract_amount))
    return [
        name
        for name, reading in fields
        if reading.certain and not fen_min <= Decimal(reading.certain) * 100 <= fen_max
    ]


def _text(value: object) -> Reading:
    bare = " ".join(value.split()) if isinstance(value, str) else ""
    return Reading.stated(bare, None) if bare else ABSENT


def _day(date: object) -> str | None:
    """The day that a date-time is written with, in its own offset."""
    return str(date)[:10] if parse_date_time(date) is not None else None
