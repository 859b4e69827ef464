"""Pure rules of supervision: minutes taken apart, slips and cards. No table, no clock."""

from honghu.domains.supervision.rules.minutes import Proposal, is_classified, take_apart
from honghu.domains.supervision.rules.slips import (
    COLOURS,
    CardBounds,
    card_of,
    is_step_up,
    next_slip,
    wanted_slip,
)

__all__ = [
    "COLOURS",
    "CardBounds",
    "Proposal",
    "card_of",
    "is_classified",
    "is_step_up",
    "next_slip",
    "take_apart",
    "wanted_slip",
]
