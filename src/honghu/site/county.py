"""The sample county: invented offices, banks and persons, so that a new installation can be tried.

Nobody here exists. Suppliers and buyers are entered under the names that the notices print.
"""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Callable

from honghu.kernel.ledger.chart import load_chart
from honghu.kernel.modules.commands import publish_shipped
from honghu.kernel.parties.actor import Actor
from honghu.kernel.parties.commands import add_organisation, add_person, appoint, open_account
from honghu.kernel.parties.models import Account
from honghu.kernel.parties.queries import find_organisation, get_actor

PASSWORD = "honghu-lotus-2026"  # noqa: S105 printed by the demo, for a database of invented people
"""The password of every sample account; `honghu demo` is for trying, not for service."""

OFFICES = (
    ("洪湖市财政局政府采购管理办公室", "office"),
    ("洪湖市国库支付中心", "office"),
    ("洪湖市审计局", "office"),
    ("莲湖农村商业银行洪湖支行", "bank"),
    ("江荷商业银行洪湖支行", "bank"),
    ("长渠村镇银行", "bank"),
)

PEOPLE = (
    ("clerk", "林小荷", 0, ("procurement_clerk",)),
    ("office", "周明湖", 0, ("procurement_office",)),
    ("treasury", "何清泉", 1, ("treasury",)),
    ("auditor", "吴正仪", 2, ("auditor",)),
    ("lianhu-manager", "陈一舟", 3, ("bank_manager",)),
    ("lianhu-reviewer", "方远帆", 3, ("bank_reviewer",)),
    ("jianghe-manager", "许江月", 4, ("bank_manager",)),
    ("jianghe-reviewer", "孟河清", 4, ("bank_reviewer",)),
    ("changqu-manager", "江渠成", 5, ("bank_manager",)),
)


@dataclasses.dataclass(frozen=True, slots=True)
class Member:
    """A sample person by sign-in name."""

    username: str
    person_id: uuid.UUID
    organisation_id: uuid.UUID

    def actor(self, on: dt.date) -> Actor:
        """The person as an actor on a day."""
        return get_actor(person_id=self.person_id, on=on, organisation_id=self.organisation_id)


def settle_county(
    *, now: dt.datetime, progress: Callable[[str], None] | None = None
) -> dict[str, Member]:
    """Publish rules and registers, enter offices, banks and their people; twice is once."""
    load_chart()
    publish_shipped(now=now, progress=progress)
    offices = [ensure_organisation(name, kind, now=now) for name, kind in OFFICES]
    return {
        username: settle(username, name, offices[index], roles, now=now)
        for username, name, index, roles in PEOPLE
    }


def ensure_organisation(
    name: str, kind: str, *, now: dt.datetime, uscc: str | None = None
) -> uuid.UUID:
    """The organisation of this name, entered if it is not there."""
    found = find_organisation(name=name)
    if found is not None:
        return found.id
    return add_organisation(name=name, kind=kind, uscc=uscc, now=now).id


def settle(
    username: str,
    name: str,
    organisation_id: uuid.UUID,
    roles: tuple[str, ...],
    *,
    now: dt.datetime,
) -> Member:
    """A person with a sign-in and these roles in the organisation."""
    account = Account.objects.filter(username=username).first()
    if account is None:
        person = add_person(name=name, now=now)
        account = open_account(person=person, username=username, password=PASSWORD)
    since = dt.date(2026, 1, 1)
    for role in roles:
        appoint(
            person_id=account.person_id,
            organisation_id=organisation_id,
            role=role,
            from_date=since,
        )
    return Member(username, account.person_id, organisation_id)
