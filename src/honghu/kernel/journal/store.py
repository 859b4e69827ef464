"""The log's stored tree in PostgreSQL: leaves in journal_entry, complete nodes in journal_node."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import connection

from honghu.kernel.journal.tree import Coordinate

_READ_SQL = """
SELECT 0, position, hash FROM journal_entry WHERE position = ANY(%s::bigint[])
UNION ALL
SELECT level, index, hash FROM journal_node
JOIN unnest(%s::integer[], %s::bigint[]) AS wanted (level, index) USING (level, index)
"""
_WRITE_SQL = "COPY journal_node (level, index, hash) FROM STDIN (FORMAT BINARY)"


class DatabaseStore:
    """Complete nodes read with one query, whatever their number."""

    def read(self, coordinates: Collection[Coordinate], /) -> Mapping[Coordinate, bytes]:
        """The hashes of those of `coordinates` that are stored."""
        positions = [place.number for place in coordinates if place.level == 0]
        inner = [place for place in coordinates if place.level > 0]
        levels, indexes = [node.level for node in inner], [node.number for node in inner]
        with connection.cursor() as cursor:
            cursor.execute(_READ_SQL, [positions, levels, indexes])
            rows = cursor.fetchall()
        return {Coordinate(level, index): value for level, index, value in rows}


def write_nodes(cursor: Any, nodes: Iterable[tuple[Coordinate, bytes]]) -> None:
    """Store complete nodes above the leaves (the leaves are journal_entry's own rows)."""
    with cursor.copy(_WRITE_SQL) as copy:
        copy.set_types(["int4", "int8", "bytea"])
        for (level, index), value in nodes:
            if level > 0:
                copy.write_row((level, index, value))
