"""Schedules, interest, repayments: loans served to the cent."""
