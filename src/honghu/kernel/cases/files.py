"""Which stored files somebody may read."""

import json
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from honghu.base.problems import NotFound
from honghu.kernel.cases.visibility import sight_of
from honghu.kernel.evidence.queries import UseRow, get_use
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.queries import get_register

_USES = """
SELECT u.id, u.uploader_person_id, u.uploader_organisation_id, u.kind = 'track', c.register,
       c.register_version, c.parties
FROM evidence_evidenceuse u LEFT JOIN cases_case c ON c.id = u.case_id
WHERE u.evidence_id = %s ORDER BY u.received_at, u.id
"""


def visible_use(sha256: str, *, actor: Actor) -> UseRow:
    """The first use of a content that lets the actor read it, in two queries.

    That is an upload by the actor or the own organisation, or a use in a case that the actor may
    see. The track of a person's ways is sensitive (PIPL article 28): it is its own organisation's
    alone, whoever sees the case. Raises NotFound alike for what is not there and for what is not
    the actor's to see: hashes stand in the public journal and must not tell whether somebody holds
    the file.
    """
    with connection.cursor() as cursor:
        cursor.execute(_USES, [sha256])
        rows = cursor.fetchall()
    for use_id, person_id, organisation_id, is_track, *case in rows:
        own = actor.person_id is not None and person_id == actor.person_id
        same = actor.organisation_id is not None and organisation_id == actor.organisation_id
        if own or same or (case[0] is not None and not is_track and _sees(case, actor)):
            return get_use(use_id)
    message = _("There is no such file, or it is not yours to see.")
    raise NotFound(message, remedy=_("Open it from the case that uses it."))


def _sees(case: list[Any], actor: Actor) -> bool:
    code, version, parties = case
    sight = sight_of(get_register(code, version), actor)
    known = json.loads(parties) if isinstance(parties, str | bytes) else parties
    return sight.covers(known)
