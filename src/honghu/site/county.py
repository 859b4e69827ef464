"""The sample county: invented offices, banks and persons, so that a new installation can be tried.

Nobody here exists. Suppliers and buyers are entered under the names that the notices print.
"""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Callable, Mapping

from django.utils.timezone import localdate

from honghu.domains.financing.queries.banks import filing_of
from honghu.kernel.cases.commands import open_case, perform
from honghu.kernel.evidence.commands import store_evidence
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


BANK_MANAGERS = ("lianhu-manager", "jianghe-manager", "changqu-manager")
AGREEMENT = "政府采购合同融资合作协议（样本）\n"
PRODUCT = {
    "product_code": "ZCD",
    "product_name": "政采贷",
    "reference_rate": "3.65",
    "lpr": "3.00",
    "rate_min": "2.00",
    "rate_max": "2.92",
    "ratio_max": "100",
    "tenor_months_max": 36,
    "amount_min": 1,
    "amount_max": 8_900_000_000,
}
"""What each sample bank offers: within the provincial scheme, at its widest."""


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
    cast = {
        username: settle(username, name, offices[index], roles, now=now)
        for username, name, index, roles in PEOPLE
    }
    for manager in BANK_MANAGERS:
        file_bank(cast, cast[manager], now=now)
    return cast


def file_bank(cast: Mapping[str, Member], manager: Member, *, now: dt.datetime) -> None:
    """File a bank with the procurement office and list a product of it; twice is once."""
    if filing_of(manager.organisation_id, now=now) is not None:
        return
    on = localdate(now)
    clerk, office = cast["clerk"].actor(on), cast["office"].actor(on)
    bank = manager.organisation_id
    agreement = store_evidence(
        content=AGREEMENT.encode(), filename="agreement.txt", actor=clerk, now=now, kind="document"
    ).evidence.sha256
    filing = open_case(
        "serving-bank",
        action="apply",
        actor=clerk,
        now=now,
        idempotency_key=f"filing:{bank}",
        form={"bank": str(bank), "agreement_no": f"协议-{bank.hex[-6:]}"},
        evidence={"agreement": [agreement]},
    )
    _verify(filing.case_id, office, now)
    product = open_case(
        "bank-product",
        action="draft",
        actor=manager.actor(on),
        now=now,
        idempotency_key=f"product:{bank}",
        form=PRODUCT | {"effective_from": on.isoformat()},
    )
    _verify(product.case_id, office, now)


def _verify(case_id: uuid.UUID, office: Actor, now: dt.datetime) -> None:
    perform(
        case_id,
        "verify",
        actor=office,
        now=now,
        idempotency_key=f"verified:{case_id}",
        form={"result": "passed"},
    )


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
