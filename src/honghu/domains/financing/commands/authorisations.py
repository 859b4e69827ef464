"""Authorisations (rule 19): granted bank by bank, withdrawn or expired at once.

Each is a case of its own, seen by that bank, the supplier and the office: on the application's own
page one bank learns nothing of another.
"""

import datetime as dt
import uuid
from collections.abc import Callable

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.identifiers import new_id
from honghu.base.problems import Conflict, HonghuError, Invalid, NotFound
from honghu.domains.financing.commands.banks import BANK, require_filed
from honghu.domains.financing.commands.consortia import require_consents
from honghu.domains.financing.commands.sanctions import require_unblocked
from honghu.domains.financing.models import Authorisation
from honghu.domains.financing.queries.banks import serving_banks
from honghu.domains.financing.queries.standing import takes_from_system
from honghu.kernel.cases.commands import open_case, perform
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.queries import children_of, find_case
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.cases.wording import words
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.queries import get_organisation, organisation_names

REGISTER = "financing-intent"
QUOTES = "financing-quote"
OPEN_QUOTES = frozenset({"drafted", "offered"})
_NAMES = ("bank_one", "bank_two", "bank_three")


class UnableToAuthorise(HonghuError):  # noqa: N818 named after what was attempted
    """The organisation is no bank that may serve, or the authorisation is not valid."""

    code = "authorisation-invalid"


def authorise_banks(effect: Effect) -> None:
    """Effect of `authorise` and `authorise_another`: the banks named may see the case from now on.

    Raises UnableToAuthorise for an organisation that is no bank, has no product on offer or is
    authorised already; BankNotFiled; Invalid for an expiry in the past.
    """
    chosen = {uuid.UUID(effect.form[name]) for name in _NAMES if effect.form.get(name)}
    for bank_id in sorted(chosen):
        bank = get_organisation(bank_id)
        if bank.kind != BANK:
            message = _("{name} is not a bank.").format(name=bank.name)
            raise UnableToAuthorise(message, remedy=_("Choose one of the serving banks."))
        require_filed(bank_id, now=effect.now)
    serving = serving_banks(now=effect.now)
    for bank_id in sorted(chosen - serving):
        message = _("{name} has no product on offer.").format(name=get_organisation(bank_id).name)
        raise UnableToAuthorise(message, remedy=_("Choose one of the serving banks."))
    _grant(effect, sorted(chosen), mode="directed")


def authorise_all_banks(effect: Effect) -> None:
    """Effect of `authorise_all`: a public intent goes to every filed bank with a product on offer.

    Raises UnableToAuthorise if there is none, Invalid for an expiry in the past.
    """
    serving = sorted(serving_banks(now=effect.now))
    if not serving:
        message = _("No bank serves at present.")
        raise UnableToAuthorise(message, remedy=_("Ask the procurement office."))
    _grant(effect, serving, mode="public")


def _grant(effect: Effect, banks: list[uuid.UUID], *, mode: str) -> None:
    expires = dt.date.fromisoformat(effect.form["expires_on"])
    if expires < localdate(effect.now):
        message = _("The authorisation would have expired already.")
        raise Invalid(message, fields={"expires_on": message})
    facts = effect.case.facts
    require_unblocked(uuid.UUID(facts["supplier"]), now=effect.now)
    require_consents(facts)
    for bank_id in banks:
        if effect.case.is_party("banks", bank_id):
            message = _("{name} is authorised already.").format(name=_name(bank_id))
            raise UnableToAuthorise(message, remedy=_("Choose another bank."))
        Authorisation.objects.create(
            id=new_id(),
            application_id=effect.case.id,
            award_id=facts["award"],
            supplier_id=facts["supplier"],
            bank_id=bank_id,
            granted_at=effect.now,
            expires_date=expires,
        )
        effect.case.add_party("banks", bank_id)
        effect.then(_opening(effect, bank_id, mode, expires))


def _name(bank_id: uuid.UUID) -> str:
    return get_organisation(bank_id).name


def _opening(effect: Effect, bank_id: uuid.UUID, mode: str, expires: dt.date) -> Callable[[], None]:
    """What opens the bank's intent once the step is written."""
    case, now = effect.case, effect.now
    facts = dict(case.facts)

    def work() -> None:
        done = open_case(
            REGISTER,
            action="grant",
            actor=SYSTEM,
            now=now,
            idempotency_key=f"{effect.step_id}:{bank_id}",
            parent_id=case.id,
            form={
                "award": facts["award"],
                "project_name": facts.get("project_name"),
                "supplier": facts["supplier"],
                "bank": str(bank_id),
                "mode": mode,
                "granted_at": now.isoformat(),
                "expires_on": expires.isoformat(),
            },
        )
        if case.state == "quoting":
            _receive(done.case_id, facts, str(effect.step_id), now)

    return work


def name_intent(effect: Effect) -> None:
    """Effect of `grant`: name the intent after bank and project."""
    bank_id = uuid.UUID(effect.case.facts["bank"])
    name = organisation_names([bank_id])[bank_id]
    effect.case.title = f"{name} · {effect.case.facts.get('project_name') or ''}"


def put_intents(effect: Effect) -> None:
    """Put the application that was made to every authorised bank, once the step is written."""
    facts, key, now = dict(effect.case.facts), str(effect.step_id), effect.now

    def work() -> None:
        for intent in children_of(effect.case.id, register=REGISTER, now=now):
            if intent.state == "granted":
                _receive(intent.id, facts, key, now)

    effect.then(work)


def _receive(intent_id: uuid.UUID, facts: dict[str, object], key: str, now: dt.datetime) -> None:
    names = ("amount", "tenor_months", "purpose")
    _step(intent_id, "receive", key, now, {name: facts.get(name) for name in names})


def _step(
    case_id: uuid.UUID, action: str, key: str, now: dt.datetime, form: dict[str, object]
) -> None:
    perform(
        case_id,
        action,
        actor=SYSTEM,
        now=now,
        idempotency_key=f"{key}:{action}:{case_id}",
        form=form,
    )


def intent_of(application_id: uuid.UUID, bank_id: uuid.UUID, now: dt.datetime) -> CaseRow | None:
    """The bank's live intent on an application; null where there is none."""
    for intent in children_of(application_id, register=REGISTER, now=now):
        if intent.facts.get("bank") == str(bank_id) and not intent.ended:
            return intent
    return None


def follow_quote(
    application_id: uuid.UUID, bank_id: uuid.UUID, action: str, *, key: str, now: dt.datetime
) -> None:
    """Let the bank's intent follow its quote, where its state allows: quoting is accepting."""
    intent = intent_of(application_id, bank_id, now)
    if intent is None:
        return
    allowed = {
        "accept": {"received"},
        "note_quote": {"received", "accepted"},
        "reopen": {"quoted"},
    }
    if intent.state in allowed[action]:
        _step(intent.id, action, key, now, {})


def accept_intent(effect: Effect) -> None:
    """Effect of `accept`: only while the authorisation stands. Raises AuthorisationOver."""
    if effect.case.facts["expires_on"] < localdate(effect.now).isoformat():
        raise _over()


class AuthorisationOver(Conflict):
    """The authorisation was withdrawn or has expired."""

    code = "authorisation-over"


def _over() -> AuthorisationOver:
    message = _("The authorisation has expired.")
    return AuthorisationOver(message, remedy=_("Ask the supplier to authorise your bank."))


def end_authorisation(effect: Effect) -> None:
    """Effect of `decline`, `withdraw` and `expire`: the bank's sight and quotes end at once."""
    case, now, key = effect.case, effect.now, str(effect.step_id)
    application_id = case.parent_id
    if application_id is None:
        return
    _withdraw_row(application_id, uuid.UUID(case.facts["bank"]), now)
    reason = words(effect.action.title)

    def work() -> None:
        for quote in children_of(application_id, register=QUOTES, now=now):
            if quote.state in OPEN_QUOTES and quote.facts.get("bank") == case.facts["bank"]:
                _step(quote.id, "withdraw", key, now, {"reason": reason})
        application = find_case(application_id, actor=SYSTEM, now=now)
        stands = application.state in {"authorised", "quoting"}
        if stands and takes_from_system(application, "end_authorisation"):
            _step(application.id, "end_authorisation", key, now, {"intent": case.number})

    effect.then(work)


def _withdraw_row(application_id: uuid.UUID, bank_id: uuid.UUID, now: dt.datetime) -> None:
    Authorisation.objects.filter(
        application_id=application_id, bank_id=bank_id, withdrawn_at=None
    ).update(withdrawn_at=now)


def forget_bank(effect: Effect) -> None:
    """Effect of `end_authorisation` on the application: the intent's bank sees it no longer.

    The step names the intent, not the bank: other banks read it. Raises NotFound.
    """
    intents = children_of(effect.case.id, register=REGISTER, now=effect.now)
    wanted = [each for each in intents if each.number == effect.form["intent"]]
    if not wanted:
        message = _("There is no case {id}.").format(id=effect.form["intent"])
        raise NotFound(message)
    known = effect.case.parties.get("banks", [])
    effect.case.parties["banks"] = [each for each in known if each != wanted[0].facts["bank"]]


def close_intent(effect: Effect) -> None:
    """Effect of `end`: the authorisation ends with its application, but for the chosen bank."""
    case = effect.case
    if case.parent_id is None:
        return
    application = find_case(case.parent_id, actor=SYSTEM, now=effect.now)
    if application.facts.get("chosen_bank") != case.facts["bank"]:
        _withdraw_row(case.parent_id, uuid.UUID(case.facts["bank"]), effect.now)


def end_intents(effect: Effect, *, keep: uuid.UUID | None = None) -> None:
    """The application ends or stops: every bank but the one to keep loses sight of it."""
    case, key, now = effect.case, str(effect.step_id), effect.now
    case.parties.pop("banks", None)
    if keep is not None:
        case.parties["banks"] = [str(keep)]

    def work() -> None:
        for intent in children_of(case.id, register=REGISTER, now=now):
            if not intent.ended:
                _step(intent.id, "end", key, now, {})

    effect.then(work)


def expire_authorisations(*, now: dt.datetime) -> int:
    """End every authorisation whose last day is over; how many. Twice is once."""
    over = Authorisation.objects.filter(withdrawn_at=None, expires_date__lt=localdate(now))
    count = 0
    for row in over.order_by("id"):
        intent = intent_of(row.application_id, row.bank_id, now)
        if intent is None:
            _withdraw_row(row.application_id, row.bank_id, now)
        else:
            _step(intent.id, "expire", f"expiry:{row.id}", now, {})
        count += 1
    return count
