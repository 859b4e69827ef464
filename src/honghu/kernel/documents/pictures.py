"""Photographs in documents: pairs of before and after, made small enough to be printed and mailed.

A content names photographs by their SHA-256 only; who renders it hands in how they are read, so that
a document's content stays small and proves which photographs it shows.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from honghu.kernel.documents.content import DocumentContentError

Pictures = Callable[[str], bytes]
"""Reads a photograph by its SHA-256 in hex."""

PAIRS: Final = "pairs"
"""The key of a content's data under which pairs stand; see `pair_data`."""
_SIDE_MAX_PX: Final = 900
"""Printed 70 mm wide that is more than 300 dots an inch."""
_QUALITY: Final = 80


@dataclass(frozen=True, slots=True)
class PicturePair:
    """Two photographs of one place: SHA-256 in hex, when taken, how far apart, in official Chinese.

    `after` is null where nothing answers the first one; `remark` then says why.
    """

    before: str
    before_taken: str
    after: str | None
    after_taken: str
    remark: str


def pair_data(pairs: Sequence[PicturePair]) -> dict[str, Any]:
    """The pairs as a content's `data` keeps them."""
    return {
        PAIRS: [
            {
                "before": pair.before, "before_taken": pair.before_taken,
                "after": pair.after, "after_taken": pair.after_taken, "remark": pair.remark,
            }
            for pair in pairs
        ]
    }  # fmt: skip


def pairs_of(data: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The pairs of a content's data; none where it has no pictures."""
    found: Sequence[Mapping[str, Any]] = data.get(PAIRS, ())
    return found


def printable(content: bytes) -> bytes:
    """A photograph upright, as a JPEG of bounded size and without the camera's notes.

    Raises DocumentContentError for what is no picture.
    """
    try:
        with Image.open(io.BytesIO(content)) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise DocumentContentError(
            _("A photograph of the document cannot be read."), remedy=_("Take it anew.")
        ) from error
    picture.thumbnail((_SIDE_MAX_PX, _SIDE_MAX_PX))
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=_QUALITY)
    return target.getvalue()


def no_pictures(sha256: str) -> bytes:
    """What reads photographs where none are to be expected. Raises DocumentContentError."""
    raise DocumentContentError(
        _("The document shows the photograph %(sha256)s, which is not at hand.")
        % {"sha256": sha256[:12]},
        remedy=_("Render it where photographs can be read."),
    )
