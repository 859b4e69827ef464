"""All that the style guide shows, by the names of its template."""

import datetime as dt

from django.utils.translation import gettext as _

from honghu.web.components import Crumb, EmptyState, FilterChip, Pages, Progress, Proof
from honghu.web.guide.case import badges, facts, lights, moments, offers, stages
from honghu.web.guide.charts import charts, sparkline
from honghu.web.guide.forms import fields, wrong_fields
from honghu.web.guide.lists import figures, filter_fields, table, tabs
from honghu.web.guide.samples import CASE_NUMBER, LEAF_HASH, ROOT_HASH


def content(now: dt.datetime) -> dict[str, object]:
    """Everything the page shows, by the name its template uses."""
    return {
        "now": now,
        "crumbs": (
            Crumb(label=_("Rivers and lakes"), url="#"),
            Crumb(label=_("Weeds on the Sihu canal, section 3")),
        ),
        "lights": lights(),
        "badges": badges(),
        "amounts": (123456789, 500_000_00, None),
        "due_soon": now + dt.timedelta(hours=27, minutes=10),
        "overdue": now - dt.timedelta(days=2, hours=5),
        "facts": facts(now),
        "stages": stages(now),
        "moments": moments(now),
        "offers": offers(),
        "fields": fields(),
        "wrong_fields": wrong_fields(),
        "case_number": CASE_NUMBER,
        "filter_fields": filter_fields(),
        "chips": (
            FilterChip(label=_("State: verification"), remove_url="?"),
            FilterChip(label=_("Light: overdue"), remove_url="?"),
        ),
        "table": table(now),
        "pages": Pages(page=4, page_size=20, total=231),
        "tabs": tabs(),
        "figures": figures(now),
        "charts": charts(),
        "spark": sparkline(),
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
            leaf_hash=LEAF_HASH,
            verify_url="#",
            leaf_index=18190,
            tree_size=18204,
            root_hash=ROOT_HASH,
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
