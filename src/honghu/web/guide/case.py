"""A case: what it is, where it stands, what was and what can be done."""

import datetime as dt
from decimal import Decimal

from django.utils.translation import gettext as _

from honghu.web.components import (
    ActionOffer,
    Badge,
    EvidencePair,
    EvidenceView,
    Fact,
    Light,
    Moment,
    Stage,
)
from honghu.web.guide.samples import CASE_NUMBER, ROOT_HASH, photograph


def lights() -> tuple[Light, ...]:
    """Every light."""
    return (
        Light(level="red", detail=_("by 2 days")),
        Light(level="amber", detail=_("27 hours left")),
        Light(level="green"),
        Light(level="suspended", detail=_("flood season")),
        Light(level="none"),
    )


def badges() -> tuple[Badge, ...]:
    """Every tone."""
    return (
        Badge(label=_("registered")),
        Badge(label=_("being put right"), tone="lake"),
        Badge(label=_("struck off"), tone="green"),
        Badge(label=_("returned"), tone="red"),
        Badge(label=_("provisional"), tone="amber"),
    )


def facts(now: dt.datetime) -> tuple[Fact, ...]:
    """Facts of several kinds."""
    return (
        Fact(label=_("Register number"), value=CASE_NUMBER, kind="code"),
        Fact(label=_("Water"), value=_("Sihu canal, section 3"), url="#"),
        Fact(label=_("Kind of problem"), value=_("water hyacinth")),
        Fact(label=_("Estimated area"), value=1250, kind="integer", unit="m²"),
        Fact(label=_("Responsible"), value=_("River office of Fengkou town"), url="#"),
        Fact(label=_("Reported"), value=now - dt.timedelta(days=4), kind="instant"),
        Fact(
            label=_("Contract amount"),
            value=128_600_000,
            kind="money",
            note=_("as published; equals the award"),
        ),
        Fact(label=_("Yearly rate"), value=Decimal("0.0385"), kind="rate"),
        Fact(label=_("Reporter's telephone"), value="138****0000", kind="code", is_masked=True),
        Fact(label=_("Depth of water"), value=None, note=_("not measured")),
        Fact(
            label=_("Description"),
            value=_(
                "Plants cover the canal from the bridge to the pumping station and hold back the "
                "flow. Boats can enter from the west bank only."
            ),
            kind="long_text",
        ),
    )


def stages(now: dt.datetime) -> tuple[Stage, ...]:
    """The way of the case."""
    day = dt.timedelta(days=1)
    return (
        Stage(label=_("Registered"), status="done", at=now - 4 * day, who=_("Patrol")),
        Stage(label=_("Issued"), status="done", at=now - 3 * day, who=_("City river office")),
        Stage(label=_("Signed for"), status="done", at=now - 3 * day, who=_("Fengkou town")),
        Stage(label=_("Being put right"), status="done", at=now - 2 * day),
        Stage(
            label=_("First check"),
            status="current",
            who=_("Fengkou town"),
            note=_("27 hours left"),
        ),
        Stage(label=_("Verification"), status="ahead", who=_("City river office")),
        Stage(label=_("Struck off"), status="ahead"),
    )


def moments(now: dt.datetime) -> tuple[Moment, ...]:
    """Its history, newest first."""
    day = dt.timedelta(days=1)
    return (
        Moment(
            title=_("Apply for striking off"),
            at=now - dt.timedelta(hours=5),
            claimed_at=now - dt.timedelta(hours=6),
            actor=_("Xiong Wei"),
            organisation=_("River office of Fengkou town"),
            result=_("first check"),
            note=_(
                "Cleared with two boats and one excavator; the plants were brought to the compost site."
            ),
            facts=(
                Fact(label=_("Labour"), value=14, kind="integer", unit=_("person-days")),
                Fact(label=_("Boats"), value=2, kind="integer", unit=_("boat-days")),
                Fact(label=_("Area cleared"), value=1250, kind="integer", unit="m²"),
                Fact(label=_("Removed"), value=Decimal("18.5"), kind="decimal", unit=_("tonnes")),
            ),
            pair=EvidencePair(
                before=photograph(is_after=False, at=now - 4 * day),
                after=photograph(is_after=True, at=now - dt.timedelta(hours=6)),
                distance_m=12,
                interval=dt.timedelta(days=3, hours=18),
            ),
            proof_url="#",
            tone="lake",
        ),
        Moment(
            title=_("Return"),
            at=now - 2 * day,
            actor=_("Luo Min"),
            organisation=_("River office of Fengkou town"),
            result=_("being put right"),
            note=_("The photograph shows another stretch. Please photograph from the bridge."),
            proof_url="#",
            tone="red",
        ),
        Moment(
            title=_("Issue"),
            at=now - 3 * day,
            actor=_("Zhou Lan"),
            organisation=_("City river office"),
            result=_("issued"),
            evidence=(
                EvidenceView(
                    label=_("Rectification notice"),
                    url="#",
                    description=_("Rectification notice No. 41 of 2026"),
                    size_bytes=182_400,
                    received_at=now - 3 * day,
                    digest=ROOT_HASH,
                ),
            ),
            proof_url="#",
        ),
    )


def offers() -> tuple[ActionOffer, ...]:
    """Open and shut actions."""
    return (
        ActionOffer(
            label=_("First check"),
            url="#",
            description=_("Look at the place, compare the photographs, then pass on or return."),
            is_primary=True,
        ),
        ActionOffer(
            label=_("Ask for more time"), url="#", description=_("Before the due time only.")
        ),
        ActionOffer(
            label=_("Strike off"),
            by=_("verifier of the city river office"),
            reasons=(
                _("The case waits for the first check."),
                _(
                    "You put the problem right yourself; another person of another organisation must verify it."
                ),
            ),
        ),
        ActionOffer(
            label=_("Cancel the case"),
            url="#",
            is_dangerous=True,
            is_confirmed=True,
        ),
    )
