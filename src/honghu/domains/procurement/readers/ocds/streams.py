"""Release packages, record packages and JSON Lines as a stream of releases, in constant memory.

Each release is cut out of the text by the standard library's own scanner, so its text is kept to
the letter. An event parser (ijson) would serve as well for honest files, but it builds the path of
each level: a file of a hundred thousand opening brackets makes it take all memory.
"""

import codecs
import gzip
import json
import math
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, NoReturn, cast

from honghu.domains.procurement.readers.found import UnreadableSourceError, gettext_noop

RELEASE_BYTES_MAX: Final = 16 * 1024 * 1024
"""The longest release, or line, that is read. A technical bound: what one step may hold in memory."""
_CHUNK: Final = 1 << 20
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_LINES: Final = (".jsonl", ".jsonlines", ".ndjson")
_LISTS: Final = ("releases", "records")
_GZIP: Final = b"\x1f\x8b"

_NOT_JSON: Final = gettext_noop("It is no JSON: {reason}.")
_SEND_AGAIN: Final = gettext_noop("Fetch the file again, whole, from where it is published.")
_TOO_LONG: Final = gettext_noop("One release is longer than {limit} bytes.")
_SPLIT: Final = gettext_noop("Leave it out of the file, or ask the publisher what it is.")
_NOT_OCDS: Final = gettext_noop("It holds neither releases nor records.")
_PACKAGE: Final = gettext_noop("Send a release package, a record package, or JSON Lines of them.")
_TOO_DEEP: Final = gettext_noop("It is nested too deeply.")
_TWINS: Final = gettext_noop("A name stands twice in one object: {name}.")
_CORRECT: Final = gettext_noop("Ask the publisher to correct the file.")


class TwinNameError(ValueError):
    """A name that stands twice in one object (RFC 8259 leaves open which one counts)."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        raise TwinNameError(next(name for name in names if names.count(name) > 1))
    return found


def _constant(name: str) -> NoReturn:
    message = f"{name} is no JSON"
    raise ValueError(message)


def _float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        message = f"the number {text[:20]} is too large"
        raise ValueError(message)
    return number


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_float=_float
)


def parse(text: str, place: str) -> Any:
    """One JSON value. Raises UnreadableSourceError for what is none, twins and deep nesting."""
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable(error, place) from error


def _unreadable(error: Exception, place: str) -> UnreadableSourceError:
    if isinstance(error, RecursionError):
        return UnreadableSourceError("too_deep", place=place, what=_TOO_DEEP, remedy=_CORRECT)
    if isinstance(error, TwinNameError):
        name = {"name": str(error)}
        return UnreadableSourceError(
            "twins", place=place, what=_TWINS, remedy=_CORRECT, values=name
        )
    reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
    values = {"reason": reason.rstrip(".")}
    return UnreadableSourceError(
        "not_json", place=place, what=_NOT_JSON, remedy=_SEND_AGAIN, values=values
    )


def open_source(path: Path) -> BinaryIO:
    """The file's bytes, unpacked if it is a gzip file."""
    with path.open("rb") as head:
        packed = head.read(2) == _GZIP
    return cast("BinaryIO", gzip.open(path, "rb")) if packed else path.open("rb")


def _some(file: BinaryIO, size: int, place: str) -> bytes:
    try:
        return file.read(size)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        values = {"reason": str(error).rstrip(".")}
        raise UnreadableSourceError(
            "not_json", place=place, what=_NOT_JSON, remedy=_SEND_AGAIN, values=values
        ) from error


def is_lines(path: Path) -> bool:
    """Whether the file is JSON Lines: by its name, or because its first line is a whole value."""
    names = [suffix.lower() for suffix in path.suffixes[-2:]]
    if any(suffix in _LINES for suffix in names):
        return True
    with open_source(path) as file:
        head = _some(file, _CHUNK, path.name)
    line, newline, rest = head.partition(b"\n")
    if not newline or not rest.strip():
        return False
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def read_lines(path: Path) -> Iterator[tuple[str, str | UnreadableSourceError]]:
    """The lines of JSON Lines with their places; a line that is too long is passed over as a fault.

    Raises UnreadableSourceError where the file ends within a line's JSON, or is no UTF-8.
    """
    number = 0
    with open_source(path) as file:
        while line := _line(file, number + 1):
            number += 1
            place = f"line {number}"
            if len(line) > RELEASE_BYTES_MAX:
                _pass_over(file, line, place)
                yield place, too_long(place)
                continue
            if not (bare := line.strip()):
                continue
            try:
                yield place, bare.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise _not_utf8(place, error) from error


def _line(file: BinaryIO, number: int) -> bytes:
    try:
        return file.readline(RELEASE_BYTES_MAX + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        values = {"reason": str(error).rstrip(".")}
        raise UnreadableSourceError(
            "not_json", place=f"line {number}", what=_NOT_JSON, remedy=_SEND_AGAIN, values=values
        ) from error


def _pass_over(file: BinaryIO, line: bytes, place: str) -> None:
    while line and not line.endswith(b"\n"):
        line = _some_line(file, place)


def _some_line(file: BinaryIO, place: str) -> bytes:
    try:
        return file.readline(_CHUNK)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        values = {"reason": str(error).rstrip(".")}
        raise UnreadableSourceError(
            "not_json", place=place, what=_NOT_JSON, remedy=_SEND_AGAIN, values=values
        ) from error


def too_long(place: str) -> UnreadableSourceError:
    """The fault of a release or line beyond RELEASE_BYTES_MAX."""
    return UnreadableSourceError(
        "too_long",
        place=place,
        what=_TOO_LONG,
        remedy=_SPLIT,
        values={"limit": str(RELEASE_BYTES_MAX)},
    )


def _not_utf8(place: str, error: UnicodeDecodeError) -> UnreadableSourceError:
    values = {"reason": f"not UTF-8, {error.reason}"}
    return UnreadableSourceError(
        "not_json", place=place, what=_NOT_JSON, remedy=_SEND_AGAIN, values=values
    )


def read_package(path: Path) -> Iterator[tuple[str, str, Any]]:
    """(place, text, value) of each item of a package's `releases` or `records`, or of a lone one.

    Raises UnreadableSourceError for what is no JSON to its end, or no package.
    """
    with open_source(path) as file:
        yield from _Scanner(file).items()


class _Scanner:
    """A window that moves over the text; memory is bounded by the longest value."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decode = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._at = 0
        self._gone = 0
        self._ended = False

    @property
    def _place(self) -> str:
        return f"character {self._gone + self._at + 1}"

    def items(self) -> Iterator[tuple[str, str, Any]]:
        """The items of the package. Raises UnreadableSourceError."""
        first = self._peek()
        if first == "[":
            yield from self._list("")
        elif first == "{":
            yield from self._package()
        else:
            self._fail("no object")
        if self._peek():
            self._fail("something follows after the end")

    def _package(self) -> Iterator[tuple[str, str, Any]]:
        self._at += 1
        others: dict[str, Any] = {}
        streamed = False
        if self._peek() == "}":
            self._at += 1
        else:
            while True:
                name = self._name()
                if name in others:
                    raise _unreadable(TwinNameError(name), self._place)
                others[name] = None
                if name in _LISTS and "ocid" not in others and self._peek() == "[":
                    streamed = True
                    yield from self._list(name)
                else:
                    others[name] = self._value()[1]
                if self._next("}") == "}":
                    break
        if not streamed and "ocid" in others:
            yield "item 1", json.dumps(others, ensure_ascii=False), others
        elif not streamed:
            raise UnreadableSourceError(
                "not_ocds", place="character 1", what=_NOT_OCDS, remedy=_PACKAGE
            )

    def _list(self, name: str) -> Iterator[tuple[str, str, Any]]:
        self._at += 1
        if self._peek() == "]":
            self._at += 1
            return
        number = 0
        while True:
            text, value = self._value()
            yield f"{name}[{number}]" if name else f"[{number}]", text, value
            number += 1
            if self._next("]") == "]":
                return

    def _name(self) -> str:
        if self._peek() != '"':
            self._fail("a name is missing")
        _text, name = self._value()
        if self._peek() != ":":
            self._fail("a colon is missing")
        self._at += 1
        return str(name)

    def _next(self, end: str) -> str:
        found = self._peek()
        if found not in {",", end} or not found:
            self._fail(f"a comma or {end} is missing" if found else "the file ends too early")
        self._at += 1
        return found

    def _peek(self) -> str:
        """The next character that is no white space; empty at the end of the file."""
        while True:
            match = _SPACE.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if self._ended:
                return ""
            self._more(_CHUNK)

    def _value(self) -> tuple[str, Any]:
        """One value and its text. Raises UnreadableSourceError."""
        self._peek()
        size = _CHUNK
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except (TwinNameError, RecursionError) as error:
                raise _unreadable(error, self._place) from error
            except ValueError as error:
                if self._ended:
                    raise _unreadable(error, self._place) from error
            else:
                # A number may go on behind the window: what follows it must be seen.
                if end < len(self._text) or self._ended:
                    text = self._text[self._at : end]
                    self._at = end
                    return text, value
            if len(self._text) - self._at > RELEASE_BYTES_MAX:
                raise too_long(self._place)
            self._more(size)
            size *= 2

    def _more(self, size: int) -> None:
        """Forget what was read and read on."""
        data = _some(self._file, size, self._place)
        self._ended = not data
        try:
            text = self._decode.decode(data, final=self._ended)
        except UnicodeDecodeError as error:
            raise _not_utf8(self._place, error) from error
        self._gone += self._at
        self._text = self._text[self._at :] + text
        self._at = 0

    def _fail(self, reason: str) -> NoReturn:
        raise UnreadableSourceError(
            "not_json",
            place=self._place,
            what=_NOT_JSON,
            remedy=_SEND_AGAIN,
            values={"reason": reason},
        )
