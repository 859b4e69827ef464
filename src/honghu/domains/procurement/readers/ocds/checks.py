"""What is wrong with a release, as far as its fields are used here: types, codes, dates.

OCDS 1.1.5 release schema: `ocid`, `id`, `date`, `tag` are required; statuses are closed codelists.
A wrong type refuses the release, because what it meant would be guessed; a code outside its list
or a missing supplementary field is only reported.
"""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any, Final

from honghu.domains.procurement.readers.found import Fault, gettext_noop

AWARD_STATUSES: Final = frozenset({"pending", "active", "cancelled", "unsuccessful"})
CONTRACT_STATUSES: Final = frozenset({"pending", "active", "cancelled", "terminated"})
TENDER_STATUSES: Final = frozenset(
    {"planning", "planned", "active", "cancelled", "unsuccessful", "complete", "withdrawn"}
)
_DATE_TIME: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})"
)
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_AMOUNT_MAX: Final = 10**13
"""Beyond this a binary fraction no longer tells one fen from the next."""
_YEARS: Final = range(1990, 2101)

_MISSING: Final = gettext_noop("It is missing.")
_TYPE: Final = gettext_noop("It is {found}; {wanted} is needed.")
_DATE: Final = gettext_noop("{value} is no date-time with an offset (RFC 3339).")
_CODE: Final = gettext_noop("{value} is not on the code list.")
_CURRENCY_BAD: Final = gettext_noop("{value} is no ISO 4217 currency code.")
_AMOUNT_BAD: Final = gettext_noop("{value} is no plausible number.")
_TEXT_BAD: Final = gettext_noop("The text holds NUL or half a character.")
_TWICE: Final = gettext_noop("The id {value} stands twice in one list.")
_NOBODY: Final = gettext_noop("No party has the id {value}.")
_ASK: Final = gettext_noop("Ask the publisher to correct the release; then import the file again.")
_NOTHING_TO_DO: Final = gettext_noop("It was left aside; the rest of the release was taken.")

_NAMES: Final = {
    dict: "an object",
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    type(None): "null",
}


def parse_date_time(text: object) -> dt.datetime | None:
    """The instant in UTC; null for what is no RFC 3339 date-time of a year that can be meant."""
    if not isinstance(text, str) or _DATE_TIME.fullmatch(text) is None:
        return None
    try:
        # Fractions beyond microseconds are cut: Python reads no more.
        bare = re.sub(r"(\.\d{6})\d+", r"\1", text.upper())
        moment = dt.datetime.fromisoformat(bare).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year in _YEARS else None


class _Checker:
    """Collects the faults of one release."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def refuse(self, code: str, path: str, what: str, **values: str) -> None:
        self.faults.append(Fault(code, what, _ASK, path=path, values=values, refused=True))

    def report(self, code: str, path: str, what: str, **values: str) -> None:
        self.faults.append(Fault(code, what, _NOTHING_TO_DO, path=path, values=values))

    def typed(self, value: Any, kind: type, path: str) -> bool:
        """Whether the value is there and of this kind; a null is taken as not stated."""
        if value is None:
            return False
        if type(value) is kind:
            return True
        found = _NAMES.get(type(value), "something else")
        self.refuse("type", path, _TYPE, found=found, wanted=_NAMES[kind])
        return False

    def identifier(self, value: Any, path: str) -> None:
        """An id is text or a whole number, and must be there."""
        if value is None or value == "":
            self.refuse("missing", path, _MISSING)
        elif type(value) not in (str, int):
            found = _NAMES.get(type(value), "something else")
            self.refuse("type", path, _TYPE, found=found, wanted=_NAMES[str])

    def objects(self, holder: dict[str, Any], name: str, path: str) -> Iterator[tuple[str, Any]]:
        """The objects of a list, each with its path."""
        found: Any = holder.get(name)
        where = f"{path}/{name}" if path else name
        if not self.typed(found, list, where):
            return
        for index, each in enumerate(found):
            if each is None:
                self.refuse("missing", f"{where}/{index}", _MISSING)
            elif self.typed(each, dict, f"{where}/{index}"):
                yield f"{where}/{index}", each

    def unique(self, holder: dict[str, Any], name: str, path: str) -> Iterator[tuple[str, Any]]:
        """As objects, each with an id of its own."""
        seen = set()
        for where, each in self.objects(holder, name, path):
            self.identifier(each.get("id"), f"{where}/id")
            key = str(each.get("id"))
            if key in seen:
                self.refuse("twice", f"{where}/id", _TWICE, value=key)
            seen.add(key)
            yield where, each

    def text(self, holder: dict[str, Any], name: str, path: str) -> None:
        value = holder.get(name)
        if value is not None:
            self.typed(value, str, f"{path}/{name}")

    def code(self, holder: dict[str, Any], codes: frozenset[str], path: str) -> None:
        value = holder.get("status")
        if self.typed(value, str, f"{path}/status") and value not in codes:
            self.report("code", f"{path}/status", _CODE, value=str(value)[:80])

    def date(self, holder: dict[str, Any], name: str, path: str) -> None:
        value = holder.get(name)
        if self.typed(value, str, f"{path}/{name}") and parse_date_time(value) is None:
            self.report("date", f"{path}/{name}", _DATE, value=str(value)[:80])

    def value(self, holder: dict[str, Any], path: str) -> None:
        """An amount with its currency."""
        value: Any = holder.get("value")
        where = f"{path}/value"
        if not self.typed(value, dict, where):
            return
        amount = value.get("amount")
        if type(amount) not in (int, float, type(None)):
            found = _NAMES.get(type(amount), "something else")
            self.refuse("type", f"{where}/amount", _TYPE, found=found, wanted=_NAMES[float])
        elif amount is not None and not -_AMOUNT_MAX < amount < _AMOUNT_MAX:
            self.refuse("amount", f"{where}/amount", _AMOUNT_BAD, value=repr(amount)[:40])
        currency: Any = value.get("currency")
        if self.typed(currency, str, f"{where}/currency") and not _CURRENCY.fullmatch(currency):
            self.report("currency", f"{where}/currency", _CURRENCY_BAD, value=currency[:20])

    def reference(self, reference: dict[str, Any], path: str, parties: set[str]) -> None:
        """A reference to an organisation: its name is text, its id that of a party."""
        self.text(reference, "name", path)
        known = reference.get("id")
        if known is not None and parties and str(known) not in parties:
            self.report("party", f"{path}/id", _NOBODY, value=str(known)[:80])


def check_release(release: Any) -> list[Fault]:
    """The faults of a release, in reading order; none refused means that it may be kept."""
    checker = _Checker()
    if type(release) is not dict:
        found = _NAMES.get(type(release), "something else")
        checker.refuse("type", "", _TYPE, found=found, wanted=_NAMES[dict])
        return checker.faults
    _head(checker, release)
    parties = _parties(checker, release)
    buyer: Any = release.get("buyer")
    if checker.typed(buyer, dict, "buyer"):
        checker.reference(buyer, "buyer", parties)
    _tender(checker, release)
    _awards(checker, release, parties)
    for path, contract in checker.unique(release, "contracts", ""):
        checker.identifier(contract.get("awardID"), f"{path}/awardID")
        checker.code(contract, CONTRACT_STATUSES, path)
        checker.value(contract, path)
        checker.date(contract, "dateSigned", path)
        checker.text(contract, "title", path)
    return checker.faults


def _head(checker: _Checker, release: dict[str, Any]) -> None:
    ocid = release.get("ocid")
    if ocid is None or ocid == "":
        checker.refuse("missing", "ocid", _MISSING)
    else:
        checker.typed(ocid, str, "ocid")
    checker.identifier(release.get("id"), "id")
    date = release.get("date")
    if date is None:
        checker.refuse("missing", "date", _MISSING)
    elif parse_date_time(date) is None:
        checker.refuse("date", "date", _DATE, value=str(date)[:80])
    tag = release.get("tag")
    if tag is None:
        checker.report("missing", "tag", _MISSING)
    else:
        checker.typed(tag, list, "tag")


def _parties(checker: _Checker, release: dict[str, Any]) -> set[str]:
    known = set()
    for path, party in checker.objects(release, "parties", ""):
        known.add(str(party.get("id")))
        checker.text(party, "name", path)
        identifier = party.get("identifier")
        if identifier is not None:
            checker.typed(identifier, dict, f"{path}/identifier")
        checker.typed(party.get("roles"), list, f"{path}/roles")
    return known


def _tender(checker: _Checker, release: dict[str, Any]) -> None:
    tender: Any = release.get("tender")
    if not checker.typed(tender, dict, "tender"):
        return
    if type(tender.get("id")) not in (str, int, type(None)):
        checker.identifier(tender.get("id"), "tender/id")
    checker.text(tender, "title", "tender")
    checker.code(tender, TENDER_STATUSES, "tender")
    for path, lot in checker.unique(tender, "lots", "tender"):
        checker.text(lot, "title", path)


def _awards(checker: _Checker, release: dict[str, Any], parties: set[str]) -> None:
    for path, award in checker.unique(release, "awards", ""):
        checker.code(award, AWARD_STATUSES, path)
        checker.value(award, path)
        checker.date(award, "date", path)
        checker.text(award, "title", path)
        for where, supplier in checker.objects(award, "suppliers", path):
            checker.reference(supplier, where, parties)
        lots: Any = award.get("relatedLots")
        if checker.typed(lots, list, f"{path}/relatedLots"):
            for index, lot in enumerate(lots):
                checker.identifier(lot, f"{path}/relatedLots/{index}")


def check_text(text: str, value: Any) -> Fault | None:
    """The fault of a release whose text no database keeps: NUL, or half of a surrogate pair."""
    if "\\u" not in text and "\x00" not in text:
        return None
    return None if _keepable(value) else Fault("text", _TEXT_BAD, _ASK, refused=True)


def _keepable(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" not in value and not any("\ud800" <= char <= "\udfff" for char in value)
    if isinstance(value, dict):
        return all(_keepable(name) and _keepable(each) for name, each in value.items())
    if isinstance(value, list):
        return all(map(_keepable, value))
    return True
