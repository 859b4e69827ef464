"""The business of the county: one folder, one domain; siblings are strangers."""
