"""Double-entry accounts: balanced, append-only, guarded by the database."""
