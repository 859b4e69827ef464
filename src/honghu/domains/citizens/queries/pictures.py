"""Photographs for everybody: drawn anew without what the camera noted, and no larger than a page."""

import functools
import io
from typing import Final

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from honghu.base.problems import NotFound
from honghu.kernel.evidence.queries import open_content

MEDIA_TYPE: Final = "image/jpeg"
_SIDE_PIXELS_MAX: Final = 1280
_QUALITY: Final = 82
_PAPER: Final = "white"


@functools.lru_cache(maxsize=64)
def bare_picture(sha256: str) -> bytes:
    """The picture as a JPEG of pixels alone: no position, no time, no camera, no hidden copy.

    Raises NotFound where the content is gone or is no picture that can be drawn.
    """
    try:
        with open_content(sha256) as file, Image.open(file) as image:
            image.draft("RGB", (_SIDE_PIXELS_MAX, _SIDE_PIXELS_MAX))
            upright = ImageOps.exif_transpose(image).convert("RGBA")
            upright.thumbnail((_SIDE_PIXELS_MAX, _SIDE_PIXELS_MAX))
            paper = Image.new("RGB", upright.size, _PAPER)
            paper.paste(upright, mask=upright.getchannel("A"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        message = _("This picture cannot be shown.")
        raise NotFound(message) from error
    content = io.BytesIO()
    paper.save(content, "JPEG", quality=_QUALITY)
    return content.getvalue()
