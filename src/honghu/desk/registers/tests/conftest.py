"""The desk's cast for the pages of registers."""

from honghu.desk.tests.conftest import cast

__all__ = ["cast"]
