"""Cases to look at: one invited, one with quotes, one repaying, one settled, proof over all."""

import dataclasses
import datetime as dt
import json
import uuid

from honghu.kernel.cases.detail import get_case
from honghu.kernel.cases.queries import find_case
from honghu.kernel.journal.commands import sequence, sign_checkpoint
from honghu.kernel.journal.keys import load_signer
from honghu.kernel.journal.queries import receipt
from honghu.kernel.parties.actor import SYSTEM
from honghu.site.county import Member
from tests import notices
from tests.thread import Thread, begin

PROJECTS = {
    "invited": ("HHCG-2026-201", "洪湖市荷塘小学食堂设备采购项目"),
    "quoting": ("HHCG-2026-202", "洪湖市荷塘小学图书采购项目"),
    "repaying": ("HHCG-2026-203", "洪湖市荷塘小学智慧黑板采购项目"),
    "settled": ("HHCG-2026-204", "洪湖市荷塘小学校园安防改造项目"),
}
LOAN_LIFE = dt.timedelta(days=120)
"""So long before now the loans begin, that all their payments are in the past."""


@dataclasses.dataclass(frozen=True, slots=True)
class Gallery:
    """Addresses of cases by what there is to see, and a receipt."""

    cases: dict[str, str]
    step: str
    receipt: str

    def altered_receipt(self) -> str:
        """The receipt with one figure of its content changed."""
        found = json.loads(self.receipt)
        content = json.loads(found["payload"])
        name = next(key for key, value in content.items() if isinstance(value, int))
        content[name] += 1
        return json.dumps(found | {"payload": json.dumps(content)})


def hang(county: dict[str, Member], now: dt.datetime) -> Gallery:
    """Make the cases by commands, put every step into the journal, and sign its head."""
    recent = now - dt.timedelta(hours=30)
    threads = {
        name: begin(
            county,
            recent if name in {"invited", "quoting"} else now - LOAN_LIFE,
            notices.award(number=number, project=project),
        )
        for name, (number, project) in PROJECTS.items()
    }
    cases = {
        "invited": threads["invited"].application().id,
        "quoting": _quoted(threads["quoting"]),
        "repaying": _lent("repaying", threads["repaying"]),
        "settled": _lent("settled", threads["settled"]),
    }
    while sequence(now=now):
        pass
    sign_checkpoint(now=now, signer=load_signer())
    (last, *_) = reversed(get_case(cases["settled"], actor=SYSTEM, now=now).steps)
    found = json.dumps(receipt(last.id), ensure_ascii=False)
    addresses = {name: f"/cases/{case_id}/" for name, case_id in cases.items()}
    return Gallery(addresses, f"/cases/{cases['settled']}/steps/{last.id}", found)


def _quoted(thread: Thread) -> uuid.UUID:
    application = thread.application()
    today = thread.now.date()
    banks = ("lianhu", "jianghe")
    thread.do(
        application.id,
        "authorise",
        "supplier",
        {
            "consent": True,
            "bank_one": str(thread.cast["lianhu-manager"].organisation_id),
            "bank_two": str(thread.cast["jianghe-manager"].organisation_id),
            "expires_on": (today + dt.timedelta(days=90)).isoformat(),
        },
    )
    wanted = {"amount": 70_000_000, "tenor_months": 6, "purpose": "采购原料和支付工资"}
    thread.do(application.id, "apply", "supplier", wanted)
    for bank, rate in zip(banks, ("2.76", "2.84"), strict=True):
        thread.story._quote(application, bank, 70_000_000, rate)
    return application.id


def _lent(name: str, thread: Thread) -> uuid.UUID:
    loan = thread.placed()
    # The contract is published some days after the approval.
    thread.now += dt.timedelta(days=11)
    thread.story.start += dt.timedelta(days=12)
    number, project = PROJECTS[name]
    thread.take(notices.contract(number=number, project=project), "contract.txt")
    thread.story.lend(loan)
    amount = find_case(loan, actor=SYSTEM, now=thread.now).facts["contract_amount"]
    if name == "settled":
        thread.story.repay(loan, amount)
        thread.story.settle(loan)
    return loan
