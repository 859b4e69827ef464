"""Loan arithmetic without a database: terms, due dates, schedules, interest, servicing.

Money is integer fen, rates are exact decimals, and every quotient is rounded once, as the contract
says. Nothing here reads a clock, a file or a table.
"""
