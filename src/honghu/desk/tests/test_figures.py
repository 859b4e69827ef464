"""Figures, bulletins and oversight as people meet them: signed in, and without any account."""

import datetime as dt
import io
import json
import uuid
import zipfile
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from honghu.analytics.bulletins.verifier import verify_bulletin
from honghu.kernel.journal.keys import load_signer
from honghu.kernel.parties.commands import add_person, appoint, open_account
from honghu.kernel.parties.models import Account

_OPEN_STATUS, _REFUSED, _ABSENT = 200, 403, 404


def _signed_in(username: str, roles: list[str], organisation: uuid.UUID) -> Client:
    person = add_person(name=username, now=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    account = open_account(person=person, username=username, password=f"{username}-lotus-9")
    for role in roles:
        appoint(
            person_id=person.id, organisation_id=organisation, role=role,
            from_date=dt.date(2026, 1, 1),
        )  # fmt: skip
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def editor(county: dict[str, Any]) -> Client:
    office = county["auditor"].organisation_id
    return _signed_in("editor", ["bulletin_editor", "auditor"], office)


@pytest.fixture
def publisher(county: dict[str, Any]) -> Client:
    office = county["auditor"].organisation_id
    return _signed_in("publisher", ["bulletin_publisher", "bulletin_editor"], office)


def test_a_bulletin_goes_from_the_editor_to_everybody(editor: Client, publisher: Client) -> None:
    made = editor.post("/bulletins/build", {"month": "2026-06"})
    assert made.status_code == 302, made.content[:500]
    address = made.headers["Location"]
    anybody = Client()
    assert anybody.get(address).status_code == _ABSENT
    assert editor.post(f"{address}/publish").status_code == _REFUSED
    assert publisher.post(f"{address}/publish").status_code == 302

    page = anybody.get(address, headers={"accept-language": "zh"}).content.decode()
    assert "政采贷服务银行" in page
    assert "3家" in page
    file = anybody.get(f"{address}.json")
    assert verify_bulletin(file.content, load_signer().verifier.vkey).valid
    assert (
        verify_bulletin(
            json.dumps(json.loads(file.content)).replace('"3"', '"4"').encode(),
            load_signer().verifier.vkey,
        ).valid
        is False
    )
    word = zipfile.ZipFile(io.BytesIO(anybody.get(f"{address}.docx").content))
    assert "政采贷服务银行" in word.read("word/document.xml").decode()
    assert anybody.get(f"{address}.pdf").content.startswith(b"%PDF")
    assert address in anybody.get("/bulletins").content.decode()
    assert "政采贷服务银行" in anybody.get("/figures/published").content.decode()

    corrected = editor.post(
        "/bulletins/build",
        {"month": "2026-06", "corrects": address.rpartition("/")[2], "reason": "补录一行"},
    ).headers["Location"]
    publisher.post(f"{corrected}/publish")
    assert "补录一行" in anybody.get(corrected).content.decode()
    assert corrected in anybody.get(address).content.decode()


def test_a_figure_opens_down_to_its_rows_for_offices_alone(
    editor: Client, county: dict[str, Any]
) -> None:
    page = editor.get("/figures/financing.banks_serving").content.decode()
    assert page.count("/cases/") >= 3
    assert editor.get("/figures").status_code == _OPEN_STATUS
    bank = Client()
    account = Account.objects.get(username="lianhu-manager")
    bank.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    told = bank.get("/figures/financing.banks_serving")
    assert told.status_code == _OPEN_STATUS
    assert "江荷商业银行" not in told.content.decode()
    assert bank.post("/figures/financing.banks_serving/keep", {"at": "2026-06"}).status_code == (
        _REFUSED
    )


def test_oversight_asks_a_bounded_number_of_questions(editor: Client) -> None:
    with CaptureQueriesContext(connection) as asked:
        page = editor.get("/supervision?days=365")
    assert page.status_code == _OPEN_STATUS
    assert "/supervision/serving-bank" in page.content.decode()
    assert len(asked) <= 12, [each["sql"][:80] for each in asked]
    with CaptureQueriesContext(connection) as asked:
        page = editor.get("/supervision/serving-bank?days=365")
    assert "莲湖农村商业银行" in page.content.decode()
    assert len(asked) <= 12, [each["sql"][:80] for each in asked]
