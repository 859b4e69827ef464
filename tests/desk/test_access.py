"""Who gets what from every page: a row a page, a column a role. A new page needs a row.

A row says what GET is answered; a page that takes forms has another row for POST, with an empty
form. `302` of somebody nobody knows is the way to the sign-in.
"""

import dataclasses
import datetime as dt
import itertools
import uuid
from collections.abc import Iterator, Mapping

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from honghu.analytics.bulletins.building import Month
from honghu.analytics.bulletins.commands import build_bulletin, publish_bulletin
from honghu.analytics.commands import compute_figure
from honghu.analytics.figure import Scope
from honghu.domains.lending.models import Loan
from honghu.kernel.cases.detail import get_case
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.journal.commands import sequence, sign_checkpoint
from honghu.kernel.journal.keys import load_signer
from honghu.kernel.notifications.models import Notification
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.models import Account
from honghu.kernel.relay.commands import relay_steps
from honghu.site.county import Member, ensure_organisation, settle
from tests.machine import Answer
from tests.thread import Thread, begin

ROLES = (
    "anonymous",
    "clerk",
    "bank of the case",
    "other bank",
    "supplier of the case",
    "other supplier",
    "auditor",
    "office of another matter",
)
WHO = dict(
    zip(
        ROLES,
        (
            None,
            "clerk",
            "lianhu-manager",
            "changqu-manager",
            "supplier",
            "rival",
            "auditor",
            "town",
        ),
        strict=True,
    )
)
MACHINE_DOORS = ("api/", "^open311/", "open311/")
"""These have matrices of their own: tests/api, and the tests of public reports."""
OPEN = (200,) * 8
SIGNED_IN = (302,) + (200,) * 7
ONWARD = (302,) * 8
NOBODY_KNOWS, NOT_THERE = (404,) * 8, (302,) + (404,) * 7
OTHERS_ONLY = (302,) + (403,) * 7
"""For a role that none of these people holds."""
PARTIES = (302, 200, 200, 404, 200, 404, 200, 404)
LIST, NEVER_BY_HAND = (302,) + (200,) * 6 + (404,), (302,) + (403,) * 6 + (404,)
"""Whoever may see anything of the register finds the list; nobody opens its cases by hand."""
OFFICES_AND_BANKS = (302, 200, 200, 200, 403, 403, 200, 403)
BUREAU = (302, 200, 403, 403, 403, 403, 200, 403)

EXPECTED: Mapping[tuple[str, str], tuple[int, ...]] = {
    ("get", ""): SIGNED_IN,
    ("get", "bulletins"): OPEN,
    ("get", "bulletins/<uuid:bulletin_id>"): OPEN,
    ("get", "bulletins/<uuid:bulletin_id>.docx"): OPEN,
    ("get", "bulletins/<uuid:bulletin_id>.json"): OPEN,
    ("get", "bulletins/<uuid:bulletin_id>.pdf"): OPEN,
    ("post", "bulletins/<uuid:bulletin_id>/publish"): OTHERS_ONLY,
    ("post", "bulletins/build"): OTHERS_ONLY,
    ("get", "c/<str:number>"): (302, 302, 302, 404, 302, 404, 302, 404),
    ("get", "cases/<uuid:case_id>/"): PARTIES,
    ("get", "cases/<uuid:case_id>/actions/<slug:action>"): (302, 409, 409, 404, 409, 404, 409, 404),
    ("post", "cases/<uuid:case_id>/actions/<slug:action>"): (
        302,
        409,
        409,
        404,
        409,
        404,
        409,
        404,
    ),
    ("get", "cases/<uuid:case_id>/steps/<uuid:step_id>"): PARTIES,
    ("get", "confirm-mail/<str:token>"): NOBODY_KNOWS,
    ("post", "confirm-mail/<str:token>"): NOBODY_KNOWS,
    ("get", "choose-organisation"): SIGNED_IN,
    ("post", "choose-organisation"): SIGNED_IN,
    ("get", "documents/<uuid:document_id>.docx"): NOT_THERE,
    ("get", "documents/<uuid:document_id>.pdf"): NOT_THERE,
    ("get", "documents/<uuid:document_id>/receipt.pdf"): NOT_THERE,
    ("get", "documents/<uuid:document_id>/service"): NOT_THERE,
    ("post", "documents/<uuid:document_id>/service"): NOT_THERE,
    ("get", "documents/<uuid:document_id>/void"): NOT_THERE,
    ("post", "documents/<uuid:document_id>/void"): NOT_THERE,
    ("get", "documents/series"): OTHERS_ONLY,
    ("post", "documents/series"): OTHERS_ONLY,
    ("get", "documents/series/<uuid:series_id>"): OTHERS_ONLY,
    ("get", "evidence/<str:sha256>"): (302, 200, 404, 404, 404, 404, 404, 404),
    ("get", "field/"): OPEN,
    ("get", "field/tasks.json"): (401, 200, 200, 200, 200, 200, 200, 200),
    ("get", "field/worker.js"): OPEN,
    ("get", "figures"): SIGNED_IN,
    ("get", "figures/<str:code>"): SIGNED_IN,
    ("post", "figures/<str:code>/<uuid:value_id>/correct"): OTHERS_ONLY,
    ("post", "figures/<str:code>/<uuid:value_id>/publish"): OTHERS_ONLY,
    ("post", "figures/<str:code>/keep"): OTHERS_ONLY,
    ("get", "figures/published"): OPEN,
    ("get", "financing/applications/<uuid:application_id>/quote"): (
        302,
        302,
        302,
        404,
        302,
        404,
        302,
        404,
    ),
    ("get", "financing/applications/<uuid:application_id>/quotes"): PARTIES,
    ("post", "financing/applications/<uuid:application_id>/quotes"): (
        302,
        422,
        422,
        404,
        422,
        404,
        422,
        404,
    ),
    ("get", "financing/board"): BUREAU,
    ("get", "financing/board/<slug:what>"): (302, 404, 403, 403, 403, 403, 404, 403),
    ("get", "financing/first-password/<uidb64>/<token>"): OPEN,
    ("post", "financing/first-password/<uidb64>/<token>"): OPEN,
    ("get", "financing/intents/<uuid:intent_id>/quote"): (302, 404, 302, 404, 302, 404, 302, 404),
    ("get", "financing/invitations/<str:number>.svg"): OPEN,
    ("get", "financing/loans/<uuid:loan_id>/letter"): (302, 404, 403, 404, 403, 404, 403, 404),
    ("get", "financing/mine"): SIGNED_IN,
    ("post", "financing/mine/claim"): (302, 403, 403, 403, 302, 302, 403, 403),
    ("get", "financing/overdue"): BUREAU,
    ("get", "financing/overdue/<int:year>"): NOBODY_KNOWS,
    ("post", "financing/overdue/prepare"): (302, 422, 403, 403, 403, 403, 403, 403),
    ("post", "financing/overdue/publish"): (302, 422, 422, 422, 422, 422, 422, 422),
    ("get", "financing/policy"): OPEN,
    ("get", "financing/policy/agencies"): OPEN,
    ("post", "financing/policy/agencies"): (422,) * 8,
    ("get", "financing/register"): OPEN,
    ("post", "financing/register"): (422, 422, 422, 422, 422, 422, 422, 422),
    ("get", "financing/register/<str:number>/letter"): (302, 404, 403, 404, 403, 404, 403, 404),
    ("get", "financing/reports"): OFFICES_AND_BANKS,
    ("get", "financing/reports/<slug:code>"): OFFICES_AND_BANKS,
    ("get", "financing/reports/<slug:code>.<slug:kind>"): OFFICES_AND_BANKS,
    ("get", "financing/reports/<slug:code>/rows/<str:key>"): (
        302,
        404,
        404,
        404,
        403,
        403,
        404,
        403,
    ),
    ("get", "health"): OPEN,
    ("get", "inbox"): SIGNED_IN,
    ("get", "inbox/<uuid:notification_id>"): (302, 404, 302, 404, 404, 404, 404, 404),
    ("get", "inbox/count"): SIGNED_IN,
    ("get", "inbox/preferences"): SIGNED_IN,
    ("post", "inbox/preferences"): (302, 422, 422, 422, 422, 422, 422, 422),
    ("post", "inbox/preferences/link"): NOT_THERE,
    ("post", "inbox/read"): ONWARD,
    ("get", "journal/"): OPEN,
    ("get", "journal/receipts/<uuid:leaf_id>.json"): PARTIES,
    ("get", "loans"): (302, 200, 200, 200, 200, 200, 200, 403),
    ("get", "loans.xlsx"): (302, 200, 200, 200, 200, 200, 200, 403),
    ("get", "loans/<uuid:loan_id>"): (302, 200, 200, 404, 200, 404, 200, 403),
    ("get", "loans/<uuid:loan_id>/statement"): (302, 200, 200, 404, 200, 404, 200, 403),
    ("get", "loans/<uuid:loan_id>/statement.<slug:kind>"): (302, 200, 200, 404, 200, 404, 200, 403),
    ("get", "loans/calculator"): OPEN,
    ("get", "loans/calculator.xlsx"): OPEN,
    ("get", "loans/closings"): OFFICES_AND_BANKS,
    ("get", "loans/portfolio"): OFFICES_AND_BANKS,
    ("get", "loans/portfolio/<slug:name>.xlsx"): OFFICES_AND_BANKS,
    ("get", "offline"): OPEN,
    ("get", "password"): SIGNED_IN,
    ("post", "password"): SIGNED_IN,
    ("get", "procurement/notices/take"): (302, 200, 403, 403, 403, 403, 403, 403),
    ("post", "procurement/notices/take"): (302, 422, 403, 403, 403, 403, 403, 403),
    ("get", "public-reports/<uuid:case_id>/contact"): NOT_THERE,
    ("post", "public-reports/<uuid:case_id>/contact"): NOT_THERE,
    ("get", "public-reports/<uuid:case_id>/file"): NOT_THERE,
    ("post", "public-reports/<uuid:case_id>/file"): NOT_THERE,
    ("get", "registers/<slug:register>/"): LIST,
    ("get", "registers/<slug:register>/counts"): LIST,
    ("get", "registers/<slug:register>/export.xlsx"): LIST,
    ("get", "registers/<slug:register>/import"): NEVER_BY_HAND,
    ("post", "registers/<slug:register>/import"): NEVER_BY_HAND,
    ("get", "registers/<slug:register>/import/<uuid:run_id>"): NOT_THERE,
    ("post", "registers/<slug:register>/import/<uuid:run_id>/accept"): NOT_THERE,
    ("get", "registers/<slug:register>/import/<uuid:run_id>/faults.xlsx"): NOT_THERE,
    ("get", "registers/<slug:register>/import/<uuid:run_id>/progress"): NOT_THERE,
    ("get", "registers/<slug:register>/lifecycle"): LIST,
    ("get", "registers/<slug:register>/many"): LIST,
    ("post", "registers/<slug:register>/many"): (302, 422, 422, 422, 422, 422, 422, 404),
    ("get", "registers/<slug:register>/many/<uuid:batch_id>"): NOT_THERE,
    ("post", "registers/<slug:register>/many/<uuid:batch_id>"): NOT_THERE,
    ("post", "registers/<slug:register>/many/<uuid:batch_id>/go-on"): NOT_THERE,
    ("get", "registers/<slug:register>/many/<uuid:batch_id>/result"): NOT_THERE,
    ("get", "registers/<slug:register>/map"): NOT_THERE,
    ("get", "registers/<slug:register>/open/<slug:action>"): NOT_THERE,
    ("post", "registers/<slug:register>/open/<slug:action>"): NOT_THERE,
    ("get", "registers/<slug:register>/template.xlsx"): NEVER_BY_HAND,
    ("get", "registers/<slug:register>/views"): LIST,
    ("post", "registers/<slug:register>/views"): (302, 422, 422, 422, 422, 422, 422, 404),
    ("post", "registers/<slug:register>/views/<uuid:view_id>"): (
        302,
        422,
        422,
        422,
        422,
        422,
        422,
        422,
    ),
    ("get", "report"): OPEN,
    ("get", "report/<str:number>"): NOBODY_KNOWS,
    ("get", "report/<str:number>/photos/<str:sha256>"): NOBODY_KNOWS,
    ("get", "report/mine/<str:number>/<str:secret>"): NOBODY_KNOWS,
    ("post", "report/mine/<str:number>/<str:secret>"): NOBODY_KNOWS,
    ("get", "report/mine/<str:number>/<str:secret>/photos/<str:sha256>"): NOBODY_KNOWS,
    ("get", "report/new/<str:code>"): NOBODY_KNOWS,
    ("post", "report/new/<str:code>"): NOBODY_KNOWS,
    ("get", "rules"): SIGNED_IN,
    ("get", "rules/<str:name>"): SIGNED_IN,
    ("get", "search"): SIGNED_IN,
    ("post", "set-language"): ONWARD,
    ("get", "sign-in"): (200, 302, 302, 302, 302, 302, 302, 302),
    ("post", "sign-in"): (200, 302, 302, 302, 302, 302, 302, 302),
    ("get", "statements"): OFFICES_AND_BANKS,
    ("get", "statements/<uuid:statement_id>"): (302, 404, 404, 404, 403, 403, 404, 403),
    ("post", "statements/<uuid:statement_id>/entries/<int:number>/ask"): (
        302,
        403,
        404,
        404,
        403,
        403,
        403,
        403,
    ),
    ("get", "statements/<uuid:statement_id>/progress"): (302, 404, 404, 404, 403, 403, 404, 403),
    ("get", "statements/import"): (302, 403, 200, 200, 403, 403, 403, 403),
    ("post", "statements/import"): (302, 403, 422, 422, 403, 403, 403, 403),
    ("post", "statements/import/accept"): NOT_THERE,
    ("get", "statements/mappings"): (302, 403, 200, 200, 403, 403, 403, 403),
    ("post", "statements/mappings"): (302, 403, 422, 422, 403, 403, 403, 403),
    ("get", "styleguide"): OPEN,
    ("get", "supervision"): SIGNED_IN,
    ("get", "supervision/<str:register>"): BUREAU,
    ("get", "supervision/organisations/<uuid:organisation_id>"): OFFICES_AND_BANKS,
    ("get", "verify"): OPEN,
    ("post", "verify"): OPEN,
    ("get", "work-count"): SIGNED_IN,
    ("post", "work-count"): SIGNED_IN,
    ("post", "sign-out"): ONWARD,
}


FORMS: Mapping[str, Mapping[str, str]] = {
    "bulletins/build": {"month": "2026-04"},
    "cases/<uuid:case_id>/actions/<slug:action>": {"_key": "x", "_version": "0"},
    "figures/<str:code>/keep": {"at": "2026-04"},
    "figures/<str:code>/<uuid:value_id>/correct": {"reason": "a slip"},
    "financing/overdue/prepare": {"year": "2026", "_key": "x"},
    "registers/<slug:register>/many": {"action": "void"},
}
"""What must be sent for a page to come as far as asking who it is."""


@dataclasses.dataclass(frozen=True, slots=True)
class Scene:
    """A loan that is drawn, what hangs on it, and a browser for each role."""

    places: Mapping[str, object]
    browsers: Mapping[str, Client]

    def ask(self, method: str, route: str, role: str) -> int:
        """The status of one request with an empty form."""
        address = route
        for name, value in self.places.items():
            address = address.replace(f"<{name}>", str(value))
        assert "<" not in address, f"say in `places` what {route} is asked with"
        browser = self.browsers[role]
        if method == "get":
            return Answer.of(browser.get(f"/{address}")).status
        return Answer.of(browser.post(f"/{address}", FORMS.get(route, {}))).status


def routes() -> set[str]:
    """Every address of the application that is not the machine door's."""

    def below(resolver: URLResolver, path: str) -> Iterator[str]:
        for each in resolver.url_patterns:
            here = path + str(each.pattern)
            if isinstance(each, URLPattern):
                yield here
            else:
                yield from below(each, here)

    return {each for each in below(get_resolver(), "") if not each.startswith(MACHINE_DOORS)}


@pytest.fixture
def scene(county: dict[str, Member], now: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """One award, its loan, a figure and a bulletin; the doors' clock stands a while later."""
    thread = begin(county, now)
    loan = thread.drawn()
    later = thread.now + dt.timedelta(days=40)
    monkeypatch.setattr(timezone, "now", lambda: later)
    rival = ensure_organisation("洪湖市荷叶办公用品有限公司", "enterprise", now=now)
    town = ensure_organisation("洪湖市峰口镇人民政府", "office", now=now)
    settle("rival", "叶荷", rival, ("supplier",), now=now)
    settle("town", "柳塘", town, ("river_town",), now=now)
    browsers = {role: Client(headers={"accept-language": "en"}) for role in ROLES}
    for role, who in WHO.items():
        if who is not None:
            username = thread.cast[who].username if who in thread.cast else who
            browsers[role].force_login(Account.objects.get(username=username))
    return Scene(_places(thread, loan, later), browsers)


def _places(thread: Thread, loan: uuid.UUID, later: dt.datetime) -> dict[str, object]:
    """What addresses are asked with: things of the case wherever a case has them."""
    editor = settle(
        "editor",
        "文竹",
        thread.cast["clerk"].organisation_id,
        ("bulletin_editor",),
        now=thread.now,
    ).actor(later.date())
    publisher = settle(
        "publisher",
        "文松",
        thread.cast["clerk"].organisation_id,
        ("bulletin_publisher",),
        now=thread.now,
    ).actor(later.date())
    value = compute_figure("financing.principal_lent", Scope(end=later), actor=editor, now=later)
    case = get_case(loan, actor=SYSTEM, now=later)
    stored = store_evidence(
        content=b"a paper of the clerk's\n",
        filename="paper.txt",
        actor=thread.cast["clerk"].actor(later.date()),
        now=later,
        kind="document",
    )
    bulletin = build_bulletin(Month(2026, 5), actor=editor, now=later)
    publish_bulletin(bulletin.id, actor=publisher, now=later)
    relay_steps(now=later)
    while sequence(now=later):
        pass
    sign_checkpoint(now=later, signer=load_signer())
    nothing = uuid.UUID(int=1)
    return {
        "uuid:application_id": thread.application().id,
        "uuid:intent_id": thread.children(thread.application().id, "financing-intent")[0].id,
        "slug:what": "funnel",
        "slug:code": "r1",
        "str:key": "x",
        "int:year": 2026,
        "int:number": 1,
        "uidb64": "x",
        "token": "x",
        "str:token": "x",
        "str:secret": "x",
        "uuid:series_id": nothing,
        "uuid:view_id": nothing,
        "uuid:statement_id": nothing,
        "uuid:organisation_id": thread.cast["lianhu-manager"].organisation_id,
        "slug:register": "financing-loan",
        "slug:action": "void",
        "uuid:case_id": loan,
        "str:number": case.row.number,
        "uuid:step_id": case.steps[0].id,
        "uuid:leaf_id": case.steps[0].id,
        "str:code": value.code,
        "uuid:value_id": value.id,
        "uuid:bulletin_id": bulletin.id,
        "str:register": "financing-loan",
        "uuid:notification_id": _told(thread.cast["lianhu-manager"].person_id),
        "str:sha256": stored.sha256,
        "str:name": "financing.ceiling_ratio_max",
        "slug:name": "classes",
        "slug:kind": "xlsx",
        "uuid:batch_id": nothing,
        "uuid:run_id": nothing,
        "uuid:document_id": nothing,
        "uuid:loan_id": Loan.objects.get().id,
    }


def _told(person_id: uuid.UUID) -> uuid.UUID:
    """The latest that somebody was told."""
    return Notification.objects.filter(person_id=person_id).latest("id").id


def test_every_page_is_classified() -> None:
    assert {route for _method, route in EXPECTED} == routes()
    assert {len(row) for row in EXPECTED.values()} == {len(ROLES)}


def test_every_role_at_every_page(scene: Scene) -> None:
    """A method without a row is none of the page's, as one role is enough to tell."""
    # Who has signed out is asked nothing more.
    asked = sorted(routes(), key=lambda route: (route == "sign-out", route))
    wrong = {}
    for route, method in itertools.product(asked, ("get", "post")):
        wanted = EXPECTED.get((method, route))
        roles = ROLES if wanted else ("clerk",)
        found = tuple(scene.ask(method, route, role) for role in roles)
        if found != (wanted or (405,)):
            wrong[method, route] = found, wanted
    assert wrong == {}
