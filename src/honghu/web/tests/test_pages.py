"""The toolkit's own pages, errors and the language switch."""

import datetime as dt
import re

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import RequestDataTooBig
from django.test import Client, RequestFactory

from honghu.kernel.parties.commands import add_person, open_account
from honghu.web.components import RailGroup, RailItem
from honghu.web.context import Chrome, chrome
from honghu.web.errors import bad_request

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(autouse=True)
def _addresses(settings):
    settings.ROOT_URLCONF = "honghu.web.tests.urls"
    settings.CSRF_FAILURE_VIEW = "honghu.web.errors.csrf_refused"
    # WhiteNoise warns where no files were collected; the pages under test need none.
    present = [name for name in settings.MIDDLEWARE if "whitenoise" not in name]
    settings.MIDDLEWARE = [*present, "honghu.web.errors.ProblemPages"]


def english() -> Client:
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def test_style_guide_in_chinese_by_default():
    response = Client().get("/styleguide")
    text = response.content.decode()
    assert response.status_code == 200
    assert '<html lang="zh-Hans">' in text
    assert "样式指南" in text
    assert "Style guide" not in text


def test_english_page_shows_no_chinese():
    # The default language is no fallback for English: what has no entry stays English.
    text = english().get("/styleguide").content.decode()
    assert '<html lang="en">' in text
    for known in ("中文", "1.5亿"):
        assert known in text
        text = text.replace(known, "")
    assert CHINESE.findall(text) == []


@pytest.mark.parametrize("path", ["/styleguide", "/offline"])
def test_pages_load_nothing_from_elsewhere(path):
    text = Client().get(path).content.decode()
    loaded = re.findall(r'<(?:script|link|img|use)[^>]*(?:src|href)="([^"]+)"', text)
    assert loaded
    assert all(address.startswith("/static/") for address in loaded)


def test_not_found_says_what_to_do():
    response = english().get("/nowhere")
    assert response.status_code == 404
    assert "Search for the case number" in response.content.decode()
    assert "nowhere" not in response.content.decode().replace('value="/nowhere"', "")


def test_a_refusal_becomes_its_page():
    response = english().get("/conflict")
    assert response.status_code == 409
    text = response.content.decode()
    assert "the case has moved on" in text
    assert "open it again" in text


def test_fault_has_a_page_that_needs_nothing():
    client = english()
    client.raise_request_exception = False
    response = client.get("/broken")
    assert response.status_code == 500
    assert "the last step was not saved" in response.content.decode()


def test_expired_form_is_told_kindly():
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    response = client.post("/set-language", {"language": "en"})
    assert response.status_code == 403
    assert "The form has expired" in response.content.decode()


def test_upload_beyond_the_limit_is_413():
    request = RequestFactory().post("/upload")
    assert bad_request(request, RequestDataTooBig()).status_code == 413
    assert bad_request(request, ValueError()).status_code == 400


def test_language_is_kept_in_a_cookie_and_goes_back():
    client = Client()
    response = client.post("/set-language", {"language": "en", "next": "/styleguide"})
    assert response["Location"] == "/styleguide"
    assert '<html lang="en">' in client.get("/styleguide").content.decode()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", ""])
def test_language_switch_never_leads_elsewhere(target):
    response = Client().post("/set-language", {"language": "en", "next": target})
    assert response["Location"] == "/"


@pytest.mark.parametrize("language", ["fr", "", "zh-hans/../../x"])
def test_unknown_language_changes_nothing(language):
    response = Client().post("/set-language", {"language": language})
    assert settings.LANGUAGE_COOKIE_NAME not in response.cookies


def test_language_switch_must_be_posted():
    assert Client().get("/set-language").status_code == 405


@pytest.mark.django_db
def test_language_is_kept_on_the_account():
    person = add_person(name="Zhou Lan", now=dt.datetime(2026, 7, 3, tzinfo=dt.UTC))
    account = open_account(person=person, username="zhou", password=None)
    client = Client()
    client.force_login(account, "django.contrib.auth.backends.ModelBackend")
    client.post("/set-language", {"language": "en"})
    assert get_user_model().objects.get(pk=account.pk).language == "en"


def test_frame_of_somebody_unknown_is_empty():
    context = chrome(RequestFactory().get("/?q=HH-1"))
    assert context["rail"] == ()
    frame = context["chrome"]
    assert isinstance(frame, Chrome)
    assert frame.is_signed_in is False
    assert frame.search_text == "HH-1"
    assert frame.home_url == "/"


def test_frame_shows_the_rail_that_hangs_on_the_request():
    request = RequestFactory().get("/")
    rail = (RailGroup(label="Registers", items=(RailItem(label="Rivers", url="/r"),)),)
    vars(request)["honghu_rail"] = rail
    assert chrome(request)["rail"] == rail
