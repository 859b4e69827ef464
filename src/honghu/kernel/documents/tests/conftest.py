"""The offices that issue documents, and a place for what they sign."""

import datetime as dt
import hashlib
import uuid

import pytest
from django.utils import translation

from honghu.kernel.documents.commands import draft_document, open_series, sign_document
from honghu.kernel.documents.content import Content
from honghu.kernel.parties.actor import Actor

NOW = dt.datetime(2026, 5, 6, 2, tzinfo=dt.UTC)
RIVER_OFFICE = uuid.UUID(int=10)
TOWN_OFFICE = uuid.UUID(int=20)
DIRECTOR = Actor(uuid.UUID(int=1), RIVER_OFFICE, frozenset({"director"}), "丁一", "市河长办")
TOWN_CHIEF = Actor(uuid.UUID(int=2), TOWN_OFFICE, frozenset({"director"}), "万二", "新堤街道河长办")

NOTICE = Content(
    title="关于限期清理水葫芦的通知",
    main_recipients=("新堤街道办事处", "滨湖街道办事处"),
    copied_to=("市水利和湖泊局",),
    body=("经巡查，发现 <约300㎡> 水葫芦 & 垃圾。", "请于5个自然日内完成清理。"),
    facts=(("问题编号", "2026-0001"),),
    data={"section": "新堤段"},
)


class Cabinet:
    """Keeps rendered files in memory, as `sign_document` asks for."""

    def __init__(self):
        self.files = {}

    def __call__(self, content, filename):
        self.files[filename] = content
        return hashlib.sha256(content).hexdigest()


@pytest.fixture(autouse=True)
def _english():
    """Refusals are compared in English."""
    with translation.override("en"):
        yield


@pytest.fixture
def cabinet():
    return Cabinet()


def open_notices():
    """The series of rectification notices of the river office; returns its id."""
    return open_series(
        code="整改通知",
        organ_mark="洪河办函",
        organisation_id=RIVER_OFFICE,
        organ_name="洪湖市河湖长制办公室",
        now=NOW,
    )


@pytest.fixture
def series(db):
    return open_notices()


def draft(content=NOTICE, *, actor=DIRECTOR, template="default.docx", **more):
    """A draft of the river office."""
    return draft_document(
        series="整改通知", template=template, content=content, actor=actor, now=NOW, **more
    )


def sign(document_id, keep, *, actor=DIRECTOR, now=NOW, **more):
    """Sign as the director."""
    return sign_document(document_id=document_id, actor=actor, now=now, keep=keep, **more)
