"""Verifying the storage, erasing by law, and serving without danger."""

import pytest
from django.db import connection

from honghu.base.problems import Conflict, Invalid, NotFound
from honghu.kernel.evidence.commands import erase_evidence
from honghu.kernel.evidence.media import KEPT
from honghu.kernel.evidence.queries import (
    EvidenceErasedError,
    EvidenceLostError,
    StorageFault,
    get_evidence,
    open_content,
    uses_of_evidence,
    verify_storage,
)
from honghu.kernel.evidence.serving import serving_headers
from honghu.kernel.evidence.spool import storage_name
from honghu.kernel.evidence.tests.conftest import NOW, PATROL, attach, picture, store

ONE = "00000000-0000-0000-0000-000000000065"


def erase(sha256, reason="当事人依个人信息保护法第四十七条请求删除"):
    erase_evidence(sha256=sha256, reason=reason, actor=PATROL, now=NOW)


@pytest.mark.usefixtures("kept")
class TestVerification:
    """Every kept content is read again."""

    def test_lost_and_altered_files_are_named(self, evidence_folder):
        good, lost, altered = (store(picture(seed)).sha256 for seed in range(3))
        (evidence_folder / storage_name(lost)).unlink()
        path = evidence_folder / storage_name(altered)
        path.chmod(0o600)
        path.write_bytes(path.read_bytes()[:-1] + b"?")
        calls = []
        report = verify_storage(lambda done, total: calls.append((done, total)))
        assert set(report.faults) == {StorageFault(lost, "lost"), StorageFault(altered, "altered")}
        assert report.files == 3
        assert calls == [(1, 3), (2, 3), (3, 3)]
        assert good not in {fault.sha256 for fault in report.faults}
        with pytest.raises(EvidenceLostError, match=lost):
            open_content(lost)

    def test_an_erased_file_is_no_fault(self):
        erase(store(picture(1)).sha256)
        report = verify_storage()
        assert (report.files, report.faults) == (0, ())

    def test_unknown_content_is_not_found(self):
        with pytest.raises(NotFound):
            open_content("0" * 64)


@pytest.mark.usefixtures("kept")
class TestErasure:
    """What the law takes: the bytes and the names. What it leaves: hash, uses, reason."""

    def test_bytes_and_names_go_the_rest_stays(self, evidence_folder):
        stored = store(picture(1), filename="张三身份证.jpg")
        attach(ONE, stored.sha256, kind="document")
        erase(stored.sha256)
        assert not (evidence_folder / storage_name(stored.sha256)).exists()
        assert get_evidence(stored.sha256).erased_at == NOW
        uses = uses_of_evidence(stored.sha256)
        assert [(use.filename, use.kind) for use in uses] == [(None, "photo"), (None, "document")]
        with pytest.raises(EvidenceErasedError) as gone:
            open_content(stored.sha256)
        assert gone.value.status == 410

    def test_an_erased_file_does_not_come_back(self, evidence_folder):
        stored = store(picture(1))
        erase(stored.sha256)
        with pytest.raises(Conflict, match="erased by law"):
            store(picture(1))
        assert not (evidence_folder / storage_name(stored.sha256)).exists()
        with pytest.raises(Conflict, match="erased by law"):
            attach(ONE, stored.sha256)

    def test_it_needs_a_reason_and_happens_once(self):
        stored = store(picture(1))
        with pytest.raises(Invalid):
            erase(stored.sha256, reason=" ")
        erase(stored.sha256)
        with pytest.raises(Conflict):
            erase(stored.sha256)
        with pytest.raises(NotFound):
            erase("0" * 64)


def test_the_role_of_the_application_cannot_change_evidence(committed_db, rules):
    rules()
    store(picture(1))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t, p FROM unnest(ARRAY['evidence_evidence', 'evidence_evidenceuse',"
            " 'evidence_evidenceerasure', 'rulesets_rule']) t,"
            " unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) p"
            " WHERE has_table_privilege('honghu_app', t, p)"
        )
        assert cursor.fetchall() == []


@pytest.mark.parametrize("media_type", ["text/html", "image/svg+xml", "application/xml"])
def test_active_content_is_a_download_in_a_sandbox(media_type):
    headers = serving_headers(media_type, "公告.html", sha256="0" * 64)
    assert headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in headers["Content-Security-Policy"]
    assert "allow-scripts" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_pictures_are_shown_in_place_under_the_ending_of_their_type():
    headers = serving_headers("image/png", "现场.jpg", sha256="0" * 64)
    assert headers["Content-Disposition"].startswith("inline")
    assert headers["Content-Disposition"].endswith("%E7%8E%B0%E5%9C%BA.jpg.png")
    assert "sandbox" in headers["Content-Security-Policy"]


def test_every_kept_type_is_served_without_scripts():
    for name in KEPT:
        headers = serving_headers(name, None, sha256="0" * 64)
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "script-src" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
    unknown = serving_headers("application/x-unknown", None, sha256="0" * 64)
    assert unknown["Content-Type"] == "application/octet-stream"
    assert unknown["Content-Disposition"].startswith("attachment")
