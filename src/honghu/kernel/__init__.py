"""What every register shares: journal, clocks, lifecycles, parties, registers, ledger, cases."""
