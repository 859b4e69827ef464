"""The checker: reads a register file and proves it sound, or says what is wrong on which line.

Reading comes first and reports everything that does not fit. Only a register that could be read
is then proved, since a graph with a misspelt state would raise a dozen false alarms.
"""

import functools
from collections.abc import Iterable, Iterator
from pathlib import Path

from honghu.kernel.lifecycles import graph
from honghu.kernel.lifecycles.findings import describe_way
from honghu.kernel.lifecycles.soundness import prove
from honghu.kernel.registers.faults import Fault, RegisterFaults
from honghu.kernel.registers.model import START, Action, Register
from honghu.kernel.registers.nodes import MAX_BYTES, UnreadableError, read_nodes
from honghu.kernel.registers.parsing import Known, Lines, read_register
from honghu.kernel.registers.reader import Reader

NOTHING_KNOWN = Known()


def check(path: Path, known: Known = NOTHING_KNOWN) -> list[Fault]:
    """Return every fault of the file; empty means that the register is sound. Never raises."""
    try:
        load_register(path, known)
    except RegisterFaults as refusal:
        return list(refusal.faults)
    return []


def check_files(
    paths: Iterable[Path], known: Known = NOTHING_KNOWN
) -> Iterator[tuple[Path, Register | None, list[Fault]]]:
    """Check several files, also against one another: no two may hold the same version.

    Yields each path with its register, or with None and its faults.
    """
    seen: dict[tuple[str, int], Path] = {}
    for path in paths:
        try:
            register = load_register(path, known)
        except RegisterFaults as refusal:
            yield path, None, list(refusal.faults)
            continue
        key = (register.code, register.version)
        first = seen.setdefault(key, path)
        if first.resolve() == path.resolve():
            yield path, register, []
        else:
            message = f"register {key[0]} v{key[1]} stands in {first} already"
            remedy = "give one of them another code or a higher version"
            yield path, None, [Fault(name_of(path), 1, "duplicate-register", message, remedy)]


def load_register(source: str | Path, known: Known = NOTHING_KNOWN) -> Register:
    """Read a sound register: `source` is the YAML text itself, or the path of a file.

    Raises RegisterFaults with every fault, also when the file can't be read.
    """
    if isinstance(source, Path):
        return parse_register(_read(source), name_of(source), known)
    return parse_register(source, "<text>", known)


@functools.lru_cache(maxsize=256)
def parse_register(text: str, file: str, known: Known = NOTHING_KNOWN) -> Register:
    """Read and prove the text of a register; `file` only names it. Raises RegisterFaults."""
    register, lines, reader = _parse(text, file, known)
    _prove(register, lines, reader)
    if reader.faults:
        raise RegisterFaults(reader.faults)
    return register


def read_published(text: str, file: str) -> Register:
    """Read a version that was proved when it was published, without proving it again.

    The cases under it go on even when a later release of the checker asks for more.
    Raises RegisterFaults if the text can't be read at all.
    """
    register, _lines, _reader = _parse(text, file, NOTHING_KNOWN)
    return register


def _parse(text: str, file: str, known: Known) -> tuple[Register, Lines, Reader]:
    reader = Reader(file)
    try:
        root, faults = read_nodes(text, file)
    except UnreadableError as error:
        raise RegisterFaults([error.fault]) from error
    reader.faults += faults
    register, lines = read_register(root, reader, known)
    if reader.faults:
        raise RegisterFaults(reader.faults)
    return register, lines, reader


def _read(path: Path) -> str:
    """Read a file of bounded size as UTF-8. Raises RegisterFaults naming what is in the way."""
    file = name_of(path)
    try:
        if not path.is_file():
            # A directory; or a pipe, which could keep us waiting for ever.
            missing = "the path is no file" if path.exists() else "the file does not exist"
            raise RegisterFaults([Fault(file, 1, "unreadable", missing, "name a YAML file")])
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        fault = Fault(file, 1, "unreadable", f"can't be read: {reason}", "check name and rights")
        raise RegisterFaults([fault]) from error
    if len(content) > MAX_BYTES:
        remedy = f"keep it under {MAX_BYTES // 1024} KiB"
        raise RegisterFaults([Fault(file, 1, "too-large", "the file is too large", remedy)])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        fault = Fault(file, line, "not-text", "the file is no UTF-8 text", "save it as UTF-8 text")
        raise RegisterFaults([fault]) from error


def name_of(path: Path) -> str:
    """Return the name of a file as it can be printed; bytes that are no text are escaped."""
    return str(path).encode(errors="backslashreplace").decode()


def _prove(register: Register, lines: Lines, reader: Reader) -> None:
    for finding in prove(register.lifecycle):
        line = lines.of(finding.subject, finding.name)
        reader.fault(line, finding.code, finding.message, finding.remedy)
    if reader.faults:
        return
    for action in register.actions.values():
        _prove_holders(register, action, lines, reader)


def _prove_holders(register: Register, action: Action, lines: Lines, reader: Reader) -> None:
    """Prove that an action left to recorded organisations is never reached before they are.

    A required fact is recorded by each action that sets it; a command may record any.
    """
    recorded = register.lifecycle.local_roles
    if action.opens_case or not action.roles <= recorded.keys():
        return
    names = sorted({recorded[role] for role in action.roles})
    ways = [_way_without(register, name, action) for name in names]
    if None in ways:
        return
    reader.fault(
        lines.of("action", action.code),
        "organisation-not-recorded",
        f"{action.code} is left to the organisation in {' or '.join(names)}, which may not be "
        f"recorded yet: {ways[0]}",
        f"make {names[0]} `required: true` and set it under `facts:` of an action on this way",
    )


def _way_without(register: Register, name: str, action: Action) -> str | None:
    """Spell a way to the action on which nothing records the field; None if there is no such."""
    required = register.fields[name].required
    rest = [
        edge
        for edge in register.lifecycle.edges()
        for step in (register.actions[edge.action.code],)
        if step.command is None and not (required and name in step.facts)
    ]
    way = graph.find_way(rest, [START], action.origins)
    return None if way is None else describe_way(way)
