"""The journal's view of transfers: their canonical bytes, read again."""

import uuid
from collections.abc import Iterator

from honghu.kernel.ledger.queries import all_transfers, read_drafts
from honghu.kernel.ledger.records import payload


class TransferLeaves:
    """All transfers as (id, payload): a source of the journal."""

    table = "ledger_transfer"

    def rows(self) -> Iterator[tuple[uuid.UUID, bytes]]:
        """Every transfer with the bytes that its leaf hashes, ascending by id."""
        for row in all_transfers():
            yield row.facts.id, payload(row.facts)

    def get(self, leaf_id: uuid.UUID, /) -> bytes | None:
        """The bytes of one transfer; null if there is none."""
        found = read_drafts([leaf_id])
        return payload(found[0]) if found else None
