"""Charts tell the truth: lengths follow numbers, gaps stay gaps, and the table has every number."""

import itertools
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from django.template import Context, Template
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from honghu.web.charts.model import Chart, ChartError, Series, Text
from honghu.web.charts.rendering import drawn
from honghu.web.charts.scales import ticks

SVG = "{http://www.w3.org/2000/svg}"
NUMBERS = st.one_of(st.none(), st.integers(0, 10**15), st.decimals(0, 10**9, places=2))


def one(kind="bar", values=(10, 20, None), **more):
    return Chart(
        kind=kind,
        title=Text(zh="各镇问题", en="Problems by town"),
        categories=tuple(f"镇{n}" for n in range(len(values))),
        series=(Series(label="问题", values=values),),
        source="台账",
        **more,
    )


def chart_tag(chart):
    return Template("{% load honghu %}{% chart value %}").render(Context({"value": chart}))


def picture(chart):
    return ET.fromstring(drawn(chart).svg)  # noqa: S314 our own drawing


def bars(chart):
    return [
        float(each.get("width", ""))
        for each in picture(chart).findall(f"{SVG}rect")
        if "chart-fill" in each.get("class", "")
    ]


def test_the_length_of_a_bar_is_its_number():
    first, second, unknown = bars(one())
    assert second == pytest.approx(2 * first, abs=0.02)
    assert unknown == 0
    assert "—" in [each.text for each in picture(one()).iter(f"{SVG}text")]


def test_a_gap_breaks_the_line_and_is_no_zero():
    chart = one("line", (5, 7, None, 6, 8))
    assert len(picture(chart).findall(f"{SVG}polyline")) == 2


def test_a_step_holds_its_value_until_the_next_and_its_last_number_stands_off_the_lines():
    chart = Chart(
        kind="steps",
        title="按期还款",
        categories=("1", "2", "3"),
        series=(
            Series(label="计划", values=(0, 50, 90)),
            Series(label="实还", values=(0, 30, None)),
        ),
        source="合同",
    )
    planned, paid = picture(chart).findall(f"{SVG}polyline")[2:]
    corners = [tuple(map(float, each.split(","))) for each in planned.get("points", "").split()]
    assert len(corners) == 5
    assert all(x == a or y == b for (x, y), (a, b) in itertools.pairwise(corners))
    stop = [tuple(map(float, each.split(","))) for each in paid.get("points", "").split()][-1]
    (said,) = [each for each in picture(chart).iter(f"{SVG}text") if each.text == "30"][-1:]
    # Behind what is planned: below and beyond the point, where nothing is drawn.
    assert float(said.get("x", "")) > stop[0]
    assert float(said.get("y", "")) - 10 > stop[1]


def test_the_table_behind_has_every_number_and_the_title_names_the_picture():
    with translation.override("en"):
        html = chart_tag(one(values=(1234, None), unit="cases"))
    assert all(said in html for said in ("Problems by town", "1,234", "<details", "Source:"))
    root = picture(one())
    assert root[0].tag == f"{SVG}title"
    assert root.get("aria-labelledby", "").split()[0] == root[0].get("id")
    with translation.override("zh-hans"):
        assert "各镇问题" in chart_tag(one())


def test_what_people_typed_is_text_and_nothing_else():
    sly = '"><script>alert(1)</script>'
    chart = Chart(
        kind="stacked",
        title=sly,
        categories=(sly,),
        series=(Series(label=sly, values=(1,)), Series(label="b", values=(2,))),
        source=sly,
    )
    assert "<script" not in chart_tag(chart)
    assert " style=" not in drawn(chart).svg


def test_series_are_told_apart_without_colour():
    chart = Chart(
        kind="stacked",
        title="t",
        categories=("a",),
        series=tuple(Series(label=str(n), values=(n + 1,)) for n in range(6)),
        source="s",
    )
    root = picture(chart)
    fills = {(each.get("class"), each.get("fill")) for each in root.findall(f"{SVG}rect")}
    assert len(fills) == 6
    defined = {each.get("id") for each in root.iter(f"{SVG}pattern")}
    assert {fill[5:-1] for _kind, fill in fills if fill} == defined


def test_money_is_written_in_its_unit():
    with translation.override("en"):
        assert drawn(one(values=(1_234_500_000,), measure="money_wan")).rows[0][1] == ("1,234.50",)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "share", "values": (1, -1)},
        {"values": (0.5,)},
        {"kind": "line", "values": tuple(range(401))},
    ],
)
def test_a_chart_that_would_mislead_is_refused(wrong):
    with pytest.raises(ChartError):
        one(**wrong)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["line", "steps", "area", "bar", "stacked", "share", "funnel", "sparkline"]),
    st.lists(NUMBERS, max_size=12).map(tuple),
)
def test_every_kind_draws_any_numbers_inside_its_picture(kind, values):
    root = picture(one(kind, values))
    width, height = map(float, root.get("viewBox", "").split()[2:])
    for rect in root.findall(f"{SVG}rect"):
        assert 0 <= float(rect.get("x", "")) <= width + 1
        assert float(rect.get("x", "")) + float(rect.get("width", "")) <= width + 1
        assert 0 <= float(rect.get("y", "")) <= height
    for line in root.findall(f"{SVG}polyline"):
        for point in line.get("points", "").split():
            x, y = map(float, point.split(","))
            assert -1 <= x <= width + 1
            assert -1 <= y <= height + 1


@given(
    st.decimals(-(10**12), 10**12, places=2, allow_nan=False),
    st.decimals(-(10**12), 10**12, places=2, allow_nan=False),
)
def test_ticks_are_few_even_and_hold_the_numbers_and_zero(one_end, other):
    low, high = sorted((one_end, other))
    marks = ticks(low, high)
    assert marks[0] <= low
    assert marks[-1] >= high
    assert Decimal(0) in marks
    assert 2 <= len(marks) <= 8
