"""The assembled product: settings, addresses, the command line and the list of modules."""
