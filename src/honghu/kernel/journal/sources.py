"""Where the rows behind the leaves stand: one source per kind, registered by the row's module."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import connection
from psycopg import sql

from honghu.kernel.journal.faults import Fault

ROWS_PER_FETCH = 2000


class LeafSource(Protocol):
    """The rows of one kind of leaf, read again for verification and receipts."""

    @property
    def table(self) -> str:
        """Name of the table, to say where a fault is."""
        ...

    def rows(self) -> Iterator[tuple[uuid.UUID, bytes]]:
        """All rows as (id, canonical payload), ascending by id, in batches of bounded memory."""
        ...

    def get(self, leaf_id: uuid.UUID, /) -> bytes | None:
        """The canonical payload of one row; None if there is no such row."""
        ...


@dataclass(frozen=True, slots=True)
class TableSource:
    """A source that reads one table.

    `columns` are selected and given to `canonical` as one tuple, in this order; it returns the
    payload that was hashed when the row was written. The key column is `id`.
    """

    table: str
    columns: tuple[str, ...]
    canonical: Callable[[tuple[Any, ...]], bytes]
    key: str = "id"

    def rows(self) -> Iterator[tuple[uuid.UUID, bytes]]:
        """All rows, ascending by id, through a server-side cursor."""
        query = self._select() + sql.SQL(" ORDER BY {}").format(sql.Identifier(self.key))
        with connection.chunked_cursor() as cursor:
            cursor.execute(query)
            while batch := cursor.fetchmany(ROWS_PER_FETCH):
                for row in batch:
                    yield row[0], self.canonical(row[1:])

    def get(self, leaf_id: uuid.UUID, /) -> bytes | None:
        """The canonical payload of one row; None if there is no such row."""
        query = self._select() + sql.SQL(" WHERE {} = %s").format(sql.Identifier(self.key))
        with connection.cursor() as cursor:
            cursor.execute(query, [leaf_id])
            row = cursor.fetchone()
        return None if row is None else self.canonical(row[1:])

    def _select(self) -> sql.Composed:
        names = sql.SQL(", ").join(map(sql.Identifier, (self.key, *self.columns)))
        return sql.SQL("SELECT {} FROM {}").format(names, sql.Identifier(self.table))


@dataclass(frozen=True, slots=True)
class Vouched:
    """Rows that no leaf records by itself: a recorded row holds their digest, or what they say.

    `count` says how many are looked at, `look` yields a fault or null for each.
    """

    count: Callable[[], int]
    look: Callable[[], Iterator[Fault | None]]


_sources: dict[str, LeafSource] = {}
_vouched: list[Vouched] = []


def register_source(kind: str, source: LeafSource) -> None:
    """Say where the rows behind the leaves of `kind` stand. Raises ValueError if it is known."""
    if kind in _sources:
        raise ValueError(f"leaves of kind {kind} already have a source: {_sources[kind].table}")
    _sources[kind] = source


def register_vouched(vouched: Vouched) -> None:
    """Have these rows compared with the recorded ones whenever the log is verified."""
    _vouched.append(vouched)


def registered_vouched() -> Sequence[Vouched]:
    """All of them."""
    return tuple(_vouched)


def registered_sources() -> dict[str, LeafSource]:
    """All sources by kind."""
    return dict(_sources)
