"""The ladder of urging: 提醒 → 督办单 → 约谈 → 通报, each when the rules say that it is due.

交办单 is day 0. How far a matter has come is computed from its term and its steps.
"""

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.problems import Conflict
from honghu.domains.rivers.queries import rule, standing_of
from honghu.domains.rivers.rules.problems import Rung, Standing, latest_new_due, rung_due
from honghu.kernel.cases.effects import Effect


class UnableToUrge(Conflict):
    """A step of the ladder that is not due, or a new term that is too long."""

    code = "urging-not-due"


def remind(effect: Effect) -> None:
    """Effect of `remind`: after the rule's share of the time. Raises UnableToUrge."""
    _climb(effect, "reminder")


def supervise(effect: Effect) -> None:
    """Effect of `supervise`: when overdue; the new term is at most the rule's share of the first.

    Raises UnableToUrge.
    """
    wanted = effect.case.facts["supervised_due_on"]
    standing = _climb(effect, "supervision")
    share = rule("supervision_share", localdate(effect.now)).as_decimal()
    latest = localdate(latest_new_due(standing, effect.now, share_max=share))
    if not localdate(effect.now).isoformat() <= wanted <= latest.isoformat():
        message = _("The new term ends on {day} at the latest.").format(day=latest)
        remedy = _("Choose a day from today until then.")
        raise UnableToUrge(message, remedy=remedy, fields={"supervised_due_on": message})


def call_in(effect: Effect) -> None:
    """Effect of `call_in`: when the new term has passed as well. Raises UnableToUrge."""
    _climb(effect, "interview")


def circulate(effect: Effect) -> None:
    """Effect of `circulate`: after the interview. Raises UnableToUrge."""
    _climb(effect, "circular")


def _climb(effect: Effect, rung: Rung) -> Standing:
    """Take one step of the ladder, and no other than the one that is due."""
    facts = effect.case.facts
    # The form of a 督办单 has set its new term already; it does not hold before it is served.
    known = None if rung == "supervision" else facts.get("supervised_due_on")
    standing = standing_of(effect.case.id, known)
    share = rule("reminder_share", localdate(effect.now)).as_decimal()
    due = rung_due(standing, effect.now, reminder_share=share) if standing is not None else None
    if standing is None or due != rung:
        message = _("This step of urging is not due now.")
        remedy = _("Look at the ladder on the case: it says which step is due and when.")
        raise UnableToUrge(message, remedy=remedy)
    facts["rung"] = rung
    return standing
