"""Consortia (政府采购法 art 24): the lead applies, every member consents first."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from honghu.base.problems import Conflict, HonghuError
from honghu.kernel.cases.effects import Effect
from honghu.kernel.parties.queries import find_organisation, get_organisation

SEPARATOR = "、"


class NoMember(HonghuError):  # noqa: N818 named after what was attempted
    """The organisation is not a member of the consortium on the award."""

    code = "not-a-member"


class ConsentMissing(Conflict):
    """A member of the consortium has not consented yet."""

    code = "member-consent-missing"


def split_names(text: str | None) -> list[str]:
    """The names that a text of the case lists."""
    return [name for name in (text or "").split(SEPARATOR) if name]


def join_members(effect: Effect) -> None:
    """Record the members of the award that are registered; the others are for the office."""
    for name in split_names(effect.case.facts.get("member_names")):
        found = find_organisation(name=name)
        if found is not None:
            effect.case.add_party("members", found.id)


def admit_member(effect: Effect) -> None:
    """Effect of `admit_member`: a person says which organisation a member is. Raises NoMember."""
    member = get_organisation(uuid.UUID(effect.form["member"]))
    if member.name not in split_names(effect.case.facts.get("member_names")):
        message = _("The award does not name {name} as a member.").format(name=member.name)
        raise NoMember(message, remedy=_("Register the member under the name on the award."))
    effect.case.add_party("members", member.id)


def consent_member(effect: Effect) -> None:
    """Effect of `consent_member`: one member agrees; once is enough. Raises NoMember."""
    facts, own = effect.case.facts, effect.actor.organisation_id
    name = "" if own is None else get_organisation(own).name
    if name not in split_names(facts.get("member_names")):
        message = _("The award does not name {name} as a member.").format(name=name)
        raise NoMember(message)
    known = split_names(facts.get("consented"))
    facts["consented"] = SEPARATOR.join(dict.fromkeys([*known, name]))


def waiting_members(facts: Mapping[str, Any], supplier: str) -> list[str]:
    """The members that have not consented; the supplier that applies speaks for itself."""
    agreed = {*split_names(facts.get("consented")), supplier}
    return [name for name in split_names(facts.get("member_names")) if name not in agreed]


def require_consents(facts: Mapping[str, Any]) -> None:
    """Raise ConsentMissing naming the members that have not consented."""
    waiting = waiting_members(facts, get_organisation(uuid.UUID(facts["supplier"])).name)
    if waiting:
        message = _("Every member of the consortium has to consent first: {names}").format(
            names=SEPARATOR.join(waiting)
        )
        raise ConsentMissing(message, remedy=_("Ask the members to consent in this case."))
