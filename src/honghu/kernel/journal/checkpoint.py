"""Checkpoints of the log: C2SP tlog-checkpoint, signed with Ed25519.

honghu.local/journal                              origin: the log's name, which is its key's
20852163                                          number of leaves
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=      root over them
...                                               extension lines, none needed

<em dash> honghu.local/journal Az3grlgtzPIC...    signatures
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from honghu.kernel.journal.merkle import HASH_SIZE_BYTES, SIZE_MAX
from honghu.kernel.journal.note import (
    CheckpointError,
    Signature,
    Signer,
    Verifier,
    check_signatures,
    decode_base64,
    format_note,
    parse_note,
)

__all__ = [
    "Checkpoint",
    "CheckpointError",
    "Signer",
    "Verifier",
    "parse_checkpoint",
    "sign",
    "verify_checkpoint",
]

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
_LINES_MIN = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log: `size` leaves under `root` (32 bytes), as its origin signs it."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()
    signatures: tuple[Signature, ...] = ()

    @property
    def text(self) -> str:
        """What is signed."""
        root = base64.b64encode(self.root).decode()
        lines = (self.origin, str(self.size), root, *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @property
    def note(self) -> str:
        """The whole note, as it is published."""
        return format_note(self.text, self.signatures)


def sign(size: int, root: bytes, signer: Signer, *, extensions: Sequence[str] = ()) -> Checkpoint:
    """Sign the state of the log whose origin is the signer's name.

    Raises `CheckpointError` for a size, root or extension line that a checkpoint cannot carry.
    """
    draft = Checkpoint(signer.name, size, root, tuple(extensions))
    # Read back what will be published: what cannot be parsed must not be signed.
    parsed = parse_checkpoint(format_note(draft.text, [signer.sign(draft.text)]))
    if parsed.text != draft.text or parsed.size != size or parsed.extensions != draft.extensions:
        raise CheckpointError("a line of the checkpoint contains a line break")
    return parsed


def parse_checkpoint(note: str | bytes) -> Checkpoint:
    """Read a checkpoint without verifying its signatures.

    Raises `CheckpointError` for anything that is not a checkpoint to the letter.
    """
    text, signatures = parse_note(_decode(note))
    lines = text[:-1].split("\n")
    if len(lines) < _LINES_MIN or not all(lines):
        raise CheckpointError("a checkpoint is origin, size, root and non-empty further lines")
    origin, size, root, *extensions = lines
    if not _DECIMAL.fullmatch(size) or int(size) > SIZE_MAX:
        raise CheckpointError("the size of a checkpoint is a decimal number without leading zeros")
    decoded = decode_base64(root, "root")
    if len(decoded) != HASH_SIZE_BYTES:
        raise CheckpointError(f"the root of a checkpoint has {HASH_SIZE_BYTES} bytes")
    return Checkpoint(origin, int(size), decoded, tuple(extensions), signatures)


def verify_checkpoint(note: str | bytes, *vkeys: str) -> Checkpoint:
    """Read a checkpoint and verify that one of `vkeys`, named as its origin, signed it.

    Raises `CheckpointError` for a malformed checkpoint or key, a false signature, a checkpoint that
    none of the keys signed, and one whose origin is not the key's name.
    """
    verifiers = [Verifier.parse(vkey) for vkey in vkeys]
    checkpoint = parse_checkpoint(note)
    verifier = check_signatures(checkpoint.text, checkpoint.signatures, verifiers)
    if verifier.name != checkpoint.origin:
        raise CheckpointError(
            f"the checkpoint is of {checkpoint.origin}, the key of {verifier.name}"
        )
    return checkpoint


def _decode(note: str | bytes) -> str:
    if isinstance(note, str):
        return note
    try:
        return note.decode()
    except UnicodeDecodeError as error:
        raise CheckpointError("a checkpoint is UTF-8 text") from error
