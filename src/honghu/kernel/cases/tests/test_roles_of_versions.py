"""Who may act and who may see follows the register's latest version, for cases of every version."""

import time
import uuid

import pytest
from django.db import connection

from honghu.base.problems import NotFound
from honghu.kernel.cases.files import visible_use
from honghu.kernel.cases.permissions import NotYourTurn, SameHands
from honghu.kernel.cases.tests.straw import NOW, SOURCE, Straw
from honghu.kernel.cases.turns import my_work
from honghu.kernel.evidence.models import EvidenceUse
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.registers import queries
from honghu.kernel.registers.commands import publish_register
from honghu.kernel.registers.queries import get_register, ruling_version

HANDED_OVER = (
    SOURCE.replace("version: 1\n", "version: 101\n")
    .replace("  burning_office:\n    title", "  tea_maker:\n    title", 1)
    .replace("burning_office", "tea_maker")
    .replace("differs: {person: true, organisation: true}", "differs: {person: true, "
             "organisation: false, reason: {zh: 测试, en: a test}}")
    .replace("held_in: [office]", "held_in: [township]")
)  # fmt: skip
"""The office's part goes to the tea maker; the separation is loosened."""
RENAMED = (
    SOURCE.replace("version: 1\n", "version: 102\n")
    .replace("from: issued", "from: ordered")
    .replace("to: issued", "to: ordered")
    .replace("failed: issued", "failed: ordered")
    .replace("[registered, issued,", "[registered, ordered,")
    .replace("  issued:\n", "  ordered:\n")
    .replace("by: severity, starts: found_at}", "by: severity, starts: found_at, code: issued}")
    .replace("  submit:\n", "  finish:\n")
    .replace("[submit]", "[finish]")
    .replace("town_officer", "town_clerk")
)


def publish(source: str) -> None:
    publish_register(source=source, actor=SYSTEM, now=NOW)


def sees(straw: Straw, case_id: uuid.UUID, who: str) -> bool:
    try:
        straw.see(case_id, who)
    except NotFound:
        return False
    return True


def test_the_latest_version_says_who_sees_and_acts_but_not_how(straw: Straw) -> None:
    case_id = straw.issued()
    straw.submit(case_id)
    photo = EvidenceUse.objects.filter(case_id=case_id, slot="before").get().evidence_id
    assert sees(straw, case_id, "officer")
    assert not sees(straw, case_id, "passer-by")
    publish(HANDED_OVER)
    assert not sees(straw, case_id, "chief")
    assert sees(straw, case_id, "passer-by")
    assert visible_use(photo, actor=straw.cast["passer-by"]).sha256 == photo
    with pytest.raises(NotFound):
        straw.verify(case_id, who="officer")
    work = my_work(actor=straw.cast["passer-by"], now=straw.now)
    assert [row.id for row in work] == [case_id]
    assert my_work(actor=straw.cast["chief"], now=straw.now) == []
    offered = {
        each.action.code: each.allowed for each in straw.see(case_id, "passer-by").possibilities
    }
    assert offered == {"verify": True, "note": True}
    straw.verify(case_id, who="passer-by")
    assert get_register("straw-burning", straw.row(case_id).register_version).version == 1


def test_the_separation_stays_that_of_the_case(straw: Straw) -> None:
    """The new version lets one organisation do both; a case of the old one does not."""
    case_id = straw.issued(town="fengkou")
    straw.do(
        case_id, "submit", "fengkou", {"cleared_area": "2"},
        evidence={"after": [straw.picture("fengkou")]},
    )  # fmt: skip
    publish(HANDED_OVER)
    with pytest.raises(SameHands):
        straw.verify(case_id, who="passer-by")


def test_what_the_latest_version_does_not_know_stays_with_the_roles_it_had(straw: Straw) -> None:
    case_id = straw.issued()
    publish(RENAMED)
    assert [row.id for row in my_work(actor=straw.cast["xiaogang"], now=straw.now)] == [case_id]
    assert sees(straw, case_id, "xiaogang")
    # The note is known to the latest version, and there it is the clerk's.
    with pytest.raises(NotYourTurn):
        straw.do(case_id, "note", "xiaogang", {"text": "x"})
    straw.submit(case_id)
    straw.verify(case_id)
    assert straw.row(case_id).ended


def test_another_process_learns_of_a_publication_by_the_token(
    straw: Straw, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = get_register("straw-burning", 1)
    assert ruling_version(register).version == 1
    monkeypatch.setattr(
        "honghu.kernel.registers.commands.forget_latest", lambda: None
    )  # as if another process had published
    publish(HANDED_OVER)
    assert ruling_version(register).version == 1
    later = time.monotonic() + queries.LATEST_SECONDS + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert ruling_version(register).version == 101


def test_publishing_renews_the_token_once_and_the_same_text_does_not(straw: Straw) -> None:
    def token() -> object:
        with connection.cursor() as cursor:
            cursor.execute("SELECT token FROM rulesets_edition")
            return cursor.fetchone()[0]

    before = token()
    publish(SOURCE)
    assert token() == before
    publish(HANDED_OVER)
    assert token() != before
