"""Verify a receipt offline: `python -m honghu.kernel.journal.verifier FILE --key VKEY`.

Needs neither Django nor a database, only this package and `cryptography`. Exit status: 0 the
receipt is valid, 1 it is not, 2 the command was misused.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from honghu.kernel.journal.receipt import ReceiptVerdict, verify_receipt


def describe(verdict: ReceiptVerdict) -> list[str]:
    """The verdict in lines: what is proved, or what is wrong."""
    if not verdict.valid:
        return [f"NOT VALID ({verdict.code}): {verdict.message}"]
    lines = [f"VALID: {verdict.message}"]
    if verdict.checkpoint is not None:
        lines += [
            f"  log        {_printable(verdict.checkpoint.origin)}",
            f"  position   {verdict.index} of {verdict.checkpoint.size}",
            f"  root       {verdict.checkpoint.root.hex()}",
        ]
        lines += [f"  log states {_printable(line)}" for line in verdict.checkpoint.extensions]
    if verdict.payload is None:
        return [*lines, "  the content is withheld: nothing is proved about it but its hash"]
    return [
        *lines,
        f"  record     {verdict.kind} {verdict.leaf_id}",
        f"  written    {verdict.written_at:%Y-%m-%d %H:%M:%S} UTC",
        f"  content    {_printable(verdict.payload.decode())}",
    ]


def _printable(text: str) -> str:
    # What a log says must not steer the terminal that shows it.
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m honghu.kernel.journal.verifier",
        description="Verify a receipt of the journal offline.",
    )
    parser.add_argument("file", help="the receipt, a JSON file; - reads standard input")
    parser.add_argument("--key", required=True, help="public key of the log: name+id+base64")
    options = parser.parse_args(arguments)
    try:
        receipt = (
            sys.stdin.buffer.read() if options.file == "-" else Path(options.file).read_bytes()
        )
    except OSError as error:
        parser.error(f"cannot read {options.file}: {error.strerror}")
    verdict = verify_receipt(receipt, options.key)
    sys.stdout.write("\n".join(describe(verdict)) + "\n")
    return 0 if verdict.valid else 1


if __name__ == "__main__":
    sys.exit(main())
