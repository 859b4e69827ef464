"""Independent figures of the same notice that confirm or contradict an amount.

An amount is stated only when it stands unambiguous by itself (number with unit, undisturbed
digits) or when another printed figure confirms it.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from honghu.domains.procurement.readers.amounts import PLACEHOLDER, Money, money_text, read_money
from honghu.domains.procurement.readers.capitals import capitals_in
from honghu.domains.procurement.readers.facts import Facts
from honghu.domains.procurement.readers.figures import BLANKS, TEN_THOUSAND, YUAN
from honghu.domains.procurement.readers.values import Reading
from honghu.domains.procurement.readers.wins import Cell, Zone

_ROUNDING = Decimal(100)
_SMALL = Decimal(1000)
# As 万元 this would be ten milliard yuan: a bare number above it can only be yuan.
_SURELY_YUAN = Decimal(1_000_000)
# A county's single contracts stay below; 386500.00 under 万元 is the slip of a form.
_HUGE = Decimal(500_000_000)
_MENTION = re.compile(r"(?<![\d.,，OoIl])(\d[\d,]*(?:\.\d+)?)[ ]*(万元|元)(?![/\uff0f每])")
_FEE = re.compile(r"代理|服务费|保证金|收费|预算|限价|得分|分值|标准")
_FEE_REACH = 30
_RUN = frozenset("0123456789.,OoIl")
_LETTER = re.compile("[OoIl]")


@dataclass(slots=True)
class Witnesses:
    """Figures in yuan by where they were printed."""

    summary: Decimal | None = None
    capitals: list[Decimal] = field(default_factory=list)
    mentions: list[Decimal] = field(default_factory=list)
    products: list[Decimal] = field(default_factory=list)
    fee: Decimal | None = None
    single: bool = True
    budget: Decimal | None = None

    def confirms(self, yuan: Decimal) -> bool:
        """Whether an independent figure equals the amount (the summary rounds to 100 yuan)."""
        if self.single and self.summary is not None and abs(self.summary - yuan) < _ROUNDING:
            return True
        return yuan in self.capitals or yuan in self.mentions or yuan in self.products

    def amount(self, facts: Facts, cells: list[Cell]) -> Reading:
        """The amount of a win from its money cells."""
        readings = [self._one(facts, cell) for cell in cells]
        first = readings[0]
        values = {reading.value for reading in readings if reading.value is not None}
        if len(values) > 1:
            confirmed = [r for r in readings if r.value and self.confirms(Decimal(r.value))]
            if len({r.value for r in confirmed}) == 1 and confirmed[0].state == "value":
                return confirmed[0].doubted("several amounts are printed; one agrees with others")
            return Reading.doubtful("several amounts are printed for one lot", None, first.span)
        certain = [reading for reading in readings if reading.state == "value"]
        unread = [r.why for r in readings if r.state == "review" and r.why != PLACEHOLDER]
        if certain and unread and not self.confirms(Decimal(certain[0].value or 0)):
            return certain[0].doubted(unread[0] or "in doubt")
        return certain[0] if certain else first

    def _one(self, facts: Facts, cell: Cell) -> Reading:
        money = cell.money
        place = facts.page.span(money.piece)
        if cell.glued:
            return self._glued(facts, cell)
        if money.yuan is None:
            return Reading.doubtful(money.why or "no figure", None, place)
        if money.yuan == 0:
            return Reading.doubtful(PLACEHOLDER, None, place)
        value = money_text(money.yuan)
        confirmed = self.confirms(money.yuan)
        plausible = self.implausible(money.yuan, money.unit) is None
        if money.form == "doubt" and money.why == BLANKS and confirmed and plausible:
            return Reading.stated(value, place, "blanks inside the number; another figure agrees")
        why = self._doubt(money, confirmed=confirmed)
        if why is not None:
            return Reading.doubtful(why, value, place)
        return Reading.stated(value, place)

    def _doubt(self, money: Money, *, confirmed: bool) -> str | None:
        """Why an amount cannot be stated by itself; None when it can."""
        if money.yuan is None or money.form == "doubt":
            return money.why or "in doubt"
        why = self.implausible(money.yuan, money.unit)
        if why is None and money.unit is None and money.yuan < _SURELY_YUAN and not confirmed:
            why = "no unit is printed and no other figure agrees"
        return why

    def implausible(self, yuan: Decimal, unit: str | None) -> str | None:
        """Why an amount of that size with that unit is unlikely; None when it is not."""
        if yuan in self.capitals:
            return None
        if unit == TEN_THOUSAND and yuan < _SMALL:
            return "below 1000 yuan though printed in 万元: may be a unit price"
        if unit == TEN_THOUSAND and yuan >= _HUGE:
            return "above 500 million yuan: 万元 may be printed for 元"
        if unit in (YUAN, None) and yuan < _SMALL and not self._contract_sized():
            return "below 1000 yuan: 元 may be printed for 万元, or a unit price"
        return None

    def _contract_sized(self) -> bool:
        return (
            self.summary is not None and self.single and self.summary < _SMALL and self.summary > 0
        )

    def _glued(self, facts: Facts, cell: Cell) -> Reading:
        """Digits that run into a neighbour's: only another printed figure tells them apart."""
        piece = cell.money.piece
        text = facts.page.text
        begin, end = piece.start, piece.end
        while begin > 0 and text[begin - 1] in _RUN:
            begin -= 1
        while end < len(text) and text[end] in _RUN:
            end += 1
        run = text[begin:end].replace(",", "").strip(".")
        place = facts.page.span(facts.page.piece(begin, end))
        factor = Decimal(10_000) if cell.money.unit == TEN_THOUSAND else Decimal(1)
        parts = set() if _LETTER.search(run) else _splits(run, factor)
        found = {yuan for yuan in parts if self.confirms(yuan)}
        if len(found) == 1:
            return Reading.stated(
                money_text(found.pop()), place, "glued digits, told apart by another figure"
            )
        return Reading.doubtful("digits run together with a neighbouring column", None, place)


def _splits(run: str, factor: Decimal) -> set[Decimal]:
    """All numbers that a run of digits can hold after cutting a few off either end."""
    found: set[Decimal] = set()
    for begin in range(min(len(run), 7)):
        for end in range(len(run), max(begin + 3, len(run) - 7), -1):
            part = run[begin:end]
            if part.count(".") > 1 or part[0] in ".0" or part[-1] == ".":
                continue
            try:
                found.add(Decimal(part) * factor)
            except InvalidOperation:
                continue
    return found


def find_witnesses(facts: Facts, zone: Zone) -> Witnesses:
    """Collect the figures that can confirm amounts."""
    witnesses = Witnesses(single=sum(1 for e in zone.entries if e.supplier is not None) <= 1)
    for key in ("总中标金额", "总成交金额", "合同金额"):
        if key in facts.summary:
            money = read_money(facts.summary[key])
            if money.form == "amount" and money.yuan and "元" in facts.summary[key].text:
                witnesses.summary = money.yuan
    for piece in zone.capitals:
        capital = capitals_in(piece.text)
        if capital is not None:
            witnesses.capitals.append(capital)
    for entry in zone.entries:
        for cell in entry.cells:
            capital = capitals_in(cell.money.piece.text)
            if capital is not None:
                witnesses.capitals.append(capital)
    witnesses.mentions = _mentions(facts)
    witnesses.fee = _fee(facts)
    return witnesses


def _mentions(facts: Facts) -> list[Decimal]:
    """Amounts with a unit in the supplement that are not fees or ceilings."""
    found: list[Decimal] = []
    for section in facts.topics("supplement"):
        text = facts.page.text[section.body : section.end]
        for mention in _MENTION.finditer(text):
            if _FEE.search(text[max(0, mention.start() - _FEE_REACH) : mention.start()]):
                continue
            factor = 10_000 if mention[2] == "万元" else 1
            found.append(Decimal(mention[1].replace(",", "").rstrip(",")) * factor)
    return found


def _fee(facts: Facts) -> Decimal | None:
    """The agency's fee in total, when it is printed behind a label."""
    fees: list[Decimal] = []
    for section in facts.topics("fee"):
        for label in facts.within(section.start, section.end):
            if "总金额" not in label.word and "收费金额" not in label.word:
                continue
            money = read_money(label.value, hint=label.hint)
            if money.form == "amount" and money.yuan and money.unit is not None:
                fees.append(money.yuan)
    return max(fees, default=None)
