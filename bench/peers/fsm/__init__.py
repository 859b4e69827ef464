"""A case under django-fsm-2, its transitions logged by django-fsm-log."""
