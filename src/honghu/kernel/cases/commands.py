"""The one way in which anything changes: open a case, perform an action on it.

In one database transaction: idempotency, row lock, expected version, role, separation of duties,
form, evidence, guard, the module's command, new state, clocks, step, journal leaf, outbox.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.backends.utils import CursorWrapper
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.hashing import canonical_json, sha256, to_jsonable
from honghu.base.identifiers import new_id
from honghu.base.problems import Conflict, Invalid, NotFound
from honghu.kernel.cases import deadlines, writing
from honghu.kernel.cases.asked import Evidence, Request, attachments, read_request
from honghu.kernel.cases.effects import Draft, Effect, run_effects
from honghu.kernel.cases.extensions import grant_extension
from honghu.kernel.cases.papers import issue_document
from honghu.kernel.cases.permissions import (
    check_guard,
    check_role,
    check_separation,
)
from honghu.kernel.cases.visibility import sight_of
from honghu.kernel.cases.wording import words
from honghu.kernel.cases.writing import Beside, Claim, Done
from honghu.kernel.evidence.commands import attach_evidence
from honghu.kernel.journal.statements import prepared_cursor
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.model import START, Action, FieldType, Register
from honghu.kernel.registers.queries import get_register
from honghu.kernel.rulesets.queries import get_rule, reading_one_edition

KEY_LENGTH_MAX = 200
"""The longest idempotency key: an index of the database cannot hold keys of any length."""


class StaleVersion(Conflict):
    """Somebody else changed the case since it was read."""

    code = "stale-version"


class KeyReused(Conflict):
    """The idempotency key was used for something else."""

    code = "idempotency-key-reused"


class WrongState(Conflict):
    """The case is in a state from which the action is not possible."""

    code = "wrong-state"


class LimitReached(Conflict):
    """The action has been performed as often as the rule book allows."""

    code = "limit-reached"


class ActionUnknown(NotFound):
    """The register has no such action."""

    code = "action-unknown"


def open_case(
    register: str,
    *,
    actor: Actor,
    now: dt.datetime,
    idempotency_key: str,
    action: str = "open",
    form: Mapping[str, Any] | None = None,
    evidence: Evidence | None = None,
    parent_id: uuid.UUID | None = None,
    rebound_of_id: uuid.UUID | None = None,
    claimed_at: dt.datetime | None = None,
) -> Done:
    """Open a case in a register by one of its opening actions.

    Raises NotFound for an unknown register or action, NotYourTurn, Invalid with every fault of the
    form at once, KeyReused if the key was used with another body.
    """
    request = Request(action, actor, now, form or {}, evidence or {}, claimed_at)
    body = {"register": register, "parent": str(parent_id), "rebound_of": str(rebound_of_id)}
    with transaction.atomic(), reading_one_edition(), prepared_cursor() as cursor:
        wanted = _claim(request, idempotency_key, body)
        if not writing.claim(cursor, wanted):
            return _replay(cursor, wanted)
        found = get_register(register)
        declared = _declared(found, action)
        if START not in declared.origins:
            raise _wrong_state(found, declared, START)
        check_role(found, declared, actor, None)
        _check_relatives(cursor, found, parent_id, rebound_of_id)
        case_id = new_id()
        number = writing.insert_case(
            cursor,
            case_id=case_id,
            register=register,
            register_version=found.version,
            prefix=f"{found.numbering or found.code}-{localdate(now).year}",
            parent_id=parent_id,
            rebound_of_id=rebound_of_id,
            now=now,
        )
        draft = Draft(case_id, found, number, number, START, 0, {}, {}, {}, parent_id, now)
        return _carry_out(cursor, draft, declared, request, step_id=wanted.step_id, beside=Beside())


def perform(
    case_id: uuid.UUID,
    action: str,
    *,
    actor: Actor,
    now: dt.datetime,
    idempotency_key: str,
    expected_version: int | None = None,
    form: Mapping[str, Any] | None = None,
    evidence: Evidence | None = None,
    claimed_at: dt.datetime | None = None,
    confirm: str | None = None,
) -> Done:
    """Perform an action on a case. The same key with the same body gives the first result again.

    `expected_version` is the version that the actor saw; null means that the actor does not care
    (machines that react). `evidence` maps the action's slots to SHA-256 names of stored files.
    Raises NotFound, StaleVersion, WrongState, NotYourTurn, SameHands, GuardRefuses, Invalid,
    KeyReused, and whatever the module's command raises; then nothing at all is written.
    """
    request = Request(action, actor, now, form or {}, evidence or {}, claimed_at, confirm)
    body = {"case": str(case_id), "expected_version": expected_version}
    with transaction.atomic(), reading_one_edition(), prepared_cursor() as cursor:
        wanted = _claim(request, idempotency_key, body)
        locked = writing.claim_and_lock(cursor, wanted, case_id, action)
        if locked is None or not sight_of(locked.draft.register, actor).covers(
            locked.draft.parties
        ):
            # Version and state are for those alone who may see the case.
            message = _("There is no case {id}.").format(id=case_id)
            raise NotFound(message)
        if not locked.fresh:
            return _replay(cursor, wanted)
        draft = locked.draft
        if expected_version is not None and expected_version != draft.version:
            message = _("The case has changed since you opened it (version {now}).").format(
                now=draft.version
            )
            raise StaleVersion(message, remedy=_("Look at it again, then decide."))
        declared = _declared(draft.register, action)
        beside = locked.read_beside(cursor, declared)
        return _carry_out(cursor, draft, declared, request, step_id=wanted.step_id, beside=beside)


def _check_relatives(
    cursor: CursorWrapper,
    register: Register,
    parent_id: uuid.UUID | None,
    rebound_of_id: uuid.UUID | None,
) -> None:
    """Parent and earlier case must exist and be of the right register. Raises NotFound, Invalid."""
    wanted = {parent_id: register.parent, rebound_of_id: register.code}
    wanted.pop(None, None)
    if not wanted:
        return
    found = writing.registers_of(cursor, [each for each in wanted if each is not None])
    for case_id, code in wanted.items():
        if case_id not in found:
            message = _("There is no case {id}.").format(id=case_id)
            raise NotFound(message)
        if found[case_id] != code:
            message = _("A case of {register} cannot belong to one of {other}.").format(
                register=register.code, other=found[case_id]
            )
            raise Invalid(message, remedy=_("Open it from the case that it belongs to."))


def _claim(request: Request, key: str, body: Mapping[str, Any]) -> Claim:
    """The idempotency claim: per person (or the system), over all that is asked."""
    actor = request.actor
    asked = dict(body) | {
        "action": request.action,
        "organisation": str(actor.organisation_id),
        "form": to_jsonable(dict(request.form)),
        "evidence": {slot: list(files) for slot, files in request.evidence.items()},
        "claimed_at": to_jsonable(request.claimed_at),
    }
    if not 0 < len(key) <= KEY_LENGTH_MAX or "\0" in key:
        message = _("An idempotency key of 1 to {max} characters is needed.").format(
            max=KEY_LENGTH_MAX
        )
        raise Invalid(message, remedy=_("Send a value of your own, new for each request."))
    return Claim(
        str(actor.person_id or "system"), key, sha256(canonical_json(asked)), new_id(), request.now
    )


def _replay(cursor: CursorWrapper, wanted: Claim) -> Done:
    found = writing.earlier(cursor, wanted)
    if found is None or found[0] != wanted.body_hash:
        message = _("This idempotency key was used for something else.")
        raise KeyReused(message, remedy=_("Use a new key for a new request."))
    return found[1]


def _declared(register: Register, action: str) -> Action:
    declared = register.actions.get(action)
    if declared is None:
        message = _("{register} has no action {action}.").format(
            register=register.code, action=action
        )
        raise ActionUnknown(message)
    return declared


def _wrong_state(register: Register, action: Action, state: str) -> WrongState:
    title = words(register.states[state].title) if state in register.states else state
    message = _("{action} is not possible in the state {state}.").format(
        action=words(action.title), state=title
    )
    return WrongState(message, remedy=_("Look at the case again: somebody may have acted."))


def _carry_out(
    cursor: CursorWrapper,
    draft: Draft,
    action: Action,
    request: Request,
    *,
    step_id: uuid.UUID,
    beside: Beside,
) -> Done:
    """Judge the request, run its effects, write everything."""
    origin = draft.state
    form = _judge(draft, action, request, beside)
    effect = Effect(
        draft,
        action,
        form,
        {slot: list(files) for slot, files in request.evidence.items()},
        request.actor,
        request.now,
        step_id,
        form.get("result"),
    )
    _count(draft, action, request.now)
    run_effects(effect)
    result = effect.result if len(action.targets) > 1 else _only(action)
    draft.state = action.target(origin, result)
    live = beside.live
    if action.kind == "extension":
        grant_extension(cursor, effect)
        live = deadlines.read_live(cursor, draft.id)
    moves = deadlines.move(
        cursor,
        case_id=draft.id,
        register=draft.register,
        facts=draft.facts,
        origin=origin,
        target=draft.state,
        live=live,
        now=request.now,
    )
    _write(cursor, effect, request, origin=origin, moves=moves, before=beside)
    return Done(step_id, draft.id, draft.number, draft.state, draft.version + 1)


def _judge(draft: Draft, action: Action, request: Request, beside: Beside) -> Mapping[str, Any]:
    """Everything that may refuse the request; the typed form if nothing does."""
    if draft.state not in action.origins:
        raise _wrong_state(draft.register, action, draft.state)
    check_role(draft.register, action, request.actor, draft)
    check_separation(action, request.actor, beside.doers)
    _check_confirmation(action, draft, request)
    form = read_request(draft.register, action, request)
    check_guard(action, draft, form)
    _set_facts(draft, action, form)
    return form


def _write(
    cursor: CursorWrapper,
    effect: Effect,
    request: Request,
    *,
    origin: str,
    moves: deadlines.ClockMoves,
    before: Beside,
) -> None:
    """Write step, case and clocks; then evidence, document and what the effects had queued."""
    draft, action = effect.case, effect.action
    end = draft.register.states[draft.state].end
    files = sorted({name for names in request.evidence.values() for name in names})
    writing.record(
        cursor,
        writing.Record(
            effect.step_id,
            draft,
            action.code,
            origin,
            request.actor.person_id,
            request.actor.organisation_id,
            request.now,
            request.claimed_at,
            effect.form,
            files,
            moves,
            request.now if end is not None else None,
            before,
        ),
    )
    if files:
        attach_evidence(
            case_id=draft.id,
            step_id=effect.step_id,
            attachments=attachments(action, request.evidence),
            actor=request.actor,
            now=request.now,
        )
    if action.document is not None:
        issue_document(effect)
    for follower in effect.followers:
        follower()


def _only(action: Action) -> str | None:
    """The single result of an action without a choice of results."""
    return next(iter(action.targets), None)


def _check_confirmation(action: Action, draft: Draft, request: Request) -> None:
    if action.confirm == "case_number" and request.confirm != draft.number:
        if request.actor.is_system:
            return
        message = _("Type the case number {number} to confirm.").format(number=draft.number)
        raise Invalid(message, fields={"confirm": message})


def _set_facts(draft: Draft, action: Action, form: Mapping[str, Any]) -> None:
    for code in action.facts:
        if code in form:
            draft.facts[code] = form[code]
            if draft.register.fields[code].type is FieldType.ORGANISATION:
                # An organisation that is no longer recorded sees the case no longer.
                draft.parties.pop(code, None)
                if form[code]:
                    draft.parties[code] = [form[code]]


def _count(draft: Draft, action: Action, now: dt.datetime) -> None:
    """Raise the action's counter. Raises LimitReached above the rule book's greatest value."""
    if action.counts is None:
        return
    count = draft.counters.get(action.counts, 0) + 1
    if action.limit is not None:
        most = get_rule(action.limit, on=localdate(now), region=settings.HONGHU_REGION).as_int()
        if count > most:
            message = _("{action} is possible {most} times at most.").format(
                action=words(action.title), most=most
            )
            raise LimitReached(message, remedy=_("Ask the office that issued the case."))
    draft.counters[action.counts] = count
