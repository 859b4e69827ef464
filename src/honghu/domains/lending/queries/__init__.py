"""What lending answers to other modules and to pages."""

from honghu.domains.lending.queries.interest import UnknownDayCount, interest_between

__all__ = ["UnknownDayCount", "interest_between"]
