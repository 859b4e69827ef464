"""Report R8: the share of notices that print the channel of contract financing, by month."""

import dataclasses
import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from honghu.base.problems import HonghuError
from honghu.domains.procurement.queries import notices_published
from honghu.domains.procurement.readers import UnreadableNoticeError
from honghu.domains.procurement.readers.policy_channel import policy_channel
from honghu.kernel.evidence.queries import open_content


@dataclasses.dataclass(frozen=True, slots=True)
class CoverageRow:
    """A month's notices: how many print the channel, leave a doubt, print nothing, are unreadable."""

    month: dt.date
    stated: int
    review: int
    absent: int
    unreadable: int

    @property
    def notices(self) -> int:
        """All of the month's notices."""
        return self.stated + self.review + self.absent + self.unreadable

    @property
    def share(self) -> Decimal | None:
        """The share that print it, doubts not counted as printing; null without notices."""
        return Decimal(self.stated) / self.notices if self.notices else None


def coverage(*, from_date: dt.date, to_date: dt.date, kind: str = "award") -> list[CoverageRow]:
    """The months in which notices of this kind were published, the earliest first.

    Each notice is read again from its evidence, so that the figure follows the present reader.
    """
    states = [
        (notice.published_date.replace(day=1), state_of_notice(notice.sha256))
        for notice in notices_published(from_date=from_date, to_date=to_date, kind=kind)
    ]
    return count_states(states)


def count_states(states: Iterable[tuple[dt.date, str]]) -> list[CoverageRow]:
    """Rows by month of (month, state) pairs; states are those of a reading, or `unreadable`."""
    months: dict[dt.date, dict[str, int]] = {}
    for month, state in states:
        counts = months.setdefault(month, {"value": 0, "review": 0, "absent": 0, "unreadable": 0})
        counts[state] += 1
    return [
        CoverageRow(
            month, counts["value"], counts["review"], counts["absent"], counts["unreadable"]
        )
        for month, counts in sorted(months.items())
    ]


def state_of_notice(sha256: str) -> str:
    """What the present reader says of a notice: the state of its reading, or `unreadable`."""
    try:
        with open_content(sha256) as file:
            return policy_channel(file.read(), name=sha256).state
    except (UnreadableNoticeError, HonghuError):
        return "unreadable"
