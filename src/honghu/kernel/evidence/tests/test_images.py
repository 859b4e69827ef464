"""Pictures: bombs, damage, likeness, and what the camera noted."""

import io
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from honghu.kernel.evidence import images
from honghu.kernel.evidence.images import difference_hash, read_image
from honghu.kernel.evidence.media import UnacceptableFileError
from honghu.kernel.evidence.tests.conftest import picture

NEAR_BITS = 6


def read(tmp_path, content, media_type="image/jpeg"):
    path = tmp_path / "picture"
    path.write_bytes(content)
    return read_image(path, media_type)


def hash_of(content):
    with Image.open(io.BytesIO(content)) as image:
        found = difference_hash(image)
    assert found is not None
    return found


def distance(one, other):
    return ((one ^ other) & (2**64 - 1)).bit_count()


def exif(*, taken=None, offset=None, gps=None):
    notes = Image.Exif()
    if taken:
        notes.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken
    if offset:
        notes.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.OffsetTimeOriginal] = offset
    if gps:
        place = notes.get_ifd(ExifTags.IFD.GPSInfo)
        place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = gps[0]
        place[ExifTags.GPS.GPSLongitudeRef], place[ExifTags.GPS.GPSLongitude] = gps[1]
    return notes


@settings(max_examples=25)
@given(
    seed=st.integers(0, 10**6),
    scale=st.sampled_from([(320, 240), (800, 600), (500, 375)]),
    quality=st.integers(40, 95),
    fmt=st.sampled_from(["JPEG", "WEBP", "PNG"]),
)
def test_the_same_picture_sent_another_way_is_near(seed, scale, quality, fmt):
    again = picture(seed, size=scale, quality=quality, fmt=fmt, brightness=15)
    assert distance(hash_of(picture(seed)), hash_of(again)) <= NEAR_BITS


def test_different_pictures_are_far():
    hashes = [hash_of(picture(seed)) for seed in range(40)]
    near = [
        (a, b) for a in range(40) for b in range(a) if distance(hashes[a], hashes[b]) <= NEAR_BITS
    ]
    assert near == []


def test_hashes_fit_a_signed_column(tmp_path):
    hashes = [hash_of(picture(seed)) for seed in range(40)]
    assert min(hashes) < 0 < max(hashes)
    assert all(-(2**63) <= value < 2**63 for value in hashes)


def test_a_flat_picture_has_no_hash(tmp_path):
    target = io.BytesIO()
    Image.new("RGB", (300, 200), (200, 205, 210)).save(target, "JPEG")
    facts = read(tmp_path, target.getvalue())
    assert facts.perceptual_hash is None
    assert (facts.width_px, facts.height_px) == (300, 200)


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10_000)
    monkeypatch.setattr(images, "difference_hash", lambda _image: pytest.fail("it was decoded"))
    for size in ((150, 100), (300, 200)):
        with pytest.raises(UnacceptableFileError, match="too many pixels"):
            read(tmp_path, picture(1, size=size))


def test_a_picture_that_is_cut_off_is_refused(tmp_path):
    for fmt in ("JPEG", "PNG", "WEBP"):
        content = picture(1, fmt=fmt)
        with pytest.raises(UnacceptableFileError, match="damaged or cut off"):
            read(tmp_path, content[: len(content) // 2], f"image/{fmt.lower()}")


def test_a_picture_of_another_format_is_not_opened(tmp_path):
    with pytest.raises(UnacceptableFileError):
        read(tmp_path, picture(1, fmt="TIFF"), "image/png")


def test_camera_notes_are_read_without_guessing(tmp_path):
    notes = exif(
        taken="2026:05:01 08:30:05",
        gps=(("N", (29.0, 48.0, 36.0)), ("E", (113.0, 28.0, 12.5))),
    )
    facts = read(tmp_path, picture(1, exif=notes))
    assert facts.exif_captured == "2026-05-01T08:30:05", "no offset stated, none invented"
    assert facts.exif_latitude == Decimal("29.810000")
    assert facts.exif_longitude == Decimal("113.470139")
    stated = read(tmp_path, picture(1, exif=exif(taken="2026:05:01 08:30:05", offset="+08:00")))
    assert stated.exif_captured == "2026-05-01T08:30:05+08:00"


@pytest.mark.parametrize(
    "notes",
    [
        exif(),
        exif(taken="0000:00:00 00:00:00"),
        exif(taken="yesterday"),
        exif(gps=(("N", (0.0, 0.0, 0.0)), ("E", (0.0, 0.0, 0.0)))),
        exif(gps=(("N", (129.0, 0.0, 0.0)), ("E", (113.0, 0.0, 0.0)))),
        exif(gps=(("", (29.0, 0.0, 0.0)), ("", (113.0, 0.0, 0.0)))),
    ],
)
def test_notes_that_say_nothing_are_null(tmp_path, notes):
    facts = read(tmp_path, picture(1, exif=notes))
    assert facts.exif_captured is None
    assert facts.exif_latitude is None
    assert facts.exif_longitude is None


def test_the_original_keeps_its_notes(tmp_path):
    content = picture(1, exif=exif(taken="2026:05:01 08:30:05"))
    read(tmp_path, content)
    assert (tmp_path / "picture").read_bytes() == content
