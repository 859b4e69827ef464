"""What is asked of a case, and reading it: form, checklist and evidence, all faults at once."""

import dataclasses
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from honghu.kernel.cases.wording import listed, words
from honghu.kernel.evidence.commands import Attachment
from honghu.kernel.evidence.models import EvidenceUse
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.forms import FormInvalid, validate_form
from honghu.kernel.registers.model import Action, Register

Evidence = Mapping[str, Sequence[str]]

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a case; the two doors and the modules all come in by it."""

    action: str
    actor: Actor
    now: dt.datetime
    form: Mapping[str, Any]
    evidence: Evidence
    claimed_at: dt.datetime | None = None
    confirm: str | None = None


def read_request(register: Register, action: Action, request: Request) -> Mapping[str, Any]:
    """The typed values of the form's own fields and of the facts that the action sets.

    What was ticked of the checklist comes as `checklist`, a list of codes; all must be ticked.
    Raises FormInvalid with all faults of form, checklist and evidence at once.
    """
    fields = {code: register.fields[code] for code in action.facts} | dict(action.form)
    raw, values, ticked = dict(request.form), {}, {}
    evidence_faults = _evidence_faults(action, request.evidence)
    faults = dict(evidence_faults)
    if action.checklist:
        faults |= _checklist_faults(action, raw.pop("checklist", None))
        ticked = {"checklist": [item.code for item in action.checklist]}
    try:
        values = validate_form(fields, raw)
    except FormInvalid as refusal:
        faults |= refusal.fields
    if not faults:
        return values | ticked
    if len(faults) == len(evidence_faults):
        message = _("The evidence is not complete.")
        raise FormInvalid(
            message, remedy=_("Add what is missing and send it again."), fields=faults
        )
    message = _("{count} fields need attention").format(count=len(faults))
    raise FormInvalid(message, remedy=_("Correct the marked fields."), fields=faults)


def _checklist_faults(action: Action, given: object) -> dict[str, str]:
    ticked = set(map(str, given)) if isinstance(given, list | tuple) else set()
    left = [item for item in action.checklist if item.code not in ticked]
    if not left:
        return {}
    message = _("Not ticked: {items}").format(items=listed(words(i.title) for i in left))
    return {"checklist": message}


def _evidence_faults(action: Action, given: Evidence) -> dict[str, str]:
    """What is wrong with the evidence, by slot. A file counts once, however often it is named."""
    faults = {}
    proving = {item.evidence for item in action.checklist}
    for slot, spec in action.evidence.items():
        count = len(set(given.get(slot, ())))
        least = max(spec.min, 1) if slot in proving else spec.min
        if count < least:
            faults[slot] = _("{slot}: {min} needed, {count} given").format(
                slot=words(spec.title), min=least, count=count
            )
        elif spec.max is not None and count > spec.max:
            faults[slot] = _("{slot}: at most {max}, {count} given").format(
                slot=words(spec.title), max=spec.max, count=count
            )
    for slot, files in given.items():
        if slot not in action.evidence:
            faults[slot] = _("this action takes no evidence of this kind")
        elif not all(_DIGEST.fullmatch(name) for name in files):
            faults[slot] = _("Upload the file again.")
    return faults


def attachments(action: Action, given: Evidence) -> list[Attachment]:
    """Each file, once, under its slot. A slot named after what the file is to the case (before, after,
    notice) says more than its media kind."""
    kinds = set(EvidenceUse.Kind.values)
    return [
        Attachment(sha256, slot if slot in kinds else action.evidence[slot].kind, slot)
        for slot, files in given.items()
        for sha256 in dict.fromkeys(files)
    ]
