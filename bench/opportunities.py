"""Benchmark of a bank's work: python -m bench.opportunities [--awards 10000 100000 1000000]
[--requests 100] [--loans 400] [--clients 8] [--workers 2] [--quick].

Grows the register of opportunities, one case an award, to each of these sizes (rows by COPY) and
asks for a hundred of them as a bank does: by buyer, amount, sector, region, share asked for, days
left, and several at once; and for the desk's page with all around it. Prints p50, p99 and the
number of queries at each size. Then a bank's reviewer approves loans over HTTP.
"""

import argparse
import datetime as dt
import random
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.asked import Ask, measure, report
from bench.crowd import COMMON, Scene, as_line, grow, title_of
from bench.scratch import installation, say
from bench.served import rush, send, serving, tell

REGISTER = "financing-opportunity"
BUYERS = 3_000
_SECTORS = ("goods", "goods", "services", "works", None)
_BANDS = ("to_500k", "to_500k", "to_2m", "to_2m", "to_5m", "to_10m", "above_10m", "unpriced")
_RATIOS = ("to_50", "to_70", "to_90", "above_90", None, None, None, None)
_MONTH_MINUTES = 43_200


def lines(first: int, last: int, scene: Scene) -> Iterator[str]:
    """The opportunities of these numbers in COPY's text format; number 1 is the latest."""
    for number in range(first, last + 1):
        draw = random.Random(number)  # noqa: S311 a benchmark's rows
        title, opened = title_of(number, draw), scene.now - dt.timedelta(seconds=20 * number)
        is_open = draw.random() < (0.8 if number < 100_000 else 0.05)
        due = scene.now + dt.timedelta(minutes=draw.randrange(-_MONTH_MINUTES, _MONTH_MINUTES))
        facts = {
            "award": str(number),
            "project_name": title,
            "project_no": f"HHCG{opened:%Y%m%d}{number % 97:03}",
            "buyer_name": f"洪湖市第{number % BUYERS}采购单位",
            "supplier_name": f"湖北第{number % 997}商贸有限公司",
            "award_amount": number * 100,
            "amount_band": draw.choice(_BANDS),
            "sector": draw.choice(_SECTORS),
            "region": "county" if number % 20 else "outside",
            "ratio_band": draw.choice(_RATIOS),
            "published_on": f"{opened:%Y-%m-%d}",
            "sign_by": f"{due:%Y-%m-%d}",
        }
        known = {code: value for code, value in facts.items() if value is not None}
        yield as_line(
            number,
            register=REGISTER,
            version=scene.register_version,
            name=f"融机-{opened.year}-{2_000_000 - number}",
            title=title,
            state="open" if is_open else draw.choice(("taken", "gone")),
            facts=known,
            changed=opened,
            opened=opened,
            due=due if is_open else None,
            draw=draw,
        )


def ways(now: dt.datetime) -> dict[str, Ask]:
    """What a bank asks for, a hundred rows each, with the table that shows them; then the page."""
    from django.test import Client

    from honghu.desk.frame.listing import case_table, names_for
    from honghu.desk.frame.visit import Visit
    from honghu.kernel.cases.queries import CaseFilter, list_cases
    from honghu.kernel.cases.rows import Light
    from honghu.kernel.parties.models import Account
    from honghu.kernel.parties.queries import get_actors
    from honghu.kernel.registers.queries import get_register

    register = get_register(REGISTER)
    account = Account.objects.get(username="lianhu-manager")
    actor = get_actors(person_id=account.person_id, on=now.date())[0]
    visit = Visit(actor, now, (register,))

    def hundred(sort: str = "-opened_at", **wanted: Any) -> Ask:
        def ask() -> None:
            page = list_cases(
                register,
                actor=actor,
                now=now,
                wanted=CaseFilter(open_only=True, **wanted),
                sort=sort,
                page_size=100,
            )
            names = names_for(register, page.rows)
            case_table(register, page.rows, visit, caption="", names=names, sort=sort)

        return ask

    client = Client(SERVER_NAME="localhost")
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")

    def page(**query: str) -> Ask:
        def ask() -> None:
            answer = client.get(f"/registers/{REGISTER}/", {"open": "true"} | query)
            if answer.status_code != 200:
                raise RuntimeError(answer.content.decode())

        return ask

    facts = {"amount_band": "to_2m", "sector": "works", "region": "outside", "ratio_band": "to_70"}
    return {
        "the latest": hundred(),
        "by days left": hundred("due_at"),
        "few days left": hundred("due_at", light=Light.AMBER),
        "one buyer": hundred(text="第2718采购单位"),
        "a common word": hundred(text=COMMON),
        **{f"by {code}": hundred(facts={code: value}) for code, value in facts.items()},
        "all four together": hundred(facts=facts),
        "all four, by days left": hundred("due_at", facts=facts),
        "a buyer, a size, a sector": hundred(
            text="第2718采购单位", facts={"amount_band": "to_2m", "sector": "goods"}
        ),
        "the page, the latest": page(),
        "the page, size and sector": page(**{"fact.amount_band": "to_2m", "fact.sector": "works"}),
        "the page, one buyer": page(q="第2718采购单位"),
    }


def approving(count: int, now: dt.datetime) -> list[uuid.UUID]:
    """That many loans which wait for their approval, by the real commands."""
    from django.utils.timezone import localdate

    from honghu.domains.financing.commands.invitations import invite
    from honghu.domains.procurement.models import Award, Notice
    from honghu.domains.procurement.queries import get_award
    from honghu.site.county import ensure_organisation, settle
    from honghu.site.story import INVESTIGATED

    day = localdate(now)
    supplier = ensure_organisation("基准供应商", "enterprise", now=now)
    member = settle("bench-supplier", "乙", supplier, ("supplier",), now=now)
    who = {"supplier": member.actor(day)} | _bank(day)
    notice = Notice.objects.create(
        sha256=uuid.uuid4().hex * 2, filename="bench.txt", kind="award", status="filed",
        reader_version="1", readings={}, lot_count=count, members=[[]] * count,
    )  # fmt: skip
    awards = [
        Award(
            notice=notice, position=number, lot=str(number), project_name=f"基准项目{number}",
            buyer_name="基准采购人", supplier_name="基准供应商", amount_fen=100_000_000,
            published_date=day, status="active",
        )
        for number in range(count)
    ]  # fmt: skip
    Award.objects.bulk_create(awards)
    began, found = time.perf_counter(), []
    for award in awards:
        application = invite(get_award(award.id), now=now)
        if application is None:
            raise RuntimeError("the award invited nobody")
        found.append(_to_approval(application, who, day, now, list(INVESTIGATED)))
    say(f"{count} loans prepared in {time.perf_counter() - began:.0f} s")
    return found


def _bank(day: dt.date) -> dict[str, Any]:
    from honghu.kernel.parties.models import Account
    from honghu.kernel.parties.queries import get_actors

    def actor(username: str) -> Any:
        return get_actors(person_id=Account.objects.get(username=username).person_id, on=day)[0]

    return {"manager": actor("lianhu-manager"), "reviewer": actor("lianhu-reviewer")}


def _to_approval(
    application: uuid.UUID, who: dict[str, Any], day: dt.date, now: dt.datetime, checked: list[str]
) -> uuid.UUID:
    from honghu.kernel.cases.commands import open_case, perform
    from honghu.kernel.cases.queries import children_of, find_case
    from honghu.kernel.parties.actor import SYSTEM

    def do(case_id: uuid.UUID, action: str, name: str, form: dict[str, Any]) -> None:
        key = str(uuid.uuid4())
        perform(case_id, action, actor=who[name], now=now, idempotency_key=key, form=form)

    later = (day + dt.timedelta(days=30)).isoformat()
    bank = str(who["manager"].organisation_id)
    do(
        application,
        "authorise",
        "supplier",
        {"consent": True, "bank_one": bank, "expires_on": later},
    )
    asked = {"amount": 70_000_000, "tenor_months": 6, "purpose": "备货"}
    do(application, "apply", "supplier", asked)
    quote = open_case(
        "financing-quote",
        action="draft",
        actor=who["manager"],
        now=now,
        idempotency_key=str(uuid.uuid4()),
        parent_id=application,
        form={
            "amount": 70_000_000, "rate": "2.76", "reference_rate": "3.65", "ratio": "90",
            "tenor_months": 6, "fee": 0, "collateral": False, "valid_until": later,
        },
    )  # fmt: skip
    do(quote.case_id, "offer", "reviewer", {})
    number = find_case(quote.case_id, actor=SYSTEM, now=now).number
    do(application, "choose", "supplier", {"quote": number})
    loan = children_of(application, register="financing-loan", now=now)[0].id
    do(
        loan,
        "propose",
        "manager",
        {"credit_standing": "good", "opinion": "履约记录良好", "checklist": checked},
    )
    return loan


def approve(loans: list[uuid.UUID], clients: int, workers: int, now: dt.datetime) -> None:
    """The reviewer approves each loan once, through HTTP, every answer a durable commit."""
    from django.db import connection

    from honghu.kernel.parties.tokens import issue_token

    until = now + dt.timedelta(days=1)
    token = issue_token(username="lianhu-reviewer", label="bench", now=now, expires_at=until).secret
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        durable = cursor.fetchone()[0]
    body = {"form": {"result": "approved", "opinion": "同意预授信"}}
    with serving(workers) as server:

        def approving_of(some: list[uuid.UUID]) -> Callable[[int], list[float]]:
            def act(client: int) -> list[float]:
                line = server.line()
                took = [
                    send(line, "POST", f"/cases/{loan}/actions/approve", token, body)
                    for loan in some[client::clients]
                ]
                line.close()
                return took

            return act

        # Each thread of each worker connects, prepares and reads its registers the first time.
        first = len(loans) // 5
        rush(server, clients, approving_of(loans[:first]))
        tell(
            f"approve a loan (synchronous_commit {durable})",
            rush(server, clients, approving_of(loans[first:])),
        )


def main() -> None:
    """Lists at each size, then approvals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--awards", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--loans", type=int, default=400)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="10,000 awards, 24 loans")
    given = parser.parse_args()
    if given.quick:
        given.awards, given.requests, given.loans = [10_000], 10, 24
    with installation():
        from django.utils import timezone

        from honghu.kernel.registers.queries import get_register
        from honghu.site.county import settle_county

        now = timezone.now()
        settle_county(now=now)
        if given.loans:
            approve(approving(given.loans, now), given.clients, given.workers, now)
        nobody = uuid.UUID(int=0)
        scene = Scene(now, get_register(REGISTER).version, nobody, nobody, nobody)
        found, held = [], 0
        for size in sorted(given.awards):
            grow(held + 1, size, scene, lines)
            held = size
            found.append(measure(ways(now), given.requests))
        if found:
            report("ms, of a hundred rows", sorted(given.awards), found)


if __name__ == "__main__":
    main()
