"""A pending transfer on a hot account may be resolved by another session than the one that made it.

Reserved in one slot and given back in another, the second slot's pending sum falls below zero: it is
the account's sum over all slots that cannot, since a resolution gives back, once, exactly what was
reserved (`ledger_check_phases`). The check of single slots is therefore left to accounts of one.
"""

from importlib import import_module

from django.db import migrations

AS_BEFORE = (
    import_module("honghu.kernel.ledger.migrations.0002_guards")
    .CHECK_ENTRIES.partition("CREATE TRIGGER")[0]
    .replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
)
CHECK_ENTRIES = AS_BEFORE.replace(
    "OR least(a.pending_debit_fen, a.pending_credit_fen) < 0",
    "OR (s.slots = 1 AND least(a.pending_debit_fen, a.pending_credit_fen) < 0)",
).replace("SELECT s.currency, a.balance_fen", "SELECT s.slots, s.currency, a.balance_fen")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_single_postings")]
    operations = [migrations.RunSQL(CHECK_ENTRIES, AS_BEFORE)]
