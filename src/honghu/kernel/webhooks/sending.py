"""One request: to the address that was checked, in bounded time, its answer read in part only."""

import contextlib
import dataclasses
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from typing import Final

from honghu.base.problems import HonghuError
from honghu.kernel.webhooks.addresses import Target, read_address, resolve

_CONNECT_SECONDS: Final = 5.0
_TOTAL_SECONDS: Final = 15.0
_ANSWER_BYTES: Final = 2_048
_FAULT_CHARACTERS: Final = 300
_CLIENTS: Final[Mapping[str, type[http.client.HTTPConnection]]] = {
    "http": http.client.HTTPConnection,
    "https": http.client.HTTPSConnection,
}
_GONE: Final = 410
_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a request. `status` is null where no answer came; then `fault` says why."""

    status: int | None
    answer: str = ""
    fault: str = ""
    milliseconds: int = 0

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has taken it: any status of 200 to 299."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 RFC 9110, 15.3

    @property
    def is_gone(self) -> bool:
        """Whether the receiver wants no more of it, for good."""
        return self.status == _GONE

    @property
    def is_down(self) -> bool:
        """Whether the fault lies with the receiver as a whole and not with this one request."""
        return self.status is None or self.status == _TOO_MANY or self.status >= _SERVER_ERROR


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
    """Send the body; never raises. Redirects are answers like others: nothing is followed."""
    began = time.monotonic()
    try:
        target = read_address(url)
        status, answer = _exchange(target, resolve(target), body, headers)
        found = Outcome(status, answer)
    except HonghuError as error:
        found = Outcome(None, fault=str(error)[:_FAULT_CHARACTERS])
    except (OSError, http.client.HTTPException, ValueError) as error:
        found = Outcome(None, fault=f"{type(error).__name__}: {error}"[:_FAULT_CHARACTERS])
    spent = int((time.monotonic() - began) * 1_000)
    return dataclasses.replace(found, milliseconds=spent)


def _exchange(
    target: Target, address: str, body: bytes, headers: Mapping[str, str]
) -> tuple[int, str]:
    until = time.monotonic() + _TOTAL_SECONDS
    with contextlib.closing(_connect(target, address)) as line:
        # An answer that comes a byte at a time keeps every single timeout: the clock ends it.
        clock = threading.Timer(until - time.monotonic(), _hang_up, [line])
        clock.start()
        try:
            kind = _CLIENTS[target.scheme]
            client = kind(target.host, target.port)
            client.sock = line
            client.request("POST", target.path, body, dict(headers))
            response = client.getresponse()
            return response.status, _text(response.read(_ANSWER_BYTES))
        finally:
            clock.cancel()


def _connect(target: Target, address: str) -> socket.socket:
    """A line to the very address that was checked; TLS is for the host's name."""
    raw = socket.create_connection((address, target.port), timeout=_CONNECT_SECONDS)
    if target.scheme == "http":
        return raw
    try:
        return ssl.create_default_context().wrap_socket(raw, server_hostname=target.host)
    except OSError:
        raw.close()
        raise


def _hang_up(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _text(answer: bytes) -> str:
    """What of the answer can be kept: PostgreSQL's text holds no NUL."""
    return answer.decode("utf-8", "replace").replace("\x00", "\ufffd")
