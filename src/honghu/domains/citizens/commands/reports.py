"""What actions on reports set off, and what cases filed from them do to them."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _

from honghu.base.earth import metres_between
from honghu.base.problems import Conflict, Invalid, NotFound
from honghu.domains.citizens.models import Contact
from honghu.domains.citizens.queries.rule_rows import rule
from honghu.domains.citizens.queries.services import REPORTS, find_service
from honghu.domains.citizens.queries.similar import point_of, similar_reports, words_of
from honghu.domains.citizens.rules.likeness import Said
from honghu.domains.citizens.rules.privacy import personal_kinds
from honghu.kernel.cases.commands import open_case, perform
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.queries import find_case, find_case_by_number
from honghu.kernel.evidence.queries import list_evidence
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.registers.model import START

_COPIED: Final = ("service", "address", "place", "answers", "description")
_OUTCOMES: Final[Mapping[str | None, str]] = {"closed": "settled", "merged": "joined"}
_OPEN_SIBLINGS: Final = """
SELECT EXISTS (SELECT 1 FROM cases_case WHERE parent_id = %s AND id <> %s AND closed_at IS NULL)
"""


class UnableToMergeReport(Conflict):
    """The other report is this one, or was merged itself."""

    code = "report-merge-refused"


def take_report(effect: Effect) -> None:
    """Effect of `report`: what may be public, what may be the same, who passed it on.

    Words that seem to hold personal data stay away from the public until an officer has decided.
    """
    case, facts, now = effect.case, effect.case.facts, effect.now
    service = find_service(facts["service"])
    facts["service_name"] = service.title.zh
    held = personal_kinds(" ".join(filter(None, [words_of(facts), facts.get("answers")])))
    facts["held_because"] = "、".join(held) or None
    facts["public_text"] = None if held else facts.get("description")
    facts["public_address"] = None if held else facts.get("address")
    facts["photos_public"] = False
    found = similar_reports(
        service.code, Said(point_of(facts.get("place")), now, words_of(facts)), but=case.id
    )
    facts["similar"] = str(found[0].case_id) if found else None
    facts["place_remark"] = _place_remark(facts, effect)
    if effect.actor.organisation_id is not None:
        facts["channel"] = str(effect.actor.organisation_id)
        case.add_party("channel", effect.actor.organisation_id)
    where = facts["public_address"]
    case.title = f"{service.title.zh} · {where}" if where else service.title.zh


def _place_remark(facts: Mapping[str, Any], effect: Effect) -> str | None:
    """What an officer should know where the camera's position is not the reported one."""
    place = point_of(facts.get("place"))
    most = rule("photo_apart_metres", effect.now.date()).as_int()
    for row in list_evidence(list(effect.evidence.get("before", ()))):
        if place is None or row.exif_place is None:
            continue
        if (metres := round(metres_between(place, row.exif_place))) > most:
            return _("A photograph was taken {metres} m away.").format(metres=metres)
    return None


def release_report(effect: Effect) -> None:
    """Effect of `release`: an officer has decided what is public. Raises Invalid for numbers left."""
    facts = effect.case.facts
    for code in ("public_text", "public_address"):
        if personal_kinds(facts.get(code) or ""):
            message = _("There is still personal data in these words.")
            raise Invalid(message, remedy=_("Leave the numbers out."), fields={code: message})
    facts["held_because"] = None


def refuse_report(effect: Effect) -> None:
    """Effect of `refuse`: the reporter is told why. Raises Invalid without an answer."""
    facts = effect.case.facts
    answer = facts.get("answer") or ""
    if not answer.strip():
        message = _("Tell the reporter why.")
        raise Invalid(message, fields={"answer": message})
    if personal_kinds(answer):
        message = _("There is still personal data in these words.")
        raise Invalid(message, remedy=_("Leave the numbers out."), fields={"answer": message})
    facts["outcome"] = "refused"


def merge_report(effect: Effect) -> None:
    """Effect of `merge`: into a report that is kept itself. Raises UnableToMergeReport, Invalid."""
    facts, number = effect.case.facts, effect.form["original"].strip().upper()
    try:
        other = find_case_by_number(number, actor=SYSTEM, now=effect.now)
    except NotFound as error:
        message = _("There is no report {number}.").format(number=number)
        raise Invalid(message, fields={"original": message}) from error
    if other.register != REPORTS or other.id == effect.case.id or other.state == "merged":
        message = _("It can be merged only into another report that is kept.")
        raise UnableToMergeReport(message, remedy=_("Choose the one that was reported first."))
    facts["duplicate_of"], facts["outcome"] = str(other.id), "joined"


def rate_report(effect: Effect) -> None:
    """Effect of `rate`: a dissatisfied reporter opens a linked report; this one never changes again.

    Raises Invalid without a judgement.
    """
    facts = effect.case.facts
    if not facts.get("satisfaction"):
        message = _("Choose one of the options.")
        raise Invalid(message, fields={"satisfaction": message})
    if facts["satisfaction"] == "dissatisfied":
        effect.then(lambda: _reopen(effect))


def _reopen(effect: Effect) -> None:
    case = effect.case
    form = {code: case.facts.get(code) for code in _COPIED} | {"source": "dissatisfied"}
    reason = effect.form.get("reason")
    form["description"] = "\n\n".join(filter(None, [reason, form["description"]]))[:4000]
    done = open_case(
        REPORTS,
        action="report",
        actor=SYSTEM,
        now=effect.now,
        idempotency_key=f"dissatisfied:{effect.step_id}",
        form=form,
        rebound_of_id=case.id,
    )
    contact = Contact.objects.filter(pk=case.id).first()
    if contact is not None:
        Contact.objects.create(case_id=done.case_id, sealed=contact.sealed, created_at=effect.now)


def follow_filed_case(effect: Effect) -> None:
    """Reaction to every action: a case filed from a report takes it along.

    Its opening accepts the report; when the last case of a report ends, the report is answered.
    """
    case = effect.case
    if case.parent_id is None or case.register.parent != REPORTS:
        return
    if START in effect.action.origins:
        effect.then(lambda: _accept(effect))
        return
    result = (
        effect.result if len(effect.action.targets) > 1 else next(iter(effect.action.targets), None)
    )
    end = case.register.states[effect.action.target(case.state, result)].end
    if end is not None:
        effect.then(lambda: _conclude(effect, _OUTCOMES.get(end, "refused")))


def _accept(effect: Effect) -> None:
    report = find_case(_parent(effect), actor=SYSTEM, now=effect.now)
    if report.state == "received":
        _move(effect, "accept", {"case_number": effect.case.number})


def _conclude(effect: Effect, outcome: str) -> None:
    report = find_case(_parent(effect), actor=SYSTEM, now=effect.now)
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_SIBLINGS, [report.id, effect.case.id])
        others_open = cursor.fetchone()[0]
    if report.state == "handling" and not others_open:
        _move(effect, "conclude", {"outcome": outcome})


def _move(effect: Effect, action: str, form: Mapping[str, Any]) -> None:
    perform(
        _parent(effect),
        action,
        actor=SYSTEM,
        now=effect.now,
        idempotency_key=f"{action}:{effect.step_id}",
        form=form,
    )


def _parent(effect: Effect) -> uuid.UUID:
    if effect.case.parent_id is None:
        message = "the case belongs to no report"
        raise ValueError(message)
    return effect.case.parent_id


def forget_contacts(*, now: dt.datetime) -> int:
    """Delete the contacts of reports that ended so long ago that nobody will ask; how many."""
    kept = dt.timedelta(days=rule("contact_kept_days", now.date()).as_int())
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM citizens_contact t USING cases_case c WHERE c.id = t.case_id "
            "AND c.closed_at < %s",
            [now - kept],
        )
        return int(cursor.rowcount)
