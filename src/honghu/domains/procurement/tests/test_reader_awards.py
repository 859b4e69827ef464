"""Award notices: single and several lots, rates, consortia, tables in every printed form."""

import pytest

from honghu.domains.procurement.readers import READER_VERSION
from honghu.domains.procurement.tests.notices import (
    AGENCY,
    BUYER,
    award,
    rates,
    read,
    wins,
)

A = "洪湖市荷塘家具有限公司"
B = "荆州江汉校具制造有限公司"
C = "武汉东沙软件技术有限公司"


def one(amount: str, *, supplier: str = A, label: str = "中标（成交）金额：") -> str:
    return f"供应商名称：{supplier}\n供应商地址：洪湖市新堤街道1号\n{label}{amount}"


def test_header_of_a_single_lot_award():
    notice = read(award(one("21.3456700（万元）"), total="21.345670"))
    assert notice.kind.value == "award"
    assert notice.reader_version == READER_VERSION
    assert notice.project_no.certain == "HXZC-2026-0101"
    assert notice.project_name.certain == "水乡中学课桌椅采购项目"
    assert notice.buyer.certain == BUYER
    assert notice.agency.certain == AGENCY
    assert notice.publish_date.certain == "2026-07-08"
    assert notice.total.certain == "213456.70"
    assert notice.lots[0].amount_fen == 21345670
    assert wins(notice) == [(None, A, "213456.70", "awarded")]


def test_spans_point_at_the_value_in_the_source():
    notice = read(award(one("21.3456700（万元）")))
    lot = notice.lots[0]
    assert notice.excerpt(lot.supplier) == A
    assert (notice.excerpt(lot.amount) or "").startswith("21.3456700")
    assert notice.excerpt(notice.project_no) == "HXZC-2026-0101"


@pytest.mark.parametrize(
    ("printed", "yuan"),
    [
        ("126.8（万元）", "1268000.00"),
        ("1,268,000.00元", "1268000.00"),
        ("人民币126.800000 万元", "1268000.00"),
        ("￥1268000.00", "1268000.00"),
        ("人民币壹佰贰拾陆万捌仟元整（￥1,268,000.00）", "1268000.00"),
        ("壹佰贰拾陆万捌仟元整", "1268000.00"),
        ("1268000元（其中：设备1000000元，服务268000元）", "1268000.00"),
        ("0.01268亿元", "1268000.00"),
    ],
)
def test_amounts_in_every_unit(printed: str, yuan: str):
    assert wins(read(award(one(printed)))) == [(None, A, yuan, "awarded")]


@pytest.mark.parametrize(
    ("label", "printed"),
    [
        ("中标金额（万元）：", "126.8"),
        ("成交金额(元)：", "1268000"),
        ("中标（成交）金额：（可填写下浮率、折扣率或费率）：", "126.8万元"),
        ("中标（成交）金额（元）\\（%）：", "1268000.00"),
        ("中 标（成交） 金额：", "126.8万元"),
        ("总价中标：", "1268000.00元"),
    ],
)
def test_units_named_by_the_label(label: str, printed: str):
    assert wins(read(award(one(printed, label=label)))) == [(None, A, "1268000.00", "awarded")]


@pytest.mark.parametrize(
    ("printed", "why"),
    [
        ("12****0.00元", "masked"),
        ("12 68000.00元", "blanks inside"),
        ("1,26,8000元", "commas"),
        ("126800", "no unit"),
        ("0（%）", "placeholder"),
        ("0.000000（万元）", "placeholder"),
        ("0.0450000（万元）", "below 1000 yuan"),
        ("壹拾贰万元整（￥130000.00元）", "capital numerals"),
        ("512300.00美元", "foreign currency"),
        ("120000元/年，三年共360000元", "prices per unit"),
        ("360000元，另计20000元", "several figures"),
        ("8.5折", "tenths"),
    ],
)
def test_doubtful_amounts_are_never_stated(printed: str, why: str):
    notice = read(award(one(printed)))
    lot = notice.lots[0]
    assert lot.amount.certain is None
    assert lot.amount.state == "review"
    assert why in (lot.amount.why or "")
    assert notice.total.certain is None


@pytest.mark.parametrize(
    ("printed", "rate", "kind"),
    [
        ("折扣率(%)：76.0000000", "76", "discount_rate"),
        ("下浮率(%)：6.5", "6.5", "reduction_rate"),
        ("费率(%)：97.0000000", "97", "fee_rate"),
        ("中标（成交）金额：5.000000(%)", "5", "percent_unspecified"),
        ("中标（成交）金额：综合下浮率12.5%", "12.5", "reduction_rate"),
    ],
)
def test_rates_never_become_money(printed: str, rate: str, kind: str):
    notice = read(award(f"供应商名称：{A}\n{printed}", total="0.000000"))
    assert rates(notice) == [(A, rate, kind)]
    assert notice.lots[0].amount.state == "absent"
    assert notice.total.state == "absent"


def test_unit_prices_are_no_amount():
    result = f"序号供应商名称供应商地址中标（成交）金额评审总得分1{A}湖北省洪湖市新堤街道1号单价合计（元/人）：1280（元），男职工（元/人）：365（元）90.12"
    lot = read(award(result, total="0.110000")).lots[0]
    assert lot.amount.certain is None
    assert [(p.label, p.value, p.unit) for p in lot.unit_prices] == [
        ("单价合计", "1280", "元/人"),
        ("男职工", "365", "元/人"),
    ]


def test_placeholder_rate_with_the_real_price_in_the_supplement():
    lot = read(award(one("0（%）"), supplement="成交单价：620元/趟。")).lots[0]
    assert (lot.amount.certain, lot.rate.value) == (None, None)
    assert [(p.value, p.unit) for p in lot.unit_prices] == [("620", "元/趟")]


@pytest.mark.parametrize(
    ("captions", "labels"),
    [
        (("第一包：", "第二包："), ("1", "2")),
        (("标包：A", "标包：B"), ("A", "B")),
        (("包号：01", "包号：02"), ("01", "02")),
        (("合同包1(桌椅):", "合同包2(床架):"), ("1", "2")),
        (("标段一：", "标段二："), ("1", "2")),
    ],
)
def test_lot_captions_before_the_suppliers(captions, labels):
    result = f"{captions[0]}\n{one('10万元')}\n{captions[1]}\n{one('20万元', supplier=B)}"
    notice = read(award(result))
    assert wins(notice) == [
        (labels[0], A, "100000.00", "awarded"),
        (labels[1], B, "200000.00", "awarded"),
    ]
    assert notice.total.certain == "300000.00"


def test_lot_names_behind_the_supplier():
    result = (
        f"供应商名称：{A}\n包组或产品名称：第一包：肉类包\n费率(%)：97\n"
        f"供应商名称：{A}\n包组或产品名称：第二包：蔬菜包\n费率(%)：96"
    )
    notice = read(award(result))
    assert [(lot.lot.value, lot.lot_name.value, lot.rate.value) for lot in notice.lots] == [
        ("1", "肉类包", "97"),
        ("2", "蔬菜包", "96"),
    ]


def test_wins_of_one_supplier_are_not_merged():
    notice = read(award(f"{one('10万元')}\n{one('10万元')}", total="20.000000"))
    assert [amount for _, _, amount, _ in wins(notice)] == ["100000.00", "100000.00"]
    assert notice.total.certain == "200000.00"


@pytest.mark.parametrize("printed", [f"包1：{A}", f"{A}（包1）"])
def test_lot_printed_with_the_supplier(printed: str):
    assert wins(read(award(one("10万元", supplier=printed)))) == [("1", A, "100000.00", "awarded")]


def test_lot_only_in_the_title():
    notice = read(award(one("10万元"), title="水乡中学设备采购项目 包9（读书角） 成交结果公告"))
    assert notice.lots[0].lot.certain == "9"


def test_lot_letters_only_in_the_supplement():
    supplement = f"A包：\n中标供应商名称\n评审总得分\n{A}\n95.10\nB包：\n中标供应商名称\n评审总得分\n{B}\n93.02"
    notice = read(award(f"{one('10万元')}\n{one('20万元', supplier=B)}", supplement=supplement))
    assert [lot.lot.certain for lot in notice.lots] == ["A", "B"]


@pytest.mark.parametrize(
    ("printed", "lead"),
    [
        (f"{A}（联合体牵头人）、{B}（联合体成员）", True),
        (f"{A}（联合体成员：{B}）", True),
        (f"{A}、{B}（联合体）", False),
        (f"联合体牵头人：{A}，联合体成员：{B}", True),
        (f"{A}与{B}联合体", False),
    ],
)
def test_consortia_as_printed(printed: str, lead: bool):
    lot = read(award(one("28.9万元", supplier=printed))).lots[0]
    assert lot.supplier.certain == A
    assert lot.consortium_members == (A, B)
    assert lot.lead_stated is lead
    assert lot.amount.certain == "289000.00"


def test_consortium_only_in_the_supplement():
    supplement = f"本项目中标供应商为联合体，牵头单位为{A}，联合体成员为：{B}、{C}。"
    lot = read(award(one("10万元"), supplement=supplement)).lots[0]
    assert lot.consortium_members == (A, B, C)


def test_a_list_of_companies_without_a_word_of_consortium_goes_to_a_person():
    lot = read(award(one("10万元", supplier=f"{A}、{B}"))).lots[0]
    assert lot.supplier.state == "review"
    assert lot.supplier.value == A


def test_foreign_currency_keeps_original_rate_and_yuan():
    supplement = "中标金额：USD 512,300.00，汇率按开标当日7折算。"
    lot = read(award(one("358.6100000（万元）"), supplement=supplement)).lots[0]
    assert lot.amount.certain == "3586100.00"
    assert lot.original_currency.certain == "USD"
    assert lot.original_amount.certain == "512300"
    assert lot.fx_rate.certain == "7"


def test_foreign_currency_that_does_not_multiply_goes_to_a_person():
    supplement = "中标金额：USD 512,300.00，汇率按开标当日6.5折算。"
    lot = read(award(one("358.6100000（万元）"), supplement=supplement)).lots[0]
    assert lot.amount.state == "review"


GLUED = "序号供应商名称供应商地址中标（成交）金额评审总得分"


def test_a_table_without_any_separator():
    result = f"1.中标结果：\n{GLUED}1{A}湖北省洪湖市新堤街道1号报价：4360000（元）92.062{B}荆州市沙市区2号报价：120000（元）88.1\n2.废标结果:\n序号标项名称废标理由其他事项"
    assert wins(read(award(result))) in (
        [(None, A, "4360000.00", "awarded"), (None, B, "120000.00", "awarded")],
        [(None, A, None, "awarded"), (None, B, None, "awarded")],
    )


def test_a_single_row_without_any_separator():
    lot = read(award(f"{GLUED}1{A}湖北省洪湖市新堤街道1号报价：4360000（元）92.06")).lots[0]
    assert lot.supplier.certain == A
    assert lot.supplier_address.certain == "湖北省洪湖市新堤街道1号"
    assert lot.amount.certain == "4360000.00"


@pytest.mark.parametrize("separator", ["\t", " ", "|"])
def test_separated_tables(separator: str):
    heads = [
        "供应商名称",
        "供应商地址",
        "评审方法",
        "是否价格扣除",
        "中标（成交）金额",
        "评审总得分",
    ]
    cells = [A, "洪湖市新滩镇园林路7号", "综合评分法", "否", "3,412,800.00元", "98.58"]
    result = separator.join(heads) + "\n" + separator.join(cells)
    assert wins(read(award(result))) == [(None, A, "3412800.00", "awarded")]


def test_one_cell_per_line():
    assert wins(read(award(f"供应商名称\n中标金额（万元）\n{A}\n12.6\n"))) == [
        (None, A, "126000.00", "awarded")
    ]


def test_score_glued_to_the_amount_needs_another_figure():
    result = f"序号供应商名称供应商地址评审总得分中标（成交）金额\n1{A}湖北省洪湖市新堤街道1号91.473186500.00"
    assert wins(read(award(result, total="318.650000"))) == [(None, A, "3186500.00", "awarded")]
    assert wins(read(award(result))) == [(None, A, None, "awarded")]
    assert read(award(result)).lots[0].amount.state == "review"


def test_row_number_glued_to_the_amount_needs_another_figure():
    result = f"序号中标（成交）金额（元）中标供应商名称中标供应商地址\n13528640{A}湖北省洪湖市新堤街道1号"
    assert wins(read(award(result, total="352.864000"))) == [(None, A, "3528640.00", "awarded")]
    assert read(award(result)).lots[0].amount.state == "review"


def test_losers_under_the_winners_header():
    result = f"序号 供应商名称 中标（成交）金额（元） 评审总得分\n1 {A} 3528640 92.10\n2 {B} 3900000 80.00"
    assert wins(read(award(result, total="352.864000"))) == [(None, A, "3528640.00", "awarded")]
    without = read(award(result))
    assert [lot.amount.certain for lot in without.lots] == [None, None]


def test_losers_with_labels_of_their_own():
    result = f"{one('130000元')}\n未中标供应商名称：{B}\n投标报价：140000元"
    assert wins(read(award(result))) == [(None, A, "130000.00", "awarded")]


def test_the_column_that_says_who_won():
    result = f"序号\t供应商名称\t投标报价（元）\t是否中标\n1\t{B}\t100000\t否\n2\t{A}\t130000\t是"
    assert wins(read(award(result))) == [(None, A, "130000.00", "awarded")]


def test_score_tables_name_no_winner():
    supplement = f"供应商名称\t得分\t排名\n{A}\t92.6\t1\n{B}\t77.6\t2"
    assert len(read(award(one("10万元"), supplement=supplement)).lots) == 1


def test_rejected_bidders_before_the_winner():
    result = f"初审情况：\n以下投标人未通过初审：\n序号 投标人名称 被拒绝原因 招标文件相应拒绝条款 1 {B} 资料不足 ★条款\n{one('10万元')}"
    assert wins(read(award(result))) == [(None, A, "100000.00", "awarded")]


def test_amount_only_in_the_item_table_needs_the_summary():
    result = f"供应商名称 供应商地址 供应商编码 {A} 洪湖市玉沙路1号 91421083MA9HH0077H"
    items = f"服务类 供应商名称 服务名称 服务范围 中标金额 下浮率 {A} 清单编制 全市 734000"
    notice = read(award(result, items=items, total="73.400000"))
    assert wins(notice) == [(None, A, "734000.00", "awarded")]
    assert notice.lots[0].supplier_uscc.certain == "91421083MA9HH0077H"
    assert read(award(result, items=items)).lots[0].amount.state == "review"


def test_a_code_with_a_wrong_check_digit_goes_to_a_person():
    lot = read(award(one("10万元") + "\n统一社会信用代码：91421083MA9HH00770")).lots[0]
    assert lot.supplier_uscc.state == "review"


def test_a_second_notice_nested_in_the_first():
    nested = award(one("99万元", supplier=B), number="HXZC-2026-0999")
    notice = read(award(one("10万元"), supplement=nested))
    assert notice.project_no.certain == "HXZC-2026-0101"
    assert wins(notice) == [(None, A, "100000.00", "awarded")]


def test_a_lot_that_failed_in_running_text():
    result = f"包号：1\n{one('10万元')}"
    notice = read(award(result, supplement="第2包因有效投标人不足三家，作废标处理。"))
    assert wins(notice) == [
        ("1", A, "100000.00", "awarded"),
        ("2", None, None, "failed"),
    ]
    assert notice.total.certain == "100000.00"


def test_every_lot_failed_in_the_award_channel():
    result = "包号：1\n废标（终止）原因：投标人不足三家\n包号：2\n废标（终止）原因：投标人不足三家"
    notice = read(award(result, title="水乡中学课桌椅采购项目结果公告"))
    assert notice.kind.value == "termination"
    assert [lot.status.certain for lot in notice.lots] == ["failed", "failed"]


@pytest.mark.parametrize("total", ["0.000000", None])
def test_the_portals_zero_total_is_ignored(total):
    notice = read(award(one("10万元"), total=total))
    assert notice.total.certain == "100000.00"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (award(f"{one('10万元')}\n{one('20万元', supplier=B)}", total="48.94"), "sum"),
        (award(one("200000元"), supplement="采购预算：19.00(万元)"), "budget"),
        (award(one("2000元"), fee="0.300000 万元（人民币）"), "fee"),
        (
            award(one("189400（万元）"), items="名称：桌\n数量：1\n单价：189400元"),
            "万元 may be printed for 元",
        ),
        (award(one("18940元"), items="名称：桌\n数量：10\n单价：18940元"), "quantity"),
    ],
)
def test_failed_cross_checks_send_the_amount_to_a_person(text: str, why: str):
    notice = read(text)
    assert all(lot.amount.state == "review" for lot in notice.lots)
    assert why in (notice.lots[0].amount.why or "")
    assert notice.total.certain is None


def test_the_financing_channel_is_found():
    notice = read(award(one("10万元"), supplement="成交供应商可申请政采贷。"))
    assert notice.financing_channel.certain == "政采贷"
    assert read(award(one("10万元"))).financing_channel.state == "absent"


def test_a_stated_slash_is_absent():
    notice = read(award(one("10万元"), number="/"))
    assert notice.project_no.state == "absent"


def test_same_bytes_same_reading():
    text = award(one("10万元"))
    assert read(text) == read(text)
