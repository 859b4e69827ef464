"""What the commands of procurement share: certain values of a notice, and the awards it concerns."""

import datetime as dt
from decimal import Decimal

from honghu.base.chinese import parse_chinese_date
from honghu.domains.procurement.models import Notice
from honghu.domains.procurement.queries import known_awards
from honghu.domains.procurement.rules import KnownAward, Link, link_notice


def value_of(notice: Notice, field: str) -> str | None:
    """The value of a field when it is certain; a candidate in doubt is no value."""
    reading = notice.readings.get(field)
    if reading is None or reading["state"] != "value":
        return None
    value: str | None = reading["value"]
    return value


def fen_of(notice: Notice, field: str) -> int | None:
    """A certain amount in yuan, in fen; null where none is certain."""
    value = value_of(notice, field)
    if value is None:
        return None
    return int((Decimal(value) * 100).to_integral_exact())


def day_of(value: str | None) -> dt.date | None:
    """The day that a Chinese or ISO date names; null stays null."""
    return None if value is None else parse_chinese_date(value)


def candidates(notice: Notice) -> list[KnownAward]:
    """The standing awards that a later notice may concern."""
    numbers = [n for n in (notice.project_no, notice.plan_no) if n is not None]
    return known_awards(numbers=numbers, project_name=notice.project_name)


def link_of(notice: Notice) -> Link:
    """The awards that a notice concerns, and what that rests on."""
    return link_notice(
        project_no=notice.project_no,
        plan_no=notice.plan_no,
        project_name=notice.project_name,
        buyer=notice.buyer,
        lots=[value_of(notice, f"lots[{i}].lot") for i in range(notice.lot_count)],
        known=candidates(notice),
    )
