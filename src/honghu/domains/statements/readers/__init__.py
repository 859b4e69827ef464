"""Outside formats of bank statements: camt.053 (ISO 20022) and CSV. Pure: no table, no settings."""

from collections.abc import Iterator
from typing import IO

from honghu.domains.statements.readers.camt import is_camt, read_camt
from honghu.domains.statements.readers.columns import CsvTerms
from honghu.domains.statements.readers.csvfile import read_csv
from honghu.domains.statements.readers.values import Item

_HEAD_BYTES = 64


def read_statements(file: IO[bytes], terms: CsvTerms | None = None) -> Iterator[Item]:
    """Yield the statements of a file, whichever of both formats it has.

    Raises UnreadableStatementError.
    """
    return read_camt(file) if format_of(file) == "camt.053" else read_csv(file, terms or CsvTerms())


def format_of(file: IO[bytes]) -> str:
    """`camt.053` for what begins as XML, else `csv`. The file is at its start afterwards."""
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    file.seek(0)
    return "camt.053" if is_camt(head) else "csv"
