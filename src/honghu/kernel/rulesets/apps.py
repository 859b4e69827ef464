"""Django's handle on the rule book."""

from django.apps import AppConfig


class RulesetsConfig(AppConfig):
    """Dated rules, the official calendar, and the edition that readers compare."""

    name = "honghu.kernel.rulesets"
    label = "rulesets"
