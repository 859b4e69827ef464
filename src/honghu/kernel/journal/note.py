"""Signed notes and Ed25519 keys in the text forms of C2SP signed-note.

A note is text, an empty line, and signature lines: em dash, key name, base64 of a four-byte key id
and the signature over the text. Keys are written `name+id+base64` (public, "vkey") and
`PRIVATE+KEY+name+id+base64` (secret, "skey").
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from honghu.base.problems import Invalid

# The specification asks verifiers to bound a note and to accept at least sixteen signatures.
NOTE_SIZE_MAX_BYTES = 256 * 1024
SIGNATURES_MAX = 100

_ED25519 = b"\x01"
_KEY_SIZE_BYTES = 32
_KEY_ID_SIZE_BYTES = 4
_DASH = "\N{EM DASH} "
_PRIVATE = "PRIVATE+KEY+"
_HEX_ID = re.compile(r"[0-9a-f]{8}")


class CheckpointError(Invalid):
    """A checkpoint, note or key that is malformed, or not signed by the key that was asked for."""

    code = "checkpoint"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: who claims to have signed, and the bytes."""

    name: str
    key_id: bytes
    value: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.value).decode()}\n"


@dataclass(frozen=True, slots=True)
class Verifier:
    """The public half of a log's key."""

    name: str
    public_key: bytes

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """Read a vkey. Raises `CheckpointError` if it is malformed or its id does not fit."""
        name, key_id, key = _parse_key(vkey, "public key")
        verifier = cls(name, key)
        if verifier.key_id != key_id:
            raise CheckpointError("the id in the public key does not fit the key")
        return verifier

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256(name, newline, signature type, public key)."""
        content = self.name.encode() + b"\n" + _ED25519 + self.public_key
        return hashlib.sha256(content).digest()[:_KEY_ID_SIZE_BYTES]

    @property
    def vkey(self) -> str:
        """The text form, to be published."""
        return _format_key(self.name, self.key_id, self.public_key)

    def accepts(self, text: str, signature: bytes) -> bool:
        """Whether `signature` is this key's over `text`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """The secret half of a log's key. `seed` (32 bytes) is kept out of every text but `skey`."""

    name: str
    seed: bytes = field(repr=False)

    @classmethod
    def generate(cls, name: str) -> Self:
        """A new key. Raises `CheckpointError` for a name that a note cannot carry."""
        _check_name(name)
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, skey: str) -> Self:
        """Read an skey. Raises `CheckpointError` if it is malformed or its id does not fit."""
        if not skey.startswith(_PRIVATE):
            raise CheckpointError(f"a secret key begins with {_PRIVATE}")
        name, key_id, seed = _parse_key(skey.removeprefix(_PRIVATE), "secret key")
        signer = cls(name, seed)
        if signer.verifier.key_id != key_id:
            raise CheckpointError("the id in the secret key does not fit the key")
        return signer

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        key = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        return Verifier(self.name, key.public_bytes_raw())

    @property
    def skey(self) -> str:
        """The text form, to be kept secret."""
        return _PRIVATE + _format_key(self.name, self.verifier.key_id, self.seed)

    def sign(self, text: str) -> Signature:
        """Sign the text of a note, its last newline included."""
        value = Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())
        return Signature(self.name, self.verifier.key_id, value)


def format_note(text: str, signatures: Iterable[Signature]) -> str:
    """The note: text, an empty line, the signature lines."""
    return text + "\n" + "".join(map(str, signatures))


def parse_note(note: str) -> tuple[str, tuple[Signature, ...]]:
    """Text and signatures of a note, none of them verified.

    Raises `CheckpointError` for anything that the specification does not allow.
    """
    _check_characters(note)
    text, separator, lines = note.rpartition("\n\n")
    if not separator or not lines.endswith("\n"):
        raise CheckpointError("a note is text, an empty line and signature lines")
    signatures = lines[:-1].split("\n")
    if len(signatures) > SIGNATURES_MAX:
        raise CheckpointError(f"a note has at most {SIGNATURES_MAX} signatures")
    return text + "\n", tuple(map(_parse_signature, signatures))


def check_signatures(
    text: str, signatures: Iterable[Signature], verifiers: Iterable[Verifier]
) -> Verifier:
    """The first of the signatures' keys that is one of `verifiers`, after verifying it.

    Signatures of other keys are ignored, as the specification demands. Raises `CheckpointError` if
    a signature of one of these keys is false, or if there is none.
    """
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    accepted = list(_accepted(text, signatures, known))
    if not accepted:
        names = ", ".join(sorted({name for name, _ in known}))
        raise CheckpointError(
            f"no signature by the key of {names}",
            remedy="check that the key is the one its owner publishes",
        )
    return accepted[0]


def decode_base64(text: str, what: str) -> bytes:
    """Standard base64, strictly: padded, canonical, nothing else. Raises `CheckpointError`."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise CheckpointError(f"the {what} is not base64") from error
    if base64.b64encode(value).decode() != text:
        raise CheckpointError(f"the {what} is not canonical base64")
    return value


def _accepted(
    text: str, signatures: Iterable[Signature], known: dict[tuple[str, bytes], Verifier]
) -> Iterator[Verifier]:
    for signature in signatures:
        verifier = known.get((signature.name, signature.key_id))
        if verifier is None:
            continue
        if not verifier.accepts(text, signature.value):
            raise CheckpointError(f"the signature by {verifier.name} is false")
        yield verifier


def _parse_signature(line: str) -> Signature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space:
        raise CheckpointError("a signature line is an em dash, a key name and base64")
    _check_name(name)
    value = decode_base64(encoded, "signature")
    if len(value) <= _KEY_ID_SIZE_BYTES:
        raise CheckpointError("a signature is a key id of four bytes and more")
    return Signature(name, value[:_KEY_ID_SIZE_BYTES], value[_KEY_ID_SIZE_BYTES:])


def _parse_key(text: str, what: str) -> tuple[str, bytes, bytes]:
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    _check_name(name)
    if not _HEX_ID.fullmatch(key_id):
        raise CheckpointError(f"the {what} is not written name+id+base64")
    content = decode_base64(encoded, what)
    if content[:1] != _ED25519 or len(content) != 1 + _KEY_SIZE_BYTES:
        raise CheckpointError(f"the {what} is not an Ed25519 key")
    return name, bytes.fromhex(key_id), content[1:]


def _format_key(name: str, key_id: bytes, key: bytes) -> str:
    return f"{name}+{key_id.hex()}+{base64.b64encode(_ED25519 + key).decode()}"


def _check_name(name: str) -> None:
    _check_characters(name)
    if not name or "+" in name or any(character.isspace() for character in name):
        raise CheckpointError("a key name is not empty and has neither spaces nor a plus")


def _check_characters(text: str) -> None:
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise CheckpointError("the text is not valid Unicode") from error
    if size > NOTE_SIZE_MAX_BYTES:
        raise CheckpointError(f"a note has at most {NOTE_SIZE_MAX_BYTES} bytes")
    if any(character < " " and character != "\n" for character in text):
        raise CheckpointError("a note has no control characters but newlines")
