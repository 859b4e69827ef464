"""What the loaders of the sample county share: offices, people, days, photographs, moves.

Everything goes through the public commands, so that the sample is as sound as a real county: with
steps, evidence, clocks and journal. Nobody here exists; the names of towns and rivers do.
"""

import datetime as dt
import io
import random
import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw

from honghu.kernel.cases.commands import open_case, perform
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.parties.actor import Actor
from honghu.kernel.parties.commands import add_person, appoint
from honghu.kernel.parties.queries import get_actor
from honghu.site.county import ensure_organisation

CHINA = ZoneInfo("Asia/Shanghai")
SINCE = dt.date(2022, 1, 1)
"""The day since which the sample's people hold their positions."""


class SampleCounty:
    """A seeded county under construction: the same seed gives the same county."""

    def __init__(self, seed: int = 2023) -> None:
        self.random = random.Random(seed)  # noqa: S311 a sample, not a secret
        self._moves = 0
        self._seed = seed

    def at(self, day: dt.date, hour: int = 9, minute: int = 0) -> dt.datetime:
        """An instant of a day, by the clocks of China."""
        return dt.datetime.combine(day, dt.time(hour, minute), CHINA)

    def organisation(self, name: str, kind: str) -> uuid.UUID:
        """The organisation of this name, entered if it is new."""
        return ensure_organisation(name, kind, now=self.at(SINCE))

    def person(self, name: str, organisation: uuid.UUID, roles: Sequence[str]) -> Actor:
        """A new person who holds these roles in the organisation."""
        person = add_person(name=name, now=self.at(SINCE))
        for role in roles:
            appoint(person_id=person.id, organisation_id=organisation, role=role, from_date=SINCE)
        return get_actor(person_id=person.id, on=SINCE, organisation_id=organisation)

    def open(
        self,
        register: str,
        actor: Actor,
        now: dt.datetime,
        form: Mapping[str, Any],
        *,
        action: str = "open",
        evidence: Mapping[str, Sequence[str]] | None = None,
        parent_id: uuid.UUID | None = None,
        rebound_of_id: uuid.UUID | None = None,
    ) -> uuid.UUID:
        """Open a case and return its id."""
        return open_case(
            register,
            action=action,
            actor=actor,
            now=now,
            idempotency_key=self._key(),
            form=form,
            evidence=evidence,
            parent_id=parent_id,
            rebound_of_id=rebound_of_id,
        ).case_id

    def move(
        self,
        case_id: uuid.UUID,
        action: str,
        actor: Actor,
        now: dt.datetime,
        form: Mapping[str, Any] | None = None,
        *,
        evidence: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Perform an action on a case."""
        perform(
            case_id,
            action,
            actor=actor,
            now=now,
            idempotency_key=self._key(),
            form=form or {},
            evidence=evidence,
        )

    def photograph(self, actor: Actor, now: dt.datetime, kind: str = "photo") -> str:
        """A picture that no other resembles, stored; its SHA-256."""
        image = Image.new("RGB", (64, 48))
        draw = ImageDraw.Draw(image)
        for row in range(6):
            for column in range(8):
                shade = tuple(self.random.randrange(256) for _channel in range(3))
                corner = (column * 8, row * 8)
                draw.rectangle((*corner, corner[0] + 7, corner[1] + 7), fill=shade)
        content = io.BytesIO()
        image.save(content, "PNG")
        return self._store(content.getvalue(), f"{kind}-{self._moves}.png", actor, now, kind)

    def paper(self, actor: Actor, now: dt.datetime, text: str) -> str:
        """A text file that says what it stands for, stored; its SHA-256."""
        content = f"{text}\n（样本，{now:%Y-%m-%d}，第{self._moves}号）\n".encode()
        return self._store(content, "sample.txt", actor, now, "document")

    def parts(self, total: int, count: int) -> list[int]:
        """Split a total into `count` different-looking parts above zero that add up to it.

        Raises ValueError if the total is too small for that.
        """
        if total < count:
            message = f"{total} cannot be split into {count} parts"
            raise ValueError(message)
        weights = [self.random.uniform(0.6, 1.6) for _part in range(count)]
        shares = [max(1, int((total - count) * weight / sum(weights))) for weight in weights]
        for index in range(total - sum(shares)):
            shares[index % count] += 1
        return shares

    def _store(self, content: bytes, name: str, actor: Actor, now: dt.datetime, kind: str) -> str:
        self._moves += 1
        stored = store_evidence(content=content, filename=name, actor=actor, now=now, kind=kind)
        return stored.sha256

    def _key(self) -> str:
        self._moves += 1
        return f"sample-{self._seed}-{self._moves}"
