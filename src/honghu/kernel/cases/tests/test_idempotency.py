"""The same request twice is one change, also when both arrive at once."""

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections, transaction

from honghu.base.problems import HonghuError
from honghu.kernel.cases.commands import KeyReused, WrongState
from honghu.kernel.cases.models import Step
from honghu.kernel.cases.tests.straw import SOURCE, Straw
from honghu.kernel.cases.tests.untouched import nothing_changes
from honghu.kernel.cases.writing import Done
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.registers.commands import publish_register


def test_an_opening_twice_gives_the_first_answer(straw: Straw) -> None:
    photo = straw.picture()
    request: dict[str, Any] = {
        "idempotency_key": "k",
        "evidence": {"before": [photo]},
        "form": straw.finding(),
    }
    first = straw.open(**request)
    with nothing_changes():
        again = straw.open(**request)
    assert (first.replayed, again.replayed) == (False, True)
    assert (again.case_id, again.step_id, again.number) == (
        first.case_id,
        first.step_id,
        first.number,
    )
    assert (again.state, again.version) == (first.state, first.version)


def test_an_action_twice_gives_the_first_answer_whatever_came_between(straw: Straw) -> None:
    case_id = straw.issued()
    request: dict[str, Any] = {
        "form": {"reason": "等雨停"},
        "idempotency_key": "k",
        "expected_version": 2,
    }
    first = straw.do(case_id, "park", "officer", **request)
    straw.do(case_id, "resume", "chief")
    with nothing_changes():
        again = straw.do(case_id, "park", "officer", **request)
    assert again.replayed
    assert (again.step_id, again.state, again.version) == (first.step_id, "parked", 3)


@pytest.mark.parametrize(
    "change",
    [
        {"form": {"text": "else"}},
        {"expected_version": 2},
        {"action": "park", "form": {"reason": "a"}},
    ],
)
def test_a_key_with_another_body_is_refused(straw: Straw, change: dict[str, Any]) -> None:
    case_id = straw.issued()
    request: dict[str, Any] = {"action": "note", "form": {"text": "a"}, "idempotency_key": "k"}
    straw.do(case_id, who="officer", **request)
    with nothing_changes(), pytest.raises(KeyReused) as refusal:
        straw.do(case_id, who="officer", **(request | change))
    assert refusal.value.code == "idempotency-key-reused"


def test_a_key_with_another_claimed_time_is_refused(straw: Straw) -> None:
    case_id = straw.issued()
    straw.do(case_id, "note", "officer", {"text": "a"}, idempotency_key="k")
    with nothing_changes(), pytest.raises(KeyReused):
        straw.do(
            case_id, "note", "officer", {"text": "a"}, idempotency_key="k", claimed_at=straw.now
        )


def test_a_key_on_another_case_is_refused(straw: Straw) -> None:
    one, two = straw.issued(), straw.issued()
    straw.do(one, "note", "officer", {"text": "a"}, idempotency_key="k")
    with nothing_changes(), pytest.raises(KeyReused):
        straw.do(two, "note", "officer", {"text": "a"}, idempotency_key="k")


def test_another_persons_key_is_another_key(straw: Straw) -> None:
    case_id = straw.issued()
    for who in ("officer", "chief", "xiaogang"):
        done = straw.do(case_id, "note", who, {"text": "a"}, idempotency_key="k")
        assert not done.replayed
    assert Step.objects.filter(case_id=case_id, action="note").count() == 3


def test_a_refused_request_leaves_its_key_free(straw: Straw) -> None:
    case_id = straw.issued()
    with pytest.raises(HonghuError):
        straw.do(case_id, "note", "officer", {"text": ""}, idempotency_key="k")
    assert not straw.do(case_id, "note", "officer", {"text": "a"}, idempotency_key="k").replayed


def test_the_order_of_a_forms_fields_is_no_difference(straw: Straw) -> None:
    form, photo = straw.finding(), straw.picture()
    turned = dict(reversed(form.items()))
    request: dict[str, Any] = {"idempotency_key": "k", "evidence": {"before": [photo]}}
    straw.open(form=form, **request)
    assert straw.open(form=turned, **request).replayed


def _at_once(works: list[Callable[[], Done]]) -> list[Done | HonghuError]:
    """Run all at the same moment, each with a connection of its own."""
    barrier = threading.Barrier(len(works))

    def run(work: Callable[[], Done]) -> Done | HonghuError:
        try:
            barrier.wait()
            return work()
        except HonghuError as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_one_key_from_eight_sides_at_once_is_one_step(committed_straw: Straw) -> None:
    straw = committed_straw
    case_id = straw.issued()

    def note() -> Done:
        return straw.do(case_id, "note", "officer", {"text": "a"}, idempotency_key="k")

    answers = _at_once([note] * 8)
    assert all(isinstance(answer, Done) for answer in answers), answers
    done = [answer for answer in answers if isinstance(answer, Done)]
    assert len({each.step_id for each in done}) == 1
    assert sorted(each.replayed for each in done) == [False] + [True] * 7
    assert Step.objects.filter(case_id=case_id, action="note").count() == 1


def test_eight_persons_actions_at_once_are_eight_steps_in_a_row(committed_straw: Straw) -> None:
    straw = committed_straw
    case_id = straw.issued()
    answers = _at_once(
        [
            lambda n=n: straw.do(case_id, "note", "officer", {"text": str(n)})  # type: ignore[misc]
            for n in range(8)
        ]
    )
    assert all(isinstance(answer, Done) for answer in answers), answers
    sequences = Step.objects.filter(case_id=case_id).order_by("sequence")
    assert list(sequences.values_list("sequence", flat=True)) == list(range(1, 11))
    assert straw.row(case_id).version == 10


def test_of_two_decisions_at_once_one_is_too_late(committed_straw: Straw) -> None:
    straw = committed_straw
    case_id: uuid.UUID = straw.open().case_id
    issue = {"severity": "minor", "responsible": straw.town()}
    answers = _at_once(
        [
            lambda: straw.do(case_id, "reject", "officer", {"reason": "误报"}),
            lambda: straw.do(case_id, "issue", "chief", issue),
        ]
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Done", "WrongState"]
    assert any(isinstance(answer, WrongState) for answer in answers)
    assert straw.row(case_id).version == 2


def test_a_personal_fact_is_not_lost_to_an_action_that_waited(committed_straw: Straw) -> None:
    """Kept in a table of its own, it must be read after the lock on the case, not before."""
    straw = committed_straw
    publish_register(
        source=SOURCE.replace("version: 1\n", "version: 2\n").replace(
            "    title: {zh: 记事, en: Note}\n",
            "    title: {zh: 记事, en: Note}\n    facts: [informant]\n",
        ),
        actor=SYSTEM,
        now=straw.now,
    )
    case_id = straw.issued()
    waiting = threading.Event()

    def park() -> Done:
        try:
            waiting.set()
            return straw.do(case_id, "park", "chief", {"reason": "等雨停"})
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            straw.do(case_id, "note", "officer", {"text": "改名", "informant": "丁大爷"})
            late = pool.submit(park)
            waiting.wait(10)
            with pytest.raises(TimeoutError):
                late.result(1)
        late.result(10)
    assert straw.see(case_id).row.facts["informant"] == "丁大爷"
