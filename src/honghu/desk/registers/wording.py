"""A lifecycle in words: what each state waits for, and what each action asks."""

import dataclasses

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from honghu.desk.cases.stages import turn
from honghu.desk.frame.visit import Visit
from honghu.desk.rules.wording import title, value_text
from honghu.kernel.cases.wording import words
from honghu.kernel.registers.model import START, SYSTEM, Action, Register, State
from honghu.kernel.rulesets.queries import find_rule
from honghu.web.display import listed_text


@dataclasses.dataclass(frozen=True, slots=True)
class StateLine:
    """A state in words."""

    code: str
    title: str
    turn: str
    clock: str
    rules: tuple[tuple[str, str], ...]
    """The rows of the rule book that set its clock: name, and title with length in words."""
    end: str
    is_current: bool


@dataclasses.dataclass(frozen=True, slots=True)
class ActionLine:
    """An action in words."""

    title: str
    ways: tuple[str, ...]
    by: str
    asks: tuple[str, ...]
    conditions: tuple[str, ...]


def state_lines(register: Register, current: str | None, visit: Visit) -> tuple[StateLine, ...]:
    """Every state in the order of the file, with the rules that hold today."""
    return tuple(
        StateLine(
            state.code,
            words(state.title),
            turn(register, state.code),
            _clock(register, state),
            tuple(_rule(name, visit) for name in _rules(register, state)),
            _end(state),
            state.code == current,
        )
        for state in register.states.values()
    )


def _end(state: State) -> str:
    if state.end is None:
        return ""
    return {
        "closed": pgettext("end", "solved and verified"),
        "merged": pgettext("end", "goes on elsewhere"),
        "rejected": pgettext("end", "rejected"),
        "cancelled": pgettext("end", "ended without its purpose"),
    }[state.end]


def _clock(register: Register, state: State) -> str:
    if state.suspended:
        return _("clocks stand still")
    clock = state.clock
    if clock is None:
        return words(state.no_clock) if state.no_clock else ""
    if clock.due is not None:
        field = register.fields.get(clock.due)
        return _("due on: %(field)s") % {"field": words(field.title) if field else clock.due}
    if clock.duration is not None:
        return clock.duration
    return ""


def _rules(register: Register, state: State) -> tuple[str, ...]:
    """The rule-book rows that set the state's clock: several where a field chooses among them."""
    clock = state.clock
    if clock is None or clock.rule is None:
        return ()
    if clock.by is None:
        return (clock.rule,)
    field = register.fields.get(clock.by)
    return tuple(f"{clock.rule}.{option}" for option in (field.options if field else ()))


def _rule(name: str, visit: Visit) -> tuple[str, str]:
    """A rule with what it says today; its name where no row holds."""
    on = timezone.localdate(visit.now)
    found = find_rule(name, on=on, region=settings.HONGHU_REGION)
    if found is None:
        return name, name
    return name, f"{title(found, visit.language)} · {value_text(found)}"


def action_lines(register: Register) -> tuple[ActionLine, ...]:
    """Every action in the order of the file."""
    return tuple(
        ActionLine(
            words(action.title),
            tuple(_ways(register, action)),
            _by(register, action),
            tuple(_asks(register, action)),
            tuple(_conditions(register, action)),
        )
        for action in register.actions.values()
    )


def _ways(register: Register, action: Action) -> list[str]:
    origins = listed_text(
        _("start") if origin == START else words(register.states[origin].title)
        for origin in _ordered(register, action)
    )
    if action.stays:
        return [_("%(origin)s, and stays there") % {"origin": origins}]
    targets = {words(register.states[target].title) for target in action.targets.values()}
    return [f"{origins} → {target}" for target in sorted(targets)]


def _ordered(register: Register, action: Action) -> list[str]:
    order = [START, *register.states]
    return sorted(action.origins, key=order.index)


def _by(register: Register, action: Action) -> str:
    return listed_text(
        words(register.roles[code].title) if code in register.roles else _("the system")
        for code in sorted(action.roles, key=lambda code: (code == SYSTEM, code))
    )


def _asks(register: Register, action: Action) -> list[str]:
    found = [words(field.title) for field in action.form.values()]
    found += [
        words(register.fields[code].title) for code in action.facts if code not in action.form
    ]
    found += [
        _("%(what)s (%(count)d or more files)") % {"what": words(slot.title), "count": slot.min}
        for slot in action.evidence.values()
    ]
    found += [words(item.title) for item in action.checklist]
    return found


def _conditions(register: Register, action: Action) -> list[str]:
    found = [words(action.why_not)] if action.why_not is not None else []
    if action.not_by:
        found.append(_("not by whoever did: %(what)s") % {"what": _titles(register, action.not_by)})
    if action.verifies:
        what = _titles(register, action.verifies)
        if action.differs_organisation:
            found.append(_("by another organisation than did: %(what)s") % {"what": what})
        elif action.differs_person:
            found.append(_("by another person than did: %(what)s") % {"what": what})
    return found


def _titles(register: Register, codes: frozenset[str]) -> str:
    return listed_text(words(one.title) for code, one in register.actions.items() if code in codes)
