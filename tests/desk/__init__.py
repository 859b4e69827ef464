"""The desk as a whole, through its addresses."""
