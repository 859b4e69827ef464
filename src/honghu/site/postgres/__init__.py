"""Django's PostgreSQL backend with two habits of ours: an embedded server, and a humble role."""
