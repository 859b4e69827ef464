import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.base.chinese import (
    ChineseNumeralError,
    capital_to_fen,
    fen_to_capital,
    number_from_chinese,
    parse_chinese_date,
    to_halfwidth,
)

# The first seven rows are the examples of the rules for filling in bills (支付结算办法 annex 1).
AMOUNTS = [
    ("壹仟肆佰零玖元伍角", 140_950),
    ("陆仟零柒元壹角肆分", 600_714),
    ("壹仟陆佰捌拾元零叁角贰分", 168_032),
    ("壹仟陆佰捌拾元叁角贰分", 168_032),
    ("壹拾万零柒仟元伍角叁分", 10_700_053),
    ("壹万陆仟肆佰零玖元零贰分", 1_640_902),
    ("叁佰贰拾伍元零肆分", 32_504),
    ("壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分", 123_456_789),
    ("人民币大写：壹拾壹万玖仟柒佰捌拾玖元", 11_978_900),
    ("大写(人民币)：柒佰柒拾元整", 77_000),
    ("（大写）壹万零伍佰圆正。", 1_050_000),
    ("拾伍万元整", 15_000_000),
    ("壹拾亿零伍仟元整", 100_000_500_000),
    ("叁万贰仟亿元整", 320_000_000_000_000),
    ("一万二千三百元整", 1_230_000),
    ("廿伍元整", 2_500),
    ("壹佰圓整", 10_000),
    ("贰佰萬元整", 200_000_000),
    ("伍角整", 50),
    ("陆分", 6),
    ("壹元零伍分", 105),
    ("壹元伍分", 105),
    ("零元整", 0),
    ("负伍拾元整", -5_000),
    ("壹拾万零仟零佰零拾零元零角零分", 10_000_000),
    ("壹 万 元 整", 1_000_000),
]

BAD_AMOUNTS = [
    ("", "no amount"),
    ("壹佰贰元整", "character 3"),  # 102 or 120
    ("壹万贰元", "character 3"),  # 10,002 or 12,000
    ("壹佰万整", "no unit 元"),
    ("人民币壹贰元", "character 5"),
    ("拾佰元", "character 2"),
    ("佰元", "character 1"),
    ("壹拾贰佰元", "character 4"),
    ("壹万贰万元", "character 4"),
    ("壹拾贰拾元", "character 4"),
    ("万元", "character 1"),
    ("亿元", "character 1"),
    ("壹百X元", "character 3"),
    ("壹佰园整", "no unit 元"),
    ("壹元拾角", "character 3"),
    ("壹元壹贰角", "character 4"),
    ("壹分壹元", "character 2"),
    ("元整", "character 1"),
    ("贰廿元", "character 2"),
    ("123元", "character 1"),
    ("壹佰零零贰元", "character 4"),
]


@pytest.mark.parametrize(("text", "fen"), AMOUNTS)
def test_reads_capital_amounts(text, fen):
    assert capital_to_fen(text) == fen


@pytest.mark.parametrize(("text", "place"), BAD_AMOUNTS)
def test_refuses_what_it_would_have_to_guess(text, place):
    with pytest.raises(ChineseNumeralError, match=place) as caught:
        capital_to_fen(text)
    assert isinstance(caught.value, ValueError)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "零元整"),
        (5, "伍分"),
        (50, "伍角整"),
        (55, "伍角伍分"),
        (105, "壹元零伍分"),
        (140_950, "壹仟肆佰零玖元伍角整"),
        (600_714, "陆仟零柒元壹角肆分"),
        (168_032, "壹仟陆佰捌拾元叁角贰分"),
        (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
        (1_050_000, "壹万零伍佰元整"),
        (123_456_789, "壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分"),
        (100_000_500_000, "壹拾亿零伍仟元整"),
        (320_000_000_000_000, "叁万贰仟亿元整"),
        (-5_000, "负伍拾元整"),
    ],
)
def test_writes_capital_amounts(fen, text):
    assert fen_to_capital(fen) == text


@given(st.integers(-(10**18) + 1, 10**18 - 1) | st.integers(-(10**6), 10**6))
def test_written_amounts_read_back(fen):
    assert capital_to_fen(fen_to_capital(fen)) == fen


@given(st.text(alphabet="零壹贰玖拾佰仟万亿元角分整廿负 ", max_size=14))
def test_reading_gives_a_number_or_the_named_error(text):
    try:
        fen = capital_to_fen(text)
    except ChineseNumeralError as error:
        assert error.remedy  # noqa: PT017 - either outcome is right
    else:
        assert capital_to_fen(fen_to_capital(fen)) == fen


def test_amounts_beyond_the_groups_are_refused():
    with pytest.raises(ChineseNumeralError, match="too large"):
        fen_to_capital(10**18)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("一百二十", 120),
        ("十", 10),
        ("十五", 15),
        ("两百", 200),
        ("一千零五十", 1050),
        ("一百十五", 115),
        ("二〇二六", 2026),
        ("廿五", 25),
        ("三十", 30),
        ("零", 0),
        ("零壹拾", 10),
        ("两万三千", 23_000),
        ("120", 120),
        ("\uff11\uff12", 12),
    ],
)
def test_reads_numbers(text, number):
    assert number_from_chinese(text) == number


@pytest.mark.parametrize("text", ["", "二百五", "百", "几十", "3万", "十百"])
def test_refuses_doubtful_numbers(text):
    with pytest.raises(ChineseNumeralError):
        number_from_chinese(text)


DAY = dt.date(2026, 8, 4)


@pytest.mark.parametrize(
    "text",
    [
        "2026年8月4日",
        "2026年08月04日",
        " 2026 年 8 月 4 日　",
        "２０２６年８月４日",
        "2026年8月4号",
        "二〇二六年八月四日",
        "二○二六年八月四日",
        "贰零贰陆年零捌月零肆日",
        "2026-08-04",
        "2026-8-4",
        "2026.8.4",
        "2026/08/04",
        "20260804",
        "20260804 093000",
        "20260804093000",
        "2026年08月04日 13:15",
        "2026年8月4日9点00分（北京时间）",
        "2026年8月4日上午9时30分",
        "2026年8月4日9时整",
        "2026年8月4日24时",
        "2026年8月4日（星期二）",
        "2026年8月4日 星期二 下午3点半",
        "2026-08-04T09:30:00+08:00",
        "2026-08-04 09:30:00.123",
        "2026-08-04T01:30:00Z",
    ],
)
def test_reads_dates(text):
    assert parse_chinese_date(text) == DAY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026年13月4日",
        "2026年2月30日",
        "2026年8月",
        "26年8月4日",
        "2026年8月4日前",
        "2026年8月4日至2027年8月3日",
        "2026-08/04",
        "202608041",
        "12345678",
        "合同签订之日",
        "二〇二六年八月百日",
    ],
)
def test_gives_none_where_no_day_is_stated(text):
    assert parse_chinese_date(text) is None


@given(st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31)))
def test_reads_every_day_in_every_form(day):
    forms = [
        "{0}年{1}月{2}日",
        "{0}-{1:02}-{2:02}",
        "{0}.{1}.{2}",
        "{0}/{1}/{2}",
        "{0}{1:02}{2:02}",
    ]
    for form in forms:
        assert parse_chinese_date(form.format(day.year, day.month, day.day)) == day


def test_halfwidth_keeps_every_span():
    text = "（\uff21\uff22\uff11\uff12：\uffe5）\u3000武汉市〔2026〕"
    half = to_halfwidth(text)
    assert half == "(AB12:¥) 武汉市〔2026〕"
    assert len(half) == len(text)
