"""Signing: numbers without gaps, documents that stay as they are signed."""

import datetime as dt
import threading
import uuid

import pytest
from django.db import Error, connection, transaction

from honghu.base.problems import Conflict, Invalid, NotAllowed, NotFound
from honghu.kernel.documents.commands import (
    DocumentNotSignedError,
    DocumentSignedError,
    open_series,
    open_series_year,
    void_document,
)
from honghu.kernel.documents.content import DocumentContentError
from honghu.kernel.documents.models import Document, DocumentContent, SeriesCounter
from honghu.kernel.documents.queries import (
    documents_of_case,
    find_document,
    get_document,
    issued_documents,
    list_series,
    missing_numbers,
)
from honghu.kernel.documents.rendering import TemplateError
from honghu.kernel.documents.tests.conftest import (
    DIRECTOR,
    NOTICE,
    NOW,
    RIVER_OFFICE,
    TOWN_CHIEF,
    TOWN_OFFICE,
    Cabinet,
    draft,
    open_notices,
    sign,
)
from honghu.kernel.parties.actor import SYSTEM


class BrokenCabinetError(Exception):
    """What a full disk would raise."""


def broken(_content, _filename):
    raise BrokenCabinetError


def void(document_id, actor=DIRECTOR, reason="文号用错"):
    return void_document(document_id=document_id, reason=reason, actor=actor, now=NOW)


@pytest.mark.usefixtures("series")
class TestSigning:
    """One after another."""

    def test_a_draft_has_no_number_and_a_signed_document_has_everything(self, cabinet):
        case_id = uuid.uuid4()
        drafted = draft(case_id=case_id)
        assert (drafted.number, drafted.signed_date, drafted.rendered_sha256) == (None, None, None)
        signed = sign(drafted.id, cabinet, printed_date=dt.date(2026, 5, 8))
        assert signed.number == "洪河办函〔2026〕1号"
        assert signed.signed_by_person_id == DIRECTOR.person_id
        assert (signed.signed_date, signed.printed_date) == (
            dt.date(2026, 5, 6),
            dt.date(2026, 5, 8),
        )
        assert signed.content_sha256 == NOTICE.digest()
        assert list(cabinet.files) == ["洪河办函〔2026〕1号.docx"]
        assert get_document(drafted.id) == signed
        assert find_document("洪河办函〔2026〕1号") == signed
        assert documents_of_case(case_id) == [signed]

    def test_the_day_is_that_of_the_office(self, cabinet):
        late = dt.datetime(2026, 12, 31, 16, 30, tzinfo=dt.UTC)
        signed = sign(draft().id, cabinet, now=late)
        assert signed.signed_date == dt.date(2027, 1, 1), "in Beijing it is the new year"
        assert signed.number == "洪河办函〔2027〕1号"

    def test_numbers_begin_anew_each_year_and_go_on_in_the_old_one(self, cabinet):
        next_year = NOW.replace(year=2027)
        numbers = [sign(draft().id, cabinet, now=now).number for now in (NOW, NOW, next_year, NOW)]
        assert numbers == [
            f"洪河办函〔{y}〕{n}号" for y, n in ((2026, 1), (2026, 2), (2027, 1), (2026, 3))
        ]

    def test_each_organisation_counts_for_itself(self, cabinet):
        open_series(
            code="整改通知", organ_mark="新河办函", organisation_id=TOWN_OFFICE,
            organ_name="新堤街道河长制办公室", now=NOW,
        )  # fmt: skip
        sign(draft().id, cabinet)
        town = sign(draft(actor=TOWN_CHIEF).id, cabinet, actor=TOWN_CHIEF)
        assert town.number == "新河办函〔2026〕1号"
        assert {row.organ_mark for row in list_series()} == {"洪河办函", "新河办函"}
        assert [row.organ_mark for row in list_series(organisation_id=TOWN_OFFICE)] == ["新河办函"]

    def test_a_failure_takes_the_number_back(self, cabinet, series):
        first, second = draft(), draft()
        with pytest.raises(BrokenCabinetError):
            sign(first.id, broken)
        assert get_document(first.id).number is None
        assert sign(second.id, cabinet).number == "洪河办函〔2026〕1号"
        assert sign(first.id, cabinet).number == "洪河办函〔2026〕2号"
        assert missing_numbers(series, 2026) == []

    def test_numbers_go_on_from_those_on_paper(self, cabinet, series):
        open_series_year(series_id=series, year=2026, first_number=38)
        assert sign(draft().id, cabinet).number == "洪河办函〔2026〕38号"
        assert missing_numbers(series, 2026) == []
        with pytest.raises(Conflict, match="have begun"):
            open_series_year(series_id=series, year=2026, first_number=50)
        with pytest.raises(Invalid):
            open_series_year(series_id=series, year=2027, first_number=0)

    def test_only_a_person_of_the_office_signs_and_only_once(self, cabinet):
        drafted = draft()
        for actor in (SYSTEM, TOWN_CHIEF):
            with pytest.raises(NotAllowed):
                sign(drafted.id, cabinet, actor=actor)
        sign(drafted.id, cabinet)
        with pytest.raises(DocumentSignedError):
            sign(drafted.id, cabinet)
        with pytest.raises(NotFound):
            sign(uuid.uuid4(), cabinet)

    def test_a_draft_that_was_changed_behind_the_back_is_not_signed(self, cabinet):
        drafted = draft()
        changed = NOTICE.as_json() | {"title": "关于放宽期限的通知"}
        DocumentContent.objects.filter(pk=drafted.id).update(data=changed)
        with pytest.raises(DocumentContentError, match="not what was drafted"):
            sign(drafted.id, cabinet)
        assert get_document(drafted.id).number is None

    def test_printed_before_signed_is_refused(self, cabinet):
        with pytest.raises(Invalid, match="before it was signed"):
            sign(draft().id, cabinet, printed_date=dt.date(2026, 5, 5))

    def test_a_voided_number_stays_taken(self, cabinet, series):
        first = sign(draft().id, cabinet)
        voided = void(first.id)
        assert (voided.voided_at, voided.void_reason) == (NOW, "文号用错")
        assert sign(draft().id, cabinet).number == "洪河办函〔2026〕2号"
        register = [(row.number, row.voided_at) for row in issued_documents(series, 2026)]
        assert register == [("洪河办函〔2026〕1号", NOW), ("洪河办函〔2026〕2号", None)]

    def test_voiding_needs_a_signed_document_a_reason_and_the_office(self, cabinet):
        drafted = draft()
        with pytest.raises(DocumentNotSignedError):
            void(drafted.id)
        sign(drafted.id, cabinet)
        with pytest.raises(Invalid):
            void(drafted.id, reason=" ")
        with pytest.raises(NotAllowed):
            void(drafted.id, actor=TOWN_CHIEF)
        void(drafted.id)
        with pytest.raises(DocumentSignedError):
            void(drafted.id)

    def test_a_series_or_template_that_is_not_there_stops_the_draft(self):
        with pytest.raises(NotFound, match=r"新堤街道河长办\) has no document series 整改通知"):
            draft(actor=TOWN_CHIEF)
        with pytest.raises(NotFound):
            draft(actor=SYSTEM)
        with pytest.raises(TemplateError):
            draft(template="unheard-of.docx")
        assert not Document.objects.exists()

    def test_a_series_is_opened_once_under_one_mark(self, series):
        assert open_notices() == series
        with pytest.raises(Conflict, match="are numbered 洪河办函"):
            open_series(
                code="整改通知", organ_mark="洪河发", organisation_id=RIVER_OFFICE,
                organ_name="洪湖市河湖长制办公室", now=NOW,
            )  # fmt: skip
        with pytest.raises(Conflict, match="in use"):
            open_series(
                code="交办单", organ_mark="洪河办函", organisation_id=TOWN_OFFICE,
                organ_name="新堤街道河长制办公室", now=NOW,
            )  # fmt: skip

    def test_lists_cost_three_queries_whatever_their_length(
        self, cabinet, series, django_assert_num_queries
    ):
        for _ in range(4):
            sign(draft().id, cabinet)
        with django_assert_num_queries(3):
            assert len(issued_documents(series, 2026)) == 4

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE documents_document SET signed_date = signed_date + 1",
            "UPDATE documents_document SET rendered_sha256 = repeat('0', 64)",
            "UPDATE documents_document SET signed_at = NULL",
            "DELETE FROM documents_document",
            "TRUNCATE documents_document CASCADE",
            "UPDATE documents_documentvoid SET reason = 'x'",
            "DELETE FROM documents_documentvoid",
            "UPDATE documents_documentseries SET organ_mark = 'x'",
            "UPDATE documents_documentcontent SET data = '{}'",
            "UPDATE documents_seriescounter SET last_number = 7",
            "UPDATE documents_seriescounter SET last_number = last_number - 1",
            "UPDATE documents_seriescounter SET year = 2030",
            "DELETE FROM documents_seriescounter",
        ],
    )
    def test_the_database_keeps_what_is_signed(self, cabinet, sql):
        sign(draft().id, cabinet)
        void(sign(draft().id, cabinet).id)
        with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)

    def test_the_database_lets_no_number_be_counted_without_its_document(self, cabinet):
        sign(draft().id, cabinet)
        SeriesCounter.objects.update(last_number=2)
        with pytest.raises(Error, match="no document took it"):
            connection.check_constraints()

    def test_the_database_lets_no_number_be_invented(self, cabinet):
        sign(draft().id, cabinet)
        drafted = draft()
        with pytest.raises(Error, match="not the next one"), transaction.atomic():
            Document.objects.filter(pk=drafted.id).update(
                year=2026, number=9, signed_at=NOW, signed_date=NOW.date(),
                printed_date=NOW.date(), rendered_sha256="0" * 64,
            )  # fmt: skip


def test_eight_signers_at_once_leave_no_gap(committed_db):
    series = open_notices()
    drafts = [draft().id for _ in range(24)]
    barrier = threading.Barrier(8)
    cabinet, failures = Cabinet(), []

    def work(mine):
        barrier.wait()
        try:
            for index, document_id in enumerate(mine):
                try:
                    sign(document_id, broken if index == 1 else cabinet)
                except BrokenCabinetError:
                    failures.append(document_id)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(drafts[n::8],)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(failures) == 8
    register = issued_documents(series, 2026)
    assert [row.number for row in register] == [f"洪河办函〔2026〕{n}号" for n in range(1, 17)]
    assert {get_document(document_id).number for document_id in failures} == {None}
    assert missing_numbers(series, 2026) == []
