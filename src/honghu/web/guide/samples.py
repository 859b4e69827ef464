"""Things that several parts of the guide show."""

import datetime as dt

from django.templatetags.static import static
from django.utils.translation import gettext as _

from honghu.web.components import EvidenceView

CASE_NUMBER = "HH-2026-0417"
ROOT_HASH = "9f3b61c07de24a85b1c9e07a44d2f6830e5b7ad1c6f2904873ab5d1e60c4f29a"
LEAF_HASH = "3c1e88ad5f0b47629e7d31c46a0f58b2d9e47103bca6250f8d14e79a6b3c2d51"


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
        digest=LEAF_HASH if is_after else ROOT_HASH,
    )
