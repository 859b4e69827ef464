"""The credit thread under random hands: people, machines, notices and the post, in any order.

Every command either does what it says or is refused with words and changes nothing; a command
that is delivered twice is done once; and `invariants.Watch` holds after each.
"""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import connection, transaction
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from honghu.base.problems import HonghuError
from honghu.kernel.cases.commands import KeyReused, open_case, perform
from honghu.kernel.cases.queries import find_case
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.cases.tests.untouched import contents
from honghu.kernel.cases.writing import Done
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.parties.actor import SYSTEM, SYSTEM_ROLE, Actor
from honghu.kernel.parties.commands import appoint
from honghu.kernel.parties.queries import get_actors
from honghu.kernel.registers.model import START, Action, Register
from honghu.kernel.registers.queries import get_register
from honghu.site.county import Member
from tests import notices
from tests.properties.forms import ACCOUNT, action_form, spoil
from tests.properties.invariants import Watch
from tests.thread import begin

REGISTERS = (
    "financing-application",
    "financing-quote",
    "financing-loan",
    "risk-event",
    "payment-retraction",
)
STAGES = ("invited", "placed", "contracted", "locked", "drawn")
_NOTICES = {
    "contract": notices.contract,
    "contract that differs": lambda: notices.contract(amount="980000.00元"),
    "correction": notices.correction,
    "second correction": lambda: notices.correction(amount="80万元"),
    "contract of the correction": lambda: notices.contract(amount="900000.00元"),
    "termination": notices.termination,
}
_WHY = "采购人书面确认无质疑"


@dataclasses.dataclass(frozen=True, slots=True)
class Command:
    """A command as it was sent, to be sent again."""

    actor: Actor
    action: str
    key: str
    form: Mapping[str, Any]
    evidence: Mapping[str, list[str]]
    case_id: uuid.UUID | None
    register: str
    parent_id: uuid.UUID | None = None
    expected_version: int | None = None

    def send(self, now: dt.datetime) -> Done:
        """Deliver it."""
        more: dict[str, Any] = {
            "actor": self.actor,
            "now": now,
            "idempotency_key": self.key,
            "form": self.form,
            "evidence": self.evidence,
        }
        if self.case_id is None:
            return open_case(self.register, action=self.action, parent_id=self.parent_id, **more)
        return perform(self.case_id, self.action, expected_version=self.expected_version, **more)


class CreditThread(RuleBasedStateMachine):
    """One award, everybody of the county, and whatever they do."""

    county: ClassVar[dict[str, Member]]
    start: ClassVar[dt.datetime]

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()  # type: ignore[deprecated]  # Django 6 only
        self.now = self.start
        self.keys = 0
        self.references: list[str] = []
        self.sent: list[tuple[Command, Done | None]] = []
        self.notices_left = dict(_NOTICES)
        self.watch = Watch()

    def teardown(self) -> None:
        """Leave the database as it was."""
        transaction.savepoint_rollback(self.savepoint)

    @initialize(stage=st.sampled_from(STAGES))
    def begin(self, stage: str) -> None:
        """Bring the thread to a stage by the proper way."""
        self.thread = thread = begin(self.county, self.now)
        self.actors = self._everybody()
        self.now += dt.timedelta(hours=4)
        reached = STAGES.index(stage)
        if reached == 0:
            return
        loan = thread.placed()
        if reached >= 2:
            self.take("contract")
        if reached >= 3:
            account = {"account_no": ACCOUNT, "registration_no": "ZD1"}
            thread.do(loan, "propose_lock", "lianhu-manager", account)
            thread.do(loan, "confirm_account", "buyer", {"result": "confirmed"})
            thread.do(loan, "lock", "lianhu-reviewer")
        if reached >= 4:
            thread.now = self.now
            thread.file_contract()
            amount = {"amount": 70_000_000, "override_reason": _WHY}
            thread.do(loan, "propose_disbursement", "lianhu-manager", amount)
            thread.do(loan, "disburse", "lianhu-reviewer", {"result": "released"})

    def _everybody(self) -> list[Actor]:
        """Everybody in every coat, among them people who hold both roles of their bank or office."""
        cast, day = self.thread.cast, self.now.date()
        for who, role in (
            ("lianhu-manager", "bank_reviewer"),
            ("jianghe-reviewer", "bank_manager"),
        ):
            member = cast[who]
            appoint(
                person_id=member.person_id,
                organisation_id=member.organisation_id,
                role=role,
                from_date=day,
            )
        appoint(
            person_id=cast["treasury"].person_id,
            organisation_id=cast["office"].organisation_id,
            role="procurement_office",
            from_date=day,
        )
        people = {member.person_id for member in cast.values()}
        found = [actor for each in sorted(people) for actor in get_actors(person_id=each, on=day)]
        return [*sorted(found, key=lambda a: (a.organisation_name, a.name)), SYSTEM]

    # What happens

    @rule(data=st.data())
    def somebody_acts(self, data: st.DataObject) -> None:
        """A sensible action by somebody who may hold the role."""
        row = self._case(data, ended=False)
        register = get_register(row.register, row.register_version)
        possible = sorted(
            action.code
            for action in register.actions.values()
            if row.state in action.origins and SYSTEM_ROLE not in action.roles
        )
        if not possible:
            return
        action = register.actions[data.draw(st.sampled_from(possible))]
        holders = [a for a in self.actors if a.roles & action.roles]
        actor = self._actor(data, holders or self.actors)
        self._deliver(self._command(data, register, action, row, actor))

    @rule(data=st.data())
    def anybody_acts(self, data: st.DataObject) -> None:
        """Any action of the register by anybody, some with a form that makes no sense."""
        row = self._case(data, ended=None)
        register = get_register(row.register, row.register_version)
        action = register.actions[data.draw(st.sampled_from(list(register.actions)))]
        actor = self._actor(data, self.actors)
        command = self._command(data, register, action, row, actor)
        version = data.draw(st.sampled_from([None, row.version, row.version - 1]))
        form = spoil(dict(command.form), data.draw) if data.draw(st.booleans()) else command.form
        self._deliver(dataclasses.replace(command, form=form, expected_version=version))

    @rule(data=st.data())
    def a_bank_quotes(self, data: st.DataObject) -> None:
        """Somebody drafts a quote, mostly of a bank, on the application or on what is none."""
        register = get_register("financing-quote")
        banks = [a for a in self.actors if "bank_manager" in a.roles]
        actor = self._actor(data, [*banks, self.actors[0]])
        parent = self._case(data, ended=None, registers=("financing-application",) * 3 + REGISTERS)
        command = self._command(data, register, register.actions["draft"], None, actor)
        self._deliver(dataclasses.replace(command, parent_id=parent.id))

    @rule(data=st.data())
    def a_second_bank_lends(self, data: st.DataObject) -> None:
        """The system opens another bank's loan on the award: rules 4 and 9 must hold across banks."""
        register = get_register("financing-loan")
        parent = self._case(data, ended=None, registers=("financing-application",))
        command = self._command(data, register, register.actions["open"], None, SYSTEM)
        form = {
            "award": parent.facts["award"],
            "supplier": str(self.thread.cast["supplier"].organisation_id),
            "buyer": str(self.thread.cast["buyer"].organisation_id),
            "bank": str(self.thread.cast["jianghe-manager"].organisation_id),
            "amount": 70_000_000,
            "rate": "2.76",
            "ratio": data.draw(st.sampled_from(["90", "70"])),
            "tenor_months": 6,
            "loan_kind": "first",
        }
        self._deliver(dataclasses.replace(command, form=form, parent_id=parent.id))

    @rule(data=st.data())
    def a_payment_is_taken_back(self, data: st.DataObject) -> None:
        """The treasury asks, mostly for a payment that was recorded."""
        register = get_register("payment-retraction")
        actor = self._actor(data, [a for a in self.actors if "treasury" in a.roles])
        parent = self._case(data, ended=None)
        command = self._command(data, register, register.actions["request"], None, actor)
        self._deliver(dataclasses.replace(command, parent_id=parent.id))

    @precondition(lambda self: self.notices_left)
    @rule(data=st.data())
    def a_notice_comes(self, data: st.DataObject) -> None:
        """The contract, a correction or the termination, whenever it likes."""
        self.take(data.draw(st.sampled_from(sorted(self.notices_left))))

    def take(self, name: str) -> None:
        """Take a notice in, which must never be refused; its bytes again change nothing."""
        content = self.notices_left.pop(name)()
        self.thread.now = self.now
        assert self.thread.take(content, f"{name}.txt").new
        before = contents()
        assert not self.thread.take(content, "again.txt").new
        assert contents() == before

    @precondition(lambda self: any(done for _command, done in self.sent))
    @rule(data=st.data())
    def the_post_delivers_twice(self, data: st.DataObject) -> None:
        """A command that was done comes again: the same answer, and nothing changes."""
        done = [(command, answer) for command, answer in self.sent if answer is not None]
        command, first = done[data.draw(st.integers(0, len(done) - 1))]
        before = contents()
        again = command.send(self.now)
        assert again.replayed
        assert dataclasses.replace(again, replayed=False) == first
        assert contents() == before

    @precondition(lambda self: any(done for _command, done in self.sent))
    @rule(data=st.data())
    def a_key_is_used_again(self, data: st.DataObject) -> None:
        """The key of a command that was done, with another body."""
        done = [command for command, answer in self.sent if answer is not None]
        command = done[data.draw(st.integers(0, len(done) - 1))]
        other = dataclasses.replace(command, form=dict(command.form) | {"colour": "red"})
        before = contents()
        try:
            other.send(self.now)
        except KeyReused:
            assert contents() == before
        else:
            raise AssertionError("a key did two things")

    @precondition(lambda self: any(done is None for _command, done in self.sent))
    @rule(data=st.data())
    def what_was_refused_is_tried_again(self, data: st.DataObject) -> None:
        """The same command later: it may be possible by now."""
        refused = [command for command, answer in self.sent if answer is None]
        self._deliver(refused[data.draw(st.integers(0, len(refused) - 1))])

    @rule(hours=st.sampled_from([1, 20, 24 * 5, 24 * 40]))
    def time_passes(self, hours: int) -> None:
        """Nights, weeks, a month."""
        self.now += dt.timedelta(hours=hours)

    @invariant()
    def everything_holds(self) -> None:
        """All that must hold."""
        self.watch.look()

    # How

    def _case(
        self,
        data: st.DataObject,
        *,
        ended: bool | None,
        registers: tuple[str, ...] = REGISTERS,
    ) -> CaseRow:
        """One of the cases, loans oftener than others."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, register, closed_at IS NOT NULL FROM cases_case "
                "WHERE register = ANY(%s) ORDER BY id",
                [list(registers)],
            )
            rows = cursor.fetchall()
        known = [row for row in rows if ended in (None, row[2])] or rows
        often = [row for row in known if row[1] == "financing-loan"]
        ids = [row[0] for row in known + often * 2]
        found = ids[data.draw(st.integers(0, len(ids) - 1))]
        row = find_case(found, actor=SYSTEM, now=self.now)
        note(f"{row.number} {row.state}")
        return row

    def _actor(self, data: st.DataObject, known: list[Actor]) -> Actor:
        actor = known[data.draw(st.integers(0, len(known) - 1))]
        note(f"{actor.name} {actor.organisation_name} {sorted(actor.roles)}")
        return actor

    def _command(
        self,
        data: st.DataObject,
        register: Register,
        action: Action,
        row: CaseRow | None,
        actor: Actor,
    ) -> Command:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT number FROM cases_case WHERE register = 'financing-quote' ORDER BY id"
            )
            quotes = [each[0] for each in cursor.fetchall()]
        cast = self.thread.cast
        form = action_form(
            register,
            action,
            row,
            draw=data.draw,
            now=self.now,
            banks=[cast[f"{bank}-manager"].organisation_id for bank in ("lianhu", "jianghe")],
            quotes=quotes,
            references=self.references,
        )
        self.keys += 1
        evidence = {
            slot: [self._file(actor, spec.kind)]
            for slot, spec in action.evidence.items()
            if spec.min
        }
        opening = row is None or START in action.origins
        case_id = None if opening or row is None else row.id
        return Command(
            actor, action.code, f"machine-{self.keys}", form, evidence, case_id, register.code
        )

    def _file(self, actor: Actor, kind: str) -> str:
        stored = store_evidence(
            content=f"evidence {self.keys}\n".encode(),
            filename="a.txt",
            actor=actor,
            now=self.now,
            kind=kind,
        )
        return stored.evidence.sha256

    def _deliver(self, command: Command) -> None:
        """Send it. Anything but an answer or a refusal in words is a fault."""
        before = contents()
        note(f"{command.register} {command.action} {dict(command.form)}")
        answer: Done | HonghuError
        try:
            answer = command.send(self.now)
        except HonghuError as refusal:
            answer = refusal
        if isinstance(answer, Done):
            assert not answer.replayed
            self.sent.append((command, answer))
            return
        assert 400 <= answer.status < 500, repr(answer)
        assert answer.message
        assert contents() == before, f"half written after {answer!r}"
        self.sent.append((command, None))
