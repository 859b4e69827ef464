"""Images: checked before they are decoded, compared by their look, and what the camera noted."""

import datetime as dt
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from honghu.kernel.evidence.media import IMAGES, UnacceptableFileError

# Grey levels between the darkest and the lightest pixel: below this an image is flat (fog, blank
# paper), and its hash says nothing.
_CONTRAST_MIN: Final = 10
_HASH_SIDE: Final = 8
_HASH_BITS: Final = _HASH_SIDE * _HASH_SIDE
_EXIF_TIME: Final = re.compile(r"(\d{4}):(\d{2}):(\d{2}) (\d{2}):(\d{2}):(\d{2})")
_EXIF_OFFSET: Final = re.compile(r"[+-]\d{2}:\d{2}")
_MICRODEGREE: Final = Decimal("0.000001")
_DEGREES_MAX: Final = {"longitude": 180, "latitude": 90}


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What an image shows of itself. See models.Evidence for units and nulls."""

    width_px: int
    height_px: int
    perceptual_hash: int | None
    exif_captured: str | None
    exif_longitude: Decimal | None
    exif_latitude: Decimal | None


def read_image(path: Path, media_type: str) -> ImageFacts:
    """Size, difference hash and camera notes of an image file.

    Raises UnacceptableFileError for a decompression bomb (by Pillow's bounds, before any pixel is
    decoded), and for an image that is damaged or cut off.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(path, formats=[IMAGES[media_type]]) as image:
                width, height = image.size
                exif = image.getexif()
                captured = _captured(exif)
                longitude, latitude = _place(exif)
                return ImageFacts(
                    width, height, difference_hash(image), captured, longitude, latitude
                )
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise UnacceptableFileError(
                _("The image has too many pixels."), remedy=_("Send it in a smaller size.")
            ) from error
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
            raise UnacceptableFileError(
                _("The image is damaged or cut off."), remedy=_("Take or send it again.")
            ) from error


def difference_hash(image: Image.Image) -> int | None:
    """The 64-bit difference hash (dHash) as a signed integer; null for a flat image.

    Each bit says whether a pixel of the 9 × 8 grey reduction is brighter than its right-hand
    neighbour: scaling, recompression and slight changes of brightness leave nearly all bits.
    """
    # For JPEG, decoding at an eighth of the size is enough and costs a fraction.
    image.draft("L", (_HASH_SIDE * 16, _HASH_SIDE * 16))
    upright = ImageOps.exif_transpose(image).convert("L")
    small = upright.resize((_HASH_SIDE + 1, _HASH_SIDE), Image.Resampling.LANCZOS)
    pixels = small.tobytes()
    if max(pixels) - min(pixels) < _CONTRAST_MIN:
        return None
    bits = 0
    for row in range(_HASH_SIDE):
        start = row * (_HASH_SIDE + 1)
        for column in range(start, start + _HASH_SIDE):
            bits = bits << 1 | (pixels[column] > pixels[column + 1])
    return bits - (1 << _HASH_BITS) if bits >> (_HASH_BITS - 1) else bits


def _captured(exif: Image.Exif) -> str | None:
    """When the camera says it took the picture: ISO 8601, an offset only if it states one."""
    notes = exif.get_ifd(ExifTags.IFD.Exif)
    match = _EXIF_TIME.fullmatch(str(notes.get(ExifTags.Base.DateTimeOriginal, "")).strip("\0 "))
    if match is None:
        return None
    try:
        taken = dt.datetime.fromisoformat("{}-{}-{}T{}:{}:{}".format(*match.groups()))
    except ValueError:
        return None
    offset = str(notes.get(ExifTags.Base.OffsetTimeOriginal, "")).strip("\0 ")
    return taken.isoformat() + (offset if _EXIF_OFFSET.fullmatch(offset) else "")


def _place(exif: Image.Exif) -> tuple[Decimal, Decimal] | tuple[None, None]:
    notes: Mapping[int, Any] = exif.get_ifd(ExifTags.IFD.GPSInfo)
    longitude = _degrees(
        notes.get(ExifTags.GPS.GPSLongitude), notes.get(ExifTags.GPS.GPSLongitudeRef), "longitude"
    )
    latitude = _degrees(
        notes.get(ExifTags.GPS.GPSLatitude), notes.get(ExifTags.GPS.GPSLatitudeRef), "latitude"
    )
    # Cameras without a fix write zeros: a place off the coast of Africa is no place.
    if longitude is None or latitude is None or (longitude == 0 and latitude == 0):
        return None, None
    return longitude, latitude


def _degrees(parts: Sequence[Any] | None, reference: object, axis: str) -> Decimal | None:
    signs = {"E": 1, "W": -1} if axis == "longitude" else {"N": 1, "S": -1}
    sign = signs.get(str(reference).strip("\0 ").upper())
    if sign is None or parts is None:
        return None
    try:
        degrees, minutes, seconds = (Decimal(str(float(part))) for part in parts)
        value = (degrees + minutes / 60 + seconds / 3600) * sign
        if not abs(value) <= _DEGREES_MAX[axis]:
            return None
        return value.quantize(_MICRODEGREE)
    except (ArithmeticError, InvalidOperation, TypeError, ValueError):
        return None
