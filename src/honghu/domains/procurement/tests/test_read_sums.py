"""What a printed sum is the sum of: taxes, currencies, years, items, lots, captions, repetitions."""

from decimal import Decimal

import pytest

from honghu.domains.procurement.readers.amounts import read_money
from honghu.domains.procurement.readers.page import Piece
from honghu.domains.procurement.tests.notices import award, read, wins

A = "监利朱河水泵有限公司"
B = "石首绣林机电设备有限公司"
PLACE = "监利市朱河镇1号"
Win = tuple[str | None, str, str | None]


def amounts(result: str) -> list[Win]:
    """(lot, supplier, amount) of every lot, only what is stated for certain."""
    return [(lot, supplier or "", amount) for lot, supplier, amount, _ in wins(read(award(result)))]


@pytest.mark.parametrize(
    ("printed", "hint", "yuan"),
    [
        ("第一年：300000元；第二年：320000元；合计：620000元", "", "620000"),
        ("年服务费32.4万元，三年共计97.2万元", "", "972000"),
        ("3256890元（含暂列金额300000元、安全文明施工费85600元）", "", "3256890"),
        ("￥200000.00元，其中2026年支付120000元，2027年支付80000元", "", "200000.00"),
        ("1,234,500.00元", "", "1234500.00"),
        # Not for certain:
        ("第一年：300000元；第二年：320000元；合计：630000元", "", None),
        ("1000000元（不含税）", "", None),
        ("1000000", "（元，不含税）", None),
        ("215000", "（美元）", None),
        ("215000", "（万欧元）", None),
        ("1O5,000.00元", "", None),
        ("l05000元", "", None),
        ("12680002.采购代理机构", "（元）", None),
        ("3568000090日历天", "（元）", None),
        ("壹佰万零元佰（￥1000000元）", "", None),
    ],
)
def test_one_cell(printed: str, hint: str, yuan: str | None):
    money = read_money(Piece(printed, 0, len(printed)), hint=hint)
    assert (money.yuan if money.form == "amount" else None) == (Decimal(yuan) if yuan else None)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (
            f"标段 中标单位 中标价（元）\n一标段 {A} 256000.12\n二标段 {B} 356000.00\n合计 612000.12",
            [("1", A, "256000.12"), ("2", B, "356000.00")],
        ),
        (
            f"标段\t预算金额（万元）\t中标供应商\t供应商地址\t中标金额（万元）\n1标段\t80\t{A}\t{PLACE}\t76.8",
            [("1", A, "768000.00")],
        ),
        (
            f"标段 预算金额（万元） 最高限价（万元） 中标供应商 中标金额（万元）\n1标段 820 800 {A} 768.35",
            [("1", A, "7683500.00")],
        ),
        (
            f"供应商名称：{A}\n中标金额（不含税）：1000000元\n税额：130000元\n价税合计：1130000元",
            [(None, A, "1130000.00")],
        ),
        (
            f"包号\t中标人\t中标金额\t币种\n1\t{A}\t215000.00\t美元\n2\t{B}\t385000.00\t人民币",
            [("1", A, None), ("2", B, "385000.00")],
        ),
        (
            f"单位：万元\n标段\t中标人\t中标价\n1\t{A}\t1268.35\n2\t{B}\t98.5",
            [("1", A, "12683500.00"), ("2", B, "985000.00")],
        ),
        (
            f"中标供应商：第一包：{A}；第二包：{B}\n中标金额：第一包：58.36万元；第二包：64.50万元",
            [("1", A, "583600.00"), ("2", B, "645000.00")],
        ),
        (f"入围供应商：\n1、{A}\n2、{B}", [(None, A, None), (None, B, None)]),
        (f"中标供应商：1、{A}；2、{B}\n中标金额：100万元", [(None, A, None), (None, B, None)]),
        (
            f"成交供应商\t货物名称\t数量\t单价（元）\t金额（元）\n{A}\t床\t10\t2500\t25000\n{A}\t柜\t5\t7000\t35000",
            [(None, A, None), (None, A, None)],
        ),
        (
            f"成交供应商\t货物名称\t金额（元）\n{A}\t床\t25000\n\t柜\t35000",
            [(None, A, None)],
        ),
        (
            f"包号\t供应商名称\t中标金额（元）\n1\t{A}\t25000\n1\t{A}\t25000",
            [("1", A, None), ("1", A, None)],
        ),
        # Rows without lines: what may belong to a neighbour is for a person.
        (
            f"包号 供应商名称 供应商地址 中标金额（元）第1包 {A} 人民路1号 1,234,567.89第2包 {B} 解放路2号 765,432.11",
            [("1", A, None)],
        ),
        (
            f"序号 供应商名称 中标金额（万元）1 {A} 486.502 {B} 479.80",
            [(None, A, None), (None, B, "4798000.00")],
        ),
        (
            f"供应商名称供应商地址中标金额（元）{A}工业园3栋502356800.00",
            [(None, A, None), (None, "", None)],
        ),
    ],
)
def test_one_result(result: str, expected: list[Win]):
    assert amounts(result) == expected


def test_two_winners_in_one_paragraph():
    notice = read(
        f"水乡中学课桌椅采购项目成交公告\n评审结果如下：A包（桌）成交供应商为{A}，成交金额为壹佰零贰万元整（￥1020000.00）；"
        f"B包（椅）成交供应商为{B}，成交金额为568000.00元。特此公告。\n采购人：水乡中学\n"
    )
    assert wins(notice) == [("A", A, "1020000.00", "awarded"), ("B", B, "568000.00", "awarded")]
