"""Who gets in, and what nobody else may see."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate

from honghu.desk.tests.cast import PASSWORD, Cast
from honghu.kernel.cases.commands import open_case
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.parties.actor import SYSTEM
from honghu.kernel.parties.commands import appoint

SIGNED_IN_PAGES = ("my-work", "search", "rules", "choose-organisation", "password", "work-count")


@pytest.mark.parametrize("name", SIGNED_IN_PAGES)
def test_a_stranger_is_sent_to_sign_in(cast: Cast, name: str) -> None:
    response = Client().get(reverse(name))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("sign-in") + "?next=")


@pytest.mark.parametrize("name", SIGNED_IN_PAGES)
def test_signed_in_pages_are_not_kept_by_the_browser(cast: Cast, name: str) -> None:
    response = cast.client("lan").get(reverse(name))
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"


def test_sign_in_follows_the_accounts_language(cast: Cast) -> None:
    client = Client()
    response = client.post(reverse("sign-in"), {"username": "lan", "password": PASSWORD})
    assert response.status_code == 302
    assert client.cookies["django_language"].value == "zh-hans"
    assert "我的待办" in client.get(reverse("my-work")).content.decode()


def test_a_wrong_password_is_said_and_the_name_stays(cast: Cast) -> None:
    page = Client().post(reverse("sign-in"), {"username": "lan", "password": "wrong"})
    text = page.content.decode()
    assert page.status_code == 200
    assert 'value="lan"' in text
    assert "wrong" not in text.partition("password")[2].partition(">")[0]


def test_too_many_wrong_passwords_lock_and_say_for_how_long(cast: Cast, settings: Any) -> None:
    settings.HONGHU_BEHIND_PROXY = True
    client = Client(headers={"X-Forwarded-For": "203.0.113.7"})
    client.cookies["django_language"] = "en"
    wrong = {"username": "lan", "password": "wrong"}
    pages = [client.post(reverse("sign-in"), wrong) for _turn in range(5)]
    assert [page.status_code for page in pages] == [200, 200, 200, 200, 429]
    assert "Wait 15 minutes" in pages[-1].content.decode()
    right = client.post(reverse("sign-in"), {"username": "lan", "password": PASSWORD})
    assert right.status_code == 429
    elsewhere = Client(headers={"X-Forwarded-For": "203.0.113.7, 203.0.113.8"})
    right = elsewhere.post(reverse("sign-in"), {"username": "lan", "password": PASSWORD})
    assert right.status_code == 302


def test_a_changed_password_is_the_only_one_that_opens_and_ends_other_sign_ins(cast: Cast) -> None:
    here, elsewhere = cast.client("lan"), cast.client("lan")
    new = "lotus-root-and-reed-2031"
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    wrong = here.post(reverse("password"), form | {"old_password": "guess"})
    assert wrong.status_code == 200
    assert "guess" not in wrong.content.decode()
    assert here.post(reverse("password"), form).status_code == 302
    assert here.get(reverse("my-work")).status_code == 200
    assert elsewhere.get(reverse("my-work")).status_code == 302
    old = Client().post(reverse("sign-in"), {"username": "lan", "password": PASSWORD})
    assert old.status_code == 200


def test_a_weak_new_password_is_refused_in_words(cast: Cast) -> None:
    client = cast.client("lan")
    form = {"old_password": PASSWORD, "new_password1": "12345678", "new_password2": "12345678"}
    page = client.post(reverse("password"), form)
    assert page.status_code == 200
    assert 'aria-invalid="true"' in page.content.decode()


def test_sign_out_needs_a_post(cast: Cast) -> None:
    client = cast.client("lan")
    assert client.get(reverse("sign-out")).status_code == 405
    assert client.post(reverse("sign-out")).status_code == 302
    assert client.get(reverse("my-work")).status_code == 302


def test_another_hat_shows_another_county(cast: Cast) -> None:
    person, _office = cast.people["lan"]
    north = cast.organisations["north"]
    appoint(person_id=person, organisation_id=north, role="town_officer", from_date=cast.now.date())
    done = cast.issued(town="north")
    client = cast.client("lan")
    assert done.number not in client.get(reverse("my-work")).content.decode()
    chosen = client.post(reverse("choose-organisation"), {"organisation": str(north)})
    assert chosen.status_code == 302
    assert done.number in client.get(reverse("my-work")).content.decode()


def test_a_hat_that_one_does_not_hold_is_not_worn(cast: Cast) -> None:
    client = cast.client("wei")
    south = str(cast.organisations["south"])
    client.post(reverse("choose-organisation"), {"organisation": south})
    assert "organisation" not in client.session


def test_a_town_sees_its_own_cases_only(cast: Cast) -> None:
    done = cast.issued(town="north")
    url = reverse("case", args=[done.case_id])
    assert cast.client("wei").get(url).status_code == 200
    assert cast.client("min").get(url).status_code == 404
    assert done.number not in cast.client("min").get("/registers/ditch-weeds/").content.decode()


def test_a_register_without_a_role_in_it_does_not_exist(cast: Cast) -> None:
    client = cast.client("nobody")
    assert client.get("/registers/ditch-weeds/").status_code == 404
    assert client.get("/registers/ditch-weeds/lifecycle").status_code == 404
    assert client.get("/registers/ditch-weeds/open/open").status_code == 404


def _serve(cast: Cast, *managers: str) -> None:
    """Their banks are filed with the procurement office, each with a product."""
    for name, role in (("lan", "procurement_clerk"), ("bo", "procurement_office")):
        person, organisation = cast.people[name]
        appoint(
            person_id=person,
            organisation_id=organisation,
            role=role,
            from_date=dt.date(2026, 1, 1),
        )
    for name in managers:
        bank = str(cast.people[name][1])
        _filed(cast, "serving-bank", "apply", "lan", {"bank": bank, "agreement_no": name})
        _filed(cast, "bank-product", "draft", name, _PRODUCT)


def _filed(cast: Cast, register: str, action: str, who: str, form: dict[str, object]) -> None:
    """A case that one person opens and the head of the office verifies."""
    actor = cast.actor(who)
    evidence = {}
    if action == "apply":
        paper = store_evidence(
            content=b"agreement", filename="a.txt", actor=actor, now=cast.now, kind="document"
        )
        evidence = {"agreement": [paper.evidence.sha256]}
    else:
        form = form | {"effective_from": localdate(cast.now).isoformat()}
    done = open_case(
        register,
        action=action,
        actor=actor,
        now=cast.now,
        idempotency_key=str(uuid.uuid4()),
        form=form,
        evidence=evidence,
    )
    cast.do(done.case_id, "verify", "bo", form={"result": "passed"})


_PRODUCT: dict[str, object] = {
    "product_code": "A",
    "product_name": "Contract loan",
    "reference_rate": "3.65",
    "lpr": "3.00",
    "rate_min": "2.00",
    "rate_max": "2.92",
    "ratio_max": "100",
    "tenor_months_max": 36,
    "amount_min": 1,
    "amount_max": 1_000_000_000,
}


def _application(cast: Cast) -> uuid.UUID:
    """An application that takes quotes of two banks."""
    _serve(cast, "chen", "xu")
    supplier = cast.organisations["supplier"]
    application = open_case(
        "financing-application",
        action="invite",
        actor=SYSTEM,
        now=cast.now,
        idempotency_key="award",
        form={
            "award": str(uuid.UUID(int=1)),
            "project_name": "Boats",
            "supplier_name": "Organisation supplier",
            "supplier": str(supplier),
            "award_amount": 100_000_000,
            "result": "known",
        },
    ).case_id
    until = cast.now.replace(year=cast.now.year + 1).date().isoformat()
    banks = {
        "consent": True,
        "bank_one": str(cast.organisations["bank-a"]),
        "bank_two": str(cast.organisations["bank-b"]),
        "expires_on": until,
    }
    cast.do(application, "authorise", "su", form=banks)
    asked = {"amount": 50_000_000, "tenor_months": 6, "purpose": "wages"}
    cast.do(application, "apply", "su", form=asked)
    return application


def _terms(cast: Cast, **other: object) -> dict[str, object]:
    """A quote that keeps the scheme's rules."""
    until = cast.now.replace(year=cast.now.year + 1).date().isoformat()
    return {
        "amount": 50_000_000,
        "rate": "2.76",
        "reference_rate": "3.65",
        "ratio": "70",
        "tenor_months": 6,
        "fee": 0,
        "collateral": False,
        "valid_until": until,
    } | other


def _quotes(cast: Cast) -> tuple[uuid.UUID, dict[str, uuid.UUID]]:
    """An application with a drafted quote of each of two banks."""
    application = _application(cast)
    drafted = {
        who: open_case(
            "financing-quote",
            action="draft",
            actor=cast.actor(who),
            now=cast.now,
            idempotency_key=f"quote {who}",
            parent_id=application,
            form=_terms(cast),
        ).case_id
        for who in ("chen", "xu")
    }
    return application, drafted


def test_a_bank_never_sees_another_banks_quote(cast: Cast) -> None:
    application, quotes = _quotes(cast)
    for own, other in (("chen", "xu"), ("xu", "chen")):
        client = cast.client(own)
        assert client.get(reverse("case", args=[quotes[own]])).status_code == 200
        assert client.get(reverse("case", args=[quotes[other]])).status_code == 404
        listed = client.get("/registers/financing-quote/").content.decode()
        parent = client.get(reverse("case", args=[application])).content.decode()
        for page in (listed, parent):
            assert str(quotes[own]) in page
            assert str(quotes[other]) not in page


def test_an_unknown_address_has_a_page_of_its_own(cast: Cast) -> None:
    page = cast.client("lan").get(f"/cases/{uuid.uuid4()}/")
    assert page.status_code == 404
    assert "not yours to see" in page.content.decode()
    assert Client().get("/nowhere").status_code == 404


def test_a_quote_is_opened_from_its_application_and_its_faults_stand_beside_the_fields(
    cast: Cast,
) -> None:
    application = _application(cast)
    url = f"{reverse('open-case', args=['financing-quote', 'draft'])}?parent={application}"
    client = cast.client("chen")
    assert url in client.get(reverse("case", args=[application])).content.decode()
    assert url not in cast.client("su").get(reverse("case", args=[application])).content.decode()
    body = _terms(cast, amount="500000.00", fee="0", collateral="false", rate="3.60")
    dear = client.post(url, {"_key": "k1", **body})
    assert dear.status_code == 422
    error = dear.content.decode().partition('id="field-rate-error"')[2].partition("</p>")[0]
    assert len(error) > 20
    done = client.post(url, {"_key": "k1", **body, "rate": "2.76"})
    assert done.status_code == 302
    page = client.get(done["Location"]).content.decode()
    assert reverse("case", args=[application]) in page
