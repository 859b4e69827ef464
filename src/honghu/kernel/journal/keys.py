"""The log's signing key: from the settings, or a file that is made at first use.

`HONGHU_JOURNAL_KEY` holds the key itself in its text form (see `honghu.kernel.journal.note`);
without it the key lies in `HONGHU_HOME/journal-key`, readable by its owner alone.
"""

import os
import tempfile
from pathlib import Path

from django.conf import settings

from honghu.base.problems import HonghuError
from honghu.kernel.journal.note import CheckpointError, Signer

FILE_NAME = "journal-key"
_OTHERS = 0o077


class JournalKeyError(HonghuError):
    """The signing key cannot be used: unreadable, open to others, or of another log."""

    code = "journal_key"
    status = 500


def load_signer() -> Signer:
    """The key that signs this installation's checkpoints; made and kept if there is none yet.

    Raises `JournalKeyError` if the key is malformed, readable by others, or named otherwise than
    the log (`HONGHU_JOURNAL_ORIGIN`).
    """
    text, place = _read_key()
    try:
        signer = Signer.parse(text.strip())
    except CheckpointError as error:
        raise JournalKeyError(f"{place}: {error}") from error
    if signer.name != settings.HONGHU_JOURNAL_ORIGIN:
        raise JournalKeyError(
            f"{place}: the key is of {signer.name}, the log is {settings.HONGHU_JOURNAL_ORIGIN}",
            remedy="set HONGHU_JOURNAL_ORIGIN to the key's name",
        )
    return signer


def _read_key() -> tuple[str, str]:
    """The key's text, and where it stands."""
    if settings.HONGHU_JOURNAL_KEY:
        return settings.HONGHU_JOURNAL_KEY, "HONGHU_JOURNAL_KEY"
    path = Path(settings.HONGHU_HOME) / FILE_NAME
    if not path.exists():
        _create(path)
    if path.stat().st_mode & _OTHERS:
        raise JournalKeyError(
            f"{path}: others than its owner may use the journal's key",
            remedy=f"chmod 600 {path}",
        )
    return path.read_text(encoding="utf-8"), str(path)


def _create(path: Path) -> None:
    """Write a new key whole or not at all; if another process was first, its key stays."""
    signer = Signer.generate(settings.HONGHU_JOURNAL_ORIGIN)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{FILE_NAME}-")  # mode 0600
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(signer.skey + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            return
    finally:
        draft.unlink()
