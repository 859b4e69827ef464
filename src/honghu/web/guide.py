"""Invented content for the style guide. No person, firm or case in it exists."""

import datetime as dt
from decimal import Decimal

from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

from honghu.web.components import (
    ActionOffer,
    Badge,
    Checkpoint,
    Column,
    Crumb,
    EmptyState,
    EvidencePair,
    EvidenceView,
    Fact,
    FilterChip,
    KeyFigure,
    Light,
    Moment,
    Pages,
    Progress,
    Proof,
    RailGroup,
    RailItem,
    Row,
    Stage,
    Tab,
    Table,
)
from honghu.web.context import Chrome
from honghu.web.fields import Choice, FormField

CASE_NUMBER = "HH-2026-0417"
_ROOT = "9f3b61c07de24a85b1c9e07a44d2f6830e5b7ad1c6f2904873ab5d1e60c4f29a"
_LEAF = "3c1e88ad5f0b47629e7d31c46a0f58b2d9e47103bca6250f8d14e79a6b3c2d51"


def rail(path: str) -> tuple[RailGroup, ...]:
    """A rail as the desk would give it."""
    return (
        RailGroup(
            label="",
            items=(
                RailItem(label=_("My work"), url="#", icon="work", count=12, level="red"),
                RailItem(label=_("Figures"), url="#", icon="figure"),
                RailItem(label=_("Bulletins"), url="#", icon="bulletin"),
            ),
        ),
        RailGroup(
            label=_("Finance"),
            items=(
                RailItem(label=_("Awards and contracts"), url="#", icon="contract", count=38),
                RailItem(
                    label=_("Contract financing"), url="#", icon="bank", count=9, level="amber"
                ),
                RailItem(label=_("Chain micro-credit"), url="#", icon="chain", count=4),
                RailItem(label=_("Ledger"), url="#", icon="ledger"),
            ),
        ),
        RailGroup(
            label=_("Registers"),
            items=(
                RailItem(label=_("Rivers and lakes"), url="#", icon="river", count=23, level="red"),
                RailItem(label=_("Work safety"), url="#", icon="safety", count=17),
                RailItem(label=_("Lifts"), url="#", icon="lift", count=2),
                RailItem(label=_("City management"), url="#", icon="urban", count=31),
                RailItem(label=_("Key projects"), url="#", icon="project", count=6),
                RailItem(label=_("Supervision"), url="#", icon="supervise", count=5),
                RailItem(
                    label=_("Style guide"),
                    url=path,
                    icon="lotus",
                    is_current=path == reverse("styleguide"),
                ),
            ),
        ),
    )


def chrome(now: dt.datetime, path: str) -> Chrome:
    """The frame as somebody signed in sees it."""
    return Chrome(
        person_name=_("Zhou Lan"),
        organisation_name=_("City river office"),
        is_signed_in=True,
        work_count=12,
        checkpoint=Checkpoint(
            size=18204, root_hash=_ROOT, signed_at=now - dt.timedelta(minutes=7), url="#"
        ),
        next_path=path,
        addresses=dict.fromkeys(
            ("home", "my_work", "search", "sign_in", "sign_out", "choose_organisation"), "#"
        ),
    )


def content(now: dt.datetime) -> dict[str, object]:
    """Everything the page shows, by the name its template uses."""
    return {
        "now": now,
        "crumbs": (
            Crumb(label=_("Rivers and lakes"), url="#"),
            Crumb(label=_("Weeds on the Sihu canal, section 3")),
        ),
        "lights": _lights(),
        "badges": _badges(),
        "amounts": (123456789, 500_000_00, None),
        "due_soon": now + dt.timedelta(hours=27, minutes=10),
        "overdue": now - dt.timedelta(days=2, hours=5),
        "facts": _facts(now),
        "stages": _stages(now),
        "moments": _moments(now),
        "offers": _offers(),
        "fields": _fields(),
        "wrong_fields": _wrong_fields(),
        "case_number": CASE_NUMBER,
        "filter_fields": _filter_fields(),
        "chips": (
            FilterChip(label=_("State: verification"), remove_url="?"),
            FilterChip(label=_("Light: overdue"), remove_url="?"),
        ),
        "table": _table(now),
        "pages": Pages(page=4, page_size=20, total=231),
        "tabs": _tabs(),
        "figures": _figures(now),
        "running": Progress(
            label=_("Reading the list of lifts"),
            done=1204,
            total=1832,
            detail=_("3 rows need a person."),
        ),
        "finished": Progress(label=_("Monthly bulletin"), done=9, total=9),
        "failed": Progress(
            label=_("Bank statement of June"),
            done=41,
            total=180,
            detail=_(
                "Row 42 names an account that no contract has. Correct it and send the file again."
            ),
            is_failed=True,
        ),
        "proof": Proof(
            leaf_hash=_LEAF,
            verify_url="#",
            leaf_index=18190,
            tree_size=18204,
            root_hash=_ROOT,
            signed_at=now - dt.timedelta(minutes=7),
            receipt_url="#",
        ),
        "empty": EmptyState(
            title=_("No problem is open in this register"),
            text=_(
                "What patrols and residents report appears here. You can also bring in a list "
                "from Excel; it is tried first and nothing is saved until you agree."
            ),
            action_label=_("Open a case"),
            action_url="#",
            extra_urls=(Crumb(label=_("Bring in a list"), url="#"),),
            icon="river",
        ),
    }


def _lights() -> tuple[Light, ...]:
    return (
        Light(level="red", detail=_("by 2 days")),
        Light(level="amber", detail=_("27 hours left")),
        Light(level="green"),
        Light(level="suspended", detail=_("flood season")),
        Light(level="none"),
    )


def _badges() -> tuple[Badge, ...]:
    return (
        Badge(label=_("registered")),
        Badge(label=_("being put right"), tone="lake"),
        Badge(label=_("struck off"), tone="green"),
        Badge(label=_("returned"), tone="red"),
        Badge(label=_("provisional"), tone="amber"),
    )


def _facts(now: dt.datetime) -> tuple[Fact, ...]:
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


def _stages(now: dt.datetime) -> tuple[Stage, ...]:
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


def photograph(*, is_after: bool, at: dt.datetime) -> EvidenceView:
    """A drawn scene in place of a photograph."""
    address = static("honghu/samples/after.svg" if is_after else "honghu/samples/before.svg")
    return EvidenceView(
        label=_("After") if is_after else _("Before"),
        url=address,
        thumbnail_url=address,
        description=_("The canal is clear from bank to bank.")
        if is_after
        else _("Water hyacinth covers the whole canal."),
        captured_at=at,
        place=_("Sihu canal, bridge at Zhongfu"),
        digest=_LEAF if is_after else _ROOT,
    )


def _moments(now: dt.datetime) -> tuple[Moment, ...]:
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
                    digest=_ROOT,
                ),
            ),
            proof_url="#",
        ),
    )


def _offers() -> tuple[ActionOffer, ...]:
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


def _fields() -> tuple[FormField, ...]:
    return (
        FormField(name="title", label=_("Title"), control="text", required=True, max_length=80),
        FormField(
            name="bank",
            label=_("Bank"),
            control="lookup",
            required=True,
            help=_("Name or unified social credit code."),
            choices=(Choice(value=_("Honghu Rural Commercial Bank"), label=""),),
        ),
        FormField(
            name="amount",
            label=_("Amount applied for"),
            control="money",
            value="1286000.00",
            required=True,
            help=_("Not above the ceiling of 1,286,000.00 yuan."),
        ),
        FormField(
            name="rate",
            label=_("Yearly rate"),
            control="rate",
            value="3.85",
            unit="%",
            required=True,
        ),
        FormField(name="people", label=_("Labour"), control="integer", unit=_("person-days")),
        FormField(name="tonnes", label=_("Removed"), control="decimal", unit=_("tonnes")),
        FormField(name="signed_on", label=_("Day of signing"), control="date", required=True),
        FormField(name="found_at", label=_("Found at"), control="instant", required=True),
        FormField(
            name="result",
            label=_("Result of the check"),
            control="choice",
            required=True,
            choices=(
                Choice(value="passed", label=_("passed")),
                Choice(value="returned", label=_("returned")),
            ),
            value="passed",
        ),
        FormField(
            name="town",
            label=_("Town"),
            control="choice",
            choices=tuple(
                Choice(value=str(code), label=name)
                for code, name in enumerate(
                    (_("Xindi"), _("Fengkou"), _("Caoshi"), _("Wulin"), _("Longkou"), _("Yanwo"))
                )
            ),
        ),
        FormField(
            name="plants",
            label=_("Plants and rubbish"),
            control="choices",
            choices=(
                Choice(value="hyacinth", label=_("water hyacinth")),
                Choice(value="alligator", label=_("alligator weed")),
                Choice(value="chestnut", label=_("wild water chestnut")),
                Choice(value="litter", label=_("floating litter")),
            ),
            values=("hyacinth", "litter"),
        ),
        FormField(
            name="place",
            label=_("Place"),
            control="place",
            values=(_("Sihu canal, bridge at Zhongfu"), "113.331", "30.048"),
        ),
        FormField(
            name="photos",
            label=_("Photographs from after"),
            control="photos",
            required=True,
            is_multiple=True,
            accept="image/*",
            help=_("At least one, taken after the notice was issued, at the same place."),
        ),
        FormField(name="remark", label=_("Remark"), control="long_text"),
        FormField(
            name="agreed",
            label=_("The affected residents were told."),
            control="boolean",
            required=True,
        ),
    )


def _wrong_fields() -> tuple[FormField, ...]:
    return (
        FormField(
            name="wrong_amount",
            label=_("Amount applied for"),
            control="money",
            value="1.5亿",
            required=True,
            errors=(_("Write the amount in yuan with digits, such as 150000000.00."),),
        ),
        FormField(
            name="wrong_day",
            label=_("Due day"),
            control="date",
            value="2026-02-01",
            required=True,
            errors=(_("The due day lies before the day of issue."),),
        ),
    )


def _filter_fields() -> tuple[FormField, ...]:
    return (
        FormField(
            name="text", label=_("Text"), control="search", placeholder=_("Number, place, person")
        ),
        FormField(
            name="state",
            label=_("State"),
            control="choice",
            placeholder=_("all"),
            choices=tuple(
                Choice(value=str(n), label=badge.label)
                for n, badge in enumerate((*_badges(), *_badges()))
            ),
        ),
        FormField(name="from", label=_("Reported from"), control="date"),
    )


def _table(now: dt.datetime) -> Table:
    places = (
        (_("Weeds on the Sihu canal, section 3"), "red", _("being put right"), 128_600_000, 9),
        (_("Rubbish on the bank at Zhongfu"), "amber", _("first check"), 45_000_00, 3),
        (_("Nets across the Neijing river"), "green", _("issued"), None, 1),
        (_("Outfall without a sign at Dawu"), "suspended", _("suspended"), 3_250_000_00, 5),
        (_("Broken boundary stone at Chenzhao"), "none", _("registered"), 1_200_00, None),
    )
    return Table(
        caption=_("Open problems on rivers and lakes"),
        columns=(
            Column(label=_("Number"), kind="code", sort="number", role="field"),
            Column(label=_("Problem"), role="title"),
            Column(label=_("State"), kind="badge"),
            Column(label=_("Light"), kind="light", sort="due", role="light"),
            Column(label=_("Due"), kind="instant", sort="due_at"),
            Column(label=_("Cost"), kind="money", sort="cost"),
            Column(label=_("Steps"), kind="integer", role="hidden"),
        ),
        rows=tuple(
            Row(
                cells=(
                    f"HH-2026-{417 + index:04d}",
                    title,
                    Badge(label=state),
                    level,
                    now + dt.timedelta(days=index - 1, hours=3),
                    cost,
                    steps,
                ),
                url="#",
                is_current=index == 1,
            )
            for index, (title, level, state, cost, steps) in enumerate(places)
        ),
        totals=(_("Total"), None, None, None, None, 458_220_000, None),
        sort="-due_at",
    )


def _tabs() -> tuple[Tab, ...]:
    return (
        Tab(label=_("List"), url="#", count=79, is_current=True),
        Tab(label=_("Map"), url="#"),
        Tab(label=_("Figures"), url="#"),
        Tab(label=_("Lifecycle"), url="#"),
    )


def _figures(now: dt.datetime) -> tuple[KeyFigure, ...]:
    today = now.date()
    return (
        KeyFigure(
            label=_("Lent on public contracts"),
            value=15_900_000_000,
            kind="money_wan",
            period=_("since the pilot began"),
            as_of=today,
            proof_url="#",
        ),
        KeyFigure(
            label=_("Suppliers financed"),
            value=17,
            unit=_("firms"),
            change=_("+5 this year"),
            as_of=today,
            proof_url="#",
        ),
        KeyFigure(
            label=_("Struck off on time"),
            value=Decimal("0.9372"),
            kind="percent",
            level="green",
            as_of=today,
            proof_url="#",
        ),
        KeyFigure(
            label=_("Mean days to disbursal"),
            value=Decimal("3.4"),
            kind="decimal",
            unit=_("days"),
            is_provisional=True,
            as_of=today,
            proof_url="#",
        ),
    )
