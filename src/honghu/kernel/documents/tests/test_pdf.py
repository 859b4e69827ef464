"""PDF of signed documents: the same number and content as signed, Chinese in it, nothing run."""

import re
import zlib

import pytest

from honghu.kernel.documents import pdf
from honghu.kernel.documents.commands import void_document
from honghu.kernel.documents.models import DocumentContent
from honghu.kernel.documents.pdf import PdfFontMissingError, render_pdf
from honghu.kernel.documents.queries import (
    DocumentNotPrintableError,
    document_pdf,
    get_document,
)
from honghu.kernel.documents.rendering import TemplateError
from honghu.kernel.documents.tests.conftest import DIRECTOR, NOTICE, NOW, draft, sign
from honghu.kernel.documents.tests.test_rendering import HEAD, own_templates  # noqa: F401 a fixture

needs_font = pytest.mark.skipif(
    not pdf.chinese_fonts(), reason="NO CHINESE FONT: install fonts-noto-cjk to test PDF"
)


def said(data):
    """Everything readable in a PDF: its streams unpacked, metadata among them."""
    found = [data]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL):
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            found.append(stream)
    return b"\n".join(found)


def made(content=NOTICE, **more):
    return render_pdf("default.docx", content, HEAD, signed_at=NOW, **more)


@needs_font
def test_the_pdf_carries_number_and_digest_of_the_signing(series, cabinet):
    row = sign(draft().id, cabinet)
    first = document_pdf(row)
    assert first.startswith(b"%PDF-")
    told = said(first)
    assert row.content_sha256.encode() in told
    assert row.number.encode() in told  # the metadata is UTF-8 (XMP)
    assert "关于限期清理水葫芦的通知".encode() in told
    # Made again, after a while, it is the same file; the signed Word file is another matter.
    assert document_pdf(get_document(row.id)) == first


@needs_font
def test_a_voided_document_says_so_and_keeps_its_number(series, cabinet):
    row = sign(draft().id, cabinet)
    before = document_pdf(row)
    voided = void_document(document_id=row.id, reason="发错", actor=DIRECTOR, now=NOW)
    assert voided.number == row.number
    assert document_pdf(voided) != before


def test_drafts_erased_and_altered_contents_make_no_pdf(series, cabinet):
    drafted = draft()
    with pytest.raises(DocumentNotPrintableError, match="not signed"):
        document_pdf(drafted)
    row = sign(drafted.id, cabinet)
    DocumentContent.objects.filter(pk=row.id).delete()
    with pytest.raises(DocumentNotPrintableError, match="erased"):
        document_pdf(get_document(row.id))


@needs_font
def test_what_people_typed_is_never_markup():
    sly = type(NOTICE)(title="#panic()", body=('#read("/etc/passwd")', "$ x", "*a* #set page()"))
    assert b"root:" not in said(made(sly))


@needs_font
def test_a_countys_own_layout_replaces_ours_and_a_fault_names_the_file(own_templates):  # noqa: F811
    own_templates(
        "default.typ", b"#set document(date: datetime(year: 2026, month: 1, day: 2))\nown"
    )
    own = made()
    assert own != made(type(NOTICE)(title="x")) or len(own) < 20_000
    own_templates("default.typ", b"#let x = ")
    with pytest.raises(TemplateError, match=r"default\.typ"):
        made()
    own_templates("default.typ", b'#read("../../../../etc/passwd")')
    with pytest.raises(TemplateError, match=r"default\.typ"):
        made()


def test_without_a_chinese_font_it_is_said_loudly(monkeypatch):
    monkeypatch.setattr(pdf, "_fonts", lambda _folder: (None, ()))
    with pytest.raises(PdfFontMissingError) as refused:
        made()
    assert "fonts-noto-cjk" in refused.value.remedy
    assert refused.value.status == 503
