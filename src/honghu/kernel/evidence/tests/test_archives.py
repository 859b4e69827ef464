"""Zip files are looked through; bombs, programs and macros are refused."""

import io
import struct
import zipfile

import docx
import pytest
import xlsxwriter

from honghu.kernel.evidence.archives import ArchiveLimits, inspect_archive
from honghu.kernel.evidence.media import UnacceptableFileError
from honghu.kernel.evidence.tests.conftest import picture, zipped

SMALL = ArchiveLimits(
    entries_max=20, unpacked_bytes_max=1_000_000, ratio_max=50, ratio_from_bytes=100_000
)


def look(tmp_path, content, limits=SMALL):
    path = tmp_path / "archive"
    path.write_bytes(content)
    return inspect_archive(path, limits)


def word():
    target = io.BytesIO()
    docx.Document().save(target)
    return target.getvalue()


def excel():
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as workbook:
        workbook.add_worksheet().write(0, 0, "编号")
    return target.getvalue()


def test_office_files_are_known_by_what_is_inside(tmp_path):
    assert look(tmp_path, word()).endswith("wordprocessingml.document")
    assert look(tmp_path, excel()).endswith("spreadsheetml.sheet")
    assert (
        look(tmp_path, zipped([("OFD.xml", "<x/>"), ("Doc_0/a.xml", "<x/>")])) == "application/ofd"
    )
    assert look(tmp_path, zipped([("before.jpg", picture(1))])) == "application/zip"
    odt = zipped([("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", "<x/>")])
    assert look(tmp_path, odt) == "application/vnd.oasis.opendocument.text"


def test_a_zip_of_office_files_is_looked_through(tmp_path):
    limits = ArchiveLimits()
    assert (
        look(tmp_path, zipped([("清单.xlsx", excel()), ("通知.docx", word())]), limits)
        == "application/zip"
    )


def test_more_bytes_than_the_bound_are_refused(tmp_path):
    with pytest.raises(UnacceptableFileError, match="more than 1000000 bytes"):
        look(tmp_path, zipped([("a", b"\0" * 2_000_000)], compression=zipfile.ZIP_STORED))


def test_a_bomb_is_stopped_by_its_ratio(tmp_path):
    with pytest.raises(UnacceptableFileError, match="times its size"):
        look(tmp_path, zipped([("a", b"\0" * 900_000)]))


def test_many_entries_are_refused(tmp_path):
    with pytest.raises(UnacceptableFileError, match="more than 20 entries"):
        look(tmp_path, zipped([(f"{n}.txt", "x") for n in range(21)]))


def test_entries_are_counted_over_nested_archives(tmp_path):
    inner = zipped([(f"{n}.txt", "x") for n in range(11)])
    with pytest.raises(UnacceptableFileError, match="more than 20 entries"):
        look(tmp_path, zipped([("a.zip", inner), ("b.zip", inner)]))


def test_archives_inside_archives_inside_archives_are_refused(tmp_path):
    content = zipped([("x.txt", "x")])
    for _ in range(2):
        content = zipped([("inner.zip", content)])
    assert look(tmp_path, content) == "application/zip"
    with pytest.raises(UnacceptableFileError, match="holds archives inside archives"):
        look(tmp_path, zipped([("inner.zip", content)]))


def test_a_header_that_understates_the_size_is_caught(tmp_path):
    content = bytearray(zipped([("a.txt", b"x" * 5000)]))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = content.index(signature) + offset
        content[start : start + 4] = struct.pack("<I", 10)
    with pytest.raises(UnacceptableFileError, match="damaged"):
        look(tmp_path, bytes(content))


def test_damage_is_refused(tmp_path):
    content = zipped([("a.txt", picture(1))], compression=zipfile.ZIP_STORED)
    middle = len(content) // 2
    with pytest.raises(UnacceptableFileError, match="damaged"):
        look(tmp_path, content[:middle] + b"\xff\0\xff" + content[middle + 3 :])
    with pytest.raises(UnacceptableFileError, match="damaged"):
        look(tmp_path, content[:middle])


def test_an_encrypted_entry_is_refused(tmp_path):
    content = bytearray(zipped([("a.txt", "x")]))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    with pytest.raises(UnacceptableFileError, match="encrypted"):
        look(tmp_path, bytes(content))


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([("setup.exe", b"MZ\x90")], "setup.exe is a program"),
        ([("docs/photo.jpg", b"MZ\x90")], "docs/photo.jpg is a program"),
        ([("run.vbs", b"x")], "run.vbs is a program or a script"),
        ([("[Content_Types].xml", "<x/>"), ("xl/vbaProject.bin", b"x")], "macros"),
        ([("META-INF/MANIFEST.MF", "x"), ("a.txt", "x")], "program package"),
        ([("inner.zip", zipped([("a/b.exe", b"MZ")]))], "a/b.exe is a program"),
    ],
)
def test_programs_and_macros_inside_are_refused(tmp_path, entries, said):
    with pytest.raises(UnacceptableFileError, match=said):
        look(tmp_path, zipped(entries))
