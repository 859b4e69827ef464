"""督办: what meetings and leaders assign, followed up until the issuing office concludes it."""
