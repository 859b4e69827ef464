"""Pure judgements over read notices: what is in doubt, which award a notice concerns, what differs.

Sources: 财办库〔2020〕50号 for the structure of notices; financing.md rule 2 for the equality of
contract and award; 政府采购法 art 46 (the contract follows the award).
"""

import dataclasses
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Literal

_PER_LOT = re.compile(r"^lots\[\d+\]\.(supplier|amount|rate|rate_kind|status|currency)$")
_FOR_ALL = frozenset({"kind", "project_name", "buyer"})
_FOR_CONTRACT = frozenset({"contract_amount", "contract_supplier", "project_no"})
_FOR_CORRECTION = frozenset({"effect", "project_no"})
_NO_NUMBER = frozenset({"", "/", "-", "—", "无"})

Readings = Mapping[str, Mapping[str, object]]


def is_critical(field: str, kind: str) -> bool:
    """Whether a doubt about this field keeps a notice of this kind from being filed.

    A call for tenders changes nothing: none of its fields does.
    """
    if kind == "tender":
        return False
    if field in _FOR_ALL or _PER_LOT.match(field):
        return True
    if kind == "contract":
        return field in _FOR_CONTRACT
    return kind == "correction" and field in _FOR_CORRECTION


def doubts(readings: Readings, kind: str) -> list[str]:
    """The critical fields that a person must decide, each with the reason, in reading order."""
    return [
        f"{field}: {reading.get('why') or 'in doubt'}"
        for field, reading in readings.items()
        if reading.get("state") == "review" and is_critical(field, kind)
    ]


def known_number(number: str | None) -> str | None:
    """A project or plan number; null where the notice prints none, or a stroke."""
    if number is None:
        return None
    bare = number.strip()
    return None if bare in _NO_NUMBER else bare


@dataclasses.dataclass(frozen=True, slots=True)
class KnownAward:
    """An award as far as links and comparisons need it."""

    id: uuid.UUID
    project_no: str | None
    plan_no: str | None
    project_name: str
    buyer_name: str
    lot: str | None
    supplier_name: str | None
    amount_fen: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class Link:
    """The awards that a later notice concerns, and what the link rests on."""

    awards: tuple[uuid.UUID, ...]
    basis: Literal["number", "name", "none"]

    @property
    def certain(self) -> bool:
        """A link by number is certain; one by name and buyer is for a person to confirm."""
        return self.basis != "name"


def _norm(text: str | None) -> str:
    return re.sub(r"[\s（）()〔〕\[\]【】]", "", text or "")


def link_notice(
    *,
    project_no: str | None,
    plan_no: str | None,
    project_name: str | None,
    buyer: str | None,
    lots: Sequence[str | None],
    known: Sequence[KnownAward],
) -> Link:
    """Find the awards that a correction, termination or contract concerns.

    By project or plan number first; a missing number or "/" is matched by name and buyer, and then
    a person has to confirm. If the notice names lots, only awards of these lots are meant.
    """
    numbers = {n for n in (known_number(project_no), known_number(plan_no)) if n}
    found = [a for a in known if numbers & {a.project_no, a.plan_no}] if numbers else []
    basis: Literal["number", "name", "none"] = "number"
    if not found:
        basis = "name"
        found = [
            a
            for a in known
            if project_name
            and _norm(a.project_name) == _norm(project_name)
            and (buyer is None or _norm(a.buyer_name) == _norm(buyer))
        ]
    named = {_norm(lot) for lot in lots if lot}
    if named and any(_norm(a.lot) in named for a in found):
        found = [a for a in found if _norm(a.lot) in named]
    return Link(tuple(a.id for a in found), basis if found else "none")


def contract_differences(
    award: KnownAward,
    *,
    supplier: str | None,
    buyer: str | None,
    project_no: str | None,
    amount_fen: int | None,
) -> list[str]:
    """What a contract states otherwise than its award (rule 2), as field names; empty if equal.

    An unknown amount is a difference: nothing is lent against an amount that nobody stated. An
    award without amount (at a rate) is priced by its contract, so no amount differs from it.
    """
    differing = []
    if _norm(supplier) != _norm(award.supplier_name):
        differing.append("supplier")
    if _norm(buyer) != _norm(award.buyer_name):
        differing.append("buyer")
    number = known_number(project_no)
    if number is not None and number not in {award.project_no, award.plan_no}:
        differing.append("project_no")
    if amount_fen is None or (award.amount_fen is not None and amount_fen != award.amount_fen):
        differing.append("amount")
    return differing


def covered_awards(
    linked: Sequence[KnownAward], *, supplier: str | None, amount_fen: int | None
) -> list[KnownAward]:
    """The awards that a contract carries out, of those that its notice may concern.

    One award, else those of the contract's supplier; several lots only if their amounts add up to
    the contract's to the fen, else the one lot of just this amount. Empty where none of this is
    plain: then a person decides.
    """
    own = [each for each in linked if _norm(each.supplier_name) == _norm(supplier)]
    found = list(linked) if len(linked) <= 1 else own or list(linked)
    if len(found) <= 1:
        return found
    amounts = [each.amount_fen for each in found]
    if amount_fen is not None and None not in amounts and sum(filter(None, amounts)) == amount_fen:
        return found
    same = [each for each in found if each.amount_fen is not None and each.amount_fen == amount_fen]
    return same if len(same) == 1 else []


_CORRECTION = re.compile(r"^\s*([a-z_]+(?:\[\d+\]\.[a-z_]+)?)\s*[=＝]\s*(.*?)\s*$")
NOTHING = frozenset({"none", "无", "未载明"})


class UnreadableCorrectionError(ValueError):
    """A line of a person's corrections cannot be read; the message names line and remedy.

    `line` counts from 1; `field` is the unknown field, null if the line names none.
    """

    def __init__(self, line: int, field: str | None = None) -> None:
        problem = f"the notice has no field {field}" if field else "write field = value"
        super().__init__(f"line {line}: {problem}")
        self.line = line
        self.field = field


def parse_corrections(text: str, known: Readings) -> dict[str, str | None]:
    """Read a person's corrections, one `field = value` per line; null for «not stated».

    Raises UnreadableCorrectionError for a line that is no correction or names no field.
    """
    found: dict[str, str | None] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        match = _CORRECTION.match(line)
        if match is None:
            raise UnreadableCorrectionError(number)
        field, value = match.groups()
        if field not in known:
            raise UnreadableCorrectionError(number, field)
        found[field] = None if value in NOTHING or not value else value
    return found
