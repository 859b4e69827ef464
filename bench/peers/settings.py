"""Honghu's settings and the peers' applications."""

from honghu.site.settings import *  # noqa: F403
from honghu.site.settings import INSTALLED_APPS as OURS

INSTALLED_APPS = [*OURS, "django_fsm", "django_fsm_log", "bench.peers.fsm"]
