"""Headers with which a content leaves the house: whatever is in it, it cannot act on our pages."""

from pathlib import PurePath

from django.utils.http import content_disposition_header

from honghu.kernel.evidence.media import KEPT

# Browsers refuse to show PDF inside a sandbox; their viewers run no script in the page's origin.
_PDF_POLICY = (
    "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
)
_SANDBOX = (
    "sandbox; default-src 'none'; img-src 'self' data:; media-src 'self'; frame-ancestors 'self'"
)


def serving_headers(media_type: str, filename: str | None, *, sha256: str) -> dict[str, str]:
    """The headers of a response that carries a stored content.

    Pictures, sound, video, plain text and PDF may be shown in place; all else, HTML and SVG among
    it, is a download in a sandbox without scripts. The file name gets the ending of its real type.
    """
    kept = KEPT.get(media_type)
    inline = kept is not None and kept.inline
    name = PurePath(filename or sha256[:16])
    if kept is not None and name.suffix.lower() not in kept.extensions:
        name = PurePath(f"{name}{kept.extensions[0]}")
    disposition = content_disposition_header(as_attachment=not inline, filename=name.name)
    return {
        "Content-Type": media_type if kept is not None else "application/octet-stream",
        "Content-Disposition": disposition or "attachment",
        "Content-Security-Policy": _PDF_POLICY if media_type == "application/pdf" else _SANDBOX,
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        # The address holds the hash, so what stands there never changes; but it is not public.
        "Cache-Control": "private, max-age=31536000, immutable",
        "ETag": f'"{sha256}"',
    }
