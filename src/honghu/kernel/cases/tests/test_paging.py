"""Lists read by place: nothing lost, nothing twice, whichever way the rows were found."""

import datetime as dt
import itertools
import random
import uuid
from collections.abc import Iterator

import pytest
from django.db import connection

from honghu.base.problems import Invalid
from honghu.kernel.cases import lists
from honghu.kernel.cases.orders import ORDERS, place_of, read_place, write_place
from honghu.kernel.cases.queries import CaseFilter, count_by_state, iterate_cases, list_cases
from honghu.kernel.cases.rows import CasePage, CaseRow, Light
from honghu.kernel.cases.tests.straw import Straw
from honghu.kernel.registers.model import Register
from honghu.kernel.registers.queries import get_register

MINUTE = dt.timedelta(minutes=1)
COUNT = 60
WAYS = {
    "as it is": {},
    "collected": {"_FIRST_LOOK": 3, "_PROMISING": 1_000},
    "second look": {"_FIRST_LOOK": 4, "_PROMISING": 1, "_SECOND_LOOK_MAX": 1_000},
    "second look at a cut list": {"_FIRST_LOOK": 4, "_PROMISING": 1_000, "COUNTED_TO": 3},
    "all of it": {"_FIRST_LOOK": 2, "_PROMISING": 1_000, "COUNTED_TO": 2, "_SECOND_LOOK_MAX": 2},
}
FILTERS = {
    "everything": CaseFilter(),
    "words": CaseFilter(text="江滩"),
    "a character": CaseFilter(text="滩"),
    "a state": CaseFilter(states=("issued",)),
    "states": CaseFilter(states=("issued", "rejected")),
    "open": CaseFilter(open_only=True),
    "red": CaseFilter(light=Light.RED),
    "amber": CaseFilter(light=Light.AMBER),
    "green": CaseFilter(light=Light.GREEN),
    "no light": CaseFilter(light=Light.NONE),
    "words and light": CaseFilter(text="江滩", light=Light.NONE),
    "a fact": CaseFilter(facts={"village": "江滩村"}),
}


@pytest.fixture
def register(straw: Straw) -> Register:
    return get_register("straw-burning")


@pytest.fixture
def crowd(straw: Straw) -> Straw:
    """Sixty copies of a case, drawn: states, ends, due times (equal ones, too), words, towns."""
    model = straw.open().case_id
    draw = random.Random(7)  # noqa: S311 a test's crowd
    town, other = straw.cast["xiaogang"].organisation_id, straw.cast["fengkou"].organisation_id
    for number in range(COUNT - 1):
        ended, dated = draw.random() < 0.3, draw.random() < 0.7
        due = straw.now + draw.randrange(-5, 5) * MINUTE if dated and not ended else None
        village = draw.choice(("江滩村", "茶坛村", "沙滩"))
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO cases_case (id, register, register_version, number, title, state,"
                " version, facts, parties, party_ids, counters, opened_at, changed_at, closed_at,"
                " due_at, amber_at, due_provisional, search) SELECT %s, register, register_version,"
                " number || %s, title, %s, version, jsonb_build_object('village', %s),"
                " parties, %s::uuid[], counters, %s, %s, %s, %s, %s, false, %s"
                " FROM cases_case WHERE id = %s",
                [
                    uuid.uuid4(),
                    str(number * 7 + 10),
                    "rejected" if ended else draw.choice(("issued", "registered")),
                    village,
                    [draw.choice((town, other))],
                    straw.now + draw.randrange(10) * MINUTE,
                    straw.now + draw.randrange(10) * MINUTE,
                    straw.now if ended else None,
                    due,
                    due - 2 * MINUTE if due else None,
                    [village[:2], *([village[1:]] if len(village) > 2 else [village[1]])],
                    model,
                ],
            )
    return straw


def pages(straw: Straw, register: Register, sort: str, wanted: CaseFilter) -> Iterator[CasePage]:
    """All pages, each after the place that the one before it gave."""
    after, page = None, 1
    while True:
        found = list_cases(
            register, actor=straw.cast["officer"], now=straw.now, wanted=wanted, sort=sort,
            page=page, page_size=7, after=after,
        )  # fmt: skip
        yield found
        after, page = found.next, page + 1
        if after is None:
            return


def expected(rows: list[CaseRow], sort: str) -> list[uuid.UUID]:
    """The order as it is meant, in plain Python."""
    name, down = sort.lstrip("-"), sort.startswith("-")
    if name == "number":
        ordered = sorted(rows, key=lambda row: (len(row.number), row.number), reverse=down)
    elif name == "due_at":
        dated = [row for row in rows if row.due_at and not row.ended]
        ordered = sorted(dated, key=lambda row: (row.due_at, row.id), reverse=down)
        ordered += sorted((r for r in rows if not (r.due_at or r.ended)), key=lambda row: row.id)
        ended = (row for row in rows if row.ended)
        ordered += sorted(ended, key=lambda row: (row.changed_at, row.id), reverse=True)
    else:
        ordered = sorted(rows, key=lambda row: (getattr(row, name), row.id), reverse=down)
    return [row.id for row in ordered]


@pytest.mark.parametrize("way", WAYS)
def test_every_way_gives_every_row_once_in_order_there_and_back(
    crowd: Straw, register: Register, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer, now = crowd.cast["officer"], crowd.now
    everything = list(iterate_cases(register, actor=officer, now=now))
    assert len(everything) == COUNT
    for name, value in WAYS[way].items():
        monkeypatch.setattr(lists, name, value)
    # The cases in which the ways differ; all of them where they do not.
    names = FILTERS if way == "as it is" else ("words", "states", "amber", "no light")
    for filter_name, sort in itertools.product(names, ORDERS):
        wanted = FILTERS[filter_name]
        streamed = list(iterate_cases(register, actor=officer, now=now, wanted=wanted, sort=sort))
        assert [row.id for row in streamed] == expected(streamed, sort), (filter_name, sort)
        found = list(pages(crowd, register, sort, wanted))
        listed = [row.id for page in found for row in page.rows]
        assert listed == [row.id for row in streamed], (filter_name, sort)
        numbered = list_cases(
            register, actor=officer, now=now, wanted=wanted, sort=sort, page=2, page_size=7
        )
        assert [row.id for row in numbered.rows] == listed[7:14], (filter_name, sort)
        assert numbered.total == len(listed) or numbered.more_than
        if len(found) > 2:
            back = list_cases(
                register, actor=officer, now=now, wanted=wanted, sort=sort, page=2,
                page_size=7, before=found[2].previous,
            )  # fmt: skip
            assert [row.id for row in back.rows] == listed[7:14], (filter_name, sort)
            assert back.page == 2
            assert back.next


def test_rows_that_come_meanwhile_move_no_place(crowd: Straw, register: Register) -> None:
    before = {row.id for row in iterate_cases(register, actor=crowd.cast["officer"], now=crowd.now)}
    for sort in ORDERS:
        seen: list[uuid.UUID] = []
        for page in pages(crowd, register, sort, CaseFilter()):
            seen += [row.id for row in page.rows]
            crowd.open()
        assert len(seen) == len(set(seen)), sort
        assert before <= set(seen), sort


def test_totals_are_exact_or_say_that_there_are_more(
    crowd: Straw, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer, now = crowd.cast["officer"], crowd.now
    page = list_cases(register, actor=officer, now=now, page_size=7)
    assert (page.total, page.more_than, page.previous) == (COUNT, False, None)
    monkeypatch.setattr(lists, "COUNTED_TO", 20)
    page = list_cases(register, actor=officer, now=now, page_size=7)
    assert (page.total, page.more_than) == (20, True)
    assert count_by_state(register, actor=crowd.cast["xiaogang"], now=now) is None


@pytest.mark.parametrize(
    "token",
    ["x", "!", "W10", "é", "[" * 399, "bnVsbA", "W1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tb"],
)
def test_a_place_that_is_none_is_refused(straw: Straw, register: Register, token: str) -> None:
    with pytest.raises(Invalid):
        list_cases(register, actor=straw.cast["officer"], now=straw.now, after=token)


def test_a_place_holds_for_its_own_sorting_only(crowd: Straw, register: Register) -> None:
    officer = crowd.cast["officer"]
    page = list_cases(register, actor=officer, now=crowd.now, page_size=5)
    assert page.next
    with pytest.raises(Invalid):
        list_cases(register, actor=officer, now=crowd.now, sort="number", after=page.next)
    for sort in ORDERS:
        place = place_of(page.rows[0], sort)
        assert read_place(write_place(place, sort), sort) == place


def test_fields_that_are_personal_or_unknown_narrow_nothing(
    straw: Straw, register: Register
) -> None:
    personal = next(code for code, field in register.fields.items() if field.personal)
    for code in (personal, "nowhere"):
        with pytest.raises(Invalid):
            list_cases(
                register, actor=straw.cast["officer"], now=straw.now,
                wanted=CaseFilter(facts={code: "x"}),
            )  # fmt: skip


def test_one_character_is_found_wherever_it_stands(straw: Straw, register: Register) -> None:
    wanted = straw.open(form=straw.finding(village="新堤街道江滩村")).case_id
    straw.open(form=straw.finding(village="乌林镇黄蓬山"))
    for text in ("新", "堤", "道", "村", "滩村 新"):
        page = list_cases(
            register, actor=straw.cast["officer"], now=straw.now, wanted=CaseFilter(text=text)
        )
        assert [row.id for row in page.rows] == [wanted], text
