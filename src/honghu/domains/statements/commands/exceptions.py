"""Cases of exceptions: raised with their candidates, handled by the bank, verified by the treasury."""

import contextlib
import datetime as dt
import uuid

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from honghu.base.money import format_yuan
from honghu.base.problems import Conflict, Invalid, NotFound
from honghu.domains.statements.commands.gaps import EXCEPTIONS
from honghu.domains.statements.commands.problems import bank_of
from honghu.domains.statements.commands.recording import SLOT, is_known, keep_excerpt, record_entry
from honghu.domains.statements.models import Entry, Filing
from honghu.kernel.cases.commands import open_case
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.queries import find_case_by_number
from honghu.kernel.parties.actor import SYSTEM, Actor

LOANS = "financing-loan"
_DETAIL_MAX = 2_000
GROUNDS = {
    "contract_no": gettext_lazy("contract number"),
    "project_no": gettext_lazy("project number"),
    "account": gettext_lazy("locked account"),
    "payer": gettext_lazy("payer"),
    "amount": gettext_lazy("amount left"),
}
"""What speaks for a candidate, in words."""


class EntryFiled(Conflict):
    """The entry has gone somewhere already."""

    code = "entry-filed"


def raise_exception(entry: Entry, reason: str, *, now: dt.datetime, detail: str = "") -> uuid.UUID:
    """Open the case of an entry that is not certain, with the entry as evidence; its id."""
    key = f"statement-exception:{entry.id}"
    case_id = open_exception(entry, reason, now=now, key=key, detail=detail)
    Filing.objects.create(entry=entry, kind=Filing.Kind.CASE, case_id=case_id, filed_at=now)
    return case_id


def open_exception(
    entry: Entry, reason: str, *, now: dt.datetime, key: str, detail: str = ""
) -> uuid.UUID:
    """Open a case about an entry under an idempotency key; its id."""
    statement = entry.statement
    done = open_case(
        EXCEPTIONS,
        action="raise",
        actor=SYSTEM,
        now=now,
        idempotency_key=key,
        form={
            "kind": "entry",
            "reason": reason,
            "bank": str(statement.bank_id),
            "account": statement.account_masked,
            "statement": str(statement.id),
            "entry": entry.number,
            "booked_on": entry.booked_date.isoformat(),
            "amount": entry.amount_fen,
            "payer": (entry.payer or "")[:300] or None,
            "remittance": entry.text or None,
            "candidates": _candidates(entry),
            "detail": detail[:_DETAIL_MAX] or None,
        },
        evidence={SLOT: [keep_excerpt(entry, now=now)]},
    )
    return done.case_id


def ask_about(statement_id: uuid.UUID, number: int, *, actor: Actor, now: dt.datetime) -> uuid.UUID:
    """Raise an exception for an entry that was taken for no contract's money; its case.

    Raises NotTheBank, NotFound, EntryFiled.
    """
    entry = (
        Entry.objects.select_related("statement")
        .filter(statement_id=statement_id, number=number, statement__bank_id=bank_of(actor))
        .first()
    )
    if entry is None:
        message = _("There is no such entry, or it is another bank's.")
        raise NotFound(message)
    if entry.outcome != "other" or Filing.objects.filter(pk=entry.pk).exists():
        message = _("The entry has gone somewhere already.")
        raise EntryFiled(message, remedy=_("Look at the statement again."))
    return raise_exception(entry, "asked", now=now)


def _candidates(entry: Entry) -> str | None:
    """The candidates, one a line, in the installation's language."""
    if not entry.candidates:
        return None
    with translation.override(settings.LANGUAGE_CODE):
        return "\n".join(
            f"{each['number']}：" + "、".join(str(GROUNDS[ground]) for ground in each["grounds"])
            for each in entry.candidates
        )


def name_exception(effect: Effect) -> None:
    """Effect of `raise`: name the case after what it is about."""
    facts, fields = effect.case.facts, effect.case.register.fields
    kind = fields["kind"].options[facts["kind"]].zh
    amount = "" if facts.get("amount") is None else f" · {format_yuan(facts['amount'])}"
    effect.case.title = f"{kind} · {facts['account']} · {facts['booked_on']}{amount}"


def propose_match(effect: Effect) -> None:
    """Effect of `match`: a person says which loan is paid. Raises Invalid for an unknown number."""
    number = str(effect.case.facts.get("loan") or "").strip()
    loan = None
    with contextlib.suppress(NotFound):
        loan = find_case_by_number(number, actor=effect.actor, now=effect.now)
    if loan is None or loan.register != LOANS:
        message = _("There is no loan {number} that you may see.").format(number=number or "''")
        raise Invalid(message, fields={"loan": message})
    effect.case.facts["loan"] = number
    effect.case.facts["proposal"] = "match"


def propose_rejection(effect: Effect) -> None:
    """Effect of `reject`: a person says that no contract is paid."""
    effect.case.facts.update(proposal="reject", loan=None)


def propose_explanation(effect: Effect) -> None:
    """Effect of `explain`: a person says why the balances do not meet."""
    effect.case.facts["proposal"] = "explain"


def verify_exception(effect: Effect) -> None:
    """Effect of `verify`: what another person finds matched is recorded as the treasury's payment.

    One that a person recorded meanwhile under the same reference, of the same amount and day, is
    known. Raises what the recording raises: the exception stays open then.
    """
    facts = effect.case.facts
    if effect.result != "passed" or facts.get("proposal") != "match":
        return
    entry = Entry.objects.select_related("statement").get(
        statement_id=uuid.UUID(facts["statement"]), number=facts["entry"]
    )
    loan = find_case_by_number(facts["loan"], actor=SYSTEM, now=effect.now)
    if is_known(entry, loan.id):
        return
    key = f"statement-entry:{entry.id}:{effect.case.id}"
    effect.then(lambda: record_entry(entry, loan.id, now=effect.now, key=key))
