"""The cast of the page tests."""

from collections.abc import Iterator

import pytest
from django.utils.timezone import now as clock  # noqa: TID251 as the pages do

from honghu.desk.frame.visit import forget_registers
from honghu.desk.tests.cast import Cast, settle


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    """Everybody in place, now: the pages read the clock themselves."""
    forget_registers()
    yield settle(clock())
    forget_registers()
