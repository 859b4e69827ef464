"""The straw-burning register with its people, ready to act."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation

from honghu.kernel.cases.tests.straw import Straw, settle_straw


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Refusals are compared in English."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def settled_straw(settle_once: Any) -> Any:
    """The register and its people, once for the session."""
    return settle_once(settle_straw)


@pytest.fixture
def straw(request: pytest.FixtureRequest, settled_straw: Any) -> Straw:
    return settled_straw.value.afresh() if settled_straw.enter(request) else settle_straw()


@pytest.fixture
def begins_from(settled_straw: Any) -> Any:
    return settled_straw


@pytest.fixture
def committed_straw(committed_db: str, settled_straw: Any) -> Straw:
    straw: Straw = settled_straw.value.afresh()
    return straw
