"""Rules in words: periods with their clock, rates as percentages, money in yuan."""

from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from honghu.kernel.rulesets.values import MEANINGS, RuleValue
from honghu.web.display import percent_text, yuan_text

_OWN_SOURCES: Final = frozenset({"产品默认值", "产品设计"})
"""What stands as the source of a row for which there is none but the product itself."""


def title(rule: RuleValue, language: str) -> str:
    """The rule's title in the language of the page."""
    return rule.title_en if language.startswith("en") else rule.title_zh


def value_text(rule: RuleValue) -> str:
    """The rule's value as people write it; what has no words stands as in the rule file."""
    meaning = MEANINGS.get(rule.unit)
    if meaning == "duration":
        return _period(rule)
    if meaning == "money":
        return f"{yuan_text(rule.as_money_fen())} {_('yuan')}"
    if rule.unit in {"ratio", "rate_per_year"}:
        return percent_text(rule.as_decimal())
    if rule.unit == "rate_per_day":
        return _("%(percent)s a day") % {"percent": percent_text(Decimal(rule.value))}
    return rule.value


def _period(rule: RuleValue) -> str:
    count = rule.as_int()
    texts = {
        "working_day": ngettext("%(n)d working day", "%(n)d working days", count),
        "natural_day": ngettext("%(n)d calendar day", "%(n)d calendar days", count),
        "working_hour": ngettext("%(n)d working hour", "%(n)d working hours", count),
        "hour": ngettext("%(n)d hour", "%(n)d hours", count),
        "month": ngettext("%(n)d month", "%(n)d months", count),
        "minute": ngettext("%(n)d minute", "%(n)d minutes", count),
    }
    text = texts.get(rule.clock or "")
    return text % {"n": count} if text else f"{rule.value} {rule.clock}"


def source_text(rule: RuleValue) -> str:
    """The source as it is cited; of a value that nothing prescribes, its kind in words."""
    return source_mark(rule) if rule.source in _OWN_SOURCES else rule.source


def source_mark(rule: RuleValue) -> str:
    """What kind of source it is: statute, policy, manual, product page, decision of design."""
    marks = {
        "L": pgettext("source", "statute"),
        "P": pgettext("source", "policy"),
        "M": pgettext("source", "manual"),
        "B": pgettext("source", "bank's product"),
        "S": pgettext("source", "newspaper"),
        "N": pgettext("source", "measured"),
        "D": pgettext("source", "product default"),
        "I": pgettext("source", "design decision"),
        "V": pgettext("source", "to be verified"),
    }
    return marks.get(rule.source_mark, rule.source_mark)
