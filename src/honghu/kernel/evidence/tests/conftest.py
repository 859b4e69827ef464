"""The evidence folder of a test, its pictures, and the people who send them."""

import datetime as dt
import io
import random
import uuid
import zipfile
from pathlib import Path

import pytest
from django.utils import translation
from PIL import Image

from honghu.kernel.evidence.commands import Attachment, attach_evidence, store_evidence
from honghu.kernel.parties.actor import Actor
from honghu.kernel.rulesets import commands as rulesets

NOW = dt.datetime(2026, 5, 6, 2, tzinfo=dt.UTC)
PATROL = Actor(uuid.UUID(int=1), uuid.UUID(int=10), frozenset({"patrol"}), "丁一", "新堤街道")
COLLEAGUE = Actor(uuid.UUID(int=2), uuid.UUID(int=10), frozenset({"patrol"}), "万二", "新堤街道")
STRANGER = Actor(uuid.UUID(int=3), uuid.UUID(int=30), frozenset({"patrol"}), "丈三", "乌林镇")


def picture(seed, *, size=(640, 480), quality=90, fmt="JPEG", brightness=0, exif=None):
    """A picture with large shapes that `seed` decides: as bytes."""
    shades = random.Random(seed)  # noqa: S311 test pictures
    coarse = Image.new("L", (12, 9))
    coarse.putdata([min(255, shades.randrange(220) + brightness) for _ in range(108)])
    image = coarse.resize(size, Image.Resampling.BICUBIC).convert("RGB")
    target = io.BytesIO()
    more = {"exif": exif} if exif is not None else {}
    image.save(target, fmt, quality=quality, **more)
    return target.getvalue()


def zipped(entries, *, compression=zipfile.ZIP_DEFLATED):
    """A zip file of (name, content) as bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return target.getvalue()


@pytest.fixture(autouse=True)
def _english():
    """Refusals are compared in English."""
    with translation.override("en"):
        yield


@pytest.fixture
def evidence_folder(settings, tmp_path):
    """The storage of this test, empty at first."""
    folder = tmp_path / "evidence"
    backend = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": folder},
    }
    settings.STORAGES = settings.STORAGES | {"evidence": backend}
    return folder


@pytest.fixture
def rules(evidence_folder):
    """The kernel's rules, published. Use together with a database fixture."""
    path = Path(rulesets.__file__).parent / "kernel.yaml"

    def _publish():
        rulesets.publish_rules(path, now=NOW, approved_by=None)

    return _publish


@pytest.fixture
def kept(db, rules):
    """A database with the kernel's rules, and an empty storage."""
    rules()


def store(content, *, filename="photo.jpg", actor=PATROL, kind="photo", **claims):
    """Store an upload as the patrol does."""
    return store_evidence(
        content=content, filename=filename, actor=actor, now=NOW, kind=kind, **claims
    )


def attach(case_id, *shas, kind="after", actor=PATROL, now=NOW):
    """Use stored evidence in a step of a case."""
    return attach_evidence(
        case_id=case_id,
        step_id=uuid.uuid4(),
        attachments=[Attachment(sha, kind, "slot") for sha in shas],
        actor=actor,
        now=now,
    )
