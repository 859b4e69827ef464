"""A small cast of invented offices and people, and a register of weeds in ditches, for page tests."""

import dataclasses
import datetime as dt
import io
import uuid
from typing import Any

from django.test import Client
from PIL import Image

from honghu.kernel.cases.commands import open_case, perform
from honghu.kernel.cases.writing import Done
from honghu.kernel.modules.commands import publish_shipped
from honghu.kernel.parties.actor import SYSTEM, Actor
from honghu.kernel.parties.commands import add_organisation, add_person, appoint, open_account
from honghu.kernel.parties.models import Account
from honghu.kernel.parties.queries import get_actor
from honghu.kernel.registers.commands import publish_register

PASSWORD = "lotus-root-and-seed-9"  # noqa: S105 for invented people in a test database

WEEDS = """
register: ditch-weeds
version: 1
title: {zh: 沟渠水草, en: Weeds in ditches}
numbering: 水草
fields:
  ditch: {title: {zh: 沟渠, en: Ditch}, type: text, required: true, max_length: 60}
  area: {title: {zh: 面积, en: Area}, type: decimal, unit: {zh: 平方米, en: m²}, min: 0}
  cost: {title: {zh: 预算, en: Budget}, type: money, min: 0}
  urgent: {title: {zh: 是否紧急, en: Urgent}, type: boolean, required: true}
  caller: {title: {zh: 举报电话, en: Caller}, type: phone, personal: true}
  responsible: {title: {zh: 责任乡镇, en: Town}, type: organisation, required: true}
roles:
  river_office: {title: {zh: 河湖办, en: River office}, held_in: [office]}
  town_officer: {title: {zh: 乡镇专干, en: Town officer}, of: responsible}
states:
  registered: {title: {zh: 待交办, en: To be issued}, start: true, waits_for: river_office, clock: {code: issue, duration: 2 working_days, source: test}}
  issued: {title: {zh: 待清理, en: To be cleared}, waits_for: town_officer, clock: {code: clear, duration: 5 working_days, source: test}}
  submitted: {title: {zh: 待复核, en: To be verified}, waits_for: river_office, clock: {code: verify, duration: 3 working_days, source: test}}
  closed: {title: {zh: 已销号, en: Struck off}, end: closed}
  dropped: {title: {zh: 已撤销, en: Dropped}, end: cancelled}
actions:
  open:
    title: {zh: 登记, en: Register}
    from: start
    to: registered
    by: [river_office]
    facts: [ditch, area, cost, urgent, caller]
    evidence:
      before: {kind: photo, min: 0, max: 3}
  issue:
    title: {zh: 交办, en: Issue}
    from: registered
    to: issued
    by: [river_office]
    kind: decision
    facts: [responsible]
  submit:
    title: {zh: 申请销号, en: Apply to strike off}
    from: issued
    to: submitted
    by: [town_officer]
    form:
      cleared: {title: {zh: 清理面积, en: Area cleared}, type: decimal, required: true, min: 0}
      remark: {title: {zh: 说明, en: Remark}, type: long_text}
    evidence:
      after: {kind: photo, min: 1, max: 3}
    checklist:
      - {code: banks, title: {zh: 岸坡已清, en: The banks are clear}}
  verify:
    title: {zh: 复核, en: Verify}
    from: submitted
    to: {passed: closed, failed: issued}
    by: [river_office]
    kind: verification
    verifies: [submit]
    differs: {person: true, organisation: true}
    counts: checks
    form:
      result:
        title: {zh: 结论, en: Result}
        type: choice
        required: true
        options: {passed: {zh: 通过, en: Passed}, failed: {zh: 退回, en: Failed}}
    evidence:
      check: {kind: photo, min: 1, max: 3}
  drop:
    title: {zh: 撤销, en: Drop}
    from: [registered, issued]
    to: dropped
    by: [river_office]
    kind: decision
    confirm: case_number
    form:
      reason: {title: {zh: 原因, en: Reason}, type: text, required: true}
list:
  columns: [number, ditch, area, cost, responsible, state, due_at]
  sort: -changed_at
"""


def picture(shade: int) -> bytes:
    """A small picture with features of its own, so that no two look alike."""
    image = Image.new("L", (64, 64))
    image.putdata(
        [(x * (shade + 3) + y * y * (shade + 1)) % 256 for y in range(64) for x in range(64)]
    )
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@dataclasses.dataclass(frozen=True, slots=True)
class Cast:
    """Who there is, and since when."""

    now: dt.datetime
    people: dict[str, tuple[uuid.UUID, uuid.UUID]]
    organisations: dict[str, uuid.UUID]

    def actor(self, name: str) -> Actor:
        """The person acting on the day of the tests."""
        person, organisation = self.people[name]
        return get_actor(person_id=person, on=self.now.date(), organisation_id=organisation)

    def client(self, name: str, language: str = "en") -> Client:
        """A browser in which the person is signed in."""
        client = Client()
        client.force_login(
            Account.objects.get(username=name),
            backend="django.contrib.auth.backends.ModelBackend",
        )
        client.cookies["django_language"] = language
        return client

    def do(self, case_id: uuid.UUID, action: str, who: str, **more: Any) -> Done:
        """Perform an action as somebody."""
        actor = SYSTEM if who == "system" else self.actor(who)
        return perform(
            case_id, action, actor=actor, now=self.now, idempotency_key=str(uuid.uuid4()), **more
        )

    def weeds(self, ditch: str = "Sihu ditch", **more: Any) -> Done:
        """A case of weeds, registered by the river office."""
        form = {"ditch": ditch, "area": "120.5", "cost": 1_234_500, "urgent": False, **more}
        return open_case(
            "ditch-weeds",
            actor=self.actor("lan"),
            now=self.now,
            idempotency_key=str(uuid.uuid4()),
            form=form,
        )

    def issued(self, town: str = "north", **more: Any) -> Done:
        """A case that waits for a town."""
        done = self.weeds(**more)
        form = {"responsible": str(self.organisations[town])}
        return self.do(done.case_id, "issue", "lan", form=form)


_PEOPLE = (
    ("lan", "Zhou Lan", "office", "river_office"),
    ("bo", "Luo Bo", "office", "river_office"),
    ("wei", "Xiong Wei", "north", "town_officer"),
    ("min", "Hu Min", "south", "town_officer"),
    ("su", "Su He", "supplier", "supplier"),
    ("chen", "Chen Yi", "bank-a", "bank_manager"),
    ("xu", "Xu Jiang", "bank-b", "bank_manager"),
    ("nobody", "Bai Ren", "office", "gardener"),
)
_KINDS = {
    "office": "office",
    "north": "township",
    "south": "township",
    "supplier": "enterprise",
    "bank-a": "bank",
    "bank-b": "bank",
}


def settle(now: dt.datetime) -> Cast:
    """Publish what the modules ship and the weeds, enter the people; each may sign in."""
    publish_shipped(now=now)
    publish_register(source=WEEDS, actor=SYSTEM, now=now)
    organisations = {
        code: add_organisation(name=f"Organisation {code}", kind=kind, now=now).id
        for code, kind in _KINDS.items()
    }
    people = {}
    for username, name, organisation, role in _PEOPLE:
        person = add_person(name=name, now=now)
        open_account(person=person, username=username, password=PASSWORD)
        appoint(
            person_id=person.id,
            organisation_id=organisations[organisation],
            role=role,
            from_date=dt.date(2026, 1, 1),
        )
        people[username] = (person.id, organisations[organisation])
    return Cast(now, people, organisations)
