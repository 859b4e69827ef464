"""Using evidence in cases: what was uploaded, by whom, and never the same proof twice."""

import threading
import uuid

import pytest
from django.db import Error, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from honghu.base.problems import Invalid, NotAllowed, NotFound
from honghu.kernel.evidence.commands import EvidenceReusedError
from honghu.kernel.evidence.models import EvidenceUse
from honghu.kernel.evidence.queries import find_duplicates, uses_of_case
from honghu.kernel.evidence.tests.conftest import (
    COLLEAGUE,
    NOW,
    PATROL,
    STRANGER,
    attach,
    picture,
    store,
)
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.rulesets.queries import reading_one_edition
from honghu.kernel.rulesets.values import RuleValue, RuleValueError

ONE, TWO = uuid.UUID(int=101), uuid.UUID(int=102)


@pytest.mark.usefixtures("kept")
class TestOneAfterAnother:
    """Without concurrency."""

    def test_a_use_takes_over_the_claims_of_the_upload(self):
        stored = store(picture(1), filename="清理后.jpg")
        (use,) = attach(ONE, stored.sha256)
        assert uses_of_case(ONE) == [use]
        assert (use.kind, use.slot, use.filename) == ("after", "slot", "清理后.jpg")
        assert use.uploader_person_id == PATROL.person_id
        assert (use.media_type, use.resembles) == ("image/jpeg", None)

    def test_the_bytes_of_another_case_prove_nothing(self):
        stored = store(picture(1))
        attach(ONE, stored.sha256, kind="before")
        with pytest.raises(EvidenceReusedError, match=str(ONE)) as refused, transaction.atomic():
            attach(TWO, stored.sha256)
        assert refused.value.status == 409
        assert uses_of_case(TWO) == []

    def test_within_one_case_a_picture_may_be_sent_again(self):
        stored = store(picture(1))
        attach(ONE, stored.sha256)
        assert len(attach(ONE, stored.sha256)) == 1

    def test_another_kind_of_use_is_flagged_and_not_refused(self):
        stored = store(picture(1))
        (first,) = attach(ONE, stored.sha256, kind="document")
        (second,) = attach(TWO, stored.sha256, kind="document")
        assert second.resembles == first.id

    def test_nearly_the_same_picture_is_flagged(self):
        (first,) = attach(ONE, store(picture(1)).sha256)
        again = store(picture(1, quality=50, size=(400, 300)))
        assert [(found.case_id, found.exact) for found in again.duplicates] == [(ONE, False)]
        (second,) = attach(TWO, again.sha256)
        assert second.resembles == first.id
        (third,) = attach(TWO, store(picture(2)).sha256)
        assert third.resembles is None

    def test_duplicates_name_the_same_bytes_first(self):
        stored, near = store(picture(1)), store(picture(1, quality=50))
        attach(ONE, near.sha256, kind="before")
        attach(ONE, stored.sha256, kind="before")
        found = find_duplicates(
            stored.sha256, stored.evidence.perceptual_hash, on=NOW.date(), case_id=TWO
        )
        assert [item.exact for item in found] == [True, False]
        assert find_duplicates(stored.sha256, None, on=NOW.date(), case_id=ONE) == []

    def test_a_file_that_serves_everywhere_hides_no_other(self):
        form, photo = store(picture(1)), store(picture(2))
        for number in range(25):
            attach(uuid.UUID(int=200 + number), form.sha256, kind="document")
        attach(ONE, photo.sha256)
        with pytest.raises(EvidenceReusedError), transaction.atomic():
            attach(TWO, form.sha256, photo.sha256)

    def test_a_rule_beyond_the_index_is_refused(self, monkeypatch):
        monkeypatch.setattr(RuleValue, "as_int", lambda _rule: 8)
        with pytest.raises(RuleValueError, match="more than 7"):
            find_duplicates("0" * 64, 1, on=NOW.date())

    @settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.integers(-(2**63), 2**63 - 1), st.sets(st.integers(0, 63), max_size=7))
    def test_the_index_finds_every_hash_within_seven_bits(self, one, flipped):
        other = one
        for bit in flipped:
            other ^= -(2**63) if bit == 63 else 1 << bit
        with connection.cursor() as cursor:
            cursor.execute("SELECT evidence_bands(%s) && evidence_probes(%s)", [other, one])
            assert cursor.fetchone() == (True,)

    def test_a_hash_is_no_permission(self):
        stored = store(picture(1))
        attach(ONE, stored.sha256, kind="document")
        with (
            pytest.raises(NotAllowed, match="not uploaded by your organisation"),
            transaction.atomic(),
        ):
            attach(TWO, stored.sha256, kind="document", actor=STRANGER)
        assert attach(TWO, stored.sha256, kind="document", actor=COLLEAGUE)
        assert attach(TWO, stored.sha256, kind="document", actor=SYSTEM)
        assert attach(ONE, stored.sha256, kind="document", actor=STRANGER), "the case holds it"

    def test_what_was_never_stored_is_not_found(self):
        with pytest.raises(NotFound, match="Upload the file first"):
            attach(ONE, "0" * 64)

    def test_an_unknown_kind_is_refused(self):
        with pytest.raises(Invalid, match="unknown kind"):
            attach(ONE, store(picture(1)).sha256, kind="proof")

    def test_one_bad_file_keeps_all_out(self):
        stored = store(picture(1))
        with pytest.raises(NotFound), transaction.atomic():
            attach(ONE, stored.sha256, "0" * 64)
        assert uses_of_case(ONE) == []

    def test_the_number_of_statements_does_not_grow(self, django_assert_num_queries):
        shas = [store(picture(seed)).sha256 for seed in range(8)]
        with django_assert_num_queries(5), transaction.atomic(savepoint=False):
            attach(ONE, *shas)
        with django_assert_num_queries(6), reading_one_edition():
            find_duplicates(shas[0], 1, on=NOW.date())
            attach(ONE, shas[0])

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE evidence_evidenceuse SET kind = 'before'",
            "UPDATE evidence_evidenceuse SET filename = NULL",
            "UPDATE evidence_evidenceuse SET case_id = gen_random_uuid()",
            "DELETE FROM evidence_evidenceuse",
            "TRUNCATE evidence_evidenceuse",
            "UPDATE evidence_evidence SET media_type = 'text/plain'",
            "DELETE FROM evidence_evidence",
            "TRUNCATE evidence_evidence CASCADE",
        ],
    )
    def test_the_database_keeps_rows_as_they_are(self, sql):
        attach(ONE, store(picture(1)).sha256)
        with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
        assert EvidenceUse.objects.count() == 2


def test_of_two_cases_at_once_one_gets_the_picture(committed_db, rules):
    rules()
    stored = store(picture(1))
    barrier = threading.Barrier(6)
    outcomes = []

    def take(case_id):
        barrier.wait()
        try:
            attach(case_id, stored.sha256)
            outcomes.append("taken")
        except EvidenceReusedError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(uuid.uuid4(),)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused"] * 5 + ["taken"]
