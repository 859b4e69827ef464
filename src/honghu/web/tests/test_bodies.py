"""Two hundred megabytes sent to a page are refused unread."""

import io
from typing import Any

from django.test import Client

TWO_HUNDRED_MEGABYTES = 200 * 1024 * 1024


class Unread:
    """A body that must not be touched."""

    def read(self, *_sizes: int) -> bytes:
        """Whoever calls this fails the test."""
        message = "the body was read"
        raise AssertionError(message)

    readline = read


def _post(client: Client, length: str) -> int:
    environ: dict[str, Any] = {
        "CONTENT_LENGTH": length,
        "wsgi.input": Unread() if len(length) > 3 else io.BytesIO(b""),
    }
    kind = "multipart/form-data; boundary=x"
    answer = client.generic("POST", "/sign-in", b"", content_type=kind, **environ)
    return int(answer.status_code)


def test_a_body_beyond_the_bound_is_refused_before_it_is_read(client: Client, settings) -> None:
    settings.HONGHU_REQUEST_MAX_BYTES = TWO_HUNDRED_MEGABYTES - 1
    assert _post(client, str(TWO_HUNDRED_MEGABYTES)) == 413


def test_the_page_says_what_to_do(client: Client, settings) -> None:
    settings.HONGHU_REQUEST_MAX_BYTES = 1000
    settings.LANGUAGE_CODE = "en"
    answer = client.generic(
        "POST", "/sign-in", b"x" * 1001, content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code == 413
    assert b"Send fewer files at once" in answer.content or "少".encode() in answer.content


def test_a_length_that_is_no_number_does_not_break_the_page(client: Client) -> None:
    assert _post(client, "-1") != 500


def test_doors_for_machines_answer_for_themselves(client: Client, settings) -> None:
    settings.HONGHU_REQUEST_MAX_BYTES = 10
    answer = client.post("/api/v1/evidence", b"x" * 11, content_type="application/json")
    assert answer["Content-Type"] == "application/problem+json"
