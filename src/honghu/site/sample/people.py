"""The sample's people as users: those whom no case needs, and a sign-in for everybody.

A sign-in is named after what its person does: the rarest role, and a number where several have it.
"""

import collections
import dataclasses
from collections.abc import Iterable, Sequence
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from rich.table import Table

from honghu.analytics.commands import EDITOR, PUBLISHER
from honghu.kernel.cases.models import IdempotencyKey
from honghu.kernel.cases.wording import listed, words
from honghu.kernel.parties.commands import open_account
from honghu.kernel.parties.models import Account, Person
from honghu.kernel.registers.queries import latest_registers
from honghu.site.county import PASSWORD
from honghu.site.sample.county import SINCE, SampleCounty

_OFFICE: Final = "洪湖市人民政府办公室"
_OTHERS: Final[tuple[tuple[str, str, str, str, tuple[str, ...]], ...]] = (
    ("", "温简明", _OFFICE, "office", (EDITOR, "auditor")),
    ("", "曾公信", _OFFICE, "office", (PUBLISHER, "auditor")),
    ("", "米正审", "洪湖市审计局", "office", ("auditor",)),
    ("statements", "何付讫", "洪湖市国库支付中心", "office", ("treasury",)),
    ("financing", "康同投", "洪湖市洪安消防设备有限公司", "enterprise", ("member",)),
    ("rivers", "水帮忙", "洪湖市水利工程服务队", "agency", ("co_rectifier",)),
    ("citizens", "接线员", "洪湖市12345热线平台", "agency", ("report_channel",)),
)
"""Module that has the role (none: always there), name, organisation and its kind, roles."""


@dataclasses.dataclass(frozen=True, slots=True)
class SignIn:
    """A person of the sample who can sign in."""

    username: str
    person: str
    organisation: str
    roles: tuple[str, ...]


def is_loaded() -> bool:
    """Whether this database has the sample county."""
    return IdempotencyKey.objects.filter(key__startswith="sample-").exists()


def add_others(county: SampleCounty) -> None:
    """Enter those who take part in no case of the sample, so that every role has somebody."""
    installed = {package.rpartition(".")[2] for package in settings.HONGHU_MODULES}
    for module, name, organisation, kind, roles in _OTHERS:
        if not module or module in installed:
            county.person(name, county.organisation(organisation, kind), roles)


def open_sign_ins() -> list[SignIn]:
    """Give a sign-in to everybody of the sample who has none; all of them, by organisation.

    They share the password that is printed: these people are invented.
    """
    with transaction.atomic():
        hats = _hats()
        known = dict(Account.objects.values_list("person_id", "username"))
        taken = set(known.values())
        often = collections.Counter(role for _who, _where, roles in hats for role in roles)
        found = []
        for person, organisation, roles in hats:
            username = known.get(person.id)
            if username is None:
                username = _free_name(min(roles, key=lambda role: (often[role], role)), taken)
                taken.add(username)
                open_account(person=person, username=username, password=PASSWORD)
            found.append(SignIn(username, person.name, organisation, roles))
        return found


def _hats() -> list[tuple[Person, str, tuple[str, ...]]]:
    """Persons of the sample with their organisation and roles: one statement for each kind of row."""
    people = (
        Person.objects.filter(positions__from_date=SINCE, positions__to_date=None)
        .distinct()
        .prefetch_related("positions__organisation")
    )
    found = []
    for person in people:
        held = sorted(person.positions.all(), key=lambda position: position.role)
        organisation = held[0].organisation.name
        found.append((person, organisation, tuple(each.role for each in held)))
    return sorted(found, key=lambda each: (each[1], each[2], each[0].name))


def _free_name(role: str, taken: set[str]) -> str:
    base = role.replace("_", "-")
    names: Iterable[str] = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return base if base not in taken else next(each for each in names if each not in taken)


def table_of(sign_ins: Sequence[SignIn], *, heads: Sequence[str]) -> Table:
    """The sign-ins as a table for a terminal; roles by what the registers call them."""
    titles = {
        EDITOR: _("Editor of bulletins"),
        PUBLISHER: _("Publisher of bulletins"),
        "document_clerk": _("Keeper of document series"),
    }
    for register in latest_registers():
        titles |= {code: words(role.title) for code, role in register.roles.items()}
    table = Table()
    for head in heads:
        table.add_column(head, overflow="fold")
    for each in sign_ins:
        roles = listed(titles.get(role, role) for role in each.roles)
        table.add_row(each.username, each.person, each.organisation, roles)
    return table
