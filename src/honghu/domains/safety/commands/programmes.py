"""Campaigns, the six routines, the five provisions, the “1234” items and the two duty lists."""

from django.utils.translation import gettext as _

from honghu.base.problems import Conflict, Invalid
from honghu.domains.safety.commands.hazards import refuse_future
from honghu.kernel.cases.effects import Effect
from honghu.kernel.cases.queries import children_of

ITEMS = "safety-work-item"


class SlotTaken(Conflict):
    """The campaign has an item in this place already."""

    code = "slot-taken"


def name_campaign(effect: Effect) -> None:
    """Effect of `open` of a campaign. Raises Invalid for crossed days and a safety month unnumbered."""
    facts = effect.case.facts
    if facts["ends_on"] < facts["starts_on"]:
        message = _("It ends before it starts.")
        raise Invalid(message, fields={"ends_on": message})
    if facts["kind"] == "safety_month" and facts.get("edition") is None:
        message = _("A safety month has its number in the series.")
        raise Invalid(message, fields={"edition": message})
    effect.case.title = facts["name"]


def log_activity(effect: Effect) -> None:
    """Effect of `log`: a routine of the actor's own organisation. Raises Invalid for a day to come."""
    refuse_future(effect.case.facts["held_on"], "held_on", effect.now)
    _own(effect)


def claim_provision(effect: Effect) -> None:
    """Effect of `claim`: a provision of the actor's own organisation."""
    _own(effect)


def draft_duties(effect: Effect) -> None:
    """Effect of `draft` of a duty list: of the actor's own organisation."""
    _own(effect)


def _own(effect: Effect) -> None:
    own, case = effect.actor.organisation_id, effect.case
    if own is None:
        message = _("This belongs to an organisation.")
        raise Invalid(message)
    case.facts["organisation"] = str(own)
    case.add_party("organisation", own)
    # Titles are kept, and the record is Chinese, whatever the actor reads.
    kind = case.register.fields["kind"].options[case.facts["kind"]].zh
    case.title = f"{effect.actor.organisation_name} · {kind}"


def plan_item(effect: Effect) -> None:
    """Effect of `plan`: group N has N places, each once. A title stays empty until its source is known.

    Raises Invalid, SlotTaken.
    """
    case, facts = effect.case, effect.case.facts
    if case.parent_id is None:
        message = _("An item belongs to a campaign.")
        raise Invalid(message, remedy=_("Open it from the campaign."))
    if facts["position"] > facts["group"]:
        message = _("Group {group} has {group} items.").format(group=facts["group"])
        raise Invalid(message, fields={"position": message})
    place = (facts["group"], facts["position"])
    for other in children_of(case.parent_id, register=ITEMS, now=effect.now):
        if other.id != case.id and (other.facts.get("group"), other.facts.get("position")) == place:
            message = _("Item {number} stands in this place already.").format(number=other.number)
            raise SlotTaken(message, remedy=_("Change that item."))
    name_item(effect)


def name_item(effect: Effect) -> None:
    """Effect of `name`: a title only with its source, so that none is made up. Raises Invalid."""
    facts = effect.case.facts
    if bool(facts.get("item")) != bool(facts.get("source")):
        message = _("A title comes with its source.")
        raise Invalid(message, fields={"item": message, "source": message})
    place = f"{facts['group']}-{facts['position']}"
    effect.case.title = f"{place} {facts['item']}" if facts.get("item") else place
