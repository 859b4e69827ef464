"""Where a case stands: the states it went through, where it is, and the way still ahead."""

import datetime as dt
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from honghu.desk.frame.visit import Visit
from honghu.kernel.cases.rows import CaseDetail, StepRow
from honghu.kernel.cases.wording import words
from honghu.kernel.lifecycles.graph import find_way
from honghu.kernel.lifecycles.model import Edge
from honghu.kernel.registers.model import Register
from honghu.web.components import Stage
from honghu.web.display import due_text, listed_text

_SHOWN_MAX = 8
_NEAR = 2
_GOALS = ("closed", "merged", "rejected", "cancelled")


def way_ahead(register: Register, state: str) -> list[str]:
    """The states still ahead: along the register's path, else by the shortest good way to an end.

    From beside the path it leads back to it first. Nothing is ahead of a case that rests.
    """
    known = register.states.get(state)
    if known is not None and known.rests:
        return []
    edges = [edge for edge in register.lifecycle.edges() if _leads_on(edge)]
    path = list(register.path)
    if state in path:
        return path[path.index(state) + 1 :]
    back = find_way(edges, [state], path) if path else None
    if back is not None:
        met = back[-1].target
        return [edge.target for edge in back] + path[path.index(met) + 1 :]
    for goal in _GOALS:
        ends = [one.code for one in register.states.values() if one.end == goal]
        way = find_way(edges, [state], ends) if ends else None
        if way is not None:
            return [edge.target for edge in way]
    return []


def fork(register: Register, state: str) -> list[str]:
    """The ends to which a path leads that stops before them: none is more usual than another."""
    known = register.states.get(state)
    if not register.path or known is None or known.end is not None or known.rests:
        return []
    targets = {
        edge.target
        for edge in register.lifecycle.edges()
        if edge.origin == state and _leads_on(edge)
    }
    return [one.code for one in register.states.values() if one.end and one.code in targets]


def next_states(register: Register, state: str) -> frozenset[str]:
    """The states that come next on the way ahead: one, or the ends of a fork."""
    return frozenset([*way_ahead(register, state)[:1], *fork(register, state)])


def _leads_on(edge: Edge) -> bool:
    if edge.action.stays or edge.action.kind in {"return", "note"}:
        return False
    return edge.action.kind != "verification" or edge.action.passes_with(edge.result)


def _gone_through(steps: Sequence[StepRow]) -> tuple[list[StepRow], int]:
    """The steps that led to where the case is, loops cut off; and how often it was sent back."""
    way: list[StepRow] = []
    returns = 0
    for step in steps:
        if step.from_state == step.to_state:
            continue
        reached = [each.to_state for each in way]
        if step.to_state in reached:
            way = way[: reached.index(step.to_state)]
            returns += 1
        way.append(step)
    return way, returns


def stages(detail: CaseDetail, visit: Visit) -> tuple[Stage, ...]:
    """The stepper: done, current with its deadline, ahead with who will have to act."""
    way, returns = _gone_through(detail.steps)
    states = detail.register.states
    found = [
        Stage(
            label=_title(detail.register, step.to_state),
            status="done",
            at=step.at,
            who=step.organisation,
        )
        for step in way[:-1]
    ]
    current = way[-1] if way else None
    found.append(_current(detail, current.at if current else detail.row.opened_at, returns, visit))
    if not detail.row.ended:
        ahead = way_ahead(detail.register, detail.row.state)
        found += [
            Stage(
                label=_title(detail.register, code),
                status="ahead",
                who=turn(detail.register, code) if states[code].end is None else "",
            )
            for code in ahead
        ]
        ends = fork(detail.register, ahead[-1] if ahead else detail.row.state)
        if ends:
            label = " / ".join(_title(detail.register, code) for code in ends)
            found.append(Stage(label=label, status="ahead"))
    return tuple(_folded(found, at=len(way) - 1 if way else 0))


def _folded(found: list[Stage], at: int) -> list[Stage]:
    """A long way told short: what is far behind and far ahead becomes one stage each."""
    if len(found) <= _SHOWN_MAX:
        return found
    behind, ahead = found[:at], found[at + 1 :]
    if len(behind) > _NEAR + 1:
        gone = len(behind) - _NEAR
        label = ngettext("%(count)d state before", "%(count)d states before", gone)
        behind = [Stage(label=label % {"count": gone}, status="done"), *behind[-_NEAR:]]
    if len(ahead) > _NEAR + 2:
        between = len(ahead) - _NEAR - 1
        label = ngettext("%(count)d state more", "%(count)d states more", between)
        fold = Stage(label=label % {"count": between}, status="ahead")
        ahead = [*ahead[:_NEAR], fold, ahead[-1]]
    return [*behind, found[at], *ahead]


def _current(detail: CaseDetail, at: dt.datetime, returns: int, visit: Visit) -> Stage:
    row = detail.row
    notes = []
    if row.due_at is not None and not row.ended:
        notes.append(due_text(row.due_at, visit.now))
    if returns:
        notes.append(
            ngettext("sent back %(count)d time", "sent back %(count)d times", returns)
            % {"count": returns}
        )
    return Stage(
        label=row.state_title,
        status="done" if row.ended else "current",
        at=at,
        note=" · ".join(notes),
    )


def _title(register: Register, state: str) -> str:
    known = register.states.get(state)
    return words(known.title) if known else state


def turn(
    register: Register,
    state: str,
    parties: Mapping[str, Sequence[str]] | None = None,
    names: Mapping[str, str] | None = None,
) -> str:
    """Whose turn it is in a state, in words; with parties, the organisations by name."""
    known = register.states.get(state)
    if known is None or known.end is not None:
        return ""
    said = []
    for code in known.waits_for:
        role = register.roles.get(code)
        if role is None:
            said.append(_("the system"))
            continue
        title = words(role.title)
        whose = [(names or {}).get(each, each) for each in (parties or {}).get(role.of or "", ())]
        if whose:
            who = {"role": title, "who": listed_text(whose)}
            title = _("%(role)s (%(who)s)") % who
        said.append(title)
    return listed_text(said)
