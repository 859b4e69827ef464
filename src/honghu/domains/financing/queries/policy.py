"""What an agency puts into tender documents and award letters: paragraph, QR code, Word, HTML.

The Hubei scheme (鄂财采发〔2020〕5号) has the channel of contract financing printed in both. The words
are rows of the rule book, so each printing can say which version it carries.
"""

import dataclasses
import datetime as dt
import html
import io
from typing import Literal

import segno
from django.conf import settings
from docx import Document
from docx.shared import Mm

from honghu.kernel.rulesets.queries import get_rule

Place = Literal["tender", "award"]
_QR_MM = 25


@dataclasses.dataclass(frozen=True, slots=True)
class PolicyParagraph:
    """The paragraph for a place in an agency's papers. `version` names the row of the rule book."""

    place: Place
    agency: str | None
    text: str
    address: str
    version: str
    from_date: dt.date
    source: str


def policy_paragraph(place: Place, *, on: dt.date, agency: str | None = None) -> PolicyParagraph:
    """The paragraph as it holds on a day. Raises RuleMissingError."""
    rule = get_rule(f"financing.policy_text.{place}", on=on, region=settings.HONGHU_REGION)
    address = settings.PUBLIC_ADDRESS.rstrip("/") + "/"
    return PolicyParagraph(
        place,
        agency,
        rule.as_text().replace("{address}", address),
        address,
        f"{rule.effective_from.isoformat()}.{rule.revision}",
        rule.effective_from,
        rule.source,
    )


def qr_svg(paragraph: PolicyParagraph) -> str:
    """The QR code of the address, as SVG to stand inside a page; its title is what it says."""
    code = segno.make(paragraph.address, error="m")
    return str(code.svg_inline(scale=3, border=2, title=paragraph.address))


def snippet(paragraph: PolicyParagraph) -> str:
    """The paragraph and its QR code as a piece of HTML without scripts or styles of its own."""
    agency = f"<p>{html.escape(paragraph.agency)}</p>" if paragraph.agency else ""
    return (
        f'<section class="honghu-policy" lang="zh-Hans" data-version="{paragraph.version}">'
        f"{agency}<p>{html.escape(paragraph.text)}</p>{qr_svg(paragraph)}</section>"
    )


def word_document(paragraph: PolicyParagraph) -> bytes:
    """The paragraph and its QR code as a Word document, to be copied into the agency's own."""
    picture, out = io.BytesIO(), io.BytesIO()
    segno.make(paragraph.address, error="m").save(picture, kind="png", scale=8, border=2)
    picture.seek(0)
    document = Document()
    if paragraph.agency:
        document.add_paragraph(paragraph.agency)
    document.add_paragraph(paragraph.text)
    document.add_picture(picture, width=Mm(_QR_MM))
    document.core_properties.title = f"policy {paragraph.place} {paragraph.version}"
    document.save(out)
    return out.getvalue()
