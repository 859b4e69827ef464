"""Working days, durations and deadlines; pure."""
