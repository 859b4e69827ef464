"""The official calendar of a year, published over the built-in one."""

import datetime as dt

import pytest

from honghu.kernel.clocks.calendar import CalendarError, DayKind
from honghu.kernel.rulesets.commands import publish_calendar_year
from honghu.kernel.rulesets.models import CalendarDay, CalendarYear
from honghu.kernel.rulesets.queries import get_calendar
from honghu.kernel.rulesets.tests.conftest import NOW

pytestmark = pytest.mark.django_db

FEBRUARY_8 = dt.date(2027, 2, 8)
SUNDAY = dt.date(2027, 2, 14)


def publish(*rows, year=2027, source="国办发明电〔2026〕1号"):
    return publish_calendar_year(year, rows, source=source, now=NOW, approved_by=None)


def test_an_unpublished_year_is_provisional_until_it_is_published():
    assert get_calendar().is_provisional(FEBRUARY_8, FEBRUARY_8)
    assert get_calendar().is_working_day(FEBRUARY_8)
    publish((FEBRUARY_8, "holiday"), (SUNDAY, "workday"))
    calendar = get_calendar()
    assert not calendar.is_provisional(FEBRUARY_8, FEBRUARY_8)
    assert not calendar.is_working_day(FEBRUARY_8)
    assert calendar.is_working_day(SUNDAY)
    assert calendar.kind(FEBRUARY_8) is DayKind.HOLIDAY


def test_a_correction_supersedes_and_repeats_are_nothing():
    publish((FEBRUARY_8, "holiday"))
    assert publish((FEBRUARY_8, "holiday")).new == 0
    publish((FEBRUARY_8, "workday"))
    assert get_calendar().is_working_day(FEBRUARY_8)
    assert CalendarDay.objects.count() == 2
    assert list(CalendarYear.objects.order_by("revision").values_list("revision", flat=True)) == [
        1,
        2,
    ]


@pytest.mark.parametrize(
    ("rows", "source", "said"),
    [
        ([(dt.date(2026, 2, 8), "holiday")], "文件", "is not in 2027"),
        ([(FEBRUARY_8, "feast")], "文件", "unknown kind 'feast'"),
        ([(FEBRUARY_8, "holiday"), (FEBRUARY_8, "workday")], "文件", "stands twice"),
        ([(FEBRUARY_8, "holiday")], " ", "needs its source"),
    ],
)
def test_a_calendar_that_cannot_be_right_is_refused(rows, source, said):
    with pytest.raises(CalendarError, match=said):
        publish(*rows, source=source)
    assert not CalendarYear.objects.exists()


def test_a_day_once_named_is_named_again():
    publish((FEBRUARY_8, "holiday"), (SUNDAY, "workday"))
    with pytest.raises(CalendarError, match="2027-02-14 was published as workday"):
        publish((FEBRUARY_8, "holiday"))
