"""The cast of the page tests."""

import pytest
from django.utils.timezone import now as clock  # noqa: TID251 as the pages do

from honghu.desk.tests.cast import Cast, settle


@pytest.fixture
def cast(db: None) -> Cast:
    """Everybody in place, now: the pages read the clock themselves."""
    return settle(clock())
