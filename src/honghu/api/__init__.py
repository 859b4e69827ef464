"""The machine door's toolkit: /api/v1, problem details, idempotency keys."""
