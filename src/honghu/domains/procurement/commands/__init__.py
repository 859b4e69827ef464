"""Writes: take a notice in, let persons decide its doubts, give it effect."""

from honghu.domains.procurement.commands.filing import outcome_of
from honghu.domains.procurement.commands.notices import (
    REGISTER,
    NoticeSuperseded,
    UnableToReadNotice,
    confirm_reading,
    discard_notice,
    file_notice,
    take_notice,
    verify_reading,
)

__all__ = [
    "REGISTER",
    "NoticeSuperseded",
    "UnableToReadNotice",
    "confirm_reading",
    "discard_notice",
    "file_notice",
    "outcome_of",
    "take_notice",
    "verify_reading",
]
