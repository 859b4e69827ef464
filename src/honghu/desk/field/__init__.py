"""Field work: forms for the phone that are filled in without a connection and sent once."""
