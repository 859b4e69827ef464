"""The reader's language: kept in a cookie, and on the account of who is signed in."""

from django.conf import settings
from django.http import HttpResponseBase
from django.utils import translation


def remember_language(response: HttpResponseBase, language: str) -> None:
    """Keep the language in this browser. Sign-in calls it with the account's language."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def is_offered(language: str) -> bool:
    """Whether the pages exist in this language."""
    return language in dict(settings.LANGUAGES) and translation.check_for_language(language)
