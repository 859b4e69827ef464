"""Storing uploads: once, bounded, whole or not at all."""

import datetime as dt
import hashlib
import io
import tracemalloc
from decimal import Decimal

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError

from honghu.base.earth import Point
from honghu.base.problems import Invalid
from honghu.kernel.evidence import commands
from honghu.kernel.evidence.commands import clean_filename
from honghu.kernel.evidence.media import UnacceptableFileError
from honghu.kernel.evidence.models import Evidence, EvidenceUse
from honghu.kernel.evidence.queries import get_evidence, open_content, uses_of_evidence
from honghu.kernel.evidence.spool import storage_name
from honghu.kernel.evidence.tests.conftest import COLLEAGUE, NOW, PATROL, picture, store, zipped

pytestmark = pytest.mark.usefixtures("kept")
MIB = 1 << 20


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


class Endless:
    """A stream, with or without a stated size, that counts what is read of it."""

    def __init__(self, size, *, stated):
        self.size = size if stated else None
        self.left = size
        self.given = 0

    def read(self, size, /):
        chunk = b"a" * min(size, self.left)
        self.left -= len(chunk)
        self.given += len(chunk)
        return chunk


def test_bytes_are_kept_once_under_their_hash(evidence_folder):
    content = picture(1)
    first = store(content)
    second = store(io.BytesIO(content), actor=COLLEAGUE, filename="again.jpg")
    third = store(SimpleUploadedFile("third.jpg", content), filename="third.jpg")
    sha256 = hashlib.sha256(content).hexdigest()
    assert {first.sha256, second.sha256, third.sha256} == {sha256}
    assert files(evidence_folder) == [evidence_folder / storage_name(sha256)]
    with open_content(sha256) as file:
        assert file.read() == content
    assert [use.filename for use in uses_of_evidence(sha256)] == [
        "photo.jpg",
        "again.jpg",
        "third.jpg",
    ]
    row = get_evidence(sha256)
    assert (row.media_type, row.size_bytes, row.first_seen_at) == ("image/jpeg", len(content), NOW)


def test_what_is_claimed_is_kept_beside_what_the_camera_noted():
    claimed = dt.datetime(2026, 5, 6, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    place = Point(Decimal("113.470139"), Decimal("29.81"))
    stored = store(picture(1), captured_at=claimed, place=place)
    (use,) = uses_of_evidence(stored.sha256)
    assert (use.captured_at, use.place, use.uploader_person_id) == (
        claimed,
        place,
        PATROL.person_id,
    )
    assert stored.evidence.exif_captured is None


@pytest.mark.parametrize("stated", [True, False])
def test_a_200_mb_upload_is_refused_early_and_leaves_nothing(evidence_folder, settings, stated):
    settings.HONGHU_EVIDENCE_MAX_BYTES = 5 * MIB
    upload = Endless(200 * MIB, stated=stated)
    tracemalloc.start()
    try:
        with pytest.raises(UnacceptableFileError, match=r"larger than 5242880 bytes \(5 MiB\)"):
            store(upload, filename="video.mp4")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert upload.given <= (0 if stated else 6 * MIB)
    assert peak < 3 * MIB
    assert files(evidence_folder) == []
    assert not Evidence.objects.exists()


@pytest.mark.parametrize(
    ("content", "filename"),
    [
        (b"MZ\x90", "photo.jpg"),
        (bytes(range(256)), "photo.jpg"),
        (picture(1)[:2000], "photo.jpg"),
        (zipped([("run.exe", b"MZ")]), "photos.zip"),
        (b"", "photo.jpg"),
    ],
)
def test_a_refused_file_leaves_nothing(evidence_folder, content, filename):
    with pytest.raises(UnacceptableFileError):
        store(content, filename=filename)
    assert files(evidence_folder) == []
    assert not EvidenceUse.objects.exists()


def test_a_failure_after_the_bytes_leaves_only_the_harmless_file(evidence_folder, monkeypatch):
    def fail(*_args):
        raise DatabaseError("the server went away")

    monkeypatch.setattr(commands, "_keep", fail)
    with pytest.raises(DatabaseError):
        store(picture(1))
    assert len(files(evidence_folder)) == 1
    monkeypatch.undo()
    assert store(picture(1)).sha256 == files(evidence_folder)[0].name


def test_lost_bytes_come_back_with_the_next_upload(evidence_folder):
    stored = store(picture(1))
    (evidence_folder / storage_name(stored.sha256)).unlink()
    store(picture(1))
    with open_content(stored.sha256) as file:
        assert file.read() == picture(1)


def test_a_storage_without_local_paths_works_too(settings):
    settings.STORAGES = settings.STORAGES | {
        "evidence": {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    }
    stored = store(picture(1))
    store(picture(1))
    assert storages["evidence"].size(storage_name(stored.sha256)) == len(picture(1))
    with open_content(stored.sha256) as file:
        assert file.read() == picture(1)


@pytest.mark.parametrize(
    "claims",
    [
        {"kind": "selfie"},
        {"captured_at": NOW + dt.timedelta(hours=1)},
        {"captured_at": NOW.replace(tzinfo=None)},
    ],
)
def test_claims_that_cannot_be_true_are_refused(evidence_folder, claims):
    with pytest.raises(Invalid):
        store(picture(1), **claims)
    assert files(evidence_folder) == []


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("现场照片.jpg", "现场照片.jpg"),
        ("C:\\fakepath\\a.jpg", "a.jpg"),
        ("../../etc/passwd", "passwd"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\x00b\nc.txt", "abc.txt"),
        ("  .. ", "file"),
        ("", "file"),
        ("长" * 300 + ".jpg", "长" * 196 + ".jpg"),
        ("x." + "y" * 300, "x." + "y" * 198),
    ],
)
def test_file_names_are_made_harmless(given, clean):
    assert clean_filename(given) == clean
