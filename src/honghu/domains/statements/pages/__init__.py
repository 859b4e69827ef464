"""Pages of bank statements: bringing a file in, the list, one statement, mappings of columns."""
