"""Correction notices: what is corrected, and what that does to the award."""

import dataclasses
import re

from honghu.domains.procurement.readers.amounts import (
    Money,
    money_text,
    plain_number,
    rate_kind_in,
    read_money,
)
from honghu.domains.procurement.readers.awards import build_lots
from honghu.domains.procurement.readers.changes import OTHER_SUM, find_changes, is_other_sum
from honghu.domains.procurement.readers.comparisons import Comparison, find_comparison
from honghu.domains.procurement.readers.entries import read_zone
from honghu.domains.procurement.readers.facts import Facts
from honghu.domains.procurement.readers.labels import Label
from honghu.domains.procurement.readers.names import looks_like_organisation, read_supplier, tidy
from honghu.domains.procurement.readers.packs import packs_in
from honghu.domains.procurement.readers.page import Piece
from honghu.domains.procurement.readers.successions import find_successor
from honghu.domains.procurement.readers.values import ABSENT, LotReading, Reading, Span
from honghu.domains.procurement.readers.wins import Cell, Entry, Zone
from honghu.domains.procurement.readers.witnesses import Witnesses, find_witnesses

_CHECKED = re.compile(r"[☑√✓✔■▣☒🗹]\s*([^☑√✓✔■▣☒🗹□☐\s]{2,12})")
_RESULT = re.compile(r"采购结果|中标结果|成交结果|结果公告|中标公告|成交公告")
_VOID = re.compile(r"作废|无效|撤销|取消|放弃|废标|不再|终止|失效|资格被")
_ORIGIN = re.compile(r"原(?:公告|中标|成交|结果|为|内容|信息)|更正前|变更前|原[：:]|由[“\"]")
_NOW = re.compile(r"(?:现)?(?:更正|变更|修改|调整|修正)(?:为|后|如下)|现为|更正后|应为|改为")
_AMOUNT_WORDS = re.compile(r"金额|报价|价格|中标价|成交价|下浮率|折扣率|费率|总价")
_SUPPLIER_IN_TEXT = re.compile(
    r"(?:中标|成交|入围)(?:供应商|人|单位|候选人)(?:名称)?(?:为|是)?[ ：:“\"]*(?P<name>[^\s，。；：:、“”\"]{2,40}?(?:公司|大学|学院|研究院|研究所|中心|事务所|厂|店|医院|合作社|经营部))"
)
_FALLS_AWAY = re.compile(
    r"(?:取消|撤销|(?<=[，。；：:\n])|^)(?P<name>[\u4e00-\u9fff（）()A-Za-z0-9]{4,40}?(?:公司|事务所|研究院|大学|中心|厂))(?=[^，。；\n]{0,24}(?:资格|放弃|退出|弃标))"
)
_LOT_FALLS = re.compile(
    r"废标|终止|作废|流标|无效|重新[^，。；\n]{0,4}(?:采购|招标)|结果[^，。；\n]{0,6}(?:取消|撤销)"
)
_SUCCESSION = re.compile(
    r"(?:中标|成交|入围)(?:供应商|人|单位|方)(?:名称)?(?:由|为|是)?[ ：:“\"]*(?P<old>[^\s，。；：:、“”\"]{4,40}?(?:公司|大学|研究院|事务所|中心|厂|医院))[”\"]?[^。；\n]{0,80}?"
    r"(?:更正|变更|调整|修改|递补|确定)为[ ：:“\"]*(?:(?:新的?)?(?:中标|成交)?(?:供应商|人|单位)(?:名称)?[：:])?(?P<new>[^\s，。；：:、“”\"]{4,40}?(?:公司|大学|研究院|事务所|中心|厂|医院))"
)
_LONGEST_CONTENT = 20_000
_SAME = re.compile(r"不变")
_AWARD_SUM = re.compile(
    r"(?:中标|成交)(?:[（(]成交[）)])?(?:总?金额|总?价格?|报价|(?:下浮|折扣)率)[^\d\n]{0,12}\d"
)
_UNCHANGED = re.compile(r"其[他它余]内容(?:均)?不变|内容不变")
_PRICE_UNIT = re.compile(r"\d+(?:\.\d+)?\s*[（(]?\s*[%\uff05]")


@dataclasses.dataclass(frozen=True, slots=True)
class Correction:
    """Effect and lots of a correction."""

    effect: Reading
    lots: list[LotReading]


def read_correction(facts: Facts) -> Correction:
    """Classify a correction and read the lots that it changes (更正公告 of 财办库〔2020〕50号)."""
    content = _content(facts)
    item = _item(facts)
    if content is None:
        return Correction(Reading.doubtful("no content of the correction is found"), [])
    text = content.text
    place = facts.page.span(content.cut(0, min(len(text), 400)))
    if item and not _RESULT.search(item):
        return Correction(Reading.stated("none_on_award", place), [])
    if len(text) > _LONGEST_CONTENT:
        why = "the content of the correction is too long to be read"
        return Correction(Reading.doubtful(why, None, place), [])
    return _compared(facts, content, place) or _told(facts, content, place)


def _told(facts: Facts, content: Piece, place: Span) -> Correction:
    """What the labels and sentences of a correction say, when no table compares."""
    zone = read_zone(facts, content.start, content.end)
    old, new = _split(facts, zone, content)
    voided = _VOID.search(content.text) is not None
    if new:
        return _replaced(facts, content, zone, old, new, voided=voided)
    if not voided:
        return _reworded(facts, content, place)
    return _succeeded(facts, content, place) or _revoked(facts, content, old)


def _succeeded(facts: Facts, content: Piece, place: Span) -> Correction | None:
    """The winner falls away and another supplier, named in the text, takes its place."""
    successor = find_successor(content, _VOID.search(content.text))
    if successor is None:
        return None
    if successor.supplier is None:
        why = "a successor seems to be named, but not in a form that can be read"
        return Correction(Reading.doubtful(why, None, place), [])
    new = Entry(successor.supplier.start)
    new.take_supplier(successor.supplier)
    if successor.amount is not None:
        figure = read_money(_figure_part(successor.amount))
        new.cells = [Cell("amount", "中标金额", figure)]
    gone = _SUPPLIER_IN_TEXT.search(content.text) or _FALLS_AWAY.search(content.text)
    old: list[Entry] = []
    if gone is not None and gone["name"] != successor.supplier.text:
        old = [Entry(content.start + gone.start("name"))]
        old[0].take_supplier(content.cut(gone.start("name"), gone.end("name")))
    return _replaced(facts, content, Zone([new]), old, [new], voided=True)


def _reworded(facts: Facts, content: Piece, place: Span) -> Correction:
    """No winner is named and none falls away: an amount in running text, or nothing."""
    by_text = _winner_in_text(facts, content) or _amount_in_text(facts, content)
    if by_text is not None:
        return by_text
    about_award = "\n".join(
        clause
        for clause in re.split(r"[。；\n]|，(?=[^，。；\n]*不变)", content.text)
        if not OTHER_SUM.search(clause) and not _SAME.search(clause)
    )
    told = _AMOUNT_WORDS.search(about_award) is not None and _NOW.search(content.text) is not None
    if told or _AWARD_SUM.search(about_award):
        why = "an amount seems to be corrected, but not in a form that can be read"
        return Correction(Reading.doubtful(why, None, place), [])
    return Correction(Reading.stated("none_on_award", place), [])


def _item(facts: Facts) -> str:
    """更正事项: the ticked boxes, or the plain text. Empty when the notice has none."""
    for label in facts.of_kind("correction_item"):
        text = facts.value_of(label).text
        ticked = _CHECKED.findall(text)
        if ticked:
            return " ".join(ticked)
        plain = re.sub(r"[□☐]\s*[^□☐\s]{2,12}", "", text).strip()
        if plain:
            return plain
    summary = facts.summary.get("更正事项")
    return summary.text if summary is not None else ""


def _content(facts: Facts) -> Piece | None:
    """The text of 更正内容, to 更正日期 or the end of its section."""
    for label in facts.of_kind("correction_content"):
        section = facts.chapter_at(label.start)
        end = section.end if section is not None else len(facts.page.text)
        # Quoted headings (原公告“三、中标信息…”) end the chapter too early; the date does not.
        contact = next((s.start for s in facts.topics("contact") if s.start > label.start), None)
        for other in facts.within(label.value.start, contact or len(facts.page.text)):
            if other.kind == "correction_date" and other.start > label.start:
                end = other.start
                break
        piece = facts.page.piece(label.value.start, end).strip()
        if piece.text:
            return piece
    for section in facts.topics("correction"):
        piece = facts.page.piece(section.body, section.end).strip()
        if piece.text:
            return piece
    return None


def _split(facts: Facts, zone: Zone, content: Piece) -> tuple[list[Entry], list[Entry]]:
    """Entries printed as they were before, and as they are now."""
    now = _NOW.search(content.text)
    origin = _ORIGIN.search(content.text)
    old: list[Entry] = []
    new: list[Entry] = []
    mentioned: list[Entry] = []
    for entry in zone.entries:
        if entry.supplier is None:
            continue
        before_now = now is not None and entry.place < content.start + now.start()
        void = _VOID.search(content.text, entry.place - content.start)
        was = before_now or (now is None and void is not None)
        if origin is not None and was and content.start + origin.start() <= entry.place:
            old.append(entry)
        elif _only_mentioned(entry):
            mentioned += [entry] if now is not None and not before_now else []
        else:
            new.append(entry)
    old.extend(_muted_old(facts, content))
    names = {entry.name.name for entry in old if entry.name}
    if names and not new:
        # Only the name is replaced: 原公告：供应商名称：X，现更正为：供应商名称：Y.
        new = [entry for entry in mentioned if entry.name and entry.name.name not in names]
    return old, new


def _only_mentioned(entry: Entry) -> bool:
    """A supplier named without money, address or code: a sentence about it, no new award."""
    return not entry.cells and entry.address is None and entry.uscc is None


def _muted_old(facts: Facts, content: Piece) -> list[Entry]:
    """原公告中标人：X，中标金额：N元: labels marked as the old state."""
    entry: Entry | None = None
    for label in facts.within(content.start, content.end):
        marked = "原" in label.prefix[-8:] or (
            entry is not None and _same_line(facts, entry, label)
        )
        if not marked:
            continue
        if label.kind == "supplier" and label.value.text:
            entry = Entry(label.start)
            entry.take_supplier(_clause(label))
        elif label.kind == "amount" and entry is not None and not entry.cells:
            from_value = read_money(_clause(label), hint=label.hint)
            if from_value.yuan is not None:
                entry.cells = [Cell("amount", label.word, from_value)]
    return [entry] if entry is not None else []


def _same_line(facts: Facts, entry: Entry, label: Label) -> bool:
    """Whether a label still speaks of the old state that an entry before it began."""
    between = facts.page.text[entry.place : label.start]
    return not re.search(r"[\n。]", between) and _NOW.search(between) is None


def _clause(label: Label) -> Piece:
    found = re.search(r"[，。；;]", label.value.text)
    return label.value if found is None else label.value.cut(0, found.start()).strip()


def _replaced(
    facts: Facts,
    content: Piece,
    zone: Zone,
    old: list[Entry],
    new: list[Entry],
    *,
    voided: bool,
) -> Correction:
    kept = Zone(new, zone.totals, zone.capitals, zone.losers_cut)
    lots = build_lots(facts, kept, find_witnesses(facts, kept), "awarded")
    before = old[0] if len(old) == 1 and len(new) == 1 else None
    names = {entry.name.name for entry in old if entry.name}
    same = {entry.name.name for entry in new if entry.name} <= names if names else False
    place = facts.page.span(facts.page.piece(new[0].place, content.end))
    if before is not None:
        lots = [_with_before(facts, lots[0], before)]
    by_rate = any(lot.rate.value is not None for lot in lots)
    changed = same or (not old and not voided)
    effect = "replace_winner"
    if changed and _AMOUNT_WORDS.search(content.text):
        effect = "replace_amount_by_rate" if by_rate else "replace_amount"
    elif changed:
        return Correction(Reading.doubtful("what is replaced is not clear", None, place), lots)
    return Correction(Reading.stated(effect, place), lots)


def _with_before(facts: Facts, lot: LotReading, old: Entry) -> LotReading:
    supplier = ABSENT
    if old.supplier is not None and old.name is not None:
        supplier = Reading.stated(old.name.name, facts.page.span(old.supplier))
    amount = ABSENT
    for cell in old.cells:
        if cell.money.form == "amount" and cell.money.yuan is not None and cell.money.unit:
            amount = _stated(facts, cell.money)
    return dataclasses.replace(lot, before_supplier=supplier, before_amount=amount)


def _revoked(facts: Facts, content: Piece, old: list[Entry]) -> Correction:
    """No new winner: a lot or a supplier falls away."""
    suppliers = [entry.name.name for entry in old if entry.name]
    piece = old[0].supplier if old else None
    named = _SUPPLIER_IN_TEXT.search(content.text) or _FALLS_AWAY.search(content.text)
    if not suppliers and named is not None:
        piece = content.cut(named.start("name"), named.end("name"))
        suppliers = [read_supplier(piece.text).name]
    packs = {pack.label: pack for pack in packs_in(content)}
    place = facts.page.span(content.cut(0, min(len(content.text), 400)))
    supplier = ABSENT
    if suppliers and piece is not None and looks_like_organisation(suppliers[0]):
        supplier = Reading.stated(suppliers[0], facts.page.span(piece))
    lots = [
        LotReading(
            lot=Reading.stated(label, facts.page.span(facts.page.piece(pack.start, pack.end)))
            if pack is not None
            else ABSENT,
            supplier=supplier if len(packs) <= 1 else ABSENT,
            currency=Reading.stated("CNY", None, "yuan unless another currency is printed"),
            status=Reading.stated("revoked", place),
            reason=Reading.stated(tidy(content.text)[:200], place),
        )
        for label, pack in (packs.items() or {"": None}.items())
    ]
    supplier_only = re.search(r"(?:取消|撤销|放弃)[^。；;，,\n]{0,60}资格", content.text)
    whole_lot = bool(packs) and (
        supplier.value is None
        or _LOT_FALLS.search(content.text) is not None
        or (supplier_only is None and "取消" in content.text)
    )
    effect = "revoke_lot" if whole_lot else "revoke_supplier"
    if not packs and supplier.value is None:
        effect = "revoke_lot" if re.search(r"废标|终止|流标|作废", content.text) else effect
    return Correction(Reading.stated(effect, place), lots)


def _compared(facts: Facts, content: Piece, place: Span) -> Correction | None:
    """What a table of before and after says; None when there is none."""
    table = find_comparison(facts, content)
    if table is None:
        return None
    if table.unread:
        why = "rows of the table could not be told apart"
        return Correction(Reading.doubtful(why, None, place), [])
    if table.whole is not None:
        return _compared_cells(facts, content, table.whole, place)
    if table.supplier is not None:
        return _winner_change(facts, content, table)
    if table.money is not None:
        change = _amount_change(facts, content, *table.money, hint=table.hint)
        why = "an amount seems to be corrected, but not in a form that can be read"
        return change or Correction(Reading.doubtful(why, None, place), [])
    return Correction(Reading.stated("none_on_award", place), [])


def _compared_cells(
    facts: Facts, content: Piece, cells: tuple[Piece, Piece], place: Span
) -> Correction:
    """Cells that hold label lines themselves: each is read as a stretch of its own."""
    old, new = (
        [e for e in read_zone(facts, cell.start, cell.end).entries if e.supplier is not None]
        for cell in cells
    )
    if not new:
        change = _amount_change(facts, content, *cells)
        why = "what is replaced is not clear"
        return change or Correction(Reading.doubtful(why, None, place), [])
    return _replaced(facts, content, Zone(new), old, new, voided=False)


def _winner_change(facts: Facts, content: Piece, table: Comparison) -> Correction:
    """A row that names the supplier before and after, with or without a row of money."""
    before, after = table.supplier or (None, None)
    if before is None or after is None:
        return Correction(Reading.doubtful("what is replaced is not clear"), [])
    old, new = Entry(before.start), Entry(after.start)
    old.take_supplier(before)
    new.take_supplier(after)
    for entry, cell in zip((old, new), table.money or (), strict=False):
        by_rate = _PRICE_UNIT.search(cell.text) is not None
        kind = rate_kind_in(cell.text) if by_rate else None
        money = read_money(_figure_part(cell), hint=table.hint, rate_kind=kind)
        entry.cells = [Cell("amount", "", money)]
    return _replaced(facts, content, Zone([new]), [old], [new], voided=False)


def _winner_in_text(facts: Facts, content: Piece) -> Correction | None:
    """原中标供应商X现更正为Y, with or without the amounts, in running text."""
    found = _SUCCESSION.search(content.text)
    if found is None:
        return None
    pair = (
        content.cut(found.start("old"), found.end("old")),
        content.cut(found.start("new"), found.end("new")),
    )
    if tidy(pair[0].text) == tidy(pair[1].text):
        return None
    return _winner_change(facts, content, Comparison(pair, _sums_in_text(content)))


def _sums_in_text(content: Piece) -> tuple[Piece, Piece] | None:
    """The amount before and after in running text."""
    for before, after in find_changes(content):
        if not _AMOUNT_WORDS.search(before.text + after.text):
            continue
        if re.search(r"\d", before.text) and re.search(r"\d", after.text):
            return _figure_part(before), _figure_part(after)
    return None


def _amount_in_text(facts: Facts, content: Piece) -> Correction | None:
    """中标金额由…更正为…: amount or rate replaced in running text."""
    changes: list[tuple[Correction, Piece]] = []
    for before, after in find_changes(content):
        clause = facts.page.piece(before.start, after.end)
        if not _AMOUNT_WORDS.search(clause.text) or is_other_sum(content, clause):
            continue
        change = _amount_change(facts, content, before, after)
        if change is not None:
            changes.append((change, clause))
    if len(changes) < len(("one", "another")):
        return changes[0][0] if changes else None
    return _changes_by_lot(facts, changes)


def _changes_by_lot(facts: Facts, changes: list[tuple[Correction, Piece]]) -> Correction:
    """Several amounts change: each needs the label of its own lot in its own clause."""
    lots: list[LotReading] = []
    for change, clause in changes:
        packs = {pack.label: pack for pack in packs_in(clause)}
        if len(packs) != 1:
            why = "several amounts are corrected, and not each with the label of its lot"
            return Correction(Reading.doubtful(why, None, facts.page.span(clause)), [])
        pack = next(iter(packs.values()))
        label = Reading.stated(pack.label, facts.page.span(facts.page.piece(pack.start, pack.end)))
        lots.extend(dataclasses.replace(lot, lot=label) for lot in change.lots)
    return Correction(changes[0][0].effect, lots)


def _amount_change(
    facts: Facts, content: Piece, before: Piece, after: Piece, *, hint: str = ""
) -> Correction | None:
    """The lot whose amount changes from one printed figure to another; None when unreadable."""
    by_rate = _PRICE_UNIT.search(after.text) is not None
    named_kind = rate_kind_in(after.text) if by_rate else None
    new = read_money(_figure_part(after), hint=hint or _unit_of(after), rate_kind=named_kind)
    old = read_money(_figure_part(before), hint=hint or _unit_of(before))
    place = facts.page.span(after)
    lot = dataclasses.replace(
        _named_lot(facts, content),
        status=Reading.stated("awarded", place),
        before_amount=_stated(facts, old),
    )
    if new.form == "rate" and new.rate is not None:
        kind = Reading.stated(new.rate_kind or "percent_unspecified", place)
        rate = Reading.stated(plain_number(new.rate), place)
        lot = dataclasses.replace(lot, rate=rate, rate_kind=kind)
        return Correction(Reading.stated("replace_amount_by_rate", place), [lot])
    amount = _stated(facts, new)
    if amount.value is None:
        return None
    lot = dataclasses.replace(lot, amount=amount)
    return Correction(Reading.stated("replace_amount", place), [lot])


def _unit_of(piece: Piece) -> str:
    """The unit in the bracket of a label: 中标金额（万元）：48."""
    return " ".join(re.findall(r"[（(](?:人民币)?(?:万元|元|%|\uff05)[）)](?=[：:])", piece.text))


def _stated(facts: Facts, money: Money) -> Reading:
    """An amount with a unit; absent otherwise."""
    if money.form != "amount" or money.yuan is None or money.unit is None:
        return ABSENT
    value, place = money_text(money.yuan), facts.page.span(money.piece)
    why = Witnesses().implausible(money.yuan, money.unit)
    return Reading.stated(value, place) if why is None else Reading.doubtful(why, value, place)


def _named_lot(facts: Facts, content: Piece) -> LotReading:
    """Supplier and lot label that the correction's text names."""
    supplier, label = ABSENT, ABSENT
    named = {found["name"]: found for found in _SUPPLIER_IN_TEXT.finditer(content.text)}
    if len(named) == 1:
        only = next(iter(named.values()))
        piece = content.cut(only.start("name"), only.end("name"))
        supplier = Reading.stated(tidy(piece.text), facts.page.span(piece))
    packs = list(packs_in(content))
    if len({pack.label for pack in packs}) == 1:
        piece = facts.page.piece(packs[0].start, packs[0].end)
        label = Reading.stated(packs[0].label, facts.page.span(piece))
    currency = Reading.stated("CNY", None, "yuan unless another currency is printed")
    return LotReading(lot=label, supplier=supplier, currency=currency)


def _figure_part(piece: Piece) -> Piece:
    """The part behind the last colon, or from the first digit on."""
    colon = max(piece.text.rfind("："), piece.text.rfind(":"))
    if colon >= 0 and re.search(r"\d", piece.text[colon:]):
        return piece.cut(colon + 1).strip()
    digit = re.search(r"[￥¥]?[OoIl]?\d", piece.text)
    return piece if digit is None else piece.cut(digit.start()).strip()
