import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.kernel.clocks.durations import (
    ClockUnit,
    Duration,
    DurationError,
    format_duration,
    parse_duration,
)

durations = st.builds(Duration, st.integers(1, 1_000_000), st.sampled_from(ClockUnit))


@given(durations)
def test_every_form_reads_back(duration):
    assert parse_duration(str(duration)) == duration
    assert parse_duration(format_duration(duration, "zh-hans")) == duration
    assert parse_duration(format_duration(duration, "en")) == duration


@pytest.mark.parametrize(
    ("value", "unit", "written", "chinese", "english"),
    [
        (5, ClockUnit.WORKING_DAY, "5 working_days", "5个工作日", "5 working days"),
        (1, ClockUnit.WORKING_DAY, "1 working_day", "1个工作日", "1 working day"),
        (24, ClockUnit.HOUR, "24 hours", "24小时", "24 hours"),
        (8, ClockUnit.WORKING_HOUR, "8 working_hours", "8工时", "8 working hours"),
        (30, ClockUnit.MINUTE, "30 minutes", "30分钟", "30 minutes"),
        (10, ClockUnit.NATURAL_DAY, "10 natural_days", "10个自然日", "10 natural days"),
        (3, ClockUnit.MONTH, "3 months", "3个月", "3 months"),
    ],
)
def test_renderings(value, unit, written, chinese, english):
    duration = Duration(value, unit)
    assert str(duration) == written
    assert format_duration(duration, "zh-hans") == chinese
    assert format_duration(duration, "en") == english


@pytest.mark.parametrize(
    "text", ["20工作日", " 20  working_days ", "20 Working_Days", "20working_day"]
)
def test_reads_loose_forms(text):
    assert parse_duration(text) == Duration(20, ClockUnit.WORKING_DAY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "working_days",
        "5日",
        "5 days",
        "-5 hours",
        "1.5 hours",
        "0 hours",
        "5 fortnights",
        "9999999 hours",
    ],
)
def test_refuses_what_is_doubtful_or_not_positive(text):
    with pytest.raises(DurationError) as caught:
        parse_duration(text)
    assert caught.value.remedy
