"""The cast and the register of these tests: straw burning, from the patrol's find to the strike-off.

The county's office registers and verifies, towns put fires out. Nobody here exists.
"""

import dataclasses
import datetime as dt
import itertools
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from honghu.kernel.cases.commands import open_case, perform
from honghu.kernel.cases.detail import get_case
from honghu.kernel.cases.queries import find_case
from honghu.kernel.cases.rows import CaseDetail, CaseRow
from honghu.kernel.cases.writing import Done
from honghu.kernel.documents.commands import open_series
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.parties.actor import SYSTEM, Actor
from honghu.kernel.parties.commands import add_organisation, add_person, appoint
from honghu.kernel.parties.queries import get_actor
from honghu.kernel.registers import parsing
from honghu.kernel.registers.commands import publish_register
from honghu.kernel.rulesets import commands as rulesets
from honghu.kernel.rulesets.commands import publish_rules

SOURCE = (
    (Path(parsing.__file__).parent / "examples" / "straw-burning.yaml")
    .read_text("utf-8")
    .replace("straw-burning-order.docx", "default.docx")
)
NOW = dt.datetime(2026, 6, 1, 1, 0, tzinfo=dt.UTC)
"""A Monday, 09:00 in Honghu."""

RULES = """
domain: straw_burning
rules:
  - code: triage
    title: {zh: 研判, en: To be judged}
    unit: period
    clock: hour
    rows: [{value: 2, from: 2026-01-01, source: 测试, mark: D}]
  - code: clear.minor
    title: {zh: 处置, en: To be cleared}
    unit: period
    clock: working_day
    rows: [{value: 3, from: 2026-01-01, source: 测试, mark: D}]
  - code: clear.major
    title: {zh: 处置, en: To be cleared}
    unit: period
    clock: hour
    rows: [{value: 24, from: 2026-01-01, source: 测试, mark: D}]
  - code: verify
    title: {zh: 复核, en: To be verified}
    unit: period
    clock: working_day
    rows: [{value: 2, from: 2026-01-01, source: 测试, mark: D}]
"""

_PEOPLE = {
    "officer": ("禁烧办", ("burning_office",)),
    "chief": ("禁烧办", ("burning_office",)),
    "xiaogang": ("小港管理区", ("town_officer",)),
    "xiaogang-colleague": ("小港管理区", ("town_officer", "burning_office")),
    "fengkou": ("峰口镇", ("town_officer",)),
    "passer-by": ("峰口镇", ("tea_maker",)),
}
_KINDS = {"禁烧办": "office", "小港管理区": "township", "峰口镇": "township"}
_keys = itertools.count()


def new_key() -> str:
    """An idempotency key that was not used before."""
    return f"key-{next(_keys)}"


@dataclasses.dataclass(slots=True)
class Straw:
    """The published register with its cast, and short ways to act."""

    cast: dict[str, Actor]
    now: dt.datetime = NOW
    register: str = "straw-burning"
    pictures: Any = dataclasses.field(default_factory=itertools.count)

    def afresh(self) -> "Straw":
        """The same people for another test, whatever an earlier one has made of them."""
        return Straw(dict(self.cast))

    def town(self, who: str = "xiaogang") -> str:
        """The organisation of somebody, as a form names it."""
        return str(self.cast[who].organisation_id)

    def picture(self, who: str = "officer", kind: str = "photo") -> str:
        """Upload a file nobody has seen before; its SHA-256."""
        stored = store_evidence(
            content=f"evidence {next(self.pictures)} {uuid.uuid4()}\n".encode(),
            filename="a.txt",
            actor=self.cast[who],
            now=self.now,
            kind=kind,
        )
        return stored.sha256

    def finding(self, **changes: Any) -> dict[str, Any]:
        """The form of a fire that was found."""
        return {
            "found_at": self.now.isoformat(),
            "source": "patrol",
            "village": "小港村三组",
            "place": "113.45,29.81",
            "area": "1.5",
            "informant": "田大爷",
        } | changes

    def open(self, who: str = "officer", **more: Any) -> Done:
        """Register a fire."""
        more.setdefault("form", self.finding())
        if "evidence" not in more:
            more["evidence"] = {"before": [self.picture(who)]}
        more.setdefault("idempotency_key", new_key())
        return open_case(self.register, actor=self.cast[who], now=self.now, **more)

    def do(
        self,
        case_id: uuid.UUID,
        action: str,
        who: str,
        form: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Done:
        """One person performs one action."""
        more.setdefault("idempotency_key", new_key())
        more.setdefault("now", self.now)
        return perform(case_id, action, actor=self.cast[who], form=form, **more)

    def issued(self, severity: str = "minor", town: str = "xiaogang", **finding: Any) -> uuid.UUID:
        """A fire that a town has been told to put out."""
        case_id = self.open(form=self.finding(**finding)).case_id
        form = {"severity": severity, "responsible": self.town(town)}
        self.do(case_id, "issue", "chief", form)
        return case_id

    def submit(self, case_id: uuid.UUID, who: str = "xiaogang", area: str = "2") -> Done:
        """The town says that the fire is out."""
        evidence = {"after": [self.picture(who)]}
        return self.do(case_id, "submit", who, {"cleared_area": area}, evidence=evidence)

    def verify(self, case_id: uuid.UUID, who: str = "officer", result: str = "passed") -> Done:
        """The office looks."""
        form = {"result": result, "checklist": ["fire_out", "straw_in"]}
        return self.do(case_id, "verify", who, form, evidence={"check": [self.picture(who)]})

    def row(self, case_id: uuid.UUID) -> CaseRow:
        """The case as it stands."""
        return find_case(case_id, actor=SYSTEM, now=self.now)

    def see(self, case_id: uuid.UUID, who: str = "officer") -> CaseDetail:
        """The case as somebody sees it."""
        return get_case(case_id, actor=self.cast[who], now=self.now)


def settle_straw() -> Straw:
    """Publish rules and register, enter the cast."""
    publish_rules(Path(rulesets.__file__).parent / "kernel.yaml", now=NOW, approved_by=None)
    publish_rules(RULES, now=NOW, approved_by=None)
    publish_register(source=SOURCE, actor=SYSTEM, now=NOW)
    organisations = {
        name: add_organisation(name=name, kind=kind, now=NOW).id for name, kind in _KINDS.items()
    }
    open_series(
        code="交办单",
        organ_mark="洪禁烧办",
        organisation_id=organisations["禁烧办"],
        organ_name="洪湖市秸秆禁烧办公室",
        now=NOW,
    )
    cast = {}
    for who, (name, roles) in _PEOPLE.items():
        person = add_person(name=who, now=NOW)
        for role in roles:
            appoint(
                person_id=person.id,
                organisation_id=organisations[name],
                role=role,
                from_date=dt.date(2026, 1, 1),
            )
        cast[who] = get_actor(person_id=person.id, on=NOW.date())
    return Straw(cast)
