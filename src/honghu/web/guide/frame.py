"""The frame as the desk would fill it."""

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from honghu.web.components import Checkpoint, RailGroup, RailItem
from honghu.web.context import Chrome
from honghu.web.guide.samples import ROOT_HASH


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
            size=18204, root_hash=ROOT_HASH, signed_at=now - dt.timedelta(minutes=7), url="#"
        ),
        next_path=path,
        addresses=dict.fromkeys(
            ("home", "my_work", "search", "sign_in", "sign_out", "choose_organisation"), "#"
        ),
    )
