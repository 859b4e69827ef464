"""Traps of real layouts, each told with a small invented notice."""

import pytest

from honghu.domains.procurement.readers import Notice
from honghu.domains.procurement.readers.amounts import read_money
from honghu.domains.procurement.readers.names import read_supplier
from honghu.domains.procurement.readers.page import Piece
from honghu.domains.procurement.tests.notices import BUYER, award, correction, read, wins

A = "荆江测绘仪器有限公司"
B = "楚地农产品有限公司"
C = "潜江水杉物业有限公司"
BEFORE_AFTER = "序号\t更正项\t更正前内容\t更正后内容\n"


def rate_fields(notice: Notice) -> list[tuple[str, str | None, str | None]]:
    return [(lot.amount.state, lot.rate.certain, lot.rate_kind.certain) for lot in notice.lots]


# Corrections


def test_winner_replaced_in_a_table_of_before_and_after():
    notice = read(
        correction(
            f"{BEFORE_AFTER}1\t中标供应商名称\t{A}\t{B}\n2\t中标（成交）金额\t1285000元\t1310000元"
        )
    )
    assert notice.effect.certain == "replace_winner"
    assert wins(notice) == [(None, B, "1310000.00", "awarded")]
    assert notice.lots[0].before_supplier.certain == A
    assert notice.lots[0].before_amount.certain == "1285000.00"


def test_unit_of_a_comparison_stands_in_its_row_name():
    notice = read(correction(f"{BEFORE_AFTER}1\t中标金额（万元）\t128.5\t131.25"))
    assert notice.effect.certain == "replace_amount"
    assert notice.lots[0].amount.certain == "1312500.00"
    assert notice.lots[0].before_amount.certain == "1285000.00"


def test_comparison_of_attachments_leaves_the_award_alone():
    notice = read(correction(f"{BEFORE_AFTER}1\t附件\t无\t中小企业声明函"))
    assert notice.effect.certain == "none_on_award"
    assert notice.lots == ()


def test_amount_replaced_by_a_rate_in_a_table_run_together():
    notice = read(
        correction(
            "序号 更正项 更正前内容 更正后内容 1 中标（成交）金额 报价：500500（元） 折扣率：85（%）"
        )
    )
    assert notice.effect.certain == "replace_amount_by_rate"
    assert rate_fields(notice) == [("absent", "85", "discount_rate")]
    assert notice.lots[0].before_amount.certain == "500500.00"


def test_comparison_that_cannot_be_told_apart_goes_to_a_person():
    notice = read(correction("序号更正项更正前内容更正后内容1中标（成交）金额500500500600"))
    assert notice.effect.state == "review"
    assert notice.lots == ()


def test_amount_replaced_by_a_rate_in_two_lines():
    notice = read(correction("原公告内容：中标金额：97.0000000（万元）\n更正后内容：折扣率：97%"))
    assert notice.effect.certain == "replace_amount_by_rate"
    assert rate_fields(notice) == [("absent", "97", "discount_rate")]


def test_winner_replaced_in_a_sentence():
    notice = read(
        correction(f"原中标供应商：{A}，现更正为：{B}；中标金额由85.6万元更正为87.2万元。")
    )
    assert notice.effect.certain == "replace_winner"
    assert wins(notice) == [(None, B, "872000.00", "awarded")]
    assert notice.lots[0].before_supplier.certain == A


@pytest.mark.parametrize(
    ("content", "effect", "lot"),
    [
        ("因质疑成立，第三包中标结果无效，第三包重新组织采购。", "revoke_lot", ("3", None)),
        (
            f"原公告第2包中标结果：供应商名称：{A}，中标金额：56.8万元。现取消第2包中标结果，第2包废标。",
            "revoke_lot",
            ("2", A),
        ),
        (f"取消{B}的中标资格。", "revoke_supplier", (None, B)),
    ],
)
def test_what_falls_away(content: str, effect: str, lot: tuple[str | None, str | None]):
    notice = read(correction(content))
    assert notice.effect.certain == effect
    assert wins(notice) == [(*lot, None, "revoked")]


# Rates and prices per unit


@pytest.mark.parametrize(
    ("award_type", "figure", "expected"),
    [
        ("折扣率中标", "66.5", ("absent", "66.5", "discount_rate")),
        ("下浮率中标", "12.00", ("absent", "12", "reduction_rate")),
        ("折扣率中标", "0", ("review", None, None)),
    ],
)
def test_type_of_award_settles_the_figure(
    award_type: str, figure: str, expected: tuple[str | None, ...]
):
    notice = read(
        award(
            f"供应商名称：{B}\n供应商地址：潜江市1号\n中标类型：{award_type}\n中标（成交）金额（元）\\（%）：{figure}",
            total="0.006650",
        )
    )
    assert rate_fields(notice) == [expected]


def test_price_per_unit_is_no_amount():
    notice = read(
        award(
            f"供应商名称：{B}\n供应商地址：潜江市1号\n中标类型：单价中标\n中标（成交）金额（元）\\（%）：540.00",
            total="0.054000",
        )
    )
    assert notice.lots[0].amount.state == "absent"
    assert [(price.value, price.unit) for price in notice.lots[0].unit_prices] == [("540", "元")]


def test_figure_printed_again_as_a_price_per_unit_is_in_doubt():
    result = f"供应商名称：{B}\n供应商地址：潜江市1号\n中标（成交）金额：5400.00元"
    assert read(award(result)).lots[0].amount.certain == "5400.00"
    doubted = read(award(result, supplement="成交单价：5400元/年。"))
    assert doubted.lots[0].amount.state == "review"


def test_placeholder_of_zero_percent_beside_a_price_per_unit():
    result = f"供应商名称：{C}\n供应商地址：潜江市1号\n中标（成交）金额：0（%）"
    assert read(award(result)).lots[0].rate.state == "review"
    lot = read(award(result, supplement="成交单价：540元/趟。")).lots[0]
    assert (lot.amount.state, lot.rate.state) == ("absent", "absent")
    assert [(price.value, price.unit) for price in lot.unit_prices] == [("540", "元/趟")]


# Money


def test_blanks_around_point_and_comma_only():
    spaced = "1 , 728 , 800 . 00 元"
    assert str(read_money(Piece(spaced, 0, len(spaced))).yuan) == "1728800.00"
    torn = "86 58元"
    assert read_money(Piece(torn, 0, len(torn))).form == "doubt"


def test_ten_thousands_of_a_foreign_currency_are_no_yuan():
    notice = read(award(f"供应商名称：{A}\n中标（成交）金额：74.5800000（万美元）"))
    lot = notice.lots[0]
    assert lot.amount.certain is None
    assert (lot.original_currency.certain, lot.original_amount.certain) == ("USD", "745800")


def test_score_run_into_a_figure_without_unit():
    notice = read(
        award(
            f"序号供应商名称供应商地址中标（成交）金额评审总得分1{A}湖北省潜江市1号总价：74280088.1",
        )
    )
    assert notice.lots[0].amount.certain is None


def test_item_codes_are_no_money():
    notice = read(
        f"潜江市档案馆采购复印纸的协议供货成交公告 公告时间：2025年11月20日 潜江市档案馆对复印纸进行协议采购，结果如下："
        f" 一、采购编号： QJ-1 二、成交结果：   成交供应商：{A} 品目类别 品目分类 品目名称 数量 成交金额(元) 单位"
        "货物A090101-复印纸 "
    )
    assert all(lot.amount.certain is None for lot in notice.lots)


def test_first_of_several_items_is_not_the_whole():
    notice = read(
        f"潜江市档案馆采购复印纸的协议供货成交公告 公告时间：2025年11月20日 潜江市档案馆对复印纸进行协议采购，结果如下："
        f" 一、采购编号： QJ-1 二、成交结果：   成交供应商：{A} 品目类别 品目分类 品目名称 数量 成交金额(元) 单位 交货地点"
        " 货物 A090101-复印纸 A4纸 480 12,000.00 包 潜江市1号  货物 A090101-复印纸 A3纸 100 5,000.00 包 潜江市1号"
        "   三、投诉与质疑 5个工作日之内"
    )
    assert notice.lots[0].amount.state == "review"
    assert notice.total.certain is None


def test_items_of_one_supplier_are_added_up_when_the_summary_agrees():
    result = f" 供应商名称 供应商地址 供应商编码 {A} 潜江市1号 /"
    items = (
        "货物类 供应商名称 货物名称 品牌 规格型号 数量 单价（元） 中标金额 "
        f"{A} 水准仪 国产 S1 100 6000 600000  {A} 全站仪 国产 S2 3 100000 300000"
    )
    agreed = read(award(result, items=items, total="90.000000"))
    assert [lot.amount.certain for lot in agreed.lots] == ["900000.00"]
    assert [lot.amount.certain for lot in read(award(result, items=items)).lots] == [None]


# Lots, failures, repetitions


def test_notice_of_a_lot_that_was_won_and_one_that_failed():
    notice = read(
        award(
            f"供应商名称：{A}\n供应商地址：潜江市1号\n中标（成交）金额：66.0000000（万元）",
            title="水乡中学课桌椅采购项目（第1包）中标公告及（第2包）废标公告",
            supplement="第2包废标原因：符合专业条件的供应商不足三家。",
        )
    )
    assert notice.kind.certain == "award"
    assert wins(notice) == [("1", A, "660000.00", "awarded"), ("2", None, None, "failed")]


def test_failed_lot_below_its_caption():
    notice = read(
        award(
            f"合同包1(耗材):\n 供应商名称 供应商地址 中标（成交）金额 评审总得分 {A} 潜江市1号 616,800.00元 92.56 \n"
            "合同包2(试剂):\n本合同包因有效供应商不足三家，废标。"
        )
    )
    assert wins(notice) == [("1", A, "616800.00", "awarded"), ("2", None, None, "failed")]


@pytest.mark.parametrize(
    "title", ["（二包）中标结果公告", "二标段中标公告", "第二标段 成交结果公告"]
)
def test_lot_label_in_the_title(title: str):
    notice = read(
        award(
            f"供应商名称：{A}\n供应商地址：潜江市1号\n中标（成交）金额：66.0000000（万元）",
            title=f"水乡中学课桌椅采购项目{title}",
        )
    )
    assert wins(notice) == [("2", A, "660000.00", "awarded")]


def test_winners_listed_by_lot_with_their_bids_elsewhere():
    bids = "供应商信息 资格审查结果 报价 评分 推荐排名 "
    notice = read(
        f"潜江市公路局隧道检测公开招标中标公告 公告日期：2025年11月22日 一、采购项目信息 项目名称：隧道检测 采购项目编号：QJ-2"
        f"   三、供应商投标情况 包1： {bids}{A} 审核通过 1,494,775.00 82.94 1 {C} 审核通过 1,497,512.00 74.93 2"
        f" 包2： {bids}{C} 审核通过 897,512.00 84.93 1 {A} 审核通过 899,775.00 80.94 2"
        f"   四、中标供应商供货明细 包号供货明细 1 中标供应商{A} 联系方式 地址：潜江市1号 货物名称数量单价 检测 1 1494775"
        f" 2 中标供应商{C} 联系方式 地址：潜江市2号 货物名称数量单价 检测 1 897512   五、评审小组成员名单 甲一"
    )
    assert wins(notice) == [
        ("1", A, "1494775.00", "awarded"),
        ("2", C, "897512.00", "awarded"),
    ]
    assert notice.total.certain == "2392287.00"


def test_supplier_and_amount_in_sections_of_their_own():
    notice = read(
        f"水乡中学食堂改造成交公告\n采购项目编号：QJ-3\n采购单位：{BUYER}\n一、成交供应商：{A}\n"
        "二、成交金额：人民币叁拾玖万捌仟元整（￥398000.00元）\n2025-10-08\n"
    )
    assert wins(notice) == [(None, A, "398000.00", "awarded")]
    assert notice.publish_date.certain == "2025-10-08"


def test_notice_printed_twice_counts_once():
    text = f"水乡中学食堂改造成交公告\n采购项目编号：QJ-3\n采购单位：{BUYER}\n成交供应商：{A}\n成交金额：398000.00元\n"
    assert read(text + text).total.certain == "398000.00"


def test_buyer_is_not_its_own_winner():
    notice = read(award(f"供应商名称：{BUYER}\n中标（成交）金额：66.0000000（万元）"))
    assert notice.lots[0].supplier.state == "review"
    assert notice.lots[0].amount.certain is None


def test_foreign_price_with_its_rate_told_in_the_supplement():
    notice = read(
        award(
            f"供应商名称：{A}\n供应商地址：潜江市1号\n中标（成交）金额：67.7310000（万元）",
            supplement="中标金额：USD100,000.00，按开标当日汇率1美元=6.7731人民币折算。",
        )
    )
    lot = notice.lots[0]
    assert (lot.amount.certain, lot.original_currency.certain) == ("677310.00", "USD")
    assert (lot.original_amount.certain, lot.fx_rate.certain) == ("100000", "6.7731")


@pytest.mark.parametrize(
    ("cell", "lead"),
    [
        (f"牵头供应商：{A} 投标联合体：{A}、{C}", True),
        (f"{A}(牵头人){C}(成员)", True),
        (f"{A}（主）；{C}（成）", True),
        (f"主：{A}；联：{C}", True),
        (f"{A} {C}（联合体）", False),
        (f"{A}/{C}（联合体）", False),
    ],
)
def test_consortium_spellings(cell: str, lead: bool):
    name = read_supplier(cell)
    assert (name.name, name.members, name.lead_stated) == (A, (A, C), lead)


def test_consortium_told_only_by_one_word_in_the_supplement():
    result = f"供应商名称：{A}、{C}\n供应商地址：潜江市1号\n中标（成交）金额：66.0000000（万元）"
    assert read(award(result)).lots[0].supplier.state == "review"
    lot = read(award(result, supplement="中标供应商为联合体。")).lots[0]
    assert lot.supplier.certain == A
    assert lot.consortium_members == (A, C)


def test_quoted_headings_do_not_end_the_content_of_a_correction():
    notice = read(
        correction(
            "原公告“三、中标（成交）信息 中标（成交）金额：0.0085000（万元）”，"
            "现更正为“三、中标（成交）信息 折扣率：85%”"
        )
    )
    assert notice.effect.certain == "replace_amount_by_rate"
    assert rate_fields(notice) == [("absent", "85", "discount_rate")]
    assert notice.lots[0].before_amount.state == "review"


def test_lot_given_up_by_its_winner_and_procured_again():
    notice = read(
        correction(f"第一包成交供应商{A}放弃成交资格，第一包成交结果取消，重新开展采购活动。")
    )
    assert notice.effect.certain == "revoke_lot"
    assert wins(notice) == [("1", A, None, "revoked")]


@pytest.mark.parametrize(
    ("prices", "expected"), [(("885000", "423000"), ["1", "2"]), (("1", "2"), [None, None])]
)
def test_labels_of_one_supplier_that_won_several_lots(
    prices: tuple[str, str], expected: list[str | None]
):
    won = "供应商名称：{}\n供应商地址：潜江市1号\n中标（成交）金额：{}（万元）\n"
    notice = read(
        award(
            won.format(A, "88.5000000") + won.format(A, "42.3000000"),
            items=f" 序号    供应商名称      货物名称      货物单价(元)   1    {A}      包1：水准仪      {prices[0]}      "
            f" 序号    供应商名称      货物名称      货物单价(元)   2    {A}      包2：全站仪      {prices[1]}",
        )
    )
    assert [lot.lot.certain for lot in notice.lots] == expected
    assert [lot.lot.value for lot in notice.lots] == ["1", "2"]
    assert [lot.amount.certain for lot in notice.lots] == ["885000.00", "423000.00"]


def test_correction_form_below_a_title_that_says_award():
    text = correction(
        f"更正前：中标供应商：{A}；中标金额：98.6万元。\n更正后：中标供应商：{B}；中标金额：98.6万元。",
        title="水乡中学课桌椅采购项目中标公告",
    )
    for printed in (text, " ".join(text.split())):
        notice = read(printed)
        assert notice.kind.certain == "correction"
        assert notice.effect.certain == "replace_winner"
        assert wins(notice) == [(None, B, "986000.00", "awarded")]


def test_blanks_inside_the_heads_of_a_comparison():
    notice = read(
        correction(
            f"序号\t更正项\t更正 前内容\t更正后 内容\n1\t中标供应商名称\t{A}\t{B}\n2\t中标（成交） 金额\t1285000元\t1310000元"
        )
    )
    assert wins(notice) == [(None, B, "1310000.00", "awarded")]
