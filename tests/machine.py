"""A machine at the API for tests: a token of one of the cast, requests by its own hand."""

import dataclasses
import datetime as dt
import json
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http.response import HttpResponseBase
from django.test import Client

from honghu.kernel.parties.tokens import SCOPES, issue_token

ROOT = "/api/v1"


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the API, read to its end."""

    status: int
    content: bytes
    headers: Mapping[str, str]

    @classmethod
    def of(cls, response: HttpResponseBase) -> "Answer":
        """Read the response, streamed or not, and close its file (not the test's connection)."""
        content = bytes(response.getvalue())
        file = getattr(response, "file_to_stream", None)
        if file is not None:
            file.close()
        return cls(response.status_code, content, response.headers)

    @property
    def body(self) -> Any:
        """The JSON of the answer."""
        return json.loads(self.content)

    def header(self, name: str) -> str | None:
        """A header of the answer."""
        return self.headers.get(name)


@dataclasses.dataclass(slots=True)
class Machine:
    """Sends requests with a token; without one as nobody."""

    secret: str | None
    client: Client = dataclasses.field(
        default_factory=lambda: Client(headers={"accept-language": "en"})
    )

    def get(self, path: str, **query: Any) -> Answer:
        """GET below /api/v1."""
        return Answer.of(self.client.get(ROOT + path, query, headers=self._headers()))

    def post(
        self,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """POST JSON below /api/v1, with a fresh idempotency key unless one is given."""
        sent = self._headers() | {"Idempotency-Key": key or str(uuid.uuid4())} | dict(headers or {})
        return Answer.of(
            self.client.post(
                ROOT + path, json.dumps(body or {}), content_type="application/json", headers=sent
            )
        )

    def form(
        self, path: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> Answer:
        """POST a form below /api/v1, as OAuth has it."""
        sent = dict(headers or {})
        kind = "application/x-www-form-urlencoded"
        return Answer.of(
            self.client.post(ROOT + path, urlencode(fields), content_type=kind, headers=sent)
        )

    def delete(self, path: str) -> Answer:
        """DELETE below /api/v1."""
        return Answer.of(self.client.delete(ROOT + path, headers=self._headers()))

    def send(self, path: str, parts: Mapping[str, Any]) -> Answer:
        """POST multipart below /api/v1."""
        return Answer.of(self.client.post(ROOT + path, parts, headers=self._headers()))

    def _headers(self) -> dict[str, str]:
        return {} if self.secret is None else {"Authorization": f"Bearer {self.secret}"}


def machine(username: str | None, *, now: dt.datetime, scopes: tuple[str, ...] = SCOPES) -> Machine:
    """A machine that acts for somebody of the cast; nobody for null."""
    if username is None:
        return Machine(None)
    issued = issue_token(
        username=username,
        label="test",
        now=now,
        expires_at=now + dt.timedelta(days=30),
        scopes=scopes,
    )
    return Machine(issued.secret)
