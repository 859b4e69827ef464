"""政采贷: bank credit against a public contract."""
