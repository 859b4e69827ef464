"""Which roles of a county have to do with loans."""

from typing import Final

LENDER_ROLES: Final = ("bank_manager", "bank_reviewer")
BORROWER_ROLES: Final = ("supplier",)
OVERSEER_ROLES: Final = ("procurement_office", "procurement_clerk", "treasury", "auditor")
"""Offices that read all loans of the county, as they read their cases; nobody of them changes any."""
