"""Receipts: proof that a row is in the log, verifiable offline with nothing but the log's key.

A receipt is a JSON object with exactly these members:

    format       "honghu/receipt/1"
    kind, id, written_at, payload
                 what the leaf's hash covers (`honghu.kernel.journal.leaves.leaf_data`); `payload`
                 is null where the content is withheld, and then the three others prove nothing
    leaf_hash    base64 of the leaf's hash
    index        position of the leaf in the log, from 0
    proof        list of base64: node hashes from the leaf up (RFC 9162 §2.1.3)
    checkpoint   the signed note under whose root the leaf lies
"""

import base64
import datetime as dt
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from honghu.base.problems import Invalid
from honghu.kernel.journal import leaves, merkle
from honghu.kernel.journal.checkpoint import Checkpoint, CheckpointError, verify_checkpoint
from honghu.kernel.journal.note import decode_base64

FORMAT = "honghu/receipt/1"
RECEIPT_SIZE_MAX_BYTES = 4 * 1024 * 1024

_MEMBERS = frozenset(
    {"format", "kind", "id", "written_at", "payload", "leaf_hash", "index", "proof", "checkpoint"}
)
_INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"


class ReceiptError(Invalid):
    """A receipt that is malformed or proves nothing; `code` says why."""

    code = "receipt_malformed"


class LeafMismatchError(ReceiptError):
    """The content shown is not what was hashed."""

    code = "receipt_leaf_mismatch"


class NotIncludedError(ReceiptError):
    """The proof does not lead to the root of the checkpoint."""

    code = "receipt_not_included"


@dataclass(frozen=True, slots=True)
class ReceiptVerdict:
    """What a receipt proves.

    `code` is "ok", "receipt_malformed", "receipt_leaf_mismatch", "receipt_not_included",
    "journal_leaf" or "checkpoint"; `message` says it in words. The other fields are set only as far
    as they are proved: none unless `valid`; `kind`, `leaf_id`, `written_at` and `payload` only if
    the receipt shows its content.
    """

    valid: bool
    code: str
    message: str
    checkpoint: Checkpoint | None = None
    index: int | None = None
    leaf_hash: bytes | None = None
    kind: str | None = None
    leaf_id: uuid.UUID | None = None
    written_at: dt.datetime | None = None
    payload: bytes | None = None


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf to write a receipt for; `payload` null withholds the content."""

    kind: str
    leaf_id: uuid.UUID
    written_at: dt.datetime
    leaf_hash: bytes
    payload: bytes | None


def make_receipt(leaf: Leaf, index: int, proof: Sequence[bytes], note: str) -> dict[str, Any]:
    """The receipt of a leaf, as a JSON object. Raises `ReceiptError` for a payload not in UTF-8."""
    try:
        payload = None if leaf.payload is None else leaf.payload.decode()
    except UnicodeDecodeError as error:
        raise ReceiptError("the payload of a leaf is UTF-8 text") from error
    return {
        "format": FORMAT,
        "kind": leaf.kind,
        "id": str(leaf.leaf_id),
        "written_at": leaf.written_at.astimezone(dt.UTC).strftime(_INSTANT),
        "payload": payload,
        "leaf_hash": base64.b64encode(leaf.leaf_hash).decode(),
        "index": index,
        "proof": [base64.b64encode(node).decode() for node in proof],
        "checkpoint": note,
    }


def verify_receipt(receipt: bytes | str | Mapping[str, Any], vkey: str) -> ReceiptVerdict:
    """Verify a receipt against the log's public key; nothing else is needed.

    Never raises for a malformed receipt or key: the verdict says what is wrong.
    """
    try:
        return _verify(_parse(receipt), vkey)
    except (ReceiptError, CheckpointError, leaves.LeafError) as error:
        return ReceiptVerdict(valid=False, code=error.code, message=str(error))


def _verify(receipt: Mapping[str, Any], vkey: str) -> ReceiptVerdict:
    leaf, index, proof = _leaf(receipt), _index(receipt), _proof(receipt)
    checkpoint = verify_checkpoint(_text(receipt, "checkpoint"), vkey)
    if leaf.payload is not None:
        data = leaves.leaf_data(leaf.kind, leaf.leaf_id, leaf.written_at, leaf.payload)
        if merkle.leaf_hash(data) != leaf.leaf_hash:
            raise LeafMismatchError("the content shown is not the content that was recorded")
    if not merkle.verify_inclusion(leaf.leaf_hash, index, checkpoint.size, proof, checkpoint.root):
        raise NotIncludedError("the proof does not lead to the root of the checkpoint")
    shown = leaf.payload is not None
    return ReceiptVerdict(
        valid=True,
        code="ok",
        message="the record is in the log that the checkpoint describes",
        checkpoint=checkpoint,
        index=index,
        leaf_hash=leaf.leaf_hash,
        kind=leaf.kind if shown else None,
        leaf_id=leaf.leaf_id if shown else None,
        written_at=leaf.written_at if shown else None,
        payload=leaf.payload,
    )


def _parse(receipt: object) -> Mapping[str, Any]:
    if isinstance(receipt, bytes | str):
        if len(receipt) > RECEIPT_SIZE_MAX_BYTES:
            raise ReceiptError(f"a receipt has at most {RECEIPT_SIZE_MAX_BYTES} bytes")
        try:
            receipt = json.loads(receipt, object_pairs_hook=_without_duplicates)
        except (ValueError, RecursionError) as error:
            raise ReceiptError("the receipt is not JSON") from error
    if not isinstance(receipt, Mapping) or set(receipt) != _MEMBERS:
        raise ReceiptError(f"a receipt has the members {', '.join(sorted(_MEMBERS))}")
    if receipt["format"] != FORMAT:
        raise ReceiptError(f"the format of the receipt is not {FORMAT}")
    return receipt


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Two readers may differ on which of two equal members counts.
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ReceiptError("a member of the receipt is given twice")
    return members


def _leaf(receipt: Mapping[str, Any]) -> Leaf:
    payload = None if receipt["payload"] is None else _text(receipt, "payload").encode()
    identifier, instant = _text(receipt, "id"), _text(receipt, "written_at")
    try:
        leaf_id = uuid.UUID(identifier)
        written_at = dt.datetime.strptime(instant, _INSTANT).replace(tzinfo=dt.UTC)
    except ValueError as error:
        raise ReceiptError("the id or the time of the receipt is malformed") from error
    if str(leaf_id) != identifier or written_at.strftime(_INSTANT) != instant:
        raise ReceiptError("the id or the time of the receipt is not in canonical form")
    leaf_hash = _bytes(receipt["leaf_hash"], "leaf hash")
    kind = _text(receipt, "kind")
    leaves.check_kind(kind)
    return Leaf(kind, leaf_id, written_at, leaf_hash, payload)


def _index(receipt: Mapping[str, Any]) -> int:
    index = receipt["index"]
    if type(index) is not int:
        raise ReceiptError("the index of the receipt is not a whole number")
    return index


def _proof(receipt: Mapping[str, Any]) -> list[bytes]:
    proof = receipt["proof"]
    if not isinstance(proof, list):
        raise ReceiptError("the proof of the receipt is not a list")
    return [_bytes(node, "node of the proof") for node in proof]


def _bytes(value: object, what: str) -> bytes:
    if not isinstance(value, str):
        raise ReceiptError(f"the {what} is not text")
    return decode_base64(value, what)


def _text(receipt: Mapping[str, Any], member: str) -> str:
    value = receipt[member]
    if not isinstance(value, str):
        raise ReceiptError(f"the {member} of the receipt is not text")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ReceiptError(f"the {member} of the receipt is not valid Unicode") from error
    return value
