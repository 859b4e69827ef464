"""Which row holds on a day in a region, and what it costs to ask."""

import datetime as dt
import threading

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from honghu.base.identifiers import new_id
from honghu.kernel.clocks.calendar import published_calendar
from honghu.kernel.rulesets.edition import RuleBook, build_index, region_chain
from honghu.kernel.rulesets.queries import (
    RuleMissingError,
    find_rule,
    get_rule,
    list_rules,
    reading_one_edition,
    rule_names,
)
from honghu.kernel.rulesets.values import RuleValue

HONGHU = "421083"


def day(text):
    return dt.date.fromisoformat(text)


def number(on, region=None):
    return get_rule("test.quote_days", on=day(on), region=region).as_int()


def test_the_divisions_of_a_region_from_narrow_to_wide():
    assert region_chain("421083113") == ["421083113", "421083", "421000", "420000", None]
    assert region_chain("421083") == ["421083", "421000", "420000", None]
    assert region_chain("420000") == ["420000", None]
    assert region_chain(None) == [None]


@pytest.mark.django_db
def test_the_latest_row_that_has_begun_holds(publish):
    publish((5, "2020-01-01"), (4, "2021-06-01"))
    assert [number(on) for on in ("2020-01-01", "2021-05-31", "2021-06-01")] == [5, 5, 4]


@pytest.mark.django_db
def test_a_row_with_an_end_gives_way_to_the_one_before(publish):
    publish((5, "2020-01-01"), (9, "2020-02-01", "to: 2020-03-31"))
    assert [number(on) for on in ("2020-01-31", "2020-03-31", "2020-04-01")] == [5, 9, 5]


@pytest.mark.django_db
def test_a_narrower_region_goes_first(publish):
    publish(
        (5, "2020-01-01"),
        (4, "2019-01-01", 'region: "420000"'),
        (3, "2020-06-01", 'region: "421083"'),
    )
    assert number("2020-05-31", HONGHU) == 4, "the county's row has not begun: the province's holds"
    assert number("2020-06-01", HONGHU) == 3
    assert number("2020-06-01", "421083113") == 3
    assert number("2020-06-01", "430100") == 5
    assert number("2020-06-01") == 5


@pytest.mark.django_db
def test_a_missing_rule_says_what_when_and_how_to_add_it(publish):
    publish((5, "2020-01-01"))
    with pytest.raises(RuleMissingError) as missing:
        number("2019-12-31", HONGHU)
    assert "test.quote_days for 2019-12-31 in region 421083" in missing.value.message
    assert "first row is from 2020-01-01" in missing.value.message
    assert "rulesets/test.yaml" in missing.value.remedy
    assert find_rule("test.nothing", on=day("2020-01-01")) is None


@pytest.mark.django_db
def test_names_and_the_book_of_a_day(publish):
    publish((5, "2020-01-01"))
    publish((7, "2021-01-01"), code="other_days")
    assert {"test.quote_days", "test.other_days"} <= rule_names()
    held = list_rules(on=day("2020-05-01"), domain="test")
    assert [rule.name for rule in held] == ["test.quote_days"]


@pytest.mark.django_db
def test_asking_costs_one_query_and_in_one_edition_one_for_all(publish, django_assert_num_queries):
    publish((5, "2020-01-01"))
    number("2020-01-01")
    with django_assert_num_queries(1):
        number("2020-01-01")
    with django_assert_num_queries(1), reading_one_edition(), reading_one_edition():
        assert {number("2020-01-01") for _ in range(20)} == {5}


@pytest.mark.django_db
def test_a_publication_within_one_edition_is_seen(publish):
    publish((5, "2020-01-01"))
    with reading_one_edition():
        assert number("2021-01-01") == 5
        publish((6, "2021-01-01"))
        assert number("2021-01-01") == 6


@pytest.mark.django_db
def test_a_publication_that_is_rolled_back_leaves_no_trace_in_memory(publish):
    publish((5, "2020-01-01"))
    with transaction.atomic():
        publish((6, "2021-01-01"))
        assert number("2021-01-01") == 6
        transaction.set_rollback(True)
    assert number("2021-01-01") == 5
    publish((7, "2021-01-01"))
    assert number("2021-01-01") == 7


def test_another_connection_sees_a_publication_at_once(committed_db, publish):
    publish((5, "2020-01-01"))
    seen = []

    def read():
        seen.append(number("2021-01-01"))
        connection.close()

    for value in (None, 6):
        if value is not None:
            publish((value, "2021-01-01"))
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    assert seen == [5, 6]


DAYS = st.dates(min_value=dt.date(2020, 1, 1), max_value=dt.date(2020, 1, 20))
REGIONS = st.sampled_from([None, "420000", "421000", "421083", "430100"])


@st.composite
def rows(draw):
    keys = draw(st.lists(st.tuples(REGIONS, DAYS), max_size=12))
    found: list[RuleValue] = []
    revisions: dict[tuple[str | None, dt.date], int] = {}
    for region, start in keys:
        revisions[region, start] = revisions.get((region, start), 0) + 1
        found.append(
            RuleValue(
                id=new_id(),
                name="test.rule",
                value="1",
                unit="count",
                clock=None,
                region=region,
                title_zh="规则",
                title_en="Rule",
                effective_from=start,
                effective_to=max(end, start) if (end := draw(st.none() | DAYS)) else None,
                revision=revisions[region, start],
                source="测试",
                source_mark="D",
            )
        )
    return found


@given(rows(), DAYS, REGIONS)
def test_the_book_agrees_with_the_definition(found, on, region):
    """The widest-meaning definition: superseded rows out, then region, then the latest first day."""
    book = RuleBook(None, build_index(iter(found)), published_calendar())
    live = [
        row
        for row in found
        if row.revision
        == max(
            other.revision
            for other in found
            if (other.region, other.effective_from) == (row.region, row.effective_from)
        )
        and row.effective_from <= on <= (row.effective_to or dt.date.max)
    ]
    expected = None
    for code in region_chain(region):
        inside = [row for row in live if row.region == code]
        if inside:
            expected = max(inside, key=lambda row: row.effective_from)
            break
    assert book.find("test.rule", on, region) == expected
