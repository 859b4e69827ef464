"""Reading a register: nodes to the typed model, with a fault for everything that does not fit.

The sections are read in an order in which each finds declared what it refers to: fields, roles,
states, actions, documents, figures, list.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from honghu.base.problems import HonghuError
from honghu.kernel.clocks.durations import parse_duration
from honghu.kernel.lifecycles.model import EndKind
from honghu.kernel.registers import actions
from honghu.kernel.registers.fields import read_field
from honghu.kernel.registers.model import (
    BUILT_IN_COLUMNS,
    ORGANISATION_KINDS,
    SYSTEM,
    Action,
    Clock,
    Field,
    FieldType,
    Figure,
    Listing,
    Register,
    Role,
    Satisfaction,
    State,
)
from honghu.kernel.registers.nodes import Entry, Node
from honghu.kernel.registers.papers import read_document
from honghu.kernel.registers.paths import read_heading, read_path
from honghu.kernel.registers.public_reports import read_public_reports
from honghu.kernel.registers.reader import Part, Reader

KEYS: Final = frozenset(
    {
        "register",
        "version",
        "title",
        "description",
        "numbering",
        "public",
        "parent",
        "fields",
        "roles",
        "states",
        "actions",
        "documents",
        "figures",
        "list",
        "heading",
        "path",
        "public_reports",
        "satisfaction",
    }
)
STATE_KEYS: Final = frozenset(
    {"title", "start", "end", "waits_for", "clock", "no_clock", "suspended"}
)
CLOCK_KEYS: Final = frozenset({"code", "rule", "by", "duration", "source", "due", "starts"})
FIGURE_KEYS: Final = frozenset({"title", "sum", "unit", "where", "states", "by"})
END_KINDS: Final[tuple[EndKind, ...]] = ("closed", "cancelled", "rejected", "merged")
VERSION_MAX: Final = 999_999
"""Counted up by one, no register comes near it; what is above is a slip of the keyboard."""
RESERVED_STATES: Final = frozenset({"start", "new", "any"})
_SUMMABLE: Final = frozenset(
    {FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY, FieldType.RATE}
)
_SPLITTING: Final = frozenset({FieldType.CHOICE, FieldType.ORGANISATION, FieldType.BOOLEAN})
_TIMES: Final = frozenset({FieldType.DATE, FieldType.INSTANT})


@dataclass(frozen=True, slots=True)
class Known:
    """What exists outside the file. None means: not checked.

    `rules` are the codes of the rule book's files; a rule of a domain that has none among them is
    not checked, since a county writes its register before its rules.
    """

    commands: frozenset[str] | None = None
    registers: frozenset[str] | None = None
    rules: frozenset[str] | None = None
    templates: frozenset[str] | None = None
    organisation_kinds: frozenset[str] = ORGANISATION_KINDS


@dataclass(frozen=True, slots=True)
class Lines:
    """Where the parts of a register stand in its file."""

    states: Mapping[str, int] = field(default_factory=dict)
    actions: Mapping[str, int] = field(default_factory=dict)
    roles: Mapping[str, int] = field(default_factory=dict)

    def of(self, subject: str, name: str) -> int:
        """Return the line of a state or an action, or 1 for the register as a whole."""
        places = {"state": self.states, "action": self.actions, "role": self.roles}
        return places.get(subject, {}).get(name, 1)


def read_register(node: Node, reader: Reader, known: Known) -> tuple[Register, Lines]:
    """Read a whole register. The value is to be used only if `reader` has no faults afterwards."""
    part = reader.part(node, "the register", KEYS)
    part.require("register", "version", "fields", "roles", "states", "actions")
    code = _register_code(part)
    fields = {name: read_field(reader, name, entry) for name, entry in part.entries("fields")}
    roles = {name: _role(reader, name, entry, fields, known) for name, entry in _roles(part)}
    states = {
        name: _state(reader, name, entry, (fields, roles), known) for name, entry in _states(part)
    }
    papers = dict(part.entries("documents", dashes=True))
    names = actions.Names(
        fields=fields,
        roles=frozenset(roles) | {SYSTEM},
        states=states,
        actions=frozenset(part.codes("actions")),
        documents=frozenset(papers),
        counters=actions.counters(part),
        commands=known.commands,
        registers=None if known.registers is None else known.registers | {code},
        rules=known.rules,
    )
    declared = {
        name: actions.read_action(reader, name, entry, names)
        for name, entry in part.entries("actions")
    }
    documents = {
        name: read_document(
            reader, name, entry, _values_of(name, fields, declared), known.templates
        )
        for name, entry in papers.items()
    }
    register = Register(
        code=code,
        version=part.integer("version", least=1, most=VERSION_MAX) or 1,
        title=part.title(),
        fields=fields,
        roles=roles,
        states=states,
        actions=declared,
        figures={
            name: _figure(reader, name, entry, names)
            for name, entry in part.entries("figures", dashes=True)
        },
        documents=documents,
        numbering=part.string("numbering"),
        description=part.text("description"),
        public=part.flag("public"),
        listing=_listing(part, fields),
        parent=_parent(part, known),
        public_reports=read_public_reports(part, fields, declared),
        satisfaction=_satisfaction(part, fields, declared),
        heading=read_heading(part, fields),
        path=read_path(part, states, declared),
    )
    lines = Lines(part.codes("states"), part.codes("actions"), part.codes("roles"))
    return register, lines


def _register_code(part: Part) -> str:
    code = part.string("register") or ""
    node = part.node("register")
    if node is not None:
        part.reader.check_code(code, node.line, "register", dashes=True)
    return code


def _parent(part: Part, known: Known) -> str | None:
    if known.registers is not None:
        return part.one_known("parent", "register", known.registers)
    return part.string("parent")


def _roles(part: Part) -> list[tuple[str, Entry]]:
    found = list(part.entries("roles"))
    for name, entry in found:
        if name == SYSTEM:
            part.reader.fault(
                entry.line, "reserved-name", f"the role {SYSTEM} is built in", "don't declare it"
            )
    return [(name, entry) for name, entry in found if name != SYSTEM]


def _role(
    reader: Reader, code: str, entry: Entry, fields: Mapping[str, Field], known: Known
) -> Role:
    part = reader.part(entry.value, f"role {code}", {"title", "held_in", "of"})
    kinds = part.known("held_in", "organisation kind", known.organisation_kinds)
    of = part.one_known("of", "field", fields)
    if of is not None and fields[of].type is not FieldType.ORGANISATION:
        reader.fault(
            part.line_of("of"),
            "role-of-no-organisation",
            f"role {code} is held by the organisation in {of}, a field of the type "
            f"{fields[of].type}",
            "name a field of the type organisation",
        )
    if part.node("held_in") is None and part.node("of") is None:
        reader.fault(
            entry.line,
            "role-without-holder",
            f"nobody can hold the role {code}",
            "add `held_in: [<kind of organisation>]` or `of: <organisation field>`",
        )
    return Role(code=code, title=part.title(), held_in=kinds, of=of)


def _states(part: Part) -> list[tuple[str, Entry]]:
    found = list(part.entries("states"))
    for name, entry in found:
        if name in RESERVED_STATES:
            part.reader.fault(
                entry.line,
                "reserved-name",
                f"no state may be called {name}",
                "choose another code; `from: start` opens a case",
            )
    return found


def _state(
    reader: Reader,
    code: str,
    entry: Entry,
    declared: tuple[Mapping[str, Field], Mapping[str, Role]],
    known: Known,
) -> State:
    fields, roles = declared
    part = reader.part(entry.value, f"state {code}", STATE_KEYS)
    waits_for = part.known("waits_for", "role", set(roles) | {SYSTEM})
    return State(
        code=code,
        title=part.title(),
        start=part.flag("start"),
        end=part.choice("end", END_KINDS),
        waits_for=tuple(sorted(waits_for)),
        clock=_clock(reader, code, part, fields, known.rules),
        no_clock=part.text("no_clock"),
        suspended=part.flag("suspended"),
    )


def _clock(
    reader: Reader,
    state: str,
    part: Part,
    fields: Mapping[str, Field],
    rules: frozenset[str] | None,
) -> Clock | None:
    node = part.node("clock")
    if node is None:
        return None
    clock = reader.part(node, f"clock of state {state}", CLOCK_KEYS)
    times = {name for name, declared in fields.items() if declared.type in _TIMES}
    choices = {name for name, declared in fields.items() if declared.type is FieldType.CHOICE}
    _check_clock(reader, clock)
    code = clock.string("code") or state
    reader.check_code(code, clock.line_of("code"), "clock", dashes=True)
    by = clock.one_known("by", "choice field", choices)
    rule = clock.string("rule")
    if rule is not None:
        wanted = [f"{rule}.{option}" for option in fields[by].options] if by else [rule]
        for name in wanted:
            actions.check_rule(reader, name, clock.line_of("rule"), rules)
    return Clock(
        code=code,
        rule=rule,
        by=by,
        duration=_duration(reader, clock),
        source=clock.string("source"),
        due=clock.one_known("due", "date field", times),
        starts=clock.one_known("starts", "date field", times | {"entry"}) or "entry",
    )


def _check_clock(reader: Reader, clock: Part) -> None:
    given = [key for key in ("rule", "duration", "due") if clock.node(key) is not None]
    if len(given) != 1:
        reader.fault(
            clock.line,
            "clock-without-length",
            f"{clock.what} has {' and '.join(given) or 'no length'}",
            "give exactly one of rule, duration (with source) and due",
        )
    if "duration" in given and clock.node("source") is None:
        reader.fault(
            clock.line_of("duration"),
            "unsourced-duration",
            f"{clock.what} has a length without a source",
            "name a rule-set row in `rule:`, or the article in `source:`",
        )
    if clock.node("by") is not None and "rule" not in given:
        reader.fault(
            clock.line_of("by"),
            "by-without-rule",
            f"{clock.what} chooses by a field, but has no rule to choose",
            "add `rule:`",
        )
    if clock.node("starts") is not None and "due" in given:
        reader.fault(
            clock.line_of("starts"),
            "starts-without-length",
            f"{clock.what} has both a start and a day on which it ends",
            "drop `starts:`",
        )


def _duration(reader: Reader, clock: Part) -> str | None:
    text = clock.string("duration")
    if text is None:
        return None
    try:
        return str(parse_duration(text))
    except HonghuError as error:
        reader.fault(clock.line_of("duration"), "bad-duration", error.message, error.remedy)
        return None


def _values_of(
    document: str, fields: Mapping[str, Field], declared: Mapping[str, Action]
) -> Mapping[str, Field]:
    """What a document can print: the case's fields, and those of the forms that make it."""
    forms = [action.form for action in declared.values() if action.document == document]
    return dict(fields) | {code: field for form in forms for code, field in form.items()}


def _figure(reader: Reader, code: str, entry: Entry, names: actions.Names) -> Figure:
    part = reader.part(entry.value, f"figure {code}", FIGURE_KEYS)
    fields = names.fields.values()
    return Figure(
        code=code,
        title=part.title(),
        sum=part.one_known("sum", "number field", {f.code for f in fields if f.type in _SUMMABLE}),
        unit=part.text("unit"),
        where=actions.read_guard(part, "where", names, {}),
        states=tuple(sorted(part.known("states", "state", names.states))),
        by=part.one_known("by", "choice field", {f.code for f in fields if f.type in _SPLITTING}),
    )


def _satisfaction(
    part: Part, fields: Mapping[str, Field], declared: Mapping[str, Action]
) -> Satisfaction | None:
    node = part.node("satisfaction")
    if node is None:
        return None
    said = part.reader.part(node, "satisfaction", {"action", "field", "content"})
    said.require("action", "field", "content")
    action = declared.get(said.one_known("action", "action", declared) or "")
    asked = {} if action is None else dict(action.form) | {c: fields[c] for c in action.facts}
    choices = {code for code, field in asked.items() if field.type is FieldType.CHOICE}
    field = said.one_known("field", "choice field", choices)
    if action is None or field is None:
        return None
    content = said.known("content", "option", asked[field].options)
    return Satisfaction(action=action.code, field=field, content=tuple(sorted(content)))


def _listing(part: Part, fields: Mapping[str, Field]) -> Listing:
    node = part.node("list")
    if node is None:
        return Listing()
    listing = part.reader.part(node, "the list", {"columns", "filed", "sort"})
    known = BUILT_IN_COLUMNS | fields.keys()

    def columns(key: str) -> tuple[str, ...]:
        return tuple(
            name
            for name, line in listing.strings(key)
            if part.reader.check_known(name, line, "column", known)
        )

    sort = listing.string("sort")
    if sort is not None:
        part.reader.check_known(sort.removeprefix("-"), listing.line_of("sort"), "column", known)
    return Listing(columns=columns("columns"), filed=columns("filed"), sort=sort)
