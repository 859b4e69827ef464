"""The people of the safety tests: a regulator, a committee, a town and an enterprise."""

import dataclasses
import datetime as dt
import io
import itertools
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image

from honghu.kernel.cases.commands import open_case, perform
from honghu.kernel.cases.queries import find_case
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.documents.commands import open_series
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.parties.actor import SYSTEM, Actor
from honghu.kernel.parties.commands import add_organisation, add_person, appoint
from honghu.kernel.parties.queries import get_actor

ROLES = {
    "inspector": ("regulator", "safety_inspector"),
    "second": ("regulator", "safety_inspector"),
    "grader": ("regulator", "safety_grader"),
    "head": ("regulator", "safety_regulator"),
    "other_inspector": ("bureau", "safety_inspector"),
    "other_grader": ("bureau", "safety_grader"),
    "committee": ("committee", "safety_committee"),
    "officer": ("regulator", "safety_case_officer"),
    "cashier": ("regulator", "safety_case_officer"),
    "investigator": ("bureau", "safety_investigator"),
    "government": ("government", "safety_government"),
    "manager": ("plant", "enterprise_safety"),
    "foreman": ("plant", "enterprise_safety"),
    "boss": ("plant", "enterprise_head"),
    "town": ("township", "enterprise_safety"),
    "mayor": ("township", "enterprise_head"),
}
KINDS = {"plant": "enterprise", "landlord": "enterprise", "township": "township"}
SERIES = ("责令整改", "现场处理", "检查记录", "挂牌督办", "整改验收", "隐患核销")
FIVE = {
    f"five_{name}": True for name in ("responsibility", "measures", "funds", "deadline", "plan")
}
_shades = itertools.count(1)


@dataclasses.dataclass(slots=True)
class Cast:
    """Everybody by name, and the hour at which they act."""

    now: dt.datetime
    offices: dict[str, uuid.UUID] = dataclasses.field(default_factory=dict)
    people: dict[str, Actor] = dataclasses.field(default_factory=dict)

    def photo(self, who: str) -> str:
        """A picture that no other resembles, uploaded by somebody."""
        number = next(_shades)
        image = Image.new("L", (16, 16))
        image.putdata([(number * 7919 * (i + 3) ** 2 >> 3) % 256 for i in range(256)])
        content = io.BytesIO()
        image.save(content, "PNG")
        return self._store(who, content.getvalue(), "photo.png", "photo")

    def paper(self, who: str) -> str:
        """A document of its own."""
        content = f"材料{next(_shades)}\n".encode()
        return self._store(who, content, "paper.txt", "document")

    def _store(self, who: str, content: bytes, name: str, kind: str) -> str:
        stored = store_evidence(
            content=content, filename=name, actor=self.people[who], now=self.now, kind=kind
        )
        return stored.evidence.sha256

    def open(
        self,
        register: str,
        action: str,
        who: str,
        form: Mapping[str, Any],
        evidence: Mapping[str, Sequence[str]] | None = None,
        *,
        parent: uuid.UUID | None = None,
    ) -> uuid.UUID:
        """Open a case; its id."""
        return open_case(
            register,
            action=action,
            actor=self.people[who],
            now=self.now,
            idempotency_key=str(uuid.uuid4()),
            form=form,
            evidence=evidence,
            parent_id=parent,
        ).case_id

    def do(
        self,
        case_id: uuid.UUID,
        action: str,
        who: str,
        form: Mapping[str, Any] | None = None,
        **evidence: Sequence[str],
    ) -> str:
        """Perform an action; the state after it."""
        return perform(
            case_id,
            action,
            actor=self.people[who],
            now=self.now,
            idempotency_key=str(uuid.uuid4()),
            form=form or {},
            evidence=evidence,
        ).state

    def see(self, case_id: uuid.UUID) -> CaseRow:
        """A case as it stands."""
        return find_case(case_id, actor=SYSTEM, now=self.now)

    def today(self, ahead: int = 0) -> str:
        """The day of `now`, or one so many days later, as ISO text."""
        return (self.now.date() + dt.timedelta(days=ahead)).isoformat()

    def found(self, who: str = "inspector", **changes: Any) -> uuid.UUID:
        """A hazard found by a department at the plant."""
        form = {
            "summary": "除尘系统未采取泄爆措施",
            "found_on": self.today(),
            "responsible": str(self.offices["plant"]),
            "ownership": "own",
            "category": "equipment",
            "sector": "industry",
        }
        return self.open(
            "safety-hazard", "open", who, form | changes, {"before": [self.photo(who)]}
        )

    def graded_major(self, **changes: Any) -> uuid.UUID:
        """A major hazard, graded by two."""
        case = self.found(**changes)
        self.do(
            case,
            "grade_major",
            "inspector",
            {"grading_basis": "符合判定条款", "clause": "第四条第一项"},
        )
        self.do(case, "confirm_major", "grader", {"result": "confirmed", "reason": "属实"})
        return case

    def listed(self, *, stop: bool = False, **changes: Any) -> uuid.UUID:
        """A major hazard that is listed and being rectified."""
        case = self.graded_major(**changes)
        order = {
            "order_mode": "by_date",
            "due_on": self.today(20),
            "interim_control": "撤出作业人员，设置警戒",
            "stop_use": stop,
        }
        self.do(case, "order_major", "head", order)
        plan = {
            "reported_on": self.today(),
            "checklist": ["goal", "method", "funds", "people", "term", "safety"],
        }
        self.do(case, "report_major", "boss", plan, report=[self.paper("boss")])
        listing = {"listed_on": self.today(), "due_on": self.today(30)}
        self.do(case, "list", "committee", listing)
        return case

    def submitted(self, case: uuid.UUID) -> None:
        """Let the plant rectify a listed hazard and its head sign."""
        self.do(case, "check_five", "inspector", FIVE)
        self.do(
            case, "rectify", "manager", {"measures": "加装泄爆装置"}, after=[self.photo("manager")]
        )
        self.do(case, "self_accept_major", "boss", {"result": "passed"})


def settle(now: dt.datetime) -> Cast:
    """Appoint everybody, in a database in which the registers are published."""
    cast = Cast(now)
    names = {office for office, _role in ROLES.values()} | set(KINDS)
    for name in sorted(names):
        kind = KINDS.get(name, "office")
        cast.offices[name] = add_organisation(name=f"洪湖{name}", kind=kind, now=now).id
    for name, (office, role) in ROLES.items():
        person = add_person(name=name, now=now)
        since = now.date() - dt.timedelta(days=3000)
        appoint(
            person_id=person.id, organisation_id=cast.offices[office], role=role, from_date=since
        )
        cast.people[name] = get_actor(person_id=person.id, on=now.date())
    for office in ("regulator", "committee", "bureau"):
        for code in SERIES:
            open_series(
                code=code,
                organ_mark=f"洪{office}{code}",
                organisation_id=cast.offices[office],
                organ_name=f"洪湖{office}",
                now=now,
            )
    return cast
