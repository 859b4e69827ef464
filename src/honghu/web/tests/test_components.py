"""What components draw."""

import datetime as dt
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from honghu.kernel.lifecycles.model import Text
from honghu.kernel.registers.model import Field, FieldType
from honghu.web import display
from honghu.web.components import (
    ActionOffer,
    Badge,
    Column,
    EvidencePair,
    EvidenceView,
    Fact,
    Moment,
    Pages,
    Progress,
    Row,
    Table,
)
from honghu.web.fields import Choice, FormField, field_text, register_field

NOW = dt.datetime(2026, 7, 3, 1, 30, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def draw(markup: str, **context: object) -> str:
    request = RequestFactory().get("/list?state=open&page=3")
    return Template("{% load honghu %}" + markup).render(Context({"request": request} | context))


@pytest.mark.parametrize(
    ("level", "shape", "word"),
    [
        ("red", "▲", "Overdue"),
        ("amber", "●", "Due soon"),
        ("green", "✓", "On time"),
        ("suspended", "‖", "Clock stopped"),
        ("none", "○", "No deadline"),
    ],
)
def test_light_has_shape_and_word(level, shape, word):
    html = draw("{% light level %}", level=level)
    assert shape in html
    assert word in html


def test_lights_differ_without_colour():
    shapes = {draw("{% light level %}", level=level)[-120:] for level in ("red", "amber", "green")}
    assert len(shapes) == 3


def test_unknown_is_a_dash_and_never_zero():
    for markup in ("{% money None %}", "{% instant None %}", '{% show None "integer" %}'):
        html = draw(markup)
        assert "—" in html
        assert "unknown" in html
        assert "0" not in html


def test_money_is_exact_in_yuan_and_rounded_in_wan():
    assert ">1,234,567.89<" in draw("{% money 123456789 %}")
    wan = draw('{% money 123456789 "wan" %}')
    assert ">123.46<" in wan
    assert "1,234,567.89 yuan" in wan
    assert ">0.00<" in draw("{% money 0 %}")
    assert ">-0.05<" in draw("{% money fen %}", fen=-5)


def test_instants_are_shown_on_the_countys_clock():
    assert "2026-07-03 09:30" in draw("{% instant at %}", at=NOW)


@pytest.mark.parametrize(
    ("delta", "text"),
    [
        (dt.timedelta(days=3, hours=2, minutes=5), "3 days 2 hours"),
        (dt.timedelta(days=1), "1 day"),
        (dt.timedelta(hours=4), "4 hours"),
        (dt.timedelta(hours=1, minutes=1), "1 hour 1 minute"),
        (dt.timedelta(minutes=35), "35 minutes"),
        (dt.timedelta(), "0 minutes"),
        (-dt.timedelta(days=2, hours=5), "2 days 5 hours"),
    ],
)
def test_durations(delta, text):
    assert display.duration_text(delta) == text


def test_due_says_which_side_of_now_it_is():
    assert "1 day left" in draw("{% due at now %}", at=NOW + dt.timedelta(days=1), now=NOW)
    assert "overdue by 1 hour" in draw("{% due at now %}", at=NOW - dt.timedelta(hours=1), now=NOW)


def test_percent_keeps_its_digits():
    assert display.percent_text(Decimal("0.0385")) == "3.85 %"
    assert display.percent_text(Decimal(1)) == "100 %"


def test_text_is_escaped_everywhere():
    bad = "<script>x</script>"
    html = draw(
        "{% facts facts %}{% timeline moments %}{% actions offers %}{% badge badge %}{% field field %}",
        facts=(Fact(label=bad, value=bad),),
        moments=(Moment(title=bad, at=NOW, actor=bad, note=bad),),
        offers=(ActionOffer(label=bad, reasons=(bad,)),),
        badge=Badge(label=bad),
        field=FormField(name="a", label=bad, control="text", value=bad, help=bad, errors=(bad,)),
    )
    assert "<script>" not in html
    assert html.count("&lt;script&gt;") == 12


def test_action_that_is_not_open_says_why_and_has_no_link():
    offer = ActionOffer(label="Strike off", url="/x", reasons=("You did the work yourself.",))
    html = draw("{% actions offers %}", offers=(offer,))
    assert "You did the work yourself." in html
    assert "/x" not in html
    assert "<a " not in html


def test_open_action_is_a_link():
    html = draw("{% actions offers %}", offers=(ActionOffer(label="Sign", url="/sign"),))
    assert 'href="/sign"' in html


def test_evidence_pair_shows_both_and_what_lies_between():
    view = EvidenceView(label="Before", url="/b", thumbnail_url="/b.jpg", captured_at=NOW)
    pair = EvidencePair(before=view, after=None, distance_m=12, interval=dt.timedelta(hours=3))
    html = draw("{% evidence_pair pair %}", pair=pair)
    assert "/b.jpg" in html
    assert "No photograph from after yet" in html
    assert "12 m apart" in html
    assert "3 hours between" in html


CONTROLS = (
    "text",
    "long_text",
    "integer",
    "decimal",
    "money",
    "rate",
    "date",
    "instant",
    "duration",
    "phone",
    "lookup",
    "search",
)


@pytest.mark.parametrize("control", CONTROLS)
def test_field_keeps_what_was_typed_beside_its_error(control):
    field = FormField(
        name="amount", label="Amount", control=control, value="12a", errors=("not a number",)
    )
    html = draw("{% field field %}", field=field)
    assert "12a" in html
    assert "not a number" in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="field-amount-error"' in html
    assert 'for="field-amount"' in html


def test_choice_keeps_the_choice():
    choices = tuple(Choice(value=str(n), label=f"c{n}") for n in range(7))
    few = FormField(name="a", label="A", control="choice", choices=choices[:2], value="1")
    many = FormField(name="a", label="A", control="choice", choices=choices, value="6")
    several = FormField(name="a", label="A", control="choices", choices=choices, values=("2", "3"))
    assert 'value="1" checked' in draw("{% field f %}", f=few)
    assert 'value="6" selected' in draw("{% field f %}", f=many)
    assert draw("{% field f %}", f=several).count("checked") == 2


def test_password_is_never_sent_back():
    field = FormField(name="p", label="P", control="text", value="secret", is_password=True)
    assert "secret" not in draw("{% field f %}", f=field)


@pytest.mark.parametrize("kind", list(FieldType))
def test_every_type_of_a_register_has_a_control(kind):
    field = Field(
        code="thing",
        title=Text(zh="事", en="Thing"),
        type=kind,
        required=True,
        options={"a": Text(zh="甲", en="Alpha")},
    )
    html = draw("{% field f %}", f=register_field(field, language="en"))
    assert "Thing" in html
    assert 'name="thing' in html


def test_money_goes_to_the_box_in_yuan():
    assert field_text(12345, FieldType.MONEY) == "123.45"
    assert field_text(None, FieldType.MONEY) == ""
    field = Field(code="a", title=Text(zh="", en=""), type=FieldType.MONEY, max=Decimal(12345))
    assert register_field(field, language="en").max == "123.45"


def test_instant_goes_to_the_box_in_county_time():
    assert field_text(NOW, FieldType.INSTANT) == "2026-07-03T09:30"


def test_error_summary_links_to_the_fields_and_is_absent_without_errors():
    good = FormField(name="a", label="A", control="text")
    wrong = FormField(name="b", label="B", control="text", errors=("no",))
    html = draw("{% error_summary fields %}", fields=(good, wrong))
    assert 'href="#field-b"' in html
    assert "field-a" not in html
    assert draw("{% error_summary fields %}", fields=(good,)) == ""


def table(**changes: object) -> Table:
    return Table(
        caption="Cases",
        columns=(
            Column(label="Title", role="title", sort="title"),
            Column(label="Sum", kind="money", sort="sum"),
        ),
        rows=(Row(cells=("One", 100), url="/1"),),
        **changes,  # type: ignore[arg-type]
    )


def test_table_heads_sort_and_keep_the_filters():
    html = draw("{% table t %}", t=table(sort="sum"))
    assert 'href="?state=open&amp;sort=title"' in html
    assert 'href="?state=open&amp;sort=-sum"' in html
    assert 'aria-sort="ascending"' in html
    assert "Sum (yuan)" in html


def test_table_refuses_a_row_of_another_width():
    bad = Table(caption="x", columns=(Column(label="A"),), rows=(Row(cells=(1, 2)),))
    with pytest.raises(ValueError, match="zip"):
        draw("{% table t %}", t=bad)


def test_pagination_keeps_the_filters():
    html = draw("{% pagination p %}", p=Pages(page=3, page_size=20, total=231))
    assert 'href="?state=open&amp;page=4"' in html
    assert "41\u201360 of 231" in html


@pytest.mark.parametrize(
    ("page", "total", "numbers"),
    [
        (1, 0, (1,)),
        (1, 20, (1,)),
        (1, 41, (1, 2, 3)),
        (6, 240, (1, None, 5, 6, 7, None, 12)),
        (12, 240, (1, None, 11, 12)),
    ],
)
def test_page_numbers(page, total, numbers):
    assert Pages(page=page, page_size=20, total=total).numbers == numbers


def test_empty_list_has_no_first_row():
    pages = Pages(page=1, page_size=20, total=0)
    assert (pages.first_row, pages.last_row) == (0, 0)


def test_running_work_polls_and_finished_work_does_not():
    running = Progress(label="x", done=1, total=2, poll_url="/p")
    finished = Progress(label="x", done=2, total=2, poll_url="/p")
    assert "hx-get" in draw("{% progress p %}", p=running)
    assert "hx-get" not in draw("{% progress p %}", p=finished)


def test_a_day_that_ends_at_midnight_is_shown_as_its_own_24_00() -> None:
    midnight = dt.datetime(2027, 2, 16, 16, 0, tzinfo=dt.UTC)
    assert display.due_instant_text(midnight) == "2027-02-16 24:00"
    evening = dt.datetime(2027, 2, 16, 10, 0, tzinfo=dt.UTC)
    assert display.due_instant_text(evening) == "2027-02-16 18:00"
