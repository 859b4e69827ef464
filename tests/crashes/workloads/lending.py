"""Loans under storm: lending, payments, what is taken back, and the close of business.

Every key follows from the request's id and stands in the event's row, so that the check can count
what a request left: one event, or none.
"""

# ruff: noqa: ARG002  the signatures are those of the protocol
import datetime as dt
import random
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from honghu.domains import lending
from honghu.domains.lending import commands
from honghu.domains.lending.closing.running import close_day
from honghu.domains.lending.commands.problems import EventUnknown
from honghu.domains.lending.models import Event
from honghu.kernel.ledger.chart import load_chart
from honghu.kernel.ledger.commands import open_account
from honghu.kernel.rulesets.commands import publish_rules
from tests.crashes.workload import START, History, Reader, Request, World

RULES = Path(lending.__file__).parent / "rulesets" / "lending.yaml"
FIRST = START.date() - dt.timedelta(days=400)
LOANS = 30
APPROVED_FEN = 1_000_000
KINDS = {"disburse": 4, "pay": 10, "reserve": 2, "resolve": 2, "reverse": 2, "close": 2}
_EVENTS = """
SELECT split_part(idempotency_key, ':', 1) AS request, count(*) FROM lending_event
WHERE split_part(idempotency_key, ':', 1) = ANY(%s) GROUP BY 1
"""
_ORPHANS = """
SELECT t.kind, t.id::text FROM ledger_transfer t
LEFT JOIN (SELECT unnest(transfer_ids) AS id FROM lending_event) e ON e.id = t.id
WHERE e.id IS NULL AND t.kind = ANY(%s)
"""
_OWN_KINDS = ["loan_accrued", "loan_adjusted", "loan_paid", "loan_disbursed"]
_VERSIONS = """
SELECT l.number FROM lending_loan l
WHERE l.version <> (SELECT count(*) FROM lending_event e WHERE e.loan_id = l.id)
"""
_CLEARING = "SELECT coalesce(sum(amount_fen), 0)::bigint FROM ledger_entry WHERE account_id = %s"
_MONEY = """
SELECT coalesce(sum(CASE kind WHEN 'paid' THEN amount_fen ELSE -amount_fen END), 0)::bigint
FROM lending_event e WHERE money_account_id = %s AND kind IN ('paid', 'disbursed')
AND NOT EXISTS (SELECT FROM lending_event r WHERE r.reverses_id = e.id)
"""
_CLOSED = """
SELECT c.business_date::text FROM lending_closing c
JOIN lending_accrualbatch b ON b.id = c.batch_id
WHERE c.finished_at IS NOT NULL AND b.posted_at IS NOT NULL
"""


class LendingWorkload:
    """A lender's few loans, on which much happens at once; two workers may close the same day."""

    weights: Mapping[str, int] = KINDS

    def prepare(self, now: dt.datetime) -> World:
        """Rules, chart, an account for the money, and the loans."""
        publish_rules(RULES, now=now, approved_by=None)
        load_chart()
        clearing = open_account(id=uuid.uuid4(), kind="treasury_clearing", now=now, slots=4).id
        dates = [(FIRST + dt.timedelta(days=30 * n)).isoformat() for n in range(1, 25)]
        terms = {
            "principal_due": [
                {"date": day, "amount_fen": APPROVED_FEN // 10} for day in dates[:10]
            ],
            "interest_due_dates": dates,
            "maturity": dates[9],
            "rate": "12",
            "penalty": {"overdue_markup_pct": "50", "misuse_markup_pct": "100"},
        }
        loans = [
            commands.open_loan(
                actor=None,
                now=now,
                idempotency_key=f"open:{number}",
                number=str(number),
                lender_id=uuid.UUID(int=7),
                borrower_id=uuid.UUID(int=8 + number),
                product="test",
                approved_fen=APPROVED_FEN,
                terms=terms,
                start_date=FIRST,
            ).loan_id
            for number in range(LOANS)
        ]
        for loan_id in loans:
            commands.disburse(
                actor=None,
                now=now,
                idempotency_key=f"lend:{loan_id}",
                loan_id=loan_id,
                amount_fen=APPROVED_FEN // 2,
                value_date=FIRST,
                to_account_id=clearing,
            )
        return {"clearing": str(clearing), "loans": [str(each) for each in loans]}

    def requests(self, world: World, chance: random.Random) -> Iterator[Request]:
        """Mostly payments; days out of order; reservations and events that others take back."""
        reserved: list[Request] = []
        done: list[Request] = []
        closed = FIRST
        while True:
            kind = chance.choices(list(self.weights), list(self.weights.values()))[0]
            new: dict[str, Any] = {
                "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
                "kind": kind,
                "loan": chance.choice(world["loans"]),
                "amount": chance.choice([1, 777, 10_000, 60_000]),
                "day": (FIRST + dt.timedelta(days=chance.randint(0, 350))).isoformat(),
            }
            if kind == "close":
                closed += dt.timedelta(days=chance.choice([0, 1, 1, 2]))
                if closed > START.date():
                    continue
                yield new | {"day": closed.isoformat()}
                continue
            if kind == "resolve" and chance.random() < 0.4:
                # Past the maturity nothing is lent: refused when the reservation is resolved already.
                new["day"] = (FIRST + dt.timedelta(days=340)).isoformat()
            if kind in {"resolve", "reverse"}:
                earlier = reserved if kind == "resolve" else done
                if not earlier:
                    continue
                of = chance.choice(earlier[-40:])
                new |= {"of": of["id"], "loan": of["loan"], "given_back": chance.random() < 0.5}
            elif kind == "reserve":
                reserved.append(new)
            else:
                done.append(new)
            yield new

    def perform(self, world: World, request: Request, now: dt.datetime) -> Any:
        """One command under the request's id as its key."""
        day = dt.date.fromisoformat(request["day"])
        if request["kind"] == "close":
            close_day(day, now=now, today=START.date(), workers=1, wait=True)
            return request["day"]
        clearing = uuid.UUID(world["clearing"])
        common: dict[str, Any] = {
            "actor": None,
            "now": now,
            "idempotency_key": self.key(request),
            "loan_id": uuid.UUID(request["loan"]),
        }
        lent = common | {"amount_fen": request["amount"], "value_date": day}
        match request["kind"]:
            case "disburse":
                booked = commands.disburse(**lent, to_account_id=clearing)
            case "reserve":
                booked = commands.reserve_disbursement(**lent, to_account_id=clearing)
            case "pay":
                booked = commands.record_payment(**lent, from_account_id=clearing)
            case "reverse":
                booked = commands.reverse_event(**common, event_id=self.event_of(request))
            case _ if request["given_back"]:
                booked = commands.void_disbursement(
                    **common, reserved_event_id=self.event_of(request)
                )
            case _:
                booked = commands.post_disbursement(
                    **common, reserved_event_id=self.event_of(request), value_date=day
                )
        return [str(booked.event_id), booked.sequence, dict(booked.outcome)]

    def key(self, request: Request) -> str:
        """The idempotency key, the same at each delivery."""
        return str(request["id"])

    def event_of(self, request: Request) -> uuid.UUID:
        """The event of an earlier request, if that was done. Raises EventUnknown."""
        found = Event.objects.filter(idempotency_key__startswith=request["of"]).first()
        if found is None:
            message = "the request was not done"
            raise EventUnknown(message, remedy="do it first")
        return found.id

    def half_done(self, reader: Reader, requests: Sequence[Request]) -> list[str]:
        """Every transfer has its event, and every event has raised its loan's version."""
        return [f"lending: {each} is half done" for each in self._loose_ends(reader)]

    def _loose_ends(self, reader: Reader) -> list[str]:
        transfers = reader.execute(_ORPHANS, [_OWN_KINDS]).fetchall()
        loans = reader.execute(_VERSIONS).fetchall()
        return [f"{kind} {each}" for kind, each in transfers] + [f"loan {row[0]}" for row in loans]

    def complaints(self, reader: Reader, world: World, history: History) -> list[str]:
        """Each request once or not at all, as it was answered; the money is that of the events."""
        counts = dict(reader.execute(_EVENTS, [list(history.requests)]).fetchall())
        closed = {row[0] for row in reader.execute(_CLOSED).fetchall()}
        told = []
        for each in history.done:
            request = history.requests[each]
            if request["kind"] == "close":
                count = int(request["day"] in closed)
            else:
                count = counts.get(each, 0)
            if count != 1:
                words = "is lost" if count == 0 else "was booked twice"
                told.append(f"lending: acknowledged {request['kind']} {each} {words}")
        told += [
            f"lending: refused {each} left an event"
            for each in history.certainly_refused()
            if counts.get(each)
        ]
        told += [f"lending: {each}: a refusal left something" for each in self._loose_ends(reader)]
        clearing = [uuid.UUID(world["clearing"])]
        held, wanted = (reader.execute(sql, clearing).fetchone() for sql in (_CLEARING, _MONEY))
        if held != wanted:
            told.append(f"lending: {held} on the account of the money, of the events {wanted}")
        return told


WORKLOAD = LendingWorkload()
