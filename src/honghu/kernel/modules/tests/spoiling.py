"""Ways of spoiling a register file: each edits the text of a sound one at a place of its own kind.

An edit works on the spans of the YAML, so that comments, styles and all other lines stay as they are
in the file that is shipped.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import yaml

from honghu.kernel.registers.model import START, Action, FieldType, Register, State


@dataclasses.dataclass(frozen=True, slots=True)
class Spoilt:
    """The edited text, and the lines on one of which the fault may be told."""

    text: str
    lines: frozenset[int]


Spans: TypeAlias = tuple[int, int]


class Sheet:
    """A register file's text with the places of its keys and values.

    A path is the keys from the root: ("states", "closed", "end").
    """

    def __init__(self, text: str, register: Register) -> None:
        self.text = text
        self.register = register
        self._root: Any = yaml.compose(text, Loader=yaml.CSafeLoader)

    def _pair(self, path: tuple[str, ...]) -> tuple[Any, Any, Any] | None:
        """The mapping that holds the last key, the key's node and its value's; null if it is not there."""
        node, found = self._root, None
        for key in path:
            if not isinstance(node, yaml.MappingNode):
                return None
            found = next(((node, k, v) for k, v in node.value if k.value == key), None)
            if found is None:
                return None
            node = found[2]
        return found

    def has(self, *path: str) -> bool:
        """Whether the file says anything under this path."""
        return self._pair(path) is not None

    def keys(self, *path: str) -> list[str]:
        """The keys of the mapping at a path."""
        found = self._pair(path)
        if found is None or not isinstance(found[2], yaml.MappingNode):
            return []
        return [key.value for key, _value in found[2].value]

    def _spoilt(self, start: int, end: int, new: str, at: int | None = None) -> Spoilt:
        text = self.text[:start] + new + self.text[end:]
        first = text.count("\n", 0, start if at is None else at) + 1
        return Spoilt(text, frozenset({first, first + new.count("\n")}))

    def set(self, new: str, *path: str) -> Spoilt:
        """Write another value under a key."""
        found = self._pair(path)
        assert found is not None, path
        _table, key, value = found
        end = value.end_mark.index
        tail = self.text[value.start_mark.index : end]
        kept = tail[len(tail.rstrip()) :]
        return self._spoilt(value.start_mark.index, end, new + kept, key.start_mark.index)

    def rename(self, new: str, *path: str) -> Spoilt:
        """Write another key for the same value."""
        found = self._pair(path)
        assert found is not None, path
        key = found[1]
        return self._spoilt(key.start_mark.index, key.end_mark.index, new)

    def add(self, entry: str, *path: str) -> Spoilt:
        """Write one more entry as the first of the mapping at a path (the root without one)."""
        found = self._pair(path) if path else (None, None, self._root)
        assert found is not None, path
        table = found[2]
        first = table.value[0][0].start_mark
        gap = ", " if table.flow_style else "\n" + " " * first.column
        spoilt = self._spoilt(first.index, first.index, entry + gap)
        return Spoilt(spoilt.text, spoilt.lines | self._holder((*path, "")))

    def drop(self, *path: str) -> Spoilt:
        """Take an entry out; the fault may be told where it stood or at what held it."""
        found = self._pair(path)
        assert found is not None, path
        table, key, value = found
        pairs = table.value
        place = next(i for i, (k, _v) in enumerate(pairs) if k is key)
        start, end = key.start_mark.index, value.end_mark.index
        if place + 1 < len(pairs):
            end = pairs[place + 1][0].start_mark.index
        elif table.flow_style and place:
            start = pairs[place - 1][1].end_mark.index
        elif not table.flow_style:
            start = self.text.rindex("\n", 0, start) + 1
            kept = self.text[start:end]
            end -= len(kept) - len(kept.rstrip()) - 1
        told = self._spoilt(start, end, "")
        # What is missing is told at what is left of the mapping, or at its own key.
        left = {k.start_mark.line for k, _v in pairs[:place]} | {table.start_mark.line}
        gone = self.text.count("\n", start, end)
        left |= {k.start_mark.line - gone for k, _v in pairs[place + 1 :]}
        return Spoilt(told.text, told.lines | {line + 1 for line in left} | self._holder(path))

    def _holder(self, path: tuple[str, ...]) -> frozenset[int]:
        """The line of the key under which the mapping of a path's last key stands."""
        return frozenset({self.line(*path[:-1])}) if path[:-1] else frozenset()

    def line(self, *path: str) -> int:
        """The line of a key."""
        found = self._pair(path)
        assert found is not None, path
        return int(found[1].start_mark.line) + 1


Spoiler: TypeAlias = Callable[[Sheet], Spoilt | None]


def _states(sheet: Sheet, **wanted: object) -> Iterator[State]:
    for state in sheet.register.states.values():
        if all(getattr(state, name) == value for name, value in wanted.items()):
            yield state


def _actions(sheet: Sheet, key: str | None = None) -> Iterator[Action]:
    for action in sheet.register.actions.values():
        if key is None or sheet.has("actions", action.code, key):
            yield action


def _field(sheet: Sheet, *types: FieldType) -> str | None:
    fields = sheet.register.fields.values()
    return next((one.code for one in fields if one.type in types), None)


def _in_action(key: str, new: str) -> Spoiler:
    def spoil(sheet: Sheet) -> Spoilt | None:
        action = next(_actions(sheet, key), None)
        return sheet.set(new, "actions", action.code, key) if action else None

    return spoil


def _without(key: str) -> Spoiler:
    def spoil(sheet: Sheet) -> Spoilt | None:
        action = next(_actions(sheet, key), None)
        return sheet.drop("actions", action.code, key) if action else None

    return spoil


def _verification(change: Callable[[Sheet, Action], Spoilt | None]) -> Spoiler:
    def spoil(sheet: Sheet) -> Spoilt | None:
        one = next((a for a in _actions(sheet, "differs") if a.kind == "verification"), None)
        return change(sheet, one) if one else None

    return spoil


def _closed_directly(sheet: Sheet) -> Spoilt | None:
    """The first way out of the first state leads into the closed end, unless that is verified."""
    closed = next(_states(sheet, end="closed"), None)
    for action in _actions(sheet, "to"):
        to = action.targets.get(None)
        is_open = to is not None and sheet.register.states[to].end is None
        if closed and action.kind in {"work", "decision"} and is_open:
            spoilt = sheet.set(closed.code, "actions", action.code, "to")
            return Spoilt(spoilt.text, frozenset({sheet.line("states", closed.code)}))
    return None


def _clocked(sheet: Sheet) -> State | None:
    return next(
        (s for s in _states(sheet) if s.clock and sheet.has("states", s.code, "clock")), None
    )


def _no_clock(sheet: Sheet) -> Spoilt | None:
    state = _clocked(sheet)
    return sheet.drop("states", state.code, "clock") if state else None


def _ticking(sheet: Sheet) -> Spoilt | None:
    state = next(_states(sheet, suspended=True), None)
    return (
        sheet.add("clock: {duration: 3 working_days, source: x}", "states", state.code)
        if state
        else None
    )


def _ticking_end(sheet: Sheet) -> Spoilt | None:
    state = next((s for s in _states(sheet) if s.end), None)
    return (
        sheet.add("clock: {duration: 3 working_days, source: x}", "states", state.code)
        if state
        else None
    )


def _clock(new: str, code: str) -> tuple[str, Spoiler]:
    def spoil(sheet: Sheet) -> Spoilt | None:
        state = _clocked(sheet)
        return sheet.set(new, "states", state.code, "clock") if state else None

    return code, spoil


def _clock_of_text(sheet: Sheet) -> Spoilt | None:
    state, text = _clocked(sheet), _field(sheet, FieldType.TEXT, FieldType.LONG_TEXT)
    if state is None or text is None:
        return None
    new = f"{{duration: 3 working_days, source: x, starts: {text}}}"
    return sheet.set(new, "states", state.code, "clock")


def _rule_typed_wrong(sheet: Sheet) -> Spoilt | None:
    state = next((s for s in _states(sheet) if s.clock and s.clock.rule), None)
    if state is None or state.clock is None or not sheet.has("states", state.code, "clock", "rule"):
        return None
    return sheet.set(f"{state.clock.rule}_s", "states", state.code, "clock", "rule")


def _uncounted(sheet: Sheet) -> Spoilt | None:
    """Two actions lead from one state to another and back, and nothing counts how often."""
    states = [state.code for state in _states(sheet) if state.end is None]
    if len(states) == 1:
        return None
    role = next(iter(sheet.register.roles))
    there, back = (
        f"{name}: {{title: {{zh: 转, en: Spin}}, from: {origin}, to: {target}, by: [{role}],"
        " kind: decision}"
        for name, origin, target in (("spin", *states[:2]), ("spun", *states[1::-1]))
    )
    once = sheet.add(there, "actions")
    twice = Sheet(once.text, sheet.register).add(back, "actions")
    return Spoilt(twice.text, once.lines | twice.lines)


def _no_result(sheet: Sheet, action: str, _result: str) -> Spoilt | None:
    if not sheet.has("actions", action, "form", "result"):
        return None
    spoilt = sheet.drop("actions", action, "form", "result")
    return Spoilt(spoilt.text, frozenset({sheet.line("actions", action, "to")}))


def _lonely(sheet: Sheet) -> Spoilt:
    return sheet.add("lonely: {title: {zh: 孤, en: Lonely}, end: cancelled}", "states")


def _trap(sheet: Sheet) -> Spoilt | None:
    """A state that nothing leaves, and an action into it: told where the state stands.

    Null where an action may be done in any state, which leads out of this one, too.
    """
    open_states = {each.code for each in sheet.register.states.values() if each.end is None}
    if any(a.targets and a.origins >= open_states for a in sheet.register.actions.values()):
        return None
    first = next(iter(sheet.register.roles))
    state = next(s for s in sheet.register.states.values() if s.end is None).code
    action = f"fall: {{title: {{zh: 落, en: Fall}}, from: {state}, to: trap, by: [{first}], kind: decision}}"
    once = sheet.add("trap: {title: {zh: 坑, en: Trap}, no_clock: {zh: 无, en: none}}", "states")
    again = Sheet(once.text, sheet.register).add(action, "actions")
    return Spoilt(again.text, once.lines)


def _system_verifies(sheet: Sheet, action: Action) -> Spoilt:
    spoilt = sheet.set("[system]", "actions", action.code, "by")
    return dataclasses.replace(spoilt, lines=frozenset({sheet.line("actions", action.code)}))


def _at_action(key: str, new: str) -> Callable[[Sheet, Action], Spoilt | None]:
    def change(sheet: Sheet, action: Action) -> Spoilt | None:
        if not sheet.has("actions", action.code, key):
            return None
        spoilt = sheet.set(new, "actions", action.code, key)
        return Spoilt(spoilt.text, spoilt.lines | {sheet.line("actions", action.code)})

    return change


def _own_work(sheet: Sheet, action: Action) -> Spoilt:
    verified = ", ".join([*sorted(action.verifies), action.code])
    spoilt = sheet.set(f"[{verified}]", "actions", action.code, "verifies")
    return Spoilt(spoilt.text, spoilt.lines | {sheet.line("actions", action.code)})


def _guard(text: str) -> Spoiler:
    def spoil(sheet: Sheet) -> Spoilt | None:
        number = _field(sheet, FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY)
        action = next(_actions(sheet, "guard"), None)
        if action is None or ("{number}" in text and number is None):
            return None
        return sheet.set(f'"{text.format(number=number)}"', "actions", action.code, "guard")

    return spoil


def _repeated_state(sheet: Sheet) -> Spoilt:
    code = next(iter(sheet.register.states))
    spoilt = sheet.add(f"{code}: {{title: {{zh: 重, en: Twice}}}}", "states")
    return Spoilt(spoilt.text, frozenset(n + 1 for n in spoilt.lines))


def _first(section: str, change: Callable[[Sheet, str], Spoilt | None]) -> Spoiler:
    def spoil(sheet: Sheet) -> Spoilt | None:
        code = next(iter(sheet.keys(section)), None)
        return change(sheet, code) if code else None

    return spoil


def _one_language(sheet: Sheet, code: str) -> Spoilt:
    return sheet.set("{zh: 只有中文}", "fields", code, "title")


def _leaves_an_end(sheet: Sheet) -> Spoilt | None:
    end = next((s for s in _states(sheet) if s.end), None)
    for action in _actions(sheet, "from"):
        if end and START not in action.origins and action.kind != "verification":
            # Its own origins stay: a declared path through them would be broken as well.
            origins = ", ".join([*sorted(action.origins), end.code])
            spoilt = sheet.set(f"[{origins}]", "actions", action.code, "from")
            return dataclasses.replace(
                spoilt, lines=frozenset({sheet.line("actions", action.code)})
            )
    return None


def _opened_from_within(sheet: Sheet) -> Spoilt | None:
    state = next(s.code for s in sheet.register.states.values() if s.end is None)
    for action in _actions(sheet, "from"):
        if action.opens_case:
            spoilt = sheet.set(f"[start, {state}]", "actions", action.code, "from")
            return dataclasses.replace(
                spoilt, lines=frozenset({sheet.line("actions", action.code)})
            )
    return None


def _option(change: Callable[[Sheet, str, str], Spoilt | None]) -> Spoiler:
    def spoil(sheet: Sheet) -> Spoilt | None:
        field = _field(sheet, FieldType.CHOICE)
        if field is None or not sheet.has("fields", field, "options"):
            return None
        return change(sheet, field, sheet.keys("fields", field, "options")[0])

    return spoil


def _role_of_text(sheet: Sheet) -> Spoilt | None:
    text = _field(sheet, FieldType.TEXT, FieldType.LONG_TEXT)
    role = next((r.code for r in sheet.register.roles.values() if r.of), None)
    return sheet.set(text, "roles", role, "of") if text and role else None


def _result(change: Callable[[Sheet, str, str], Spoilt | None]) -> Spoiler:
    def spoil(sheet: Sheet) -> Spoilt | None:
        for action in _actions(sheet, "to"):
            results = [result for result in action.targets if result is not None]
            if results:
                return change(sheet, action.code, results[0])
        return None

    return spoil


def _slot(new: str) -> Spoiler:
    def spoil(sheet: Sheet) -> Spoilt | None:
        for action in _actions(sheet, "evidence"):
            slot = sheet.keys("actions", action.code, "evidence")[0]
            return sheet.set(new, "actions", action.code, "evidence", slot)
        return None

    return spoil


def _in_state(key: str, new: str) -> Spoiler:
    def spoil(sheet: Sheet) -> Spoilt | None:
        state = next((s for s in _states(sheet) if sheet.has("states", s.code, key)), None)
        return sheet.set(new, "states", state.code, key) if state else None

    return spoil


def _both_clocks(sheet: Sheet) -> Spoilt | None:
    state = _clocked(sheet)
    return sheet.add("no_clock: {zh: 无, en: none}", "states", state.code) if state else None


def _suspended_end(sheet: Sheet) -> Spoilt | None:
    state = next((s for s in _states(sheet) if s.end), None)
    return sheet.add("suspended: true", "states", state.code) if state else None


def _unknown_template(sheet: Sheet, code: str) -> Spoilt:
    return sheet.set("nowhere.docx", "documents", code, "template")


def _paper(key: str, value: str) -> Spoiler:
    """A document that says this, whether or not it said something there."""

    def change(sheet: Sheet, code: str) -> Spoilt:
        if key in sheet.keys("documents", code):
            return sheet.set(value, "documents", code, key)
        return sheet.add(f"{key}: {value}", "documents", code)

    return _first("documents", change)


KINDS: Mapping[str, tuple[str, Spoiler]] = {
    # the graph
    "a dead end": ("dead-end", _trap),
    "an unreachable state": ("unreachable-state", _lonely),
    "an end that is left": ("leaves-an-end", _leaves_an_end),
    "an opening from within": ("mixed-opening", _opened_from_within),
    "a target that is no state": ("unknown-state", _in_action("to", "nowhere")),
    "an origin that is no state": ("unknown-state", _in_action("from", "nowhere")),
    "a start that nothing opens": ("start-not-opened", lambda s: s.add("x_start: {title: {zh: 起, en: Start}, start: true, end: cancelled}", "states")),
    "a loop without a count": ("uncounted-loop", _uncounted),
    # waiting
    "no clock": ("no-clock", _no_clock),
    "a suspended state that ticks": ("clock-must-stop", _ticking),
    "an end that ticks": ("clock-must-stop", _ticking_end),
    "an end that is suspended": ("suspended-end", _suspended_end),
    "a clock and none": ("clock-and-no-clock", _both_clocks),
    "a clock without a length": _clock("{code: x}", "clock-without-length"),
    "a length without a source": _clock("{duration: 3 working_days}", "unsourced-duration"),
    "no such unit of time": _clock("{duration: 3 fortnights, source: x}", "bad-duration"),
    "a clock from no date": ("unknown-date-field", _clock_of_text),
    "a clock by no choice": _clock("{rule: x.y, by: nothing}", "unknown-choice-field"),
    "a rule that no file has": ("unknown-rule", _rule_typed_wrong),
    "a limit that no file has": ("unknown-rule", _in_action("limit", "rivers.no_such_limit")),
    # separation of duties
    "closed without verification": ("closes-unverified", _closed_directly),
    "verifier = doer": ("verifier-is-doer", _verification(_at_action("differs", "{organisation: true}"))),
    "verifies nothing": ("verifies-nothing", _verification(lambda s, a: s.drop("actions", a.code, "verifies"))),
    "verifies itself": ("verifies-itself", _verification(_own_work)),
    "verified by the machine": ("verified-by-system", _verification(_system_verifies)),
    "verifies no action": ("unknown-action", _verification(_at_action("verifies", "[nothing]"))),
    "a decision that differs": ("not-a-verification", _verification(_at_action("kind", "decision"))),
    # rights
    "a role nobody can hold": ("role-without-holder", lambda s: s.add("ghost: {title: {zh: 无人, en: Nobody}}", "roles")),
    "a role held in no such place": ("unknown-organisation-kind", lambda s: s.add("ghost: {title: {zh: 无, en: No}, held_in: [palace]}", "roles")),
    "a role of a text": ("role-of-no-organisation", _role_of_text),
    "nobody may": ("missing-key", _without("by")),
    "done by no role": ("unknown-role", _in_action("by", "[nobody_at_all]")),
    "waits for no role": ("unknown-role", _in_state("waits_for", "nobody_at_all")),
    # what is asked for
    "a fact that is no field": ("unknown-field", _in_action("facts", "[no_such_field]")),
    "no such type": ("bad-value", _first("fields", lambda s, c: s.set("texte", "fields", c, "type"))),
    "a type too few": ("missing-key", _first("fields", lambda s, c: s.drop("fields", c, "type"))),
    "required: yes": ("wrong-type", _first("fields", lambda s, c: s.add("public: yes", "fields", c) if not s.has("fields", c, "public") else s.set("yes", "fields", c, "public"))),
    "one language": ("missing-translation", _first("fields", _one_language)),
    "a choice of nothing": ("missing-options", _option(lambda s, f, _o: s.drop("fields", f, "options"))),
    "an option in one language": ("missing-translation", _option(lambda s, f, o: s.set("{en: Only}", "fields", f, "options", o))),
    "no result to lead on": ("missing-result-field", _result(_no_result)),
    "a result nobody can give": ("result-mismatch", _result(lambda s, a, r: s.rename(f"{r}_x", "actions", a, "to", r))),
    "evidence of no kind": ("evidence-without-kind", _slot("{min: 1}")),
    "evidence of no such kind": ("bad-value", _slot("{kind: hologram}")),
    "more evidence than allowed": ("bounds-crossed", _slot("{kind: photo, min: 3, max: 1}")),
    # what stands outside
    "no such document": ("unknown-document", _in_action("document", "no_such_paper")),
    "no such template": ("unknown-template", _first("documents", _unknown_template)),
    "a paper that prints nothing known": ("unknown-field", _paper("text", '"见{no_such_field}"')),
    "a paper to nobody known": ("unknown-field", _paper("to", "no_such_field")),
    "no such command": ("unknown-command", _in_action("command", "nowhere.do_it")),
    # guards
    "a guard that is no sentence": ("guard-syntax", _guard("facts. ==")),
    "a guard over nothing": ("guard-unknown-name", _guard("facts.no_such_field == null")),
    "a guard of a number and a word": ("guard-type", _guard("facts.{number} + 'a' >= 1")),
    "a guard without a reason": ("missing-why-not", _without("why_not")),
    # the file
    "a state twice": ("duplicate-key", _repeated_state),
    "no such key": ("unknown-key", lambda s: s.rename("versoin", "version")),
    "no version": ("missing-key", lambda s: s.drop("version")),
    "version one": ("wrong-type", lambda s: s.set("one", "version")),
    "version 0": ("out-of-range", lambda s: s.set("0", "version")),
    "a code in capitals": ("bad-code", lambda s: s.set("No Code", "register")),
    "an anchor": ("alias", lambda s: s.set("&a 1", "version")),
    "no such column": ("unknown-column", lambda s: s.set("[number, no_such_column]", "list", "columns") if s.has("list", "columns") else None),
    "a figure of no number": ("unknown-number-field", _first("figures", lambda s, c: s.add("sum: no_such_number", "figures", c) if not s.has("figures", c, "sum") else None)),
    "a figure of no state": ("unknown-state", _first("figures", lambda s, c: s.add("states: [nowhere]", "figures", c) if not s.has("figures", c, "states") else None)),
}  # fmt: skip
"""By name: the code of the fault, and the way of spoiling a file (null where it does not apply)."""
