"""The journal's test bench, shared."""

from honghu.kernel.journal.tests.conftest import _note_source, bench

__all__ = ["_note_source", "bench"]
