"""The straw-burning register with its people, ready to act."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from honghu.kernel.cases.tests.straw import Straw, settle_straw


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Refusals are compared in English."""
    with translation.override("en"):
        yield


@pytest.fixture
def straw(db: None) -> Straw:
    return settle_straw()


@pytest.fixture
def committed_straw(committed_db: str) -> Straw:
    return settle_straw()
