"""Every link that the desk shows to somebody leads to a page that this somebody may open.

The people of a financed contract sign in and follow what they are shown: rail, home, lists, cases,
panels, forms. Nothing may answer 403, 404 or 5xx.
"""

import dataclasses
import datetime as dt
import re
from collections import Counter, deque
from collections.abc import Iterator
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from honghu.kernel.cases.models import Case
from honghu.kernel.parties.models import Account
from honghu.site.county import Member
from tests import notices
from tests.statements import Line, camt
from tests.thread import Thread, begin
from tests.walks.test_statements import take

PEOPLE = ("supplier", "lianhu-manager", "buyer", "treasury", "office", "auditor")
OF_A_KIND = 1
"""So many addresses of one kind are opened for each person."""
_TOLD_APART = ("register", "action")
NOT_FOLLOWED = ("/static/", "/sign-out", "/api/", "/field/")
PAGES_MAX = 400
"""A walk that gets longer has lost its way among the variants of one page."""
_LINK = re.compile(
    r"""<a\b[^>]*?\shref="([^"]*)"|\shx-get="([^"]*)"|"""
    r"""<form\b(?=[^>]*\smethod="get")[^>]*?\saction="([^"]*)\"""",
    re.IGNORECASE,
)


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """An address and the page that shows it."""

    address: str
    shown_on: str


@pytest.fixture
def thread(county: dict[str, Member], now: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> Thread:
    """A contract with one loan drawn and paid, and beside it whatever has a page of its own."""
    begun = begin(county, now)
    monkeypatch.setattr(timezone, "now", lambda: begun.now)
    loan = begun.drawn()
    begun.pay(loan, 1_000_000)
    begun.pay(loan, 2_000_000, account="6222000011112222")
    begun.open(
        "account-change", "request", "supplier", loan,
        {"new_account_no": "6222000011112222", "reason": "开户行调整"},
    )  # fmt: skip
    claim = {"award": str(begun.award.id), "amount": 30_000_000, "basis": "delivery"}
    begun.open(
        "payment-due", "claim", "supplier",
        form=claim | {"event_on": "2026-05-01"},
        evidence={"delivery": [begun.file("supplier")]},
    )  # fmt: skip
    begun.take(notices.award(number="HHCG-2026-778", project="另一项目"), "other.txt")
    take(begun, camt([Line("10.00"), Line("5.00", text="无编号")]))
    return begun


def _kind(address: str) -> tuple[str, ...]:
    """What an address is one of: cases, lists and forms by their register, other pages by name."""
    path = urlsplit(address).path
    try:
        found = resolve(path)
    except Resolver404:
        return (path,)
    kind: tuple[str, ...] = (str(found.url_name),)
    if "case_id" in found.kwargs:
        row = Case.objects.filter(pk=found.kwargs["case_id"]).values_list("register").first()
        kind += row or ()
    return kind + tuple(found.kwargs[each] for each in _TOLD_APART if each in found.kwargs)


def _links(page: str, address: str) -> Iterator[str]:
    for groups in _LINK.findall(page):
        link = unescape(next(filter(None, groups), ""))
        whole = urlsplit(urljoin(address, link))
        if whole.scheme or whole.netloc or not link or link.startswith("#"):
            continue
        if not whole.path.startswith(NOT_FOLLOWED):
            yield whole._replace(fragment="").geturl()


def _walk(client: Client, start: str) -> tuple[dict[Step, int], int]:
    """Follow what is shown; what is refused, and how many pages were opened."""
    waiting = deque([Step(start, "")])
    seen, kinds, refused, opened = {start}, Counter[tuple[str, ...]](), {}, 0
    while waiting:
        step = waiting.popleft()
        kind = _kind(step.address)
        if kinds[kind] >= OF_A_KIND:
            continue
        kinds[kind] += 1
        answer = client.get(step.address)
        opened += 1
        if answer.status_code in {301, 302}:
            links = iter([urljoin(step.address, answer["Location"])])
        elif answer.status_code == 200:
            is_page = answer.headers.get("Content-Type", "").startswith("text/html")
            text = b"".join(answer) if answer.streaming else answer.content
            links = _links(text.decode() if is_page else "", step.address)
        else:
            refused[step], links = answer.status_code, iter(())
        for link in links:
            if link not in seen:
                seen.add(link)
                waiting.append(Step(link, step.address))
    return refused, opened


@pytest.mark.slow
@pytest.mark.parametrize("who", PEOPLE)
def test_every_link_that_is_shown_may_be_followed(thread: Thread, who: str) -> None:
    client = Client(headers={"accept-language": "zh-hans"})
    account = Account.objects.get(person_id=thread.cast[who].person_id)
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    refused, opened = _walk(client, reverse("my-work"))
    assert 25 < opened < PAGES_MAX
    assert {(step.address, step.shown_on, code) for step, code in refused.items()} == set()
