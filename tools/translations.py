# ruff: noqa: INP001, T201 - a command of the checkout, not part of the package
"""The Chinese catalogue: what is translated, what is missing, and its compiled form.

    python tools/translations.py check              missing or fuzzy texts, exit 1 if any
    python tools/translations.py update             enter new texts with an empty translation
    python tools/translations.py update --prune     and drop those that no code uses
    python tools/translations.py merge FILE.po ...  take translations over from other catalogues
    python tools/translations.py compile            write the .mo that Django reads

Texts are English in the code; `en` therefore needs no catalogue. Babel extracts them from Python
and, through Django's own `templatize`, from templates. Django's strings are translated by Django.
"""

import argparse
import io
import sys
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

import django.conf
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "honghu"
CATALOGUE = SOURCE / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
Places = tuple[int | tuple[int, str], ...]
"""Which arguments of a call are texts, counted from 1; "c" marks the context."""

KEYWORDS: dict[str, Places] = {
    "_": (1,),
    "gettext": (1,),
    "gettext_lazy": (1,),
    "gettext_noop": (1,),
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}

Key = tuple[str, str | None]
"""A text's English (singular) and its context."""


class CatalogueError(Exception):
    """A source file or catalogue that can't be read; the message names it."""


def extract(source: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """Yield (msgid or its plural pair, context) for each translatable text below a folder."""
    for path in sorted([*source.rglob("*.py"), *source.rglob("templates/**/*.*")]):
        if "tests" in path.relative_to(source).parts or not path.is_file():
            continue
        if path.suffix == ".docx":  # layouts of documents hold tags alone, and are no text
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            # What templatize leaves of the markup is words of X at any depth; only lines without
            # indentation are certain to be read as Python.
            text = "\n".join(line.lstrip() for line in templatize(text).splitlines())
        yield from _messages(path, text)


def _messages(path: Path, text: str) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    stream = io.BytesIO(text.encode("utf-8"))
    try:
        for _line, function, arguments, _comments in extract_python(stream, KEYWORDS, (), {}):
            found = _pick(KEYWORDS[str(function)], arguments)
            if found is not None:
                yield found
    except (tokenize.TokenError, SyntaxError) as error:
        message = f"{path}: can't be read for texts: {error}"
        raise CatalogueError(message) from error


def _pick(places: Places, arguments: object) -> tuple[str | tuple[str, ...], str | None] | None:
    """Choose msgid, plural and context among a call's arguments; None if they aren't literal."""
    values = arguments if isinstance(arguments, tuple) else (arguments,)
    context = None
    ids: list[str] = []
    for place in places:
        index = place[0] if isinstance(place, tuple) else place
        value = values[index - 1] if index <= len(values) else None
        if not isinstance(value, str) or not value:
            return None
        if isinstance(place, tuple):
            context = value
        else:
            ids.append(value)
    return (ids[0] if len(ids) == 1 else tuple(ids)), context


def read(path: Path) -> Catalog:
    """Read a catalogue; an absent one is empty."""
    if not path.exists():
        return Catalog(locale="zh_Hans", project="Honghu", charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale="zh_Hans", abort_invalid=True)


def write(catalogue: Catalog, path: Path) -> None:
    """Write a catalogue sorted and without places and dates, so that merges stay readable."""
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    write_po(
        buffer,
        catalogue,
        sort_output=True,
        no_location=True,
        omit_header=True,
        include_previous=False,
    )
    header = (
        'msgid ""\nmsgstr ""\n"Language: zh_Hans\\n"\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        '"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
    )
    path.write_bytes(header.encode() + buffer.getvalue())


def key_of(message: Message) -> Key:
    """Identify a text."""
    msgid = message.id if isinstance(message.id, str) else message.id[0]
    return msgid, message.context


def is_translated(message: Message | None) -> bool:
    """Tell whether every form of the text has a translation that nobody doubts."""
    if message is None or message.fuzzy:
        return False
    forms = message.string if isinstance(message.string, list | tuple) else (message.string,)
    return all(forms)


def problems(catalogue: Catalog, source: Path) -> list[str]:
    """List what keeps the catalogue from being complete, one line each."""
    found = []
    for msgid, context in _distinct(extract(source)):
        if not is_translated(catalogue.get(msgid, context)):
            found.append(f"missing: {_shown((_singular(msgid), context))}")
    for message in catalogue:
        if message.id:
            found += [f"{_shown(key_of(message))}: {error}" for error in message.check(catalogue)]
    return found


def update(catalogue: Catalog, source: Path, *, prune: bool) -> tuple[int, int]:
    """Enter texts that are new, drop unused ones if `prune`; return how many of each."""
    used = list(_distinct(extract(source)))
    added = 0
    for msgid, context in used:
        if catalogue.get(msgid, context) is None:
            catalogue.add(msgid, context=context)
            added += 1
    if not prune:
        return added, 0
    keep = {(_singular(msgid), context) for msgid, context in used}
    unused = [message for message in catalogue if message.id and key_of(message) not in keep]
    for message in unused:
        catalogue.delete(message.id, message.context)
    return added, len(unused)


def merge(catalogue: Catalog, other: Catalog) -> tuple[int, list[Key]]:
    """Take over translations; return how many, and the texts that already say something else."""
    taken = 0
    differing = []
    for message in other:
        if not message.id or not is_translated(message):
            continue
        present = catalogue.get(message.id, message.context)
        if not is_translated(present):
            if present is not None:
                catalogue.delete(present.id, present.context)
            catalogue.add(message.id, message.string, context=message.context)
            taken += 1
        elif present is not None and present.string != message.string:
            differing.append(key_of(message))
    return taken, differing


def compile_to(catalogue: Catalog, path: Path) -> None:
    """Write the compiled catalogue."""
    with path.open("wb") as file:
        write_mo(file, catalogue)


def _distinct(
    messages: Iterable[tuple[str | tuple[str, ...], str | None]],
) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """Drop repetitions; a text with a plural stands for the same text without one."""
    best: dict[Key, str | tuple[str, ...]] = {}
    for msgid, context in messages:
        key = (_singular(msgid), context)
        if key not in best or isinstance(msgid, tuple):
            best[key] = msgid
    for (_text, context), msgid in best.items():
        yield msgid, context


def _singular(msgid: str | tuple[str, ...]) -> str:
    return msgid if isinstance(msgid, str) else msgid[0]


def _shown(key: Key) -> str:
    text, context = key
    return f"{text!r} ({context})" if context else repr(text)


def run(arguments: argparse.Namespace) -> int:
    """Do what the command line asks; return the exit status."""
    catalogue = read(CATALOGUE)
    match arguments.command:
        case "check":
            found = problems(catalogue, SOURCE)
            print("\n".join([*found, f"{len(found)} problems in {CATALOGUE.relative_to(ROOT)}"]))
            return 1 if found else 0
        case "update":
            added, dropped = update(catalogue, SOURCE, prune=arguments.prune)
            write(catalogue, CATALOGUE)
            print(f"{added} added, {dropped} dropped")
        case "merge":
            for path in arguments.files:
                taken, differing = merge(catalogue, read(path))
                print(f"{path.name}: {taken} taken over")
                for key in differing:
                    print(f"  kept ours for {_shown(key)}")
            write(catalogue, CATALOGUE)
        case _:
            compile_to(catalogue, CATALOGUE.with_suffix(".mo"))
    return 0


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check")
    commands.add_parser("compile")
    commands.add_parser("update").add_argument("--prune", action="store_true")
    commands.add_parser("merge").add_argument("files", nargs="+", type=Path)
    if not django.conf.settings.configured:
        django.conf.settings.configure()  # templatize asks Django's settings for its messages
    return run(parser.parse_args())


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CatalogueError as error:
        sys.exit(str(error))
