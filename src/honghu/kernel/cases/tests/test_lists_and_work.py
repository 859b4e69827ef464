"""What people find: lists, search, what they may see, whose turn it is, and what they may do."""

import datetime as dt
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.base.problems import Invalid, NotFound
from honghu.kernel.cases.detail import get_case
from honghu.kernel.cases.queries import (
    CaseFilter,
    count_by_state,
    find_case,
    find_case_by_number,
    list_cases,
    visible_registers,
)
from honghu.kernel.cases.rows import CasePage, Light
from honghu.kernel.cases.search import index_terms, query_terms
from honghu.kernel.cases.tests.straw import SOURCE, Straw
from honghu.kernel.cases.turns import count_my_work, my_work
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.registers.commands import publish_register
from honghu.kernel.registers.model import Register
from honghu.kernel.registers.queries import get_register

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def register(straw: Straw) -> Register:
    return get_register("straw-burning")


def listed(straw: Straw, register: Register, who: str = "officer", **wanted: object) -> CasePage:
    filters = CaseFilter(**wanted)  # type: ignore[arg-type]
    return list_cases(register, actor=straw.cast[who], now=straw.now, wanted=filters)


def ids(page: CasePage) -> set[uuid.UUID]:
    return {row.id for row in page.rows}


class TestSearch:
    """By the pairs of neighbouring characters: inside words, without a dictionary."""

    @pytest.mark.parametrize(
        "text",
        ["新堤", "堤街", "街道办", "江滩村", "江滩 新堤", "，新堤，", "新堤街道办事处江滩村"],
    )
    def test_words_inside_words_are_found(
        self, straw: Straw, register: Register, text: str
    ) -> None:
        wanted = straw.open(form=straw.finding(village="新堤街道办事处江滩村")).case_id
        straw.open(form=straw.finding(village="乌林镇黄蓬山村"))
        assert ids(listed(straw, register, text=text)) == {wanted}

    @pytest.mark.parametrize("text", ["新滩", "堤新", "江汉", "街办", "新堤镇"])
    def test_other_words_are_not(self, straw: Straw, register: Register, text: str) -> None:
        straw.open(form=straw.finding(village="新堤街道办事处江滩村"))
        assert ids(listed(straw, register, text=text)) == set()

    def test_numbers_and_latin_letters_in_either_case_and_width(
        self, straw: Straw, register: Register
    ) -> None:
        done = straw.open(form=straw.finding(village="G318国道旁"))
        for text in ("g318", "\uff27\uff13\uff11\uff18", done.number, done.number[-4:]):
            assert ids(listed(straw, register, text=text)) == {done.case_id}, text

    def test_personal_facts_are_not_searched(self, straw: Straw, register: Register) -> None:
        straw.open()
        assert ids(listed(straw, register, text="田大爷")) == set()

    @pytest.mark.parametrize("text", ["", "  ", "，。"])
    def test_nothing_typed_narrows_nothing(
        self, straw: Straw, register: Register, text: str
    ) -> None:
        done = straw.open()
        assert ids(listed(straw, register, text=text)) == {done.case_id}

    @pytest.mark.parametrize("text", ["\x00", "小港\x00村", "\ud800", "%", "_", "'", "\\", "{}"])
    def test_what_no_database_can_hold_finds_nothing_and_breaks_nothing(
        self, straw: Straw, register: Register, text: str
    ) -> None:
        straw.open(form=straw.finding(village="某处"))
        assert listed(straw, register, text=text).total <= 1
        assert listed(straw, register, states=(text,)).total == 0

    @given(text=st.text(max_size=40), start=st.integers(0, 40), length=st.integers(1, 40))
    def test_every_part_is_found(self, text: str, start: int, length: int) -> None:
        """Pieces are normalised before they are paired, and so is what is asked for."""
        for piece in query_terms(text):
            assert any(term.startswith(piece) for term in index_terms(text))
        plain = "".join(c for c in text if "\u4e00" <= c <= "\u9fff")
        part = plain[start : start + length]
        for piece in query_terms(part):
            assert any(term.startswith(piece) for term in index_terms(plain))


class TestSight:
    """Offices see the register, towns their own cases, others nothing; alike in every reading."""

    def test_offices_see_all_and_towns_their_own(self, straw: Straw, register: Register) -> None:
        ours, theirs = straw.issued(), straw.issued(town="fengkou")
        unissued = straw.open().case_id
        assert ids(listed(straw, register)) == {ours, theirs, unissued}
        assert ids(listed(straw, register, "xiaogang")) == {ours}
        assert ids(listed(straw, register, "fengkou")) == {theirs}
        assert ids(listed(straw, register, "passer-by")) == set()
        assert listed(straw, register, "fengkou").total == 1

    @pytest.mark.parametrize("who", ["fengkou", "passer-by"])
    def test_what_is_not_to_be_seen_is_not_there(self, straw: Straw, who: str) -> None:
        case_id, number = straw.issued(), ""
        number = straw.row(case_id).number
        stranger, now = straw.cast[who], straw.now
        words = set()
        for missing_id in (case_id, uuid.uuid4()):
            with pytest.raises(NotFound) as refusal:
                find_case(missing_id, actor=stranger, now=now)
            words.add(str(refusal.value))
            with pytest.raises(NotFound):
                get_case(missing_id, actor=stranger, now=now)
        with pytest.raises(NotFound):
            find_case_by_number(number, actor=stranger, now=now)
        assert len(words) == 1, "whether the case exists must not be told"

    def test_the_party_sees_it_by_id_and_number(self, straw: Straw) -> None:
        case_id = straw.issued()
        town, now = straw.cast["xiaogang"], straw.now
        row = find_case(case_id, actor=town, now=now)
        assert find_case_by_number(row.number, actor=town, now=now) == row
        assert get_case(case_id, actor=town, now=now).row.id == case_id

    def test_another_town_named_later_takes_over(self, straw: Straw, register: Register) -> None:
        """Issued anew to the neighbour: the first town sees it no longer."""
        publish_register(
            source=SOURCE.replace("version: 1\n", "version: 2\n").replace(
                "from: registered\n    to: issued", "from: [registered, issued]\n    to: issued"
            ),
            actor=SYSTEM,
            now=straw.now,
        )
        case_id = straw.issued()
        assert ids(listed(straw, register, "xiaogang")) == {case_id}
        form = {"severity": "minor", "responsible": straw.town("fengkou")}
        straw.do(case_id, "issue", "chief", form)
        assert ids(listed(straw, register, "xiaogang")) == set()
        assert ids(listed(straw, register, "fengkou")) == {case_id}
        counts = count_by_state(register, actor=straw.cast["fengkou"], now=straw.now)
        assert counts == {"issued": 1}

    def test_registers_are_seen_by_those_who_hold_a_role_in_them(self, straw: Straw) -> None:
        for who, seen in (("officer", 1), ("xiaogang", 1), ("passer-by", 0)):
            assert len(visible_registers(straw.cast[who])) == seen, who
        assert len(visible_registers(SYSTEM)) == 1

    def test_a_number_that_no_database_can_hold_is_not_found(self, straw: Straw) -> None:
        for number in ("\x00", "\ud800"):
            with pytest.raises(NotFound):
                find_case_by_number(number, actor=straw.cast["officer"], now=straw.now)


class TestLists:
    """Filters, order, pages, counts."""

    def test_states_lights_and_open_ones(self, straw: Straw, register: Register) -> None:
        done = straw.open().case_id
        straw.do(done, "reject", "officer", {"reason": "误报"})
        fresh = straw.open().case_id
        straw.now += 3 * HOUR
        late = fresh
        straw_case = straw.issued()
        assert ids(listed(straw, register, states=("rejected",))) == {done}
        assert ids(listed(straw, register, open_only=True)) == {late, straw_case}
        assert ids(listed(straw, register, light=Light.RED)) == {late}
        assert ids(listed(straw, register, light=Light.GREEN)) == {straw_case}
        assert ids(listed(straw, register, light=Light.NONE)) == {done}
        counts = count_by_state(register, actor=straw.cast["officer"], now=straw.now)
        assert counts == {"rejected": 1, "registered": 1, "issued": 1}

    def test_words_and_states_are_asked_together(self, straw: Straw, register: Register) -> None:
        rejected, fresh = straw.open().case_id, straw.open().case_id
        straw.do(rejected, "reject", "officer", {"reason": "误报"})
        text = straw.row(fresh).number[:2]
        assert ids(listed(straw, register, text=text)) == {rejected, fresh}
        assert ids(listed(straw, register, text=text, states=("rejected",))) == {rejected}
        both = ("rejected", "registered")
        assert ids(listed(straw, register, text=text, states=both)) == {rejected, fresh}
        assert ids(listed(straw, register, text=text, states=("it's",))) == set()
        assert ids(listed(straw, register, text=":rejected")) == set()

    @pytest.mark.parametrize("minutes", [0, 95, 96, 119, 120, 121])
    def test_every_case_is_listed_under_the_light_it_shows(
        self, straw: Straw, register: Register, minutes: int
    ) -> None:
        straw.open()
        straw.now += dt.timedelta(minutes=minutes)
        shown = listed(straw, register).rows[0].light
        for light in Light:
            assert (len(listed(straw, register, light=light).rows) == 1) is (light is shown)

    def test_pages_cover_everything_once(self, straw: Straw, register: Register) -> None:
        made = [straw.open().case_id for _count in range(7)]
        actor, now = straw.cast["officer"], straw.now
        for sort in ("-changed_at", "changed_at", "due_at", "-due_at", "-opened_at", "number"):
            pages = [
                list_cases(register, actor=actor, now=now, sort=sort, page=page, page_size=3)
                for page in (1, 2, 3, 4)
            ]
            assert [len(page.rows) for page in pages] == [3, 3, 1, 0]
            assert {row.id for page in pages for row in page.rows} == set(made)
            assert {(page.total, page.pages, page.more_than) for page in pages} == {(7, 3, False)}

    @pytest.mark.parametrize(
        "wrong",
        [{"sort": "id; DROP TABLE"}, {"page": 0}, {"page_size": 0}, {"page_size": 201}],
    )
    def test_an_impossible_page_is_refused(
        self, straw: Straw, register: Register, wrong: dict[str, object]
    ) -> None:
        with pytest.raises(Invalid):
            list_cases(register, actor=straw.cast["officer"], now=straw.now, **wrong)  # type: ignore[arg-type]


class TestTurns:
    """My work: the cases that wait for this person, and no others."""

    def work(self, straw: Straw, who: str) -> set[uuid.UUID]:
        actor = straw.cast[who]
        rows = my_work(actor=actor, now=straw.now)
        assert count_my_work(actor=actor) == len(rows)
        return {row.id for row in rows}

    def test_the_turn_goes_round(self, straw: Straw) -> None:
        case_id = straw.open().case_id
        turns = [("officer", "chief"), ("xiaogang",), ("officer", "chief"), ()]
        moves = [
            lambda: straw.do(
                case_id, "issue", "chief", {"severity": "minor", "responsible": straw.town()}
            ),
            lambda: straw.submit(case_id),
            lambda: straw.verify(case_id),
        ]
        for index, people in enumerate(turns):
            for who in ("officer", "chief", "xiaogang", "fengkou", "passer-by"):
                assert (case_id in self.work(straw, who)) is (who in people), (index, who)
            if index < len(moves):
                moves[index]()

    def test_the_most_urgent_comes_first_and_the_undated_last(self, straw: Straw) -> None:
        parked = straw.issued()
        straw.do(parked, "park", "officer", {"reason": "等雨停"})
        first = straw.open().case_id
        straw.now += HOUR
        second = straw.open().case_id
        rows = my_work(actor=straw.cast["officer"], now=straw.now)
        assert [row.id for row in rows] == [first, second, parked]

    def test_the_limit_holds(self, straw: Straw) -> None:
        for _count in range(3):
            straw.open()
        assert len(my_work(actor=straw.cast["officer"], now=straw.now, limit=2)) == 2
        assert count_my_work(actor=straw.cast["officer"]) == 3


class TestPossibilities:
    """What the state allows, each with the reason why not."""

    def seen(self, straw: Straw, case_id: uuid.UUID, who: str) -> dict[str, str]:
        found = straw.see(case_id, who).possibilities
        assert all(each.allowed is (each.why_not == "") for each in found)
        assert [each.allowed for each in found] == sorted((e.allowed for e in found), reverse=True)
        return {each.action.code: each.why_not for each in found}

    def test_only_what_the_state_allows_is_named(self, straw: Straw) -> None:
        case_id = straw.open().case_id
        assert set(self.seen(straw, case_id, "officer")) == {"issue", "reject", "note"}
        straw.do(case_id, "reject", "officer", {"reason": "误报"})
        assert self.seen(straw, case_id, "officer") == {}

    def test_the_reason_is_the_one_that_performing_gives(self, straw: Straw) -> None:
        case_id = straw.issued()
        office, town = self.seen(straw, case_id, "officer"), self.seen(straw, case_id, "xiaogang")
        assert office["park"] == ""
        assert "Town officer" in office["submit"]
        assert town["submit"] == ""
        assert "County straw-burning office" in town["park"]

    def test_who_did_the_work_is_told_that_somebody_else_must_verify(self, straw: Straw) -> None:
        case_id = straw.issued()
        straw.submit(case_id)
        assert self.seen(straw, case_id, "officer")["verify"] == ""
        assert "organisation" in self.seen(straw, case_id, "xiaogang-colleague")["verify"]
        assert "office" in self.seen(straw, case_id, "xiaogang")["verify"]
