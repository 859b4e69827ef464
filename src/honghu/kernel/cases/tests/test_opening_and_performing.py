"""The way of a case, told by its rows: opening, steps, closing, and what each leaves behind."""

import datetime as dt
import uuid
from typing import Any

import pytest

from honghu.base.hashing import canonical_json, sha256
from honghu.base.problems import Invalid, NotFound
from honghu.kernel.cases.commands import open_case
from honghu.kernel.cases.models import Case, OutboxMessage, Step, StepForm
from honghu.kernel.cases.tests.straw import NOW, Straw, new_key
from honghu.kernel.cases.tests.untouched import nothing_changes
from honghu.kernel.evidence.models import EvidenceUse
from honghu.kernel.journal.commands import sequence, sign_checkpoint
from honghu.kernel.journal.keys import load_signer
from honghu.kernel.journal.queries import receipt


def test_an_opening_writes_case_step_form_message_and_evidence(straw: Straw) -> None:
    photo = straw.picture()
    done = straw.open(evidence={"before": [photo]})
    case, step = Case.objects.get(pk=done.case_id), Step.objects.get(pk=done.step_id)
    assert (done.state, done.version, done.replayed) == ("registered", 1, False)
    assert (case.state, case.version, case.number) == ("registered", 1, done.number)
    assert done.number.startswith("洪禁烧-2026-")
    assert case.opened_at == case.changed_at == step.at == NOW
    assert (step.sequence, step.from_state, step.to_state) == (1, "start", "registered")
    assert (step.person_id, step.organisation_id) == (
        straw.cast["officer"].person_id,
        straw.cast["officer"].organisation_id,
    )
    assert step.evidence == [photo]
    use = EvidenceUse.objects.get(step_id=done.step_id)
    assert (use.case_id, use.slot, use.kind) == (done.case_id, "before", "before")
    message = OutboxMessage.objects.get(step_id=done.step_id)
    assert (message.topic, message.delivered_at) == ("straw-burning.open", None)


def test_the_year_of_a_number_is_the_year_in_honghu(straw: Straw) -> None:
    """New Year's night, 00:30 in Honghu, is still the old year in UTC."""
    straw.now = dt.datetime(2026, 12, 31, 16, 30, tzinfo=dt.UTC)
    assert straw.open().number.startswith("洪禁烧-2027-")


def test_a_step_keeps_a_salted_digest_of_its_form(straw: Straw) -> None:
    done = straw.open()
    step, kept = Step.objects.get(pk=done.step_id), StepForm.objects.get(step_id=done.step_id)
    assert kept.form["village"] == "小港村三组"
    assert step.form_digest == sha256(bytes(kept.salt) + canonical_json(kept.form)).hex()
    assert len(bytes(kept.salt)) == 16


def test_a_fire_goes_from_the_find_to_the_strike_off(straw: Straw) -> None:
    case_id = straw.issued()
    straw.submit(case_id)
    assert straw.row(case_id).closed_at is None
    straw.now += dt.timedelta(hours=5)
    done = straw.verify(case_id)
    row = straw.row(case_id)
    assert (done.state, row.state, row.ended, row.closed_at) == (
        "closed",
        "closed",
        True,
        straw.now,
    )
    detail = straw.see(case_id)
    assert [step.action for step in detail.steps] == ["open", "issue", "submit", "verify"]
    assert [step.sequence for step in detail.steps] == [1, 2, 3, 4]
    assert [step.to_state for step in detail.steps][-1] == "closed"
    assert detail.counters == {"checks": 1}
    assert detail.names[straw.town()] == "小港管理区"


def test_a_failed_check_goes_back_and_is_counted(straw: Straw) -> None:
    case_id = straw.issued()
    for _round in range(2):
        straw.submit(case_id)
        assert straw.verify(case_id, result="failed").state == "issued"
    straw.submit(case_id)
    assert straw.verify(case_id).state == "closed"
    assert straw.see(case_id).counters == {"checks": 3}


def test_a_note_leaves_the_state_and_raises_the_version(straw: Straw) -> None:
    case_id = straw.issued()
    before = straw.row(case_id)
    straw.do(case_id, "note", "xiaogang", {"text": "正在调集机械"})
    after = straw.row(case_id)
    assert (after.state, after.version, after.due_at) == (
        before.state,
        before.version + 1,
        before.due_at,
    )


def test_every_step_can_be_proved_with_a_receipt(straw: Straw) -> None:
    done = straw.open()
    sequence(now=straw.now)
    signer = load_signer()
    sign_checkpoint(now=straw.now, signer=signer)
    made = receipt(done.step_id, show_content=True)
    assert str(done.case_id) in str(made)


def test_a_claimed_time_stands_beside_the_servers(straw: Straw) -> None:
    claimed = NOW - dt.timedelta(hours=3)
    done = straw.open(claimed_at=claimed)
    step = Step.objects.get(pk=done.step_id)
    assert (step.at, step.claimed_at) == (NOW, claimed)


def test_a_fire_that_comes_back_names_the_earlier_one(straw: Straw) -> None:
    first = straw.open()
    again = straw.open(rebound_of_id=first.case_id)
    assert Case.objects.get(pk=again.case_id).rebound_of_id == first.case_id


@pytest.mark.parametrize("relation", ["parent_id", "rebound_of_id"])
def test_a_relative_that_does_not_exist_is_refused(straw: Straw, relation: str) -> None:
    more: dict[str, Any] = {relation: uuid.uuid4(), "evidence": {"before": [straw.picture()]}}
    with nothing_changes(), pytest.raises(NotFound):
        straw.open(**more)


def test_a_case_belongs_to_none_where_its_register_declares_none(straw: Straw) -> None:
    parent, evidence = straw.open().case_id, {"before": [straw.picture()]}
    with nothing_changes(), pytest.raises(Invalid):
        straw.open(parent_id=parent, evidence=evidence)


def test_an_unknown_register_is_refused(straw: Straw) -> None:
    with nothing_changes(), pytest.raises(NotFound):
        open_case("no-such", actor=straw.cast["officer"], now=NOW, idempotency_key=new_key())


def test_an_organisation_named_as_a_fact_becomes_a_party(straw: Straw) -> None:
    case_id = straw.issued()
    assert Case.objects.get(pk=case_id).party_ids == [uuid.UUID(straw.town())]
    assert straw.see(case_id).parties == {"responsible": [straw.town()]}
