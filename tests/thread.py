"""A financing thread for tests: notices in, and a story that can be stopped anywhere."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from honghu.domains.procurement.commands import take_notice
from honghu.domains.procurement.events import NoticeTaken
from honghu.domains.procurement.queries import AwardRow, awards_of_notice
from honghu.kernel.cases.commands import perform
from honghu.kernel.cases.queries import find_case
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.cases.writing import Done
from honghu.kernel.parties.actor import SYSTEM
from honghu.site.county import Member, ensure_organisation
from honghu.site.story import Story, application_of, cast_for
from tests import notices


@dataclasses.dataclass(slots=True)
class Thread:
    """One award and everything that follows from it."""

    cast: dict[str, Member]
    now: dt.datetime
    award: AwardRow
    story: Story

    def application(self) -> CaseRow:
        """The application that the invitation opened, as it stands."""
        found = application_of(self.award, now=self.now)
        assert found is not None
        return found

    def see(self, case_id: uuid.UUID) -> CaseRow:
        """A case as it stands."""
        return find_case(case_id, actor=SYSTEM, now=self.now)

    def take(self, content: bytes, name: str = "notice.txt") -> NoticeTaken:
        """Take one more notice in."""
        return take_notice(
            content=content,
            filename=name,
            actor=self.cast["clerk"].actor(self.now.date()),
            now=self.now,
        )

    def do(
        self,
        case_id: uuid.UUID,
        action: str,
        who: str,
        form: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Done:
        """One person performs one action."""
        return perform(
            case_id,
            action,
            actor=self.cast[who].actor(self.now.date()),
            now=self.now,
            idempotency_key=more.pop("key", None) or str(uuid.uuid4()),
            form=form or {},
            **more,
        )

    def placed(self) -> uuid.UUID:
        """Carry the application to an approved loan; its id."""
        return self.story.place(self.application(), self.award)


def begin(county: dict[str, Member], now: dt.datetime, content: bytes | None = None) -> Thread:
    """Take an award notice in, its supplier and buyer being registered."""
    content = content or notices.award()
    ensure_organisation(notices.SUPPLIER, "enterprise", now=now)
    ensure_organisation(notices.BUYER, "institution", now=now)
    taken = take_notice(
        content=content,
        filename="award.txt",
        actor=county["clerk"].actor(now.date()),
        now=now,
    )
    award = awards_of_notice(taken.notice_id)[0]
    cast = cast_for(county, award, now=now)
    story = Story(cast, now + dt.timedelta(hours=1), lambda _at, _who, _what: None)
    return Thread(cast, now, award, story)
