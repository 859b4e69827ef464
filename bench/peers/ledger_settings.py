"""Honghu's settings, and django-hordak where it is installed; it is no dependency of Honghu's."""

from importlib.util import find_spec

from honghu.site.settings import *  # noqa: F403
from honghu.site.settings import INSTALLED_APPS as OURS

INSTALLED_APPS = [*OURS, "mptt", "djmoney", "hordak"] if find_spec("hordak") else OURS
HORDAK_CURRENCIES = ["CNY"]
HORDAK_INTERNAL_CURRENCY = DEFAULT_CURRENCY = "CNY"
