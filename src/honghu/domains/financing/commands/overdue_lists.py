"""The list of overdue payments: prepared by one person, counted again and published by another."""

import datetime as dt
from typing import Final

from django.conf import settings
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.base.hashing import sha256
from honghu.base.problems import Conflict, Invalid
from honghu.domains.financing.queries.claims import kept_lists, list_file, listed_buyers
from honghu.kernel.cases.effects import Effect
from honghu.kernel.rulesets.queries import get_rule

_RULE: Final = "financing.overdue_list_day"


class ListPrepared(Conflict):
    """The year has a list already."""

    code = "overdue-list-prepared"


class ListChanged(Conflict):
    """What buyers owed is not what the list says."""

    code = "overdue-list-changed"


def prepare_overdue_list(effect: Effect) -> None:
    """Effect of `prepare`: the file given is the list of that year as it is counted now.

    It is due on the day that the regulation names in the year after (art 18). Raises Invalid for a
    year that is not over, ListPrepared, ListChanged where the file is another list.
    """
    facts, year = effect.case.facts, int(effect.case.facts["year"])
    if year >= localdate(effect.now).year:
        message = _("The year is not over.")
        raise Invalid(message, fields={"year": message})
    if kept_lists(year):
        raise ListPrepared(
            _("The list of {year} is prepared already.").format(year=year),
            remedy=_("Open it; the head may drop it."),
        )
    rows = listed_buyers(year)
    digest = _same_file(effect, "list", year)
    month, day = _rule_day(localdate(effect.now))
    facts.update(
        buyers=len(rows),
        contracts=sum(row.contracts for row in rows),
        amount=sum(row.amount_fen for row in rows),
        digest=digest,
        publish_by=dt.date(year + 1, month, day).isoformat(),
    )
    effect.case.title = f"{year}年末逾期未付清单"


def publish_overdue_list(effect: Effect) -> None:
    """Effect of `publish`: counted again, the list is still the same. Raises ListChanged."""
    if effect.result != "passed":
        return
    facts = effect.case.facts
    if _same_file(effect, "recount", int(facts["year"])) != facts["digest"]:
        raise _changed()
    facts["published_on"] = localdate(effect.now).isoformat()


def _same_file(effect: Effect, slot: str, year: int) -> str:
    """The digest of the one file in a slot, if it is the list as it is counted now."""
    digest = sha256(list_file(year, listed_buyers(year))).hex()
    if effect.evidence.get(slot) != [digest]:
        raise _changed()
    return digest


def _changed() -> ListChanged:
    return ListChanged(
        _("The list is not what is counted now."),
        remedy=_(
            "Use the page of overdue payments; if claims have changed, prepare the list anew."
        ),
    )


def _rule_day(on: dt.date) -> tuple[int, int]:
    """Month and day by which the list is published: the rule's text, `03-31`."""
    rule = get_rule(_RULE, on=on, region=settings.HONGHU_REGION)
    month, _sign, day = rule.as_text().partition("-")
    return int(month), int(day)
