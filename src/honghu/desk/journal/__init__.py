"""The journal for people: its head, receipts, verification."""
