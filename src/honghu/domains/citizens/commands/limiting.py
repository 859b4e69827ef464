"""How many reports one address may send within an hour: counted in this process (ADR 0018)."""

import datetime as dt
from typing import Final

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.api.limits import Buckets
from honghu.base.problems import HonghuError
from honghu.domains.citizens.queries.rule_rows import rule

_HOUR_SECONDS: Final = 3_600
_posts = Buckets(window_seconds=_HOUR_SECONDS)


class TooManyReports(HonghuError):  # noqa: N818 named after what happened
    """More reports from one address than the rule book allows: HTTP 429."""

    code = "too-many-reports"
    status = 429


def insist_on_limit(address: bytes, now: dt.datetime) -> None:
    """Count a report of this address. Raises TooManyReports beyond the rule book's number."""
    quota = rule("posts_per_hour", localdate(now)).as_int()
    if quota < 1:
        return
    taken = _posts.take(address, quota)
    if not taken.is_allowed:
        message = _("So many reports have come from your connection within an hour.")
        remedy = _("Wait {minutes} minutes, or call {line}.").format(
            minutes=-(-taken.retry_seconds // 60),
            line=rule("contact_line", localdate(now)).as_text(),
        )
        raise TooManyReports(message, remedy=remedy)
