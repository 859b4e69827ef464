"""The supervisor's view of all registers: what is open, overdue, returned, late."""
