"""Layouts and wordings that tell a reader apart: menus, merged cells, forms, numbers, restatements."""

import pytest

from honghu.domains.procurement.readers import Notice
from honghu.domains.procurement.readers.amounts import read_money
from honghu.domains.procurement.readers.page import Piece
from honghu.domains.procurement.tests.notices import (
    AGENCY,
    BUYER,
    award,
    correction,
    rates,
    read,
    wins,
)

A = "监利朱河水泵有限公司"
B = "石首绣林机电设备有限公司"
C = "公安县斗湖堤农机厂"
SCHOOL_DESKS = "水乡中学课桌椅采购项目"


def page(body: str, *, title: str = f"{SCHOOL_DESKS}中标公告", above: str = "") -> Notice:
    """An HTML page of a portal around the result section."""
    return read(
        f"<html><head><title>{title}</title></head><body>{above}<h1>{title}</h1>"
        f"<p>发布时间：2026-07-08</p><p>一、项目编号：HXZC-2026-0101</p><p>二、项目名称：{SCHOOL_DESKS}</p>"
        f"<p>三、中标（成交）信息</p>{body}<p>四、主要标的信息</p><p>详见附件</p>"
        f"<p>九、联系方式</p><div><div><p>1.采购人信息</p></div></div><p>名 称：{BUYER}</p>"
        f"<p>2.采购代理机构信息</p><p>名 称：{AGENCY}</p></body></html>",
        name="notice.html",
    )


def table(*rows: str) -> str:
    """Rows of ``cell|cell{2}``: the number in braces is the cell's rowspan, in brackets its colspan."""
    lines = []
    for row in rows:
        cells = []
        for cell in row.split("|"):
            text, _, attributes = cell.partition("@")
            cells.append(f"<td {attributes}>{text}</td>")
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table>{''.join(lines)}</table>"


# Which page it is


@pytest.mark.parametrize(
    "above",
    [
        "<div><a>首页</a>&gt;<a>采购公告</a>&gt;<a>中标公告</a></div>",
        "<ul><li>采购公告</li><li>中标公告</li><li>合同公告</li><li>更正公告</li></ul>",
        "<p>当前位置：政采公告 » 地方公告 » 更正公告</p>",
    ],
)
def test_the_menu_of_a_portal_is_no_title(above: str):
    notice = page(f"<p>供应商名称：{A}</p><p>中标（成交）金额：45.6万元</p>", above=above)
    assert notice.kind.certain == "award"
    assert notice.title == f"{SCHOOL_DESKS}中标公告"
    assert wins(notice) == [(None, A, "456000.00", "awarded")]


def test_single_source_award_is_no_call():
    title = "水乡中学校园网升级项目单一来源采购成交公告"
    assert page(f"<p>成交供应商：{A}</p>", title=title).kind.certain == "award"


@pytest.mark.parametrize("words", ["投诉处理结果公告", "资格预审结果公告", "履约验收结果公示"])
def test_results_of_something_else_are_no_awards(words: str):
    notice = read(f"{SCHOOL_DESKS}{words}\n一、项目编号：H-1\n四、结果：{A}符合要求\n金额：5万元\n")
    assert notice.kind.certain == "unknown"
    assert notice.lots == ()


def test_a_form_of_label_and_value_cells():
    notice = read(
        "<html><body><h3>水乡中学校服采购项目成交公告</h3><p>日期：2026年9月2日</p>"
        + table(
            "采购项目名称|水乡中学校服采购项目@colspan=3",
            "政府采购编号|洪财采计[2026]8号|定标日期|2026年9月1日",
            f"采购人名称|{BUYER}|采购代理机构名称|{AGENCY}",
            f"成交供应商名称|{A}@colspan=3",
            "成交金额|¥886,000.00元@colspan=3",
        )
        + "</body></html>"
    )
    assert (notice.project_no.certain, notice.project_name.certain) == (
        "洪财采计[2026]8号",
        "水乡中学校服采购项目",
    )
    assert (notice.buyer.certain, notice.agency.certain) == (BUYER, AGENCY)
    assert wins(notice) == [(None, A, "886000.00", "awarded")]


def test_a_contract_as_a_form():
    notice = read(
        "<html><body><h2>水乡中学课桌椅采购合同公告</h2>"
        + table(
            "合同编号|HX-HT-9",
            "合同名称|课桌椅采购合同",
            "项目编号|HXZC-2026-0101",
            f"采购人(甲方)|{BUYER}",
            f"供应商(乙方)|{A}",
            "合同金额（万元）|23.50",
        )
        + "</body></html>"
    )
    assert (notice.kind.certain, notice.contract_no.certain) == ("contract", "HX-HT-9")
    assert (notice.buyer.certain, notice.contract_amount.certain) == (BUYER, "235000.00")


def test_parts_counted_with_digits():
    notice = read(
        f"{SCHOOL_DESKS}成交公告\n2026年07月08日 09:30 来源：\n1、项目编号\nHXZC-1\n2、项目名称\n{SCHOOL_DESKS}\n"
        f"3、成交信息\n供应商名称：{A}\n成交金额：45.6万元\n废标结果：\n序号 标项名称 废标理由 其他事项\n"
        f"4、主要标的信息\n水泵\n5、评审专家名单\n甲一\n6、联系方式\n1.采购人信息\n名 称：{BUYER}\n"
    )
    assert (notice.project_no.certain, notice.buyer.certain) == ("HXZC-1", BUYER)
    assert wins(notice) == [(None, A, "456000.00", "awarded")]


def test_a_page_without_line_breaks_names_its_parties():
    notice = read(" ".join(award(f"供应商名称：{A} 中标（成交）金额：45.6万元").split()))
    assert (notice.buyer.certain, notice.agency.certain) == (BUYER, AGENCY)


def test_an_agent_that_tells_whom_it_serves():
    notice = read(
        f"水乡中学办公家具询价采购成交结果公告\n{AGENCY}受{BUYER}委托，就其办公家具采购项目（项目编号：H-33）进行了询价采购。\n"
        f"一、成交供应商：{A}，成交价：人民币贰拾壹万叁仟元整（￥213,000.00元）。\n2026年6月1日\n"
    )
    assert (notice.buyer.certain, notice.agency.certain) == (BUYER, AGENCY)
    assert notice.project_name.certain == "办公家具采购项目"
    assert wins(notice) == [(None, A, "213000.00", "awarded")]


# Tables


def test_a_merged_lot_cell_covers_two_winners():
    notice = page(
        table(
            "标包|供应商名称|中标（成交）金额",
            f"A@rowspan=2|{A}|286000元",
            f"{B}|154000元",
            f"B|{C}|73200元",
        )
    )
    assert wins(notice) == [
        ("A", A, "286000.00", "awarded"),
        ("A", B, "154000.00", "awarded"),
        ("B", C, "73200.00", "awarded"),
    ]
    assert notice.total.certain == "513200.00"


def test_a_merged_supplier_wins_each_of_its_lots():
    notice = page(table("包号|供应商名称|中标金额（元）", f"1|{A}@rowspan=2|25000", "2|35000"))
    assert wins(notice) == [("1", A, "25000.00", "awarded"), ("2", A, "35000.00", "awarded")]


def test_a_merged_amount_is_counted_once():
    notice = page(
        table(
            "供应商名称|货物名称|数量|中标金额（元）",
            f"{A}@rowspan=2|床|10|25000@rowspan=2",
            "柜|15",
        )
    )
    assert wins(notice) == [(None, A, "25000.00", "awarded")]
    assert notice.total.certain == "25000.00"


def test_items_of_a_merged_supplier_are_no_lots_for_certain():
    notice = page(
        table("供应商名称|货物名称|中标金额（元）", f"{A}@rowspan=2|床|25000", "柜|35000")
    )
    assert [lot.amount.state for lot in notice.lots] == ["review", "review"]
    assert notice.total.certain is None


def test_a_row_of_the_total_is_no_win():
    notice = page(
        table(
            "序号|供应商名称|中标金额（元）", f"1|{A}|25000", f"2|{B}|35000", "合计@colspan=2|60000"
        )
    )
    assert notice.total.certain == "60000.00"
    assert len(notice.lots) == 2


def test_a_table_turned_on_its_side():
    notice = page(
        table("标段|标段一|标段二", f"中标供应商|{A}|{B}", "中标金额（元）|256000|356000")
    )
    assert wins(notice) == [("1", A, "256000.00", "awarded"), ("2", B, "356000.00", "awarded")]


def test_the_unit_in_a_column_of_its_own():
    notice = read(
        award(
            f"包号\t供应商名称\t地址\t中标金额\t单位\n1\t{A}\t监利\t1985000.00\t元\n2\t{B}\t石首\t63.80\t万元"
        )
    )
    assert [win[2] for win in wins(notice)] == ["1985000.00", "638000.00"]


@pytest.mark.parametrize("gap", ["\t", " ", "   "])
def test_rows_that_begin_with_their_lot(gap: str):
    rows = [
        ["包号", "供应商名称", "供应商地址", "中标（成交）金额（元）"],
        ["第1包", A, "监利市朱河镇1号", "1,234,567.89"],
        ["第2包", B, "石首市绣林街道2号", "765,432.11"],
    ]
    notice = read(award("\n".join(gap.join(row) for row in rows)))
    assert wins(notice) == [
        ("1", A, "1234567.89", "awarded"),
        ("2", B, "765432.11", "awarded"),
    ]


def test_the_number_of_the_next_row_runs_into_the_amount():
    notice = read(
        award(f"标段供应商名称供应商地址中标（成交）金额（元）1{A}监利市3560002{B}石首市412500")
    )
    assert "3560002.00" not in {lot.amount.certain for lot in notice.lots}
    assert notice.total.certain is None


def test_a_ranking_and_the_winner_below_it_are_one_win():
    ranking = f"序号 供应商名称 投标报价(元) 综合得分 排名\n1 {A} 512000.00 95.10 1\n2 {B} 508000.00 90.00 2\n"
    same = read(award(f"{ranking}中标供应商：{A}\n中标金额：512000.00元"))
    lower = read(award(f"{ranking}中标供应商：{A}\n中标金额：510000.00元"))
    assert (wins(same), same.total.certain) == ([(None, A, "512000.00", "awarded")], "512000.00")
    assert (wins(lower), lower.total.certain) == ([(None, A, "510000.00", "awarded")], "510000.00")


def test_a_consortium_in_a_row_of_blanks():
    notice = read(
        award(
            f"供应商名称 供应商地址 中标（成交）金额\n{A}（联合体牵头方）、{B}（联合体成员方） 监利市 1,865,000.00元"
        )
    )
    assert notice.lots[0].consortium_members == (A, B)
    assert wins(notice) == [(None, A, "1865000.00", "awarded")]


# Labels


def test_lots_told_in_front_of_the_label():
    notice = read(
        award(
            f"第一包 中标供应商：{A} 中标金额：45.6万元\n第二包 中标供应商：{B} 中标金额：38.25万元"
        )
    )
    assert wins(notice) == [("1", A, "456000.00", "awarded"), ("2", B, "382500.00", "awarded")]


def test_numbered_winners_of_a_framework():
    notice = read(award(f"入围供应商1：{A}\n折扣率：85%\n入围供应商2：{B}\n折扣率：88%"))
    assert rates(notice) == [(A, "85", "discount_rate"), (B, "88", "discount_rate")]


def test_labels_counted_inside_one_line():
    notice = read(
        award(f"（1）中标供应商：{A}；（2）地址：监利市；（3）中标金额：人民币25,000.00元")
    )
    assert wins(notice) == [(None, A, "25000.00", "awarded")]


def test_labels_on_lines_of_their_own():
    notice = page(f"<p>中标供应商</p><p>{A}</p><p>中标金额</p><p>25000元</p>")
    assert wins(notice) == [(None, A, "25000.00", "awarded")]


def test_a_total_above_the_winners_confirms_them():
    rows = f"供应商名称\t评审总得分\t中标成交金额(万元)\n{A}\t92.5\t96.42\n{B}\t90.1\t90\n"
    right = read(award(f"总中标成交金额：186.42 万元（人民币）\n{rows}"))
    wrong = read(award(f"总中标成交金额：286.42 万元（人民币）\n{rows}"))
    assert right.total.certain == "1864200.00"
    assert [lot.amount.state for lot in wrong.lots] == ["review", "review"]
    alone = read(award(f"总中标金额：45.6万元\n供应商名称：{A}"))
    assert wins(alone) == [(None, A, "456000.00", "awarded")]


def test_a_sum_that_no_win_took_leaves_the_total_open():
    notice = read(award(f"中标供应商：{A}\n中标金额：45.6万元\n标段二由{B}以38.25万元承担"))
    assert notice.lots[0].amount.certain == "456000.00"
    assert notice.total.state == "review"


def test_a_lot_that_failed_below_its_caption():
    notice = page(f"<p>包1</p><p>供应商名称：{A}</p><p>中标金额：25000元</p><p>包2</p><p>废标</p>")
    assert [(lot.lot.certain, lot.status.certain) for lot in notice.lots] == [
        ("1", "awarded"),
        ("2", "failed"),
    ]


# Money


@pytest.mark.parametrize(
    ("printed", "form", "yuan"),
    [
        ("30万元/年，服务期三年，合计90万元", "amount", "900000"),
        ("480000元，其中预付款30%即144000元，质保金3%即14400元", "amount", "480000"),
        ("480000元（预付款30%：144000元）", "amount", "480000"),
        ("美元 312,500.00（折合人民币2,234,375.00元，汇率：7.15）", "amount", "2234375.00"),
        ("约45万元", "doubt", "450000"),
        ("不超过45万元", "doubt", "450000"),
        ("暂定480000元，据实结算", "doubt", "480000"),
        ("45万元左右", "doubt", "450000"),
        ("九五折", "doubt", None),
    ],
)
def test_what_a_cell_says(printed: str, form: str, yuan: str | None):
    money = read_money(Piece(printed, 0, len(printed)))
    assert (money.form, None if money.yuan is None else str(money.yuan)) == (form, yuan)


# Corrections


@pytest.mark.parametrize(
    "content",
    [
        "中标金额“480000元”改为“460000元”。",
        "原：中标（成交）金额：480000元\n改为：中标（成交）金额：460000元",
        "原中标公告中标金额480000元有误，正确金额为460000元。",
        "原中标金额（元）：480000.00，现中标金额（元）：460000.00",
        "更正事项\t原公告内容\t更正内容\n中标金额\t480000元\t460000元",
    ],
)
def test_wordings_of_a_replaced_amount(content: str):
    notice = read(correction(content))
    assert notice.effect.certain == "replace_amount"
    assert notice.lots[0].amount.certain == "460000.00"
    assert notice.lots[0].before_amount.certain == "480000.00"


def test_amounts_of_several_lots_are_replaced():
    notice = read(
        correction(
            "1、第1包：原中标金额48万元，现更正为46万元。\n2、第2包：原中标金额38万元，现更正为36万元。"
        )
    )
    assert wins(notice) == [
        ("1", None, "460000.00", "awarded"),
        ("2", None, "360000.00", "awarded"),
    ]
    unclear = read(correction("中标金额由48万元更正为46万元；中标金额由38万元更正为36万元。"))
    assert (unclear.effect.state, unclear.lots) == ("review", ())


@pytest.mark.parametrize(
    "content",
    [
        "原公告代理服务费金额：0.8万元，现更正为0.6万元，其他内容不变。",
        "代理服务收费标准及金额：\n更正前：收费金额：0.8万元\n更正后：收费金额：0.6万元",
        "评审总得分由92.5更正为93.5，中标供应商、中标金额不变。",
        "主要标的信息中单价由“3200元”更正为“3100元”，中标金额不变。",
    ],
)
def test_corrected_fees_and_scores_leave_the_award_alone(content: str):
    notice = read(correction(content))
    assert (notice.effect.certain, notice.lots) == ("none_on_award", ())


@pytest.mark.parametrize(
    "content",
    [
        f"因中标供应商{A}放弃中标资格，由排名第二的中标候选人{B}递补为中标供应商，中标金额为49.5万元。",
        f"经核查，{A}不满足资格条件，中标无效。经评标委员会复核，{B}为中标供应商，中标价为495000元。",
    ],
)
def test_the_next_candidate_takes_the_place(content: str):
    notice = read(correction(content))
    assert notice.effect.certain == "replace_winner"
    assert wins(notice) == [(None, B, "495000.00", "awarded")]
    assert notice.lots[0].before_supplier.certain == A


def test_a_successor_that_cannot_be_read_goes_to_a_person():
    notice = read(correction(f"{A}放弃中标资格，顺延至下一名中标候选人为中标供应商。"))
    assert (notice.effect.state, notice.lots) == ("review", ())


def test_only_the_name_is_replaced():
    notice = read(correction(f"原公告：供应商名称：{A}\n现更正为：供应商名称：{B}"))
    assert notice.effect.certain == "replace_winner"
    assert (notice.lots[0].supplier.certain, notice.lots[0].before_supplier.certain) == (B, A)


def test_winners_named_behind_their_lots():
    notice = read(award(f"一标段：{A} 中标价：45万元\n二标段：{B} 中标价：38万元"))
    assert wins(notice) == [("1", A, "450000.00", "awarded"), ("2", B, "380000.00", "awarded")]


def test_the_lots_of_a_winner_are_no_part_of_its_name():
    notice = read(award(f"中标供应商：{A}（包1、包3）\n中标金额：包1：45万元，包3：38万元"))
    assert wins(notice) == [("1", A, "450000.00", "awarded"), ("3", A, "380000.00", "awarded")]


@pytest.mark.parametrize("printed", ["-450000元", "四十五万元", "￥-45万元"])
def test_figures_that_no_award_has_are_in_doubt(printed: str):
    notice = read(award(f"中标供应商：{A}\n中标金额：{printed}"))
    assert notice.lots[0].amount.state == "review"


def test_a_label_of_money_or_rate_settles_neither():
    label = "中标（成交）金额（万元）或费率"
    assert read(award(f"供应商名称：{A}\n{label}：45")).lots[0].rate.state == "review"
    assert rates(read(award(f"供应商名称：{A}\n{label}：85%"))) == [(A, "85", "fee_rate")]


def test_lots_told_apart_by_their_names():
    notice = read(
        award(
            f"标项名称：潜水泵\n供应商名称：{A}\n最终报价：450000元\n标项名称：离心泵\n供应商名称：{B}\n最终报价：380000元"
        )
    )
    assert [lot.amount.certain for lot in notice.lots] == ["450000.00", "380000.00"]
