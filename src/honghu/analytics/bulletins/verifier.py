"""Verify the file of a bulletin offline: `python -m honghu.analytics.bulletins.verifier FILE --key K`.

Needs neither Django nor a database. What is verified: the publication is signed into the journal
and covers exactly this content; the rows shown hash to what the content froze and add up to its
value; every row's record stands in the same journal. Exit status: 0 valid, 1 not, 2 misused.
"""

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from honghu.base.hashing import canonical_json, sha256
from honghu.kernel.journal import merkle
from honghu.kernel.journal.checkpoint import Checkpoint
from honghu.kernel.journal.receipt import verify_receipt

FORMAT: Final = "honghu/bulletin-file/1"
SIZE_MAX_BYTES: Final = 64 * 1024 * 1024
_TOLERANCE: Final = Decimal("0.000001")
_PARTS: Final = 4


class BulletinFileError(ValueError):
    """What is wrong with the file."""


@dataclass(frozen=True, slots=True)
class FigureVerdict:
    """What is proved of one value: its rows' hash and value, and how many records are proved."""

    key: str
    rows_shown: bool
    records_proved: int
    row_count: int | None


@dataclass(frozen=True, slots=True)
class BulletinVerdict:
    """The verdict over a whole file; `problem` says what is wrong where it is not valid."""

    valid: bool
    problem: str = ""
    title: str = ""
    period: str = ""
    published_at: str = ""
    checkpoint: Checkpoint | None = None
    figures: tuple[FigureVerdict, ...] = ()


def verify_bulletin(file: bytes | Mapping[str, Any], vkey: str) -> BulletinVerdict:
    """Verify a bulletin's file against the journal's public key. Never raises for a bad file."""
    try:
        return _verify(_parsed(file), vkey)
    except (
        BulletinFileError, KeyError, TypeError, ValueError, AttributeError, InvalidOperation,
        merkle.MerkleError,
    ) as error:  # fmt: skip
        return BulletinVerdict(valid=False, problem=str(error) or type(error).__name__)


def _parsed(file: bytes | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(file, bytes):
        if len(file) > SIZE_MAX_BYTES:
            raise BulletinFileError(f"a bulletin's file has at most {SIZE_MAX_BYTES} bytes")
        try:
            file = json.loads(file)
        except (ValueError, RecursionError) as error:
            raise BulletinFileError("the file is not JSON") from error
    if not isinstance(file, Mapping) or file.get("format") != FORMAT:
        raise BulletinFileError(f"the format of the file is not {FORMAT}")
    return file


def _verify(file: Mapping[str, Any], vkey: str) -> BulletinVerdict:
    content = file["content"]
    verdict = verify_receipt(file["publication"], vkey)
    if not verdict.valid or verdict.payload is None or verdict.checkpoint is None:
        raise BulletinFileError(f"the publication is not proved: {verdict.message}")
    said = json.loads(verdict.payload)
    if verdict.kind != "publication" or said["subject"] != "bulletin":
        raise BulletinFileError("the receipt is not that of a bulletin")
    if said["subject_sha256"] != sha256(canonical_json(content)).hex():
        raise BulletinFileError("the content is not the content that was published")
    if said["made_by"] == said["published_by"]:
        raise BulletinFileError("the bulletin was published by the person who built it")
    if set(file["rows"]) != set(content["figures"]):
        raise BulletinFileError("the rows are not those of the bulletin's figures")
    figures = tuple(
        _figure(key, frozen, file["rows"][key], verdict.checkpoint)
        for key, frozen in content["figures"].items()
    )
    return BulletinVerdict(
        valid=True,
        title=str(content["title"]["zh"]),
        period=str(content["period"]),
        published_at=str(said["published_at"]),
        checkpoint=verdict.checkpoint,
        figures=figures,
    )


def _figure(
    key: str, frozen: Mapping[str, Any], rows: Mapping[str, Any], checkpoint: Checkpoint
) -> FigureVerdict:
    lines = rows["lines"]
    if lines is not None:
        digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        if digest != frozen["row_set_sha256"] or len(lines) != frozen["row_count"]:
            raise BulletinFileError(f"{key}: the rows are not those that were counted")
        _check_value(key, frozen, lines)
    if frozen["row_count"] is None:
        if lines is not None or rows["leaves"]:
            raise BulletinFileError(f"{key}: a value that is withheld shows rows")
        return FigureVerdict(key, rows_shown=False, records_proved=0, row_count=None)
    proved = {_record(key, leaf, checkpoint) for leaf in rows["leaves"]}
    if lines is not None:
        # A record counts where it is the one that a row is named after.
        proved &= {line.split("|", 1)[0] for line in lines}
    elif len(proved) > frozen["row_count"]:
        raise BulletinFileError(f"{key}: more records are shown than were counted")
    return FigureVerdict(
        key, rows_shown=lines is not None, records_proved=len(proved),
        row_count=frozen["row_count"],
    )  # fmt: skip


def _record(key: str, leaf: Mapping[str, Any], checkpoint: Checkpoint) -> str:
    """Check that one record stands in the journal; its id."""
    value = base64.b64decode(leaf["leaf_hash"], validate=True)
    proof = [base64.b64decode(node, validate=True) for node in leaf["proof"]]
    if not merkle.verify_inclusion(
        value, leaf["index"], checkpoint.size, proof, checkpoint.root
    ):  # fmt: skip
        raise BulletinFileError(f"{key}: the record {leaf['id']} is not in the journal")
    return str(leaf["id"])


def _check_value(key: str, frozen: Mapping[str, Any], lines: Sequence[str]) -> None:
    """Reckon the value from the rows as the aggregate says."""
    rows = [line.split("|") for line in lines]
    if any(len(row) < _PARTS for row in rows):
        raise BulletinFileError(f"{key}: a row is malformed")
    found = _value(frozen["aggregate"], rows)
    said = None if frozen["value"] is None else Decimal(frozen["value"])
    if (found is None) != (said is None):
        raise BulletinFileError(f"{key}: the rows give another value")
    if found is not None and said is not None and abs(found - said) > _TOLERANCE:
        raise BulletinFileError(f"{key}: the rows give {found}, the bulletin says {said}")


def _value(aggregate: str, rows: Sequence[Sequence[str]]) -> Decimal | None:
    numerators = [Decimal(row[-2]) for row in rows if row[-2]]
    if aggregate == "count":
        return Decimal(len(rows))
    if aggregate == "distinct":
        return Decimal(len({"|".join(row[1:-2]) for row in rows} - {""}))
    if aggregate not in _REDUCED:
        raise BulletinFileError(f"there is no aggregate {aggregate}")
    denominators = [Decimal(row[-1]) for row in rows if row[-1]]
    return _REDUCED[aggregate](numerators, denominators) if numerators else None


def _share(numerators: list[Decimal], denominators: list[Decimal]) -> Decimal | None:
    below = sum(denominators, Decimal(0))
    return sum(numerators, Decimal(0)) / below if below else None


_REDUCED: Final[Mapping[str, Callable[[list[Decimal], list[Decimal]], Decimal | None]]] = {
    "sum": lambda numerators, _: sum(numerators, Decimal(0)),
    "mean": lambda numerators, _: sum(numerators, Decimal(0)) / len(numerators),
    "share": _share,
    "first": lambda numerators, _: min(numerators),
    "last": lambda numerators, _: max(numerators),
}


def describe(verdict: BulletinVerdict) -> Iterator[str]:
    """The verdict in lines."""
    if not verdict.valid or verdict.checkpoint is None:
        yield f"NOT VALID: {_printable(verdict.problem)}"
        return
    rows = sum(each.rows_shown for each in verdict.figures)
    records = sum(each.records_proved for each in verdict.figures)
    yield f"VALID: {_printable(verdict.title)} ({_printable(verdict.period)})"
    yield f"  published  {_printable(verdict.published_at)}"
    yield f"  log        {_printable(verdict.checkpoint.origin)}"
    yield f"  root       {verdict.checkpoint.root.hex()} of {verdict.checkpoint.size} entries"
    yield f"  figures    {len(verdict.figures)}, {rows} reckoned again from their rows"
    yield f"  records    {records} proved to stand in the journal"


def _printable(text: str) -> str:
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m honghu.analytics.bulletins.verifier",
        description="Verify the file of a published bulletin offline.",
    )
    parser.add_argument("file", help="the bulletin's file (JSON)")
    parser.add_argument("--key", required=True, help="public key of the journal: name+id+base64")
    options = parser.parse_args(arguments)
    try:
        content = Path(options.file).read_bytes()
    except OSError as error:
        parser.error(f"cannot read {options.file}: {error.strerror}")
    verdict = verify_bulletin(content, options.key)
    sys.stdout.write("\n".join(describe(verdict)) + "\n")
    return 0 if verdict.valid else 1


if __name__ == "__main__":
    sys.exit(main())
