"""Notices read per second on one core, beside the cost of parsing and flattening them alone.

    python bench/notices.py [FOLDER]

FOLDER holds notices (.txt, .html); without it the samples of the procurement domain are read.
The peer, selectolax (lexbor) parsing the page and returning its text, is the physical limit for
a reader that begins with a parsed page: it finds no field. CPU time of the process is measured,
so other work on the machine does not count.
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from honghu.domains import procurement
from honghu.domains.procurement.readers import read_notice

_ROUNDS = 5
_SUFFIXES = {".txt", ".html", ".htm"}


def _seconds(work: Callable[[bytes], object], contents: list[bytes]) -> list[float]:
    """CPU seconds per notice, the best of some rounds each."""
    best = [float("inf")] * len(contents)
    for _ in range(_ROUNDS):
        for index, content in enumerate(contents):
            start = time.process_time()
            work(content)
            best[index] = min(best[index], time.process_time() - start)
    return best


def _read(content: bytes) -> object:
    return read_notice(content, name="notice")


def _flatten(content: bytes) -> object:
    body = LexborHTMLParser(content.decode("utf-8", errors="replace")).body
    return None if body is None else body.text(separator="\n")


def main() -> int:
    """Print the figures; exit status 1 when the folder holds no notice."""
    samples = Path(procurement.__file__).parent / "samples"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else samples
    paths = sorted(path for path in folder.iterdir() if path.suffix in _SUFFIXES)
    if not paths:
        print(f"{folder}: no .txt or .html file", file=sys.stderr)
        return 1
    contents = [path.read_bytes() for path in paths]
    reader, peer = _seconds(_read, contents), _seconds(_flatten, contents)
    sizes = sorted(len(content) for content in contents)
    print(f"{len(contents)} notices, median {sizes[len(sizes) // 2]} bytes")
    for name, times in (("read_notice", reader), ("selectolax text", peer)):
        median, mean = statistics.median(times), statistics.fmean(times)
        print(f"{name:16} median {1 / median:9.0f}/s  mean {1 / mean:9.0f}/s")
    ratio = statistics.fmean(reader) / statistics.fmean(peer)
    print(f"reading every field costs {ratio:.1f} times the parsing alone")
    return 0


if __name__ == "__main__":
    sys.exit(main())
