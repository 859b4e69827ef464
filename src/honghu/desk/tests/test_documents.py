"""The documents of a case: shown with their number, given out as Word and as PDF to its viewers."""

import uuid

import pytest
from django.urls import reverse

from honghu.desk.tests.cast import WEEDS, Cast
from honghu.kernel.documents import pdf
from honghu.kernel.documents.commands import open_series
from honghu.kernel.documents.queries import documents_of_case
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.registers.commands import publish_register


@pytest.fixture
def notice(cast: Cast):
    """A case whose issue made a notice to the northern town."""
    source = WEEDS.replace("version: 1", "version: 2").replace(
        "    kind: decision\n    facts: [responsible]",
        "    kind: decision\n    facts: [responsible]\n    document: notice",
    )
    documents = "documents:\n  notice: {title: {zh: 整改通知, en: Notice}, series: notice, template: default.docx}\n"
    publish_register(source=source + documents, actor=SYSTEM, now=cast.now)
    office = cast.actor("lan")
    assert office.organisation_id is not None
    open_series(
        code="notice",
        organ_mark="洪河办函",
        organisation_id=office.organisation_id,
        organ_name="洪湖市河长办",
        now=cast.now,
    )
    done = cast.issued()
    (row,) = documents_of_case(done.case_id)
    return done, row


def test_viewers_of_the_case_get_number_word_and_pdf(cast: Cast, notice) -> None:
    done, row = notice
    town = cast.client("wei")
    page = town.get(reverse("case", args=[done.case_id])).content.decode()
    assert row.number in page
    word = town.get(reverse("document-word", args=[row.id]))
    assert b"".join(word).startswith(b"PK")
    assert word["Content-Disposition"].startswith("attachment")
    told = town.get(reverse("document-pdf", args=[row.id]))
    if pdf.chinese_fonts():
        assert (told.status_code, told.content[:5]) == (200, b"%PDF-")
        assert row.content_sha256.encode() in told.content
    else:
        assert told.status_code == 503


def test_a_strangers_document_is_none(cast: Cast, notice) -> None:
    _done, row = notice
    for name in ("document-word", "document-pdf"):
        assert cast.client("min").get(reverse(name, args=[row.id])).status_code == 404
        assert cast.client("wei").get(reverse(name, args=[uuid.uuid4()])).status_code == 404
