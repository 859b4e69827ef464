"""Official documents of a case, as Word and as PDF."""
