"""What a file is, by its content."""

import pytest

from honghu.kernel.evidence.media import KEPT, UnacceptableFileError, sniff
from honghu.kernel.evidence.tests.conftest import picture

OLE = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 504
FTYP = b"\0\0\0\x18ftyp%s\0\0\0\0%s" + b"\0" * 64

KNOWN = [
    (picture(1), "a.jpg", "image/jpeg"),
    (picture(1, fmt="PNG"), "renamed.jpg", "image/png"),
    (picture(1, fmt="WEBP"), "a", "image/webp"),
    (picture(1, fmt="GIF"), "a.gif", "image/gif"),
    (picture(1, fmt="TIFF"), "a.tif", "image/tiff"),
    (picture(1, fmt="BMP"), "a.bmp", "image/bmp"),
    (FTYP % (b"heic", b"mif1heic"), "a.heic", "image/heif"),
    (FTYP % (b"mp42", b"mp42isom"), "a.mp4", "video/mp4"),
    (FTYP % (b"qt  ", b"qt  "), "a.mov", "video/quicktime"),
    (FTYP % (b"M4A ", b"M4A mp42"), "a.m4a", "audio/mp4"),
    (b"ID3\x03\0\0\0\0\0\x0fTSSE" + b"\0" * 60, "a.mp3", "audio/mpeg"),
    (b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0" + b"\0" * 40, "a.wav", "audio/wav"),
    (b"#!AMR\n" + b"\x3c\0" * 40, "a.amr", "audio/amr"),
    (b"%PDF-1.7\n1 0 obj\n", "a.pdf", "application/pdf"),
    (OLE + "WordDocument".encode("utf-16-le"), "a.doc", "application/msword"),
    (OLE + b"\0" * 3_000_000 + "Workbook".encode("utf-16-le"), "a.xls", "application/vnd.ms-excel"),
    (b"PK\x03\x04" + b"\0" * 40, "a.zip", "application/zip"),
    ("湖北省洪湖市".encode(), "a.txt", "text/plain"),
    ("湖北省洪湖市".encode("gb18030"), "a.txt", "text/plain"),
    ("湖北省洪湖市".encode("utf-16"), "a.txt", "text/plain"),
    (("湖北" * 40000).encode(), "long.txt", "text/plain"),
    ("编号,名称\n1,甲\n2,乙\n3,丙\n".encode("gb18030"), "a", "text/csv"),
    (b"a;b\n", "a.csv", "text/csv"),
    (b'{"ocid": "x"}', "a.json", "application/json"),
    (b"<!DOCTYPE html><html></html>", "notice.doc", "text/html"),
    ("\ufeff<!-- x --><p>公告</p>".encode(), "notice.txt", "text/html"),
    ("公告 <script>alert(1)</script>".encode("gb18030"), "notice.txt", "text/html"),
    (b'<?xml version="1.0"?><!-- x --><svg xmlns="s"/>', "a.svg", "image/svg+xml"),
    (b"<svg onload='alert(1)'/>", "a.txt", "image/svg+xml"),
    (b'<?xml version="1.0"?><gpx version="1.1"/>', "a.gpx", "application/gpx+xml"),
    (b'<?xml version="1.0"?><html xmlns="x"/>', "a.xml", "text/html"),
    (b'<?xml version="1.0"?><award/>', "a.xml", "application/xml"),
]


@pytest.mark.parametrize(("content", "filename", "media_type"), KNOWN)
def test_a_type_is_known_by_content(tmp_path, content, filename, media_type):
    path = tmp_path / "file"
    path.write_bytes(content)
    assert sniff(path, filename) == media_type
    assert media_type in KEPT


@pytest.mark.parametrize(
    ("content", "filename"),
    [
        (b"MZ\x90\0" + b"\0" * 60, "photo.jpg"),
        (b"\x7fELF\x02\x01" + b"\0" * 60, "a"),
        (b"\xca\xfe\xba\xbe\0\0\0\x34", "a.class"),
        (b"\xcf\xfa\xed\xfe" + b"\0" * 60, "a"),
        (b"#!/bin/sh\nrm -rf /\n", "notes.txt"),
        (b"@echo off\r\n", "run.bat"),
        (b"WScript.Echo(1)", "公告.js "),
        (b"<?php system($_GET[0]);", "a.PHP"),
        (b"[InternetShortcut]\r\nURL=file:///", "a.url"),
        (b"\x4c\0\0\0\x01\x14\x02\0" + b"\0" * 60, "a.lnk"),
        (OLE + "_VBA_PROJECT".encode("utf-16-le") + "Workbook".encode("utf-16-le"), "a.xls"),
        (b"", "empty.txt"),
    ],
)
def test_programs_scripts_macros_and_nothing_are_refused(tmp_path, content, filename):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(UnacceptableFileError) as refused:
        sniff(path, filename)
    assert refused.value.remedy


@pytest.mark.parametrize(
    "content", [b"Rar!\x1a\x07\x01\0" + b"\0" * 30, bytes(range(256)), OLE, b"\0" * 100]
)
def test_what_is_on_no_list_has_no_type(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    assert sniff(path, "a.jpg") is None


def test_only_passive_types_are_shown_in_place():
    active = {"text/html", "image/svg+xml", "application/xml", "application/zip"}
    assert not [name for name in active if KEPT[name].inline]
