"""The straw-burning register with its people, who have sign-ins here."""

from typing import Any

import pytest

from honghu.kernel.cases.tests.straw import Straw, settle_straw
from honghu.kernel.parties.commands import open_account
from honghu.kernel.parties.models import Person


def _with_accounts(straw: Straw) -> Straw:
    for who in straw.cast:
        account = open_account(person=Person.objects.get(name=who), username=who, password=None)
        if who == "fengkou":
            account.language = "en"
            account.save()
    return straw


@pytest.fixture(scope="session")
def settled_straw(settle_once: Any) -> Any:
    """The register and its people, once for the session."""
    return settle_once(lambda: _with_accounts(settle_straw()))


@pytest.fixture
def straw(request: pytest.FixtureRequest, settled_straw: Any) -> Straw:
    assert settled_straw.enter(request)
    straw: Straw = settled_straw.value.afresh()
    return straw


@pytest.fixture
def begins_from(settled_straw: Any) -> Any:
    return settled_straw


@pytest.fixture
def committed_straw(committed_db: str, settled_straw: Any) -> Straw:
    straw: Straw = settled_straw.value.afresh()
    return straw


@pytest.fixture
def mail(settings: Any) -> None:
    """A mail server is set up: Django's of tests, which keeps what is sent in `mail.outbox`."""
    settings.HONGHU_MAIL = True
