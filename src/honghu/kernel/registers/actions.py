"""Reading the actions of a register: who, from where to where, with which form and evidence."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Literal

from honghu.kernel.lifecycles.model import ActionKind
from honghu.kernel.registers.cel import compile_guard
from honghu.kernel.registers.fields import read_field, value_type
from honghu.kernel.registers.guards import Guard, GuardError, Scope
from honghu.kernel.registers.model import (
    EVIDENCE_KINDS,
    START,
    Action,
    ChecklistItem,
    EvidenceSlot,
    Field,
    FieldType,
    State,
    Text,
)
from honghu.kernel.registers.nodes import Entry, Node, Sequence, Table
from honghu.kernel.registers.reader import Part, Reader

ACTION_KEYS: Final = frozenset(
    {
        "title",
        "from",
        "to",
        "by",
        "kind",
        "verifies",
        "differs",
        "not_by",
        "form",
        "facts",
        "evidence",
        "checklist",
        "guard",
        "why_not",
        "document",
        "command",
        "counts",
        "limit",
        "confirm",
        "opens",
        "public",
    }
)
ACTION_KINDS: Final[tuple[ActionKind, ...]] = (
    "work",
    "verification",
    "decision",
    "return",
    "extension",
    "note",
    "system",
)
CONFIRMATIONS: Final[tuple[Literal["case_number"], ...]] = ("case_number",)
ANY: Final = "any"
RESULT: Final = "result"
_OPENINGS: Final = frozenset({START, "new"})
_SLOT_TITLES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "before": Text("整改前", "Before"),
        "during": Text("整改中", "During"),
        "after": Text("整改后", "After"),
        "check": Text("现场核查", "Check on site"),
        "track": Text("轨迹", "Track"),
    }
)


@dataclass(frozen=True, slots=True)
class Names:
    """What the actions of a register may refer to."""

    fields: Mapping[str, Field]
    roles: frozenset[str]
    states: Mapping[str, State]
    actions: frozenset[str]
    documents: frozenset[str]
    counters: frozenset[str]
    commands: frozenset[str] | None
    registers: frozenset[str] | None
    rules: frozenset[str] | None


def counters(register: Part) -> frozenset[str]:
    """Return the counters that any action raises; guards may read them all."""
    table = register.node("actions")
    if not isinstance(table, Table):
        return frozenset()
    found = set()
    for entry in table.entries.values():
        if isinstance(entry.value, Table):
            part = Part(Reader(register.reader.file), entry.value, "")
            found.add(part.string("counts"))
    return frozenset(name for name in found if name is not None)


def read_action(reader: Reader, code: str, entry: Entry, names: Names) -> Action:
    """Read one action."""
    part = reader.part(entry.value, f"action {code}", ACTION_KEYS)
    part.require("by")
    origins = _origins(part, names)
    targets = _targets(part, names)
    form = _form(part)
    _check_result(part, targets, form)
    slots = {name: _slot(reader, name, found) for name, found in part.entries("evidence")}
    checklist = _checklist(part, slots)
    evidence = _demanded(slots, checklist)
    person, organisation, reason = _differs(part)
    guard = read_guard(part, "guard", names, form)
    _check_why_not(part)
    return Action(
        code=code,
        title=part.title(),
        origins=origins,
        targets=targets,
        roles=part.known("by", "role", names.roles),
        kind=part.choice("kind", ACTION_KINDS) or "work",
        verifies=part.known("verifies", "action", names.actions),
        differs_person=person,
        differs_organisation=organisation,
        differs_reason=reason,
        not_by=part.known("not_by", "action", names.actions),
        demands_evidence=any(slot.min > 0 for slot in evidence.values()),
        counts=_code(part, "counts"),
        form=form,
        facts=_facts(part, names, form, opening=START in origins),
        evidence=evidence,
        checklist=checklist,
        guard=guard,
        why_not=part.text("why_not"),
        document=part.one_known("document", "document", names.documents),
        command=_outside(part, "command", names.commands),
        limit=_limit(part, names.rules),
        confirm=part.choice("confirm", CONFIRMATIONS),
        opens=_opens(part, names),
        public=part.flag("public"),
    )


def read_guard(part: Part, key: str, names: Names, form: Mapping[str, Field]) -> Guard | None:
    """Read and compile the guard under a key; what is wrong with it becomes a fault."""
    text = part.string(key)
    if text is None:
        return None
    scope = Scope(
        facts={name: value_type(field) for name, field in names.fields.items()},
        form={name: value_type(field) for name, field in form.items()},
        counters=names.counters,
    )
    try:
        return compile_guard(text, scope)
    except GuardError as error:
        line = part.line_of(key)
        part.reader.fault(line, error.code, f"{part.what}: {error.message}", error.remedy)
        return None


def _code(part: Part, key: str) -> str | None:
    code = part.string(key)
    if code is not None:
        part.reader.check_code(code, part.line_of(key), f"{key} of {part.what}")
    return code


def check_rule(reader: Reader, name: str, line: int, rules: frozenset[str] | None) -> None:
    """Record a fault for a rule that no file of its domain has; other domains are not judged."""
    of_domain = {rule for rule in rules or () if rule.partition(".")[0] == name.partition(".")[0]}
    if of_domain:
        reader.check_known(name, line, "rule", of_domain)


def _limit(part: Part, rules: frozenset[str] | None) -> str | None:
    rule = part.string("limit")
    if rule is not None:
        check_rule(part.reader, rule, part.line_of("limit"), rules)
    return rule


def _outside(part: Part, key: str, known: frozenset[str] | None) -> str | None:
    return part.string(key) if known is None else part.one_known(key, key, known)


def _opens(part: Part, names: Names) -> tuple[str, ...]:
    if names.registers is not None:
        return tuple(sorted(part.known("opens", "register", names.registers)))
    return tuple(name for name, _line in part.strings("opens"))


def _origins(part: Part, names: Names) -> frozenset[str]:
    found: set[str] = set()
    for name, line in part.strings("from"):
        if name in _OPENINGS:
            found.add(START)
        elif name == ANY:
            found |= {state.code for state in names.states.values() if state.end is None}
        elif part.reader.check_known(name, line, "state", names.states):
            found.add(name)
    nothing = part.node("from") is None or not part.strings("from")
    return frozenset({START} if nothing else found)


def _targets(part: Part, names: Names) -> Mapping[str | None, str]:
    node = part.node("to")
    if not isinstance(node, Table):
        target = part.one_known("to", "state", names.states)
        return {} if target is None else {None: target}
    results = Part(part.reader, node, f"to of {part.what}")
    targets: dict[str | None, str] = {}
    for result, _entry in part.entries("to"):
        target = results.one_known(result, "state", names.states)
        if target is not None:
            targets[result] = target
    if not node.entries:
        part.reader.fault(node.line, "empty-value", f"to of {part.what} is empty", "name a state")
    return targets


def _form(part: Part) -> Mapping[str, Field]:
    return {name: read_field(part.reader, name, entry) for name, entry in part.entries("form")}


def _check_result(part: Part, targets: Mapping[str | None, str], form: Mapping[str, Field]) -> None:
    results = {result for result in targets if result is not None}
    if not results:
        return
    field = form.get(RESULT)
    if field is None or field.type is not FieldType.CHOICE or not field.required:
        part.reader.fault(
            part.line_of("to"),
            "missing-result-field",
            f"{part.what} leads on by its result, but its form does not ask for one",
            "add `form: {result: {type: choice, required: true, options: …}}`",
        )
    elif set(field.options) != results:
        part.reader.fault(
            part.line_of("to"),
            "result-mismatch",
            f"{part.what}: `to` knows {', '.join(sorted(results))}; its form offers "
            f"{', '.join(sorted(field.options)) or 'nothing'}",
            "give `to` and the options of `result` the same codes",
        )


def _facts(
    part: Part, names: Names, form: Mapping[str, Field], *, opening: bool
) -> tuple[str, ...]:
    """Read the facts an action sets; an opening without `facts:` sets all of them."""
    if part.node("facts") is None and opening:
        chosen = [name for name in names.fields if name not in form]
    else:
        chosen = [
            name
            for name, line in part.strings("facts")
            if part.reader.check_known(name, line, "field", names.fields)
        ]
    for name in chosen:
        if name in form:
            part.reader.fault(
                part.line_of("facts"),
                "form-repeats-fact",
                f"{part.what} asks for {name} twice, as a fact and in its form",
                "keep it in one of the two",
            )
    return tuple(chosen)


def _slot(reader: Reader, code: str, entry: Entry) -> EvidenceSlot:
    part = reader.part(entry.value, f"evidence {code}", {"title", "kind", "min", "max"})
    kind = part.choice("kind", EVIDENCE_KINDS)
    if part.node("kind") is None:
        reader.fault(
            entry.line,
            "evidence-without-kind",
            f"evidence {code} does not say what it is",
            f"add `kind:` ({', '.join(EVIDENCE_KINDS)})",
        )
    least = part.integer("min", least=0) or 0
    most = part.integer("max", least=1)
    if most is not None and most < least:
        reader.fault(
            part.line_of("max"),
            "bounds-crossed",
            f"max of {part.what} is less than min",
            "exchange them",
        )
    given = part.text("title") if code in _SLOT_TITLES else part.title()
    title = given or _SLOT_TITLES[code]
    return EvidenceSlot(code=code, kind=kind or "photo", title=title, min=least, max=most)


def _checklist(part: Part, evidence: Mapping[str, EvidenceSlot]) -> tuple[ChecklistItem, ...]:
    node = part.node("checklist")
    if node is None:
        return ()
    if not isinstance(node, Sequence):
        part.reader.wrong_type(node, f"checklist of {part.what}", "a list of {code, title}")
        return ()
    items = [_item(part, item, evidence) for item in node.items]
    seen: set[str] = set()
    for item, place in zip(items, node.items, strict=True):
        if item.code in seen:
            part.reader.fault(
                place.line, "duplicate-item", f"checklist has {item.code} twice", "keep one"
            )
        seen.add(item.code)
    return tuple(items)


def _demanded(
    evidence: Mapping[str, EvidenceSlot], checklist: tuple[ChecklistItem, ...]
) -> Mapping[str, EvidenceSlot]:
    """A point of the checklist that names a slot can't be ticked while the slot is empty."""
    named = {item.evidence for item in checklist}
    return {
        code: replace(slot, min=max(slot.min, 1)) if code in named else slot
        for code, slot in evidence.items()
    }


def _item(part: Part, node: Node, evidence: Mapping[str, EvidenceSlot]) -> ChecklistItem:
    what = f"checklist item of {part.what}"
    item = part.reader.part(node, what, {"code", "title", "evidence"})
    item.require("code")
    return ChecklistItem(
        code=_code(item, "code") or "",
        title=item.title(),
        evidence=item.one_known("evidence", "evidence", evidence),
    )


def _differs(part: Part) -> tuple[bool, bool, Text | None]:
    node = part.node("differs")
    if node is None:
        return False, False, None
    differs = part.reader.part(
        node, f"differs of {part.what}", {"person", "organisation", "reason"}
    )
    return differs.flag("person"), differs.flag("organisation"), differs.text("reason")


def _check_why_not(part: Part) -> None:
    guard, why_not = part.node("guard"), part.node("why_not")
    if guard is not None and why_not is None:
        part.reader.fault(
            part.line_of("guard"),
            "missing-why-not",
            f"{part.what} has a guard, but nothing to say when it does not hold",
            "add `why_not: {zh: …, en: …}`",
        )
    if why_not is not None and guard is None:
        part.reader.fault(
            part.line_of("why_not"),
            "why-not-without-guard",
            f"{part.what} explains a guard that it does not have",
            "add `guard:` or drop `why_not:`",
        )
