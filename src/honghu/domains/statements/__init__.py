"""Bank statements (银行对账单): read, kept, matched with the contracts that accounts are locked for."""
