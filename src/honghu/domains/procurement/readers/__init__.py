"""The procurement notice reader: ``read_notice(content, name=...)`` and its value types."""

from honghu.domains.procurement.readers.page import UnreadableNoticeError
from honghu.domains.procurement.readers.reader import READER_VERSION, is_of_pages, read_notice
from honghu.domains.procurement.readers.values import LotReading, Notice, Reading, UnitPrice

__all__ = [
    "READER_VERSION",
    "LotReading",
    "Notice",
    "Reading",
    "UnitPrice",
    "UnreadableNoticeError",
    "is_of_pages",
    "read_notice",
]
