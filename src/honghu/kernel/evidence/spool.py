"""Getting bytes in: hashed while they stream, bounded, and in place before any row names them."""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.utils.translation import gettext as _

from honghu.kernel.evidence.media import UnacceptableFileError

_CHUNK_BYTES: Final = 1 << 18


class Readable(Protocol):
    """Anything that gives its next bytes: an upload, an open file, a response."""

    def read(self, size: int, /) -> bytes:
        """At most `size` further bytes; none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Spooled:
    """A received file on local disk that is removed unless it is put in place."""

    path: Path
    sha256: str
    size_bytes: int


def storage() -> Storage:
    """The storage that keeps the bytes (settings, alias `evidence`)."""
    return storages["evidence"]


def storage_name(sha256: str) -> str:
    """Where the bytes stand in the storage: two levels of folders by the first hex digits."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


@contextlib.contextmanager
def spooled(content: bytes | Readable, *, bytes_max: int) -> Iterator[Spooled]:
    """Receive the bytes into a temporary file beside the storage, hashing on the way.

    At most `bytes_max` are kept, and one chunk is in memory. Raises UnacceptableFileError for more, at
    once where the upload states its size; nothing is left then.
    """
    stated = len(content) if isinstance(content, bytes) else getattr(content, "size", None)
    if isinstance(stated, int) and stated > bytes_max:
        raise _too_large(bytes_max)
    handle, name = tempfile.mkstemp(prefix="incoming-", dir=_spool_folder())
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            digest, size = hashlib.sha256(), 0
            for chunk in _chunks(content):
                size += len(chunk)
                if size > bytes_max:
                    raise _too_large(bytes_max)
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        yield Spooled(path, digest.hexdigest(), size)
    finally:
        path.unlink(missing_ok=True)


def put_in_place(spool: Spooled) -> None:
    """Move the spooled bytes to their place in the storage; bytes that stand there are left.

    On local disk this is one rename, so that nobody ever reads half a file. Bytes without a row
    are harmless: the same upload finds them in place.
    """
    kept, name = storage(), storage_name(spool.sha256)
    target = _local_path(kept, name)
    if target is None:
        if not kept.exists(name):
            with spool.path.open("rb") as file:
                kept.save(name, File(file))
        return
    if target.exists() and target.stat().st_size == spool.size_bytes:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    spool.path.chmod(0o440)
    spool.path.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _chunks(content: bytes | Readable) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    while chunk := content.read(_CHUNK_BYTES):
        yield chunk


def _spool_folder() -> Path | None:
    """A folder on the storage's own disk, so that a rename is enough; null for remote storages."""
    folder = _local_path(storage(), "incoming")
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def _local_path(kept: Storage, name: str) -> Path | None:
    return Path(kept.path(name)) if isinstance(kept, FileSystemStorage) else None


def _too_large(bytes_max: int) -> UnacceptableFileError:
    return UnacceptableFileError(
        _("The file is larger than %(bytes)d bytes (%(mebibytes)d MiB).")
        % {"bytes": bytes_max, "mebibytes": bytes_max // 1_048_576},
        remedy=_("Send it in a smaller size or in parts."),
    )
