"""Money, identifiers, hashing, Chinese numerals and dates; no framework."""
