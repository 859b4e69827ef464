"""Every refusal of the write path: its class, its words, and that nothing at all was written."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from honghu.base.problems import HonghuError, NotAllowed, NotFound
from honghu.kernel.cases.commands import (
    ActionUnknown,
    LimitReached,
    StaleVersion,
    WrongState,
    open_case,
)
from honghu.kernel.cases.permissions import GuardRefuses, NotYourTurn, SameHands
from honghu.kernel.cases.tests.straw import NOW, RULES, SOURCE, Straw, new_key
from honghu.kernel.cases.tests.untouched import nothing_changes
from honghu.kernel.evidence.commands import EvidenceReusedError
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.commands import appoint
from honghu.kernel.parties.queries import get_actor
from honghu.kernel.registers.commands import publish_register
from honghu.kernel.registers.forms import FormInvalid
from honghu.kernel.rulesets.commands import publish_rules

VERIFIED: Mapping[str, Any] = {"result": "passed", "checklist": ["fire_out", "straw_in"]}


@pytest.fixture
def issued(straw: Straw) -> uuid.UUID:
    return straw.issued()


@pytest.fixture
def submitted(straw: Straw, issued: uuid.UUID) -> uuid.UUID:
    straw.submit(issued)
    return issued


def refused(kind: type[HonghuError], work: Callable[[], object]) -> HonghuError:
    """What the work is refused with; nothing must have been written."""
    with nothing_changes(), pytest.raises(kind) as refusal:
        work()
    assert type(refusal.value) is kind
    assert refusal.value.message
    return refusal.value


def test_an_action_that_the_state_does_not_allow(straw: Straw, issued: uuid.UUID) -> None:
    refusal = refused(WrongState, lambda: straw.do(issued, "verify", "officer", VERIFIED))
    assert "To be dealt with" in refusal.message
    assert refusal.status == 409


def test_an_action_that_does_not_open_a_case(straw: Straw) -> None:
    refused(WrongState, lambda: straw.open(action="issue", evidence={}, form={}))


def test_opening_a_case_that_is_open(straw: Straw, issued: uuid.UUID) -> None:
    refused(WrongState, lambda: straw.do(issued, "open", "officer", straw.finding()))


def test_an_action_that_the_register_does_not_have(straw: Straw, issued: uuid.UUID) -> None:
    refused(ActionUnknown, lambda: straw.do(issued, "burn", "officer"))


def test_a_case_that_does_not_exist(straw: Straw) -> None:
    refused(NotFound, lambda: straw.do(uuid.uuid4(), "note", "officer", {"text": "x"}))


def test_a_role_that_the_actor_does_not_hold(straw: Straw, issued: uuid.UUID) -> None:
    refusal = refused(NotYourTurn, lambda: straw.do(issued, "park", "xiaogang", {"reason": "x"}))
    assert "County straw-burning office" in refusal.message


def test_a_case_out_of_sight_is_none(straw: Straw, issued: uuid.UUID) -> None:
    """Not even its state or its version may be learned by trying."""
    form = {"cleared_area": "2"}
    refused(NotFound, lambda: straw.do(issued, "submit", "passer-by", form))
    refused(NotFound, lambda: straw.do(issued, "verify", "passer-by", {}, expected_version=0))


def test_opening_without_the_role(straw: Straw) -> None:
    photo = {"before": [straw.picture("xiaogang")]}
    refused(NotYourTurn, lambda: straw.open("xiaogang", evidence=photo))


def test_the_role_in_another_organisation_than_the_recorded_one(
    straw: Straw, issued: uuid.UUID
) -> None:
    evidence = {"after": [straw.picture("fengkou")]}
    form = {"cleared_area": "2"}
    refused(NotFound, lambda: straw.do(issued, "submit", "fengkou", form, evidence=evidence))


def test_the_system_holds_no_persons_role(straw: Straw, issued: uuid.UUID) -> None:
    straw.cast["system"] = SYSTEM
    refused(NotYourTurn, lambda: straw.do(issued, "park", "system", {"reason": "x"}))


def test_the_doer_does_not_verify_in_another_coat(straw: Straw, submitted: uuid.UUID) -> None:
    """The person who put the fire out now acts for the office."""
    doer, office = straw.cast["xiaogang"].person_id, straw.cast["officer"].organisation_id
    assert doer is not None
    assert office is not None
    appoint(
        person_id=doer, organisation_id=office, role="burning_office", from_date=dt.date(2026, 1, 1)
    )
    straw.cast["turncoat"] = get_actor(person_id=doer, on=NOW.date(), organisation_id=office)
    evidence = {"check": [straw.picture("officer")]}
    refusal = refused(
        SameHands, lambda: straw.do(submitted, "verify", "turncoat", VERIFIED, evidence=evidence)
    )
    assert "You did" in refusal.message


def test_the_doers_organisation_does_not_verify(straw: Straw, submitted: uuid.UUID) -> None:
    """Another person, with the office's role, but of the town that did the work."""
    evidence = {"check": [straw.picture("xiaogang-colleague")]}
    refusal = refused(
        SameHands,
        lambda: straw.do(submitted, "verify", "xiaogang-colleague", VERIFIED, evidence=evidence),
    )
    assert "organisation" in refusal.message


def test_work_that_was_sent_back_still_keeps_its_doers_from_verifying(
    straw: Straw, submitted: uuid.UUID
) -> None:
    straw.verify(submitted, result="failed")
    straw.submit(submitted, "xiaogang-colleague")
    evidence = {"check": [straw.picture("xiaogang-colleague")]}
    refused(
        SameHands,
        lambda: straw.do(submitted, "verify", "xiaogang-colleague", VERIFIED, evidence=evidence),
    )


def test_a_guard_that_does_not_hold(straw: Straw, issued: uuid.UUID) -> None:
    evidence = {"after": [straw.picture("xiaogang")]}
    form = {"cleared_area": "1.4"}
    refusal = refused(
        GuardRefuses, lambda: straw.do(issued, "submit", "xiaogang", form, evidence=evidence)
    )
    assert "Less was ploughed in" in refusal.message


def test_a_guard_asks_for_null_where_an_unknown_fact_may_pass(straw: Straw) -> None:
    case_id = straw.issued(area=None)
    assert straw.submit(case_id, area="0.1").state == "submitted"


def test_a_guard_on_an_unknown_fact_does_not_hold(straw: Straw) -> None:
    publish_register(
        source=SOURCE.replace("version: 1\n", "version: 2\n").replace(
            "facts.area == null || form", "form"
        ),
        actor=SYSTEM,
        now=NOW,
    )
    case_id = straw.issued(area=None)
    evidence = {"after": [straw.picture("xiaogang")]}
    form = {"cleared_area": "9"}
    refused(GuardRefuses, lambda: straw.do(case_id, "submit", "xiaogang", form, evidence=evidence))


class TestEvidence:
    """Too little, too much, the wrong kind, somebody else's, and what is no name at all."""

    def refuse(self, straw: Straw, case_id: uuid.UUID, **evidence: list[str]) -> HonghuError:
        form = {"cleared_area": "2"}
        return refused(
            FormInvalid, lambda: straw.do(case_id, "submit", "xiaogang", form, evidence=evidence)
        )

    def test_none_where_one_is_needed(self, straw: Straw, issued: uuid.UUID) -> None:
        assert set(self.refuse(straw, issued).fields) == {"after"}
        assert "1 needed, 0 given" in self.refuse(straw, issued, after=[]).fields["after"]

    def test_too_many(self, straw: Straw, issued: uuid.UUID) -> None:
        photos = [straw.picture("xiaogang") for _count in range(10)]
        assert "at most 9" in self.refuse(straw, issued, after=photos).fields["after"]

    def test_a_slot_that_the_action_does_not_have(self, straw: Straw, issued: uuid.UUID) -> None:
        photo = straw.picture("xiaogang")
        refusal = self.refuse(straw, issued, after=[photo], receipt=[photo])
        assert set(refusal.fields) == {"receipt"}

    @pytest.mark.parametrize("name", ["", "photo.jpg", "F" * 64, "0" * 63, "\x00" * 64])
    def test_a_name_that_is_no_digest(self, straw: Straw, issued: uuid.UUID, name: str) -> None:
        assert set(self.refuse(straw, issued, after=[name]).fields) == {"after"}

    def test_one_file_named_nine_times_is_one_file(self, straw: Straw) -> None:
        publish_register(
            source=SOURCE.replace("version: 1\n", "version: 2\n").replace(
                "after: {kind: photo, min: 1", "after: {kind: photo, min: 2"
            ),
            actor=SYSTEM,
            now=NOW,
        )
        case_id, photo = straw.issued(), straw.picture("xiaogang")
        assert "1 given" in self.refuse(straw, case_id, after=[photo] * 2).fields["after"]

    def test_a_file_that_nobody_uploaded(self, straw: Straw, issued: uuid.UUID) -> None:
        form, evidence = {"cleared_area": "2"}, {"after": ["0" * 64]}
        refused(NotFound, lambda: straw.do(issued, "submit", "xiaogang", form, evidence=evidence))

    def test_a_file_of_another_organisation(self, straw: Straw, issued: uuid.UUID) -> None:
        """A hash is no permission: hashes stand in the public journal."""
        form, evidence = {"cleared_area": "2"}, {"after": [straw.picture("fengkou")]}
        refused(NotAllowed, lambda: straw.do(issued, "submit", "xiaogang", form, evidence=evidence))

    def test_the_picture_of_the_fire_does_not_show_that_it_is_out(
        self, straw: Straw, issued: uuid.UUID
    ) -> None:
        """The town sees the patrol's picture in the case, and hands it in as its own work."""
        before = straw.see(issued).steps[0].evidence[0]
        form, evidence = {"cleared_area": "2"}, {"after": [before]}
        refused(
            EvidenceReusedError,
            lambda: straw.do(issued, "submit", "xiaogang", form, evidence=evidence),
        )

    def test_a_picture_that_proved_another_case_proves_nothing_here(
        self, straw: Straw, issued: uuid.UUID
    ) -> None:
        earlier, photo = straw.issued(), straw.picture("xiaogang")
        form, evidence = {"cleared_area": "2"}, {"after": [photo]}
        straw.do(earlier, "submit", "xiaogang", form, evidence=evidence)
        refused(
            EvidenceReusedError,
            lambda: straw.do(issued, "submit", "xiaogang", form, evidence=evidence),
        )

    def test_a_point_of_the_checklist_needs_its_file(self, straw: Straw) -> None:
        """Also where the slot itself may stay empty."""
        publish_register(
            source=SOURCE.replace("version: 1\n", "version: 2\n").replace(
                "check: {kind: photo, min: 1, max: 9}",
                "check: {kind: photo, min: 0, max: 9}\n"
                "      visit: {kind: photo, min: 1, title: {zh: 到场, en: Visit}}",
            ),
            actor=SYSTEM,
            now=NOW,
        )
        case_id = straw.issued()
        straw.submit(case_id)
        evidence = {"visit": [straw.picture("officer")]}
        refusal = refused(
            FormInvalid,
            lambda: straw.do(case_id, "verify", "officer", VERIFIED, evidence=evidence),
        )
        assert set(refusal.fields) == {"check"}


class TestForm:
    """Faults of the form are told together, whatever part of the request they are in."""

    @pytest.mark.parametrize("ticked", [None, [], ["fire_out"], "fire_out", ["fire_out", "other"]])
    def test_a_point_that_is_not_ticked(
        self, straw: Straw, submitted: uuid.UUID, ticked: object
    ) -> None:
        form = {"result": "passed", "checklist": ticked}
        evidence = {"check": [straw.picture("officer")]}
        refusal = refused(
            FormInvalid, lambda: straw.do(submitted, "verify", "officer", form, evidence=evidence)
        )
        assert set(refusal.fields) == {"checklist"}
        assert "ploughed in" in refusal.fields["checklist"]

    def test_every_fault_at_once(self, straw: Straw) -> None:
        form = {
            "found_at": "yesterday",
            "source": "rumour",
            "village": " ",
            "place": "here",
            "area": "-1",
            "informant": "田" * 41,
            "colour": "red",
        }
        refusal = refused(FormInvalid, lambda: straw.open(form=form, evidence={}))
        assert set(refusal.fields) == {*form, "before"}

    def test_form_checklist_and_evidence_at_once(self, straw: Straw, submitted: uuid.UUID) -> None:
        refusal = refused(
            FormInvalid, lambda: straw.do(submitted, "verify", "officer", {"result": "maybe"})
        )
        assert set(refusal.fields) == {"result", "checklist", "check"}

    def test_a_fact_that_is_not_the_actions(self, straw: Straw, issued: uuid.UUID) -> None:
        form = {"cleared_area": "2", "severity": "minor", "state": "closed"}
        evidence = {"after": [straw.picture("xiaogang")]}
        refusal = refused(
            FormInvalid, lambda: straw.do(issued, "submit", "xiaogang", form, evidence=evidence)
        )
        assert set(refusal.fields) == {"severity", "state"}

    @pytest.mark.parametrize(
        "value", ["\ud800", "a\x00b", 10**30, float("nan"), 1.5, {"a": object()}, b"x", [["x"]]]
    )
    def test_values_that_no_form_can_hold(
        self, straw: Straw, issued: uuid.UUID, value: object
    ) -> None:
        with nothing_changes(), pytest.raises(HonghuError) as refusal:
            straw.do(issued, "note", "officer", {"text": value})
        assert 400 <= refusal.value.status < 500


def test_a_stale_version(straw: Straw, issued: uuid.UUID) -> None:
    straw.do(issued, "note", "chief", {"text": "meanwhile"}, expected_version=2)
    refusal = refused(
        StaleVersion,
        lambda: straw.do(issued, "park", "officer", {"reason": "x"}, expected_version=2),
    )
    assert "version 3" in refusal.message


@pytest.mark.parametrize("key", ["", "k" * 201, "k" * 100_000, "a\x00b"])
def test_a_key_that_no_index_can_hold(straw: Straw, issued: uuid.UUID, key: str) -> None:
    with nothing_changes(), pytest.raises(HonghuError, match="idempotency key") as refusal:
        straw.do(issued, "note", "officer", {"text": "x"}, idempotency_key=key)
    assert refusal.value.status == 422


class TestConfirmation:
    """What cannot be undone asks for the number of the case."""

    @pytest.fixture
    def opened(self, straw: Straw) -> uuid.UUID:
        publish_register(
            source=SOURCE.replace("version: 1\n", "version: 2\n").replace(
                "    title: {zh: 不予受理, en: Reject}\n",
                "    title: {zh: 不予受理, en: Reject}\n    confirm: case_number\n",
            ),
            actor=SYSTEM,
            now=NOW,
        )
        return straw.open().case_id

    @pytest.mark.parametrize("typed", [None, "", "洪禁烧-2026-1"])
    def test_another_number_is_refused(
        self, straw: Straw, opened: uuid.UUID, typed: str | None
    ) -> None:
        form = {"reason": "误报"}
        with nothing_changes(), pytest.raises(HonghuError) as refusal:
            straw.do(opened, "reject", "officer", form, confirm=typed)
        assert set(refusal.value.fields) == {"confirm"}

    def test_the_number_lets_it_pass(self, straw: Straw, opened: uuid.UUID) -> None:
        number = straw.row(opened).number
        done = straw.do(opened, "reject", "officer", {"reason": "误报"}, confirm=number)
        assert done.state == "rejected"


def test_a_counter_at_its_limit(straw: Straw) -> None:
    publish_rules(
        RULES.replace("code: triage", "code: parkings_max")
        .replace("unit: period\n    clock: hour", "unit: count")
        .split("  - code: clear.minor")[0],
        now=NOW,
        approved_by=None,
    )
    publish_register(
        source=SOURCE.replace("version: 1\n", "version: 2\n").replace(
            "    counts: parkings\n",
            "    counts: parkings\n    limit: straw_burning.parkings_max\n",
        ),
        actor=SYSTEM,
        now=NOW,
    )
    case_id = straw.issued()
    for _round in range(2):
        straw.do(case_id, "park", "officer", {"reason": "等雨停"})
        straw.do(case_id, "resume", "officer")
    refused(LimitReached, lambda: straw.do(case_id, "park", "officer", {"reason": "等雨停"}))
    assert straw.see(case_id).counters["parkings"] == 2


def test_nothing_is_done_to_a_case_that_has_ended(straw: Straw, submitted: uuid.UUID) -> None:
    straw.verify(submitted)
    for action in ("note", "park", "submit", "verify", "issue", "resume", "reject"):
        who = "xiaogang" if action == "submit" else "officer"
        refused(WrongState, lambda a=action, w=who: straw.do(submitted, a, w))  # type: ignore[misc]


def test_opening_needs_a_register_that_is_published(straw: Straw) -> None:
    refused(
        NotFound,
        lambda: open_case(
            "unknown", actor=straw.cast["officer"], now=NOW, idempotency_key=new_key()
        ),
    )
