"""The file of a published bulletin: all that a reader needs to verify it without this system.

It holds the content, the receipt of its publication under a signed checkpoint and, for figures of
few rows, the rows and the proofs that each row's step or transfer stands in the journal.
"""

import base64
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _

from honghu.analytics.bulletins.queries import BulletinRow
from honghu.analytics.figure import Figure, Scope
from honghu.analytics.queries import RowLine, row_lines
from honghu.analytics.registry import get_figure
from honghu.base.hashing import sha256
from honghu.base.problems import Conflict, NotFound
from honghu.kernel.journal import tree
from honghu.kernel.journal.queries import receipt
from honghu.kernel.journal.receipt import ReceiptError
from honghu.kernel.journal.store import DatabaseStore

FORMAT: Final = "honghu/bulletin-file/1"
ROWS_MAX: Final = 300
"""A figure with more rows carries none: its file would be larger than the reader can use."""
_PLACES_SQL: Final = """
SELECT l.id, l.hash, e.position FROM journal_leaf l JOIN journal_entry e ON e.leaf_id = l.id
WHERE l.id = ANY(%s) AND e.position < %s
"""


def bulletin_file(bulletin: BulletinRow) -> dict[str, Any]:
    """The file of a bulletin as JSON.

    Raises Conflict for a draft; NotYetProvable until a checkpoint covers the publication.
    """
    if bulletin.publication_id is None:
        raise Conflict(_("A draft proves nothing yet."), remedy=_("Let it be published."))
    told = receipt(bulletin.publication_id)
    size = _size(told)
    return {
        "format": FORMAT,
        "content": bulletin.content,
        "publication": told,
        "rows": {
            key: _rows(frozen, size) for key, frozen in bulletin.content["figures"].items()
        },
    }  # fmt: skip


def _size(told: Mapping[str, Any]) -> int:
    """The size of the tree that a receipt's checkpoint signs: the second line of the note."""
    try:
        return int(told["checkpoint"].splitlines()[1])
    except (IndexError, ValueError) as error:
        raise ReceiptError("the checkpoint of the receipt is malformed") from error


def _rows(frozen: Mapping[str, Any], size: int) -> dict[str, Any]:
    """The rows of one value with their proofs, as far as they may and can be shown."""
    nothing: dict[str, Any] = {"lines": None, "leaves": []}
    if frozen["withheld"] or frozen["personal"] or frozen["row_count"] > ROWS_MAX:
        return nothing
    try:
        figure = get_figure(frozen["code"])
    except NotFound:
        return nothing
    lines = row_lines(figure, _scope(frozen), limit=ROWS_MAX)
    text = "\n".join(line.text() for line in lines)
    if sha256(text.encode()).hex() != frozen["row_set_sha256"]:
        # Rows were erased or the definition changed since: what was frozen stands by its hash.
        return nothing
    shown = None if _is_confidential(figure) else [line.text() for line in lines]
    return {"lines": shown, "leaves": _leaves(lines, size)}


def _is_confidential(figure: Figure) -> bool:
    return figure.confidential or figure.personal


def _leaves(lines: Sequence[RowLine], size: int) -> list[dict[str, Any]]:
    ids = [line.leaf_id for line in lines if line.leaf_id is not None]
    with connection.cursor() as cursor:
        cursor.execute(_PLACES_SQL, [ids, size])
        found = cursor.fetchall()
    store = DatabaseStore()
    return [
        {
            "id": str(leaf_id),
            "leaf_hash": _base64(bytes(value)),
            "index": position,
            "proof": [_base64(node) for node in tree.inclusion_proof(store, position, size)],
        }
        for leaf_id, value, position in sorted(found, key=lambda row: row[2])
    ]


def _scope(frozen: Mapping[str, Any]) -> Scope:
    start = dt.datetime.fromisoformat(frozen["starts_at"]) if frozen["starts_at"] else None
    end = dt.datetime.fromisoformat(frozen["ends_at"])
    return Scope(end=end, start=start, region=frozen["region"])


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
