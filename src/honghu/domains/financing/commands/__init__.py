"""Writes of 政采贷, by step of the business: invitations, quotes, loans, payments, notices."""
