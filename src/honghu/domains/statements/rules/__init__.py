"""Pure rules of bank statements: which contract an entry pays."""
