"""Encodings, broken markup, unreadable files; spans into HTML; the invariants of every reading."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from honghu.base.chinese import fen_to_capital
from honghu.domains.procurement.readers import UnreadableNoticeError, read_notice
from honghu.domains.procurement.readers.page import MAX_BYTES
from honghu.domains.procurement.tests.notices import BUYER, award, read, wins

A = "洪湖市荷塘家具有限公司"
B = "荆州江汉校具制造有限公司"
TEXT = award(f"供应商名称：{A}\n供应商地址：洪湖市新堤街道1号\n中标（成交）金额：126.8万元")
EXPECTED = [(None, A, "1268000.00", "awarded")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_encodings(encoding: str):
    assert wins(read(TEXT, encoding=encoding)) == EXPECTED


def test_a_page_cut_inside_a_character_is_still_utf8():
    content = (TEXT + "完").encode()[:-1]
    assert read_notice(content, name="cut.txt").buyer.certain == BUYER


@pytest.mark.parametrize("ending", ["\r\n", "\n\n \n"])
def test_line_endings(ending: str):
    assert wins(read(TEXT.replace("\n", ending))) == EXPECTED


HTML = f"""<div><p style="FONT-FAMILY: " 宋体";"><b>水乡中学课桌椅采购项目成交公告</b><br>
<font>发布日期：2026-07-08</font><script>var a = "<p>供应商名称：假公司</p>";</script>
<p>一、项目编号：<u> HXZC-1 </u><p>二、项目名称：<u>水乡中学课桌椅采购项目</u></p>
<p>三、中标（成交）信 息<table><tr><th>包号<th>成交供应商&nbsp;名称<th>成交金额(元)
<tr><td><p>001</p><td><span>{A}</span><td>￥318,200.00
<tr><td>002<\\/td><td>{B}<td>12&#48;000.00</tr></table>
<blockquote style="display: none;"><span>2020年01月01日</span></blockquote>
<p>采购单位：{BUYER}</p><!-- <p>采购单位：旧单位</p> -->"""


def test_broken_html():
    notice = read_notice(HTML.encode("gb18030"), name="page.html")
    assert wins(notice) == [
        ("001", A, "318200.00", "awarded"),
        ("002", B, "120000.00", "awarded"),
    ]
    assert notice.buyer.certain == BUYER
    assert notice.publish_date.certain == "2026-07-08"
    assert notice.project_no.certain == "HXZC-1"


def test_spans_in_html_point_into_the_source():
    notice = read_notice(HTML.encode(), name="page.html")
    assert notice.source == HTML
    assert notice.excerpt(notice.lots[0].supplier) == A
    assert notice.excerpt(notice.lots[0].amount) == "318,200.00"
    assert notice.excerpt(notice.lots[1].amount) == "12&#48;000.00"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 ...", "binary"),
        (b"PK\x03\x04....", "binary"),
        (b"abc\x00def", "binary"),
        (b"\xff\xff\xfe\x80\x81" * 50, "undecodable"),
        (b"\xff\xfe\x00", "undecodable"),
        (b"a" * (MAX_BYTES + 1), "too_large"),
    ],
)
def test_unreadable_files(content: bytes, code: str):
    with pytest.raises(UnreadableNoticeError) as caught:
        read_notice(content, name="file.bin")
    assert caught.value.code == code
    assert "file.bin" in str(caught.value)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes):
    try:
        notice = read_notice(content, name="noise")
    except UnreadableNoticeError:
        return
    assert notice.kind.value is not None


_PIECES = [
    "供应商名称：", A, B, "\n", "中标（成交）金额：", "126.8", "万元", "（%）", " ", "\t", "包1：", "第二包",
    "序号", "供应商名称", "评审总得分", "三、中标（成交）信息\n", "1", "92.5", "、", "（联合体）", "废标", "元/趟",
    "一、项目编号：X\n", "更正内容：", "<td>", "</tr>", "&nbsp;", "：", "￥0.000000 万元", "壹拾元整", "原", "现更正为：",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=60))
def test_shuffled_notices_keep_the_invariants(pieces: list[str]):
    notice = read("某项目中标公告\n" + "".join(pieces))
    for _, reading in notice.readings():
        assert reading.state in ("value", "absent", "review")
        if reading.state == "absent":
            assert reading.value is None
        if reading.state == "review":
            assert reading.why
        if reading.span is not None:
            begin, end = reading.span
            assert 0 <= begin <= end <= len(notice.source)
    for lot in notice.lots:
        assert not (lot.amount.certain and lot.rate.certain)


_UNITS = st.sampled_from(["yuan", "wan", "capitals", "label_wan", "table"])


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(100_000, 9_000_000_00), min_size=1, max_size=4),
    _UNITS,
    st.booleans(),
)
def test_no_wrong_amount_whatever_the_layout(fens: list[int], unit: str, total: bool):
    names = [A, B, "武汉东沙软件技术有限公司", "洪湖市恒远食品配送有限公司"]
    yuan = [f"{fen // 100}.{fen % 100:02d}" for fen in fens]
    wan = [f"{fen // 1_000_000}.{fen % 1_000_000:06d}" for fen in fens]
    lines = []
    for index, fen in enumerate(fens):
        printed = {
            "yuan": f"中标（成交）金额：{yuan[index]}元",
            "wan": f"中标（成交）金额：{wan[index]}（万元）",
            "capitals": f"成交金额：{fen_to_capital(fen)}（￥{yuan[index]}元）",
            "label_wan": f"中标金额（万元）：{wan[index]}",
        }.get(unit, "")
        lines.append(f"包号：{index + 1}\n供应商名称：{names[index]}\n{printed}")
    if unit == "table":
        rows = [f"{i + 1}\t{names[i]}\t{yuan[i]}" for i in range(len(fens))]
        lines = ["包号\t供应商名称\t中标金额(元)", *rows]
    summary = sum(fens)
    stated = f"{summary // 1_000_000}.{summary % 1_000_000:06d}" if total else None
    notice = read(award("\n".join(lines), total=stated, fee="0.000000 万元（人民币）"))
    assert [lot.amount.certain for lot in notice.lots] == yuan
    assert [lot.supplier.certain for lot in notice.lots] == names[: len(fens)]


@pytest.mark.parametrize(
    "filler",
    [
        " " * 50_000,
        "<!--" * 5_000,
        "（" * 20_000,
        "1" * 20_000,
        "供应商名称：甲公司\n" * 2_000,
        "<td rowspan=99 colspan=40>a" * 2_000,
        "<table>" * 8_000,
        "1.采购人信息 名称：" * 2_000,
        "12,345.67\t|" * 2_000,
    ],
    ids=lambda filler: filler[:12],
)
@pytest.mark.parametrize("head", ["中标公告\n三、中标（成交）信息\n", "更正公告\n更正内容：\n"])
def test_hostile_files_are_read_in_reasonable_time(head: str, filler: str):
    start = time.process_time()
    read("<html><body><p>某项目" + head + filler)
    assert time.process_time() - start < 5
