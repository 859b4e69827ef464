"""Writes of public reports: taken in, filed, answered, judged; contacts sealed and erased."""
