"""The machine door: toolkit and the kernel's own routes; domains add theirs in their `api.py`."""
