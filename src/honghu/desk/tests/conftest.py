"""The cast of the page tests."""

import dataclasses
from typing import Any

import pytest
from django.utils.timezone import now as clock  # noqa: TID251 as the pages do

from honghu.desk.tests.cast import Cast, settle


@pytest.fixture(scope="session")
def settled_cast(settle_once: Any) -> Any:
    """Everybody in place, once for the session."""
    return settle_once(lambda: settle(clock()))


@pytest.fixture
def cast(request: pytest.FixtureRequest, settled_cast: Any) -> Cast:
    """Everybody in place, now: the pages read the clock themselves."""
    settled: Cast = settled_cast.value if settled_cast.enter(request) else settle(clock())
    return dataclasses.replace(settled, now=clock())
