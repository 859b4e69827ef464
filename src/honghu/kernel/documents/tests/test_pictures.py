"""Photographs in pairs: in the Word file and in the PDF, with when they were taken and how far apart."""

import io
import re
import zipfile

import pytest
from PIL import Image

from honghu.kernel.documents import pdf
from honghu.kernel.documents.content import Content, DocumentContentError
from honghu.kernel.documents.pdf import render_pdf
from honghu.kernel.documents.pictures import PicturePair, pair_data, printable
from honghu.kernel.documents.rendering import render
from honghu.kernel.documents.tests.conftest import NOW
from honghu.kernel.documents.tests.test_rendering import HEAD

BEFORE, AFTER = "b" * 64, "a" * 64
ACCEPTANCE = Content(
    title="河湖问题整改验收单",
    data=pair_data(
        [
            PicturePair(BEFORE, "2023-06-01 09:00拍摄", AFTER, "2023-06-03 16:20拍摄", "相距12米"),
            PicturePair(AFTER, "2023-06-01 09:05拍摄", None, "", "位置不明，未能配对"),
        ]
    ),
)


def photograph(sha256: str) -> bytes:
    """A large photograph that lies on its side, with a camera's note of where it was taken."""
    picture = Image.new("RGB", (2400, 1600), (40, 120, ord(sha256[0])))
    exif = picture.getexif()
    exif[0x0112] = 6  # orientation: turn by 90 degrees
    exif[0x010F] = "SECRET CAMERA"
    target = io.BytesIO()
    picture.save(target, "JPEG", exif=exif)
    return target.getvalue()


def test_a_printed_photograph_is_upright_small_and_says_nothing_else() -> None:
    made = printable(photograph(BEFORE))
    assert b"SECRET CAMERA" not in made
    with Image.open(io.BytesIO(made)) as picture:
        assert picture.size == (600, 900)
    with pytest.raises(DocumentContentError):
        printable(b"<script>")


def test_the_word_file_shows_pairs() -> None:
    file = render("default.docx", ACCEPTANCE, HEAD, photograph)
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        media = {archive.read(name) for name in archive.namelist() if "/media/" in name}
        text = re.sub(r"<[^>]+>", "|", archive.read("word/document.xml").decode())
    assert media == {printable(photograph(BEFORE)), printable(photograph(AFTER))}
    for words in (
        "整改前　2023-06-01 09:00拍摄",
        "整改后　2023-06-03 16:20拍摄　相距12米",
        "未能配对",
    ):
        assert words in text
    # A paper without photographs has no such table, and one that names some needs them.
    with zipfile.ZipFile(io.BytesIO(render("default.docx", Content("通知"), HEAD))) as archive:
        assert "整改前" not in archive.read("word/document.xml").decode()
    with pytest.raises(DocumentContentError):
        render("default.docx", ACCEPTANCE, HEAD)


@pytest.mark.skipif(not pdf.chinese_fonts(), reason="NO CHINESE FONT: install fonts-noto-cjk")
def test_the_pdf_shows_pairs() -> None:
    file = render_pdf("default.docx", ACCEPTANCE, HEAD, signed_at=NOW, pictures=photograph)
    assert file.count(b"/DCTDecode") == 2
    assert file == render_pdf("default.docx", ACCEPTANCE, HEAD, signed_at=NOW, pictures=photograph)
