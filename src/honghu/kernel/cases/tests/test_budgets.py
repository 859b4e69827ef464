"""How many statements a step and a page cost, whatever the number of rows."""

import uuid
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from honghu.kernel.cases.detail import get_case
from honghu.kernel.cases.orders import ORDERS
from honghu.kernel.cases.queries import list_cases
from honghu.kernel.cases.tests.straw import SOURCE, Straw
from honghu.kernel.cases.turns import count_my_work, my_work
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.registers.commands import publish_register
from honghu.kernel.registers.queries import get_register

_FRAME = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")


def statements(work: Callable[[], object]) -> list[str]:
    """The statements of the work itself, without those that open and close its transaction."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        work()
    texts = [query["sql"] for query in captured.captured_queries]
    return [text for text in texts if not text.startswith(_FRAME)]


@pytest.fixture
def warm(straw: Straw) -> uuid.UUID:
    """A case whose register and rules this process has read."""
    return straw.issued()


def test_a_note_costs_two_statements(straw: Straw, warm: uuid.UUID) -> None:
    """Claim, lock and read; record. The personal facts stay as they are, and are not written."""
    cost = statements(lambda: straw.do(warm, "note", "officer", {"text": "x"}))
    assert len(cost) == 2, cost


def test_an_action_that_stops_a_clock_costs_three(straw: Straw, warm: uuid.UUID) -> None:
    cost = statements(lambda: straw.do(warm, "park", "officer", {"reason": "x"}))
    assert len(cost) == 3, cost


def test_work_with_evidence_and_a_verification_have_their_budgets(
    straw: Straw, warm: uuid.UUID
) -> None:
    photo = straw.picture("xiaogang")
    submit = statements(
        lambda: straw.do(
            warm, "submit", "xiaogang", {"cleared_area": "2"}, evidence={"after": [photo]}
        )
    )
    assert len(submit) == 6, submit
    straw.verify(warm, result="failed")
    straw.submit(warm)
    photo = straw.picture("officer")
    form = {"result": "passed", "checklist": ["fire_out", "straw_in"]}
    # This process has met the action: whose work it checks is read along with the case.
    verify = statements(
        lambda: straw.do(warm, "verify", "officer", form, evidence={"check": [photo]})
    )
    assert len(verify) == 6, verify


@pytest.mark.parametrize("count", [1, 12])
def test_a_list_costs_at_most_two_statements(straw: Straw, warm: uuid.UUID, count: int) -> None:
    for _index in range(count):
        straw.open()
    register, actor = get_register("straw-burning"), straw.cast["officer"]
    for sort in ORDERS:
        cost = statements(partial(list_cases, register, actor=actor, now=straw.now, sort=sort))
        assert len(cost) <= 2, cost


@pytest.mark.parametrize("count", [0, 10])
def test_a_case_costs_five_statements_whatever_its_steps_and_children(
    straw: Straw, warm: uuid.UUID, count: int
) -> None:
    source = SOURCE.replace("register: straw-burning\n", "register: straw-visit\n")
    publish_register(
        source=source.replace("numbering: 洪禁烧", "numbering: 复查\nparent: straw-burning"),
        actor=SYSTEM,
        now=straw.now,
    )
    straw.register = "straw-visit"
    get_register("straw-visit", 1)
    for _index in range(count):
        straw.do(warm, "note", "officer", {"text": "x"})
        straw.open(parent_id=warm)
    detail = get_case(warm, actor=straw.cast["officer"], now=straw.now)
    assert (len(detail.steps), len(detail.children)) == (2 + count, count)
    cost = statements(lambda: get_case(warm, actor=straw.cast["officer"], now=straw.now))
    assert len(cost) == 5, cost


@pytest.mark.parametrize("count", [1, 10])
def test_my_work_costs_two_statements(straw: Straw, count: int) -> None:
    for _index in range(count):
        straw.open()
    actor = straw.cast["officer"]
    cost = statements(lambda: my_work(actor=actor, now=straw.now))
    assert len(cost) == 2, cost
    assert len(statements(lambda: count_my_work(actor=actor))) == 2
