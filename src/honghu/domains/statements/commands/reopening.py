"""A payment was taken back: the entries of statements that had become it go to a person again."""

import uuid
from collections.abc import Iterator

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from honghu.domains.statements.commands.exceptions import open_exception
from honghu.domains.statements.commands.gaps import EXCEPTIONS
from honghu.domains.statements.commands.recording import reference_of
from honghu.domains.statements.models import Entry, Filing, Reopening
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.queries import cases_with_fact

_TAKEN_BACK = "taken-back"


def reopen_entries(effect: Effect) -> None:
    """Reaction to a verified retraction: each entry that the payment came from is open again.

    What was filed stays on record; the entry's new case says where it goes now.
    """
    if effect.result == "passed" and effect.case.parent_id is not None:
        loan_id = effect.case.parent_id
        effect.then(lambda: _reopen(effect, loan_id))


def _reopen(effect: Effect, loan_id: uuid.UUID) -> None:
    case, facts = effect.case, effect.case.facts
    entries = {each.id: each for each in _entries(effect, loan_id)}
    with translation.override(settings.LANGUAGE_CODE):
        detail = _("The payment {reference} was taken back ({case}): {reason}").format(
            reference=facts["reference"], case=case.number, reason=facts["reason"]
        )
    for entry in entries.values():
        case_id = open_exception(
            entry,
            _TAKEN_BACK,
            now=effect.now,
            key=f"statement-reopening:{entry.id}:{case.id}",
            detail=detail,
        )
        Reopening.objects.create(
            entry=entry, case_id=case_id, retraction_id=case.id, reopened_at=effect.now
        )


def _entries(effect: Effect, loan_id: uuid.UUID) -> Iterator[Entry]:
    """Entries filed as the payment at once, and those that a person matched with its loan."""
    reference = effect.case.facts["reference"]
    filed = Filing.objects.filter(loan_id=loan_id, reference=reference)
    for filing in filed.filter(entry__reopenings=None).select_related("entry__statement"):
        yield filing.entry
    number = effect.case.facts["loan"]
    for exception in cases_with_fact(EXCEPTIONS, fact="loan", value=number, now=effect.now):
        facts = exception.facts
        if exception.state != "settled" or facts.get("proposal") != "match":
            continue
        entry = Entry.objects.select_related("statement").get(
            statement_id=uuid.UUID(facts["statement"]), number=facts["entry"]
        )
        latest = entry.reopenings.order_by("reopened_at", "id").last()
        is_latest = latest is None or latest.case_id == exception.id
        if is_latest and reference_of(entry) == reference:
            yield entry
