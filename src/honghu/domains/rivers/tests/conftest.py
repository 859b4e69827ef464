"""The waters' offices and people, settled once for all tests of the package."""

import dataclasses
import datetime as dt
from typing import Any

import pytest

from honghu.domains.rivers.tests.cast import Cast, settle

MONDAY = dt.datetime(2023, 6, 5, 1, 0, tzinfo=dt.UTC)


def _settle() -> Cast:
    made = settle(MONDAY)
    made.water()
    made.section()
    return made


@pytest.fixture(scope="session")
def settled(settle_once: Any) -> Any:
    """A database in which one water and one section are on the roll."""
    return settle_once(_settle)


@pytest.fixture
def cast(request: pytest.FixtureRequest, settled: Any) -> Cast:
    """The people on a Monday morning; what a test does is undone after it."""
    return dataclasses.replace(settled.value) if settled.enter(request) else _settle()
