"""Schema of the journal: plain SQL, since its tables have no Django models."""
