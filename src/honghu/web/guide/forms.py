"""One field of each kind, and two that are wrong."""

from django.utils.translation import gettext as _

from honghu.web.fields import Choice, FormField


def fields() -> tuple[FormField, ...]:
    """One field of each kind."""
    return (*_written(), *_chosen(), *_attached())


def _written() -> tuple[FormField, ...]:
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
    )


def _chosen() -> tuple[FormField, ...]:
    return (
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
    )


def _attached() -> tuple[FormField, ...]:
    return (
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


def wrong_fields() -> tuple[FormField, ...]:
    """Two that are wrong, with what was typed."""
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
