"""Where a webhook may lead: outside only, so that nobody reaches our own network through us."""

import dataclasses
import ipaddress
import socket
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from honghu.base.problems import Invalid

_LENGTH_MAX: Final = 2_000
_PORTS: Final = {"https": 443, "http": 80}
# Addresses in which an IPv4 address is wrapped: where they lead is not seen from outside.
_WRAPPING: Final = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")))


class AddressRefused(Invalid):
    """An address that no webhook may have."""

    code = "webhook-address"


@dataclasses.dataclass(frozen=True, slots=True)
class Target:
    """An address that was taken apart."""

    scheme: str
    host: str
    port: int
    path: str


def read_address(url: str) -> Target:
    """Take an address apart. Raises AddressRefused for all but plain https addresses.

    Where the installation allows private addresses, http will do as well.
    """
    schemes = {"https", "http"} if settings.HONGHU_WEBHOOK_PRIVATE else {"https"}
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _refused(_("This is no address.")) from error
    if len(url) > _LENGTH_MAX or not url.isascii() or any(c <= " " for c in url):
        raise _refused(_("This is no address."))
    if parts.scheme not in schemes or not parts.hostname:
        raise _refused(_("A webhook needs an https address."))
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _refused(_("A webhook's address holds no name, password or fragment."))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], path)


def resolve(target: Target) -> str:
    """The IP address to connect to, so that nothing is looked up twice.

    Raises OSError for an unknown name, AddressRefused if any of the name's addresses is our own
    network's, and private ones are not allowed here.
    """
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = [str(each[4][0]).partition("%")[0] for each in found]
    if not settings.HONGHU_WEBHOOK_PRIVATE and not all(map(is_outside, addresses)):
        raise _refused(_("The address leads into a private network."))
    return addresses[0]


def is_outside(address: str) -> bool:
    """Whether an IP address is one of the public Internet."""
    known = ipaddress.ip_address(address)
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped is not None:
            known = known.ipv4_mapped
        elif any(known in network for network in _WRAPPING):
            return False
    return known.is_global and not known.is_multicast


def _refused(message: str) -> AddressRefused:
    return AddressRefused(message, fields={"url": message})
