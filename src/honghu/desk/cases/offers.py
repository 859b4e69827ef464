"""What can be done now with a case, as cards: verbs first, then the others with the reason why not."""

import dataclasses
import uuid
from collections.abc import Container, Sequence

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from honghu.base.problems import HonghuError
from honghu.desk.cases.stages import next_states
from honghu.desk.frame.visit import Visit
from honghu.kernel.cases.permissions import check_role
from honghu.kernel.cases.rows import CaseDetail, Possibility
from honghu.kernel.cases.turns import roles_in_turn
from honghu.kernel.cases.wording import words
from honghu.kernel.modules.registry import ways_for
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.model import SYSTEM, Action, Register
from honghu.web.components import ActionOffer
from honghu.web.display import listed_text

_GRAVE_ENDS = frozenset({"cancelled", "rejected"})


def offers(detail: CaseDetail, visit: Visit) -> tuple[ActionOffer, ...]:
    """The case's own actions, what its module says comes next, and openings of cases below it.

    What carries the case on its way comes first, and stands out where it is the reader's turn.
    """
    onward_to = next_states(detail.register, detail.row.state)
    own = [(each.action, _offer(detail, each)) for each in detail.possibilities]
    shut = [offer for _action, offer in own if not offer.is_open]
    grave = [offer for _action, offer in own if offer.is_open and offer.is_dangerous]
    usable = [each for each in own if each[1].is_open and not each[1].is_dangerous]
    beside = [offer for action, offer in usable if not is_onward(action, onward_to)]
    children = _child_offers(detail, visit)
    known = {each.label for each in children}
    onward = [
        *(each for each in _ways(detail, visit) if each.label not in known),
        *(offer for action, offer in usable if is_onward(action, onward_to)),
        *([] if beside else children),
    ]
    if onward and _is_turn(detail, visit.actor):
        onward[0] = dataclasses.replace(onward[0], is_primary=True)
    return (*onward, *beside, *(children if beside else ()), *grave, *shut)


def _is_turn(detail: CaseDetail, actor: Actor) -> bool:
    """Whether the case waits for what this reader can do; else nothing stands out."""
    state = detail.register.states.get(detail.row.state)
    if state is None:
        return False
    return any(actor.holds(code) for code in roles_in_turn(detail.register, state))


def is_onward(action: Action, onward_to: Container[str]) -> bool:
    """Whether an action carries a case on its way: to one of these states, or by work within its
    own; a decision beside the way does not."""
    if action.stays:
        return action.kind != "decision"
    return any(target in onward_to for target in action.targets.values())


def is_grave(register: Register, action: Action) -> bool:
    """Whether every way of the action ends the case without its purpose."""
    ends = [register.states[target].end for target in action.targets.values()]
    return bool(ends) and all(end in _GRAVE_ENDS for end in ends)


def _offer(detail: CaseDetail, possible: Possibility) -> ActionOffer:
    action = possible.action
    grave = is_grave(detail.register, action)
    if not possible.allowed:
        reasons = tuple(text for text in (possible.why_not, possible.remedy) if text)
        return ActionOffer(label=possible.title, reasons=reasons)
    return ActionOffer(
        label=possible.title,
        url=reverse("case-action", args=[detail.row.id, action.code]),
        description=_asks(action),
        is_dangerous=grave,
        is_confirmed=action.confirm is not None,
    )


def _ways(detail: CaseDetail, visit: Visit) -> list[ActionOffer]:
    return [
        ActionOffer(label=words(way.title), url=reverse(way.address, args=[detail.row.id]))
        for way in ways_for(detail.register.code, detail.row.state, visit.actor)
    ]


def _asks(action: Action) -> str:
    """What will have to be brought for it."""
    parts = [words(slot.title) for slot in action.evidence.values() if slot.min]
    if not parts:
        return ""
    return _("Have ready: %(things)s") % {"things": listed_text(parts)}


def _child_offers(detail: CaseDetail, visit: Visit) -> list[ActionOffer]:
    if detail.row.ended:
        return []
    return [
        ActionOffer(
            label=words(action.title),
            url=opening_url(register, action, detail.row.id),
            description=words(register.title),
        )
        for register in visit.registers
        if register.parent == detail.register.code
        for action in openings(register, visit.actor)
    ]


def openings(register: Register, actor: Actor) -> Sequence[Action]:
    """The actions by which this actor may open a case of the register."""
    found = []
    for action in register.openings:
        if action.roles == frozenset({SYSTEM}) or action.kind == "system":
            continue
        try:
            check_role(register, action, actor, None)
        except HonghuError:
            continue
        found.append(action)
    return found


def opening_url(register: Register, action: Action, parent_id: uuid.UUID | None = None) -> str:
    """The address of the form that opens a case."""
    url = reverse("open-case", args=[register.code, action.code])
    return f"{url}?{urlencode({'parent': str(parent_id)})}" if parent_id else url
