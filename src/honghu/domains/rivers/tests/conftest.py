"""The waters' offices and people, settled once for all tests of the package."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

from honghu.domains.rivers.tests.cast import Cast, settle

MONDAY = dt.datetime(2023, 6, 5, 1, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="package")
def settled(
    clone_database: Callable[[], AbstractContextManager[str]], django_db_blocker: Any
) -> Iterator[Cast]:
    """A database of the package's own in which one water and one section are on the roll."""
    with clone_database():
        with django_db_blocker.unblock():
            made = settle(MONDAY)
            made.water()
            made.section()
        yield made


@pytest.fixture
def cast(settled: Cast, db: None) -> Cast:
    """The people on a Monday morning; what a test does is undone after it."""
    return dataclasses.replace(settled)
