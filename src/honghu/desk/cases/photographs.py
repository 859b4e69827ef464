"""Before and after, side by side: the photographs of a case in pairs, with time, place and distance."""

import dataclasses
from collections.abc import Sequence

from django.utils.translation import gettext as _

from honghu.desk.cases.history import evidence_view
from honghu.kernel.evidence.pairing import Shot, ShotPair, pair_shots
from honghu.kernel.evidence.queries import UseRow
from honghu.web.components import EvidencePair, EvidenceView

PAIRS_MAX = 6
"""So many pairs stand on the page; the history has every photograph."""


def pairs_of(uses: Sequence[UseRow]) -> tuple[EvidencePair, ...]:
    """The first pairs as the page shows them. One query where there are photographs of both kinds."""
    return tuple(_shown(pair) for pair in pair_shots(uses)[:PAIRS_MAX])


def _shown(pair: ShotPair) -> EvidencePair:
    before, after = pair.before, pair.after
    if after is None:
        return EvidencePair(before=_view(before, _("Before")), after=None)
    return EvidencePair(
        before=_view(before, _("Before")),
        after=_view(after, _("After")),
        distance_m=pair.metres,
        interval=after.at - before.at if before.at and after.at else None,
    )


def _view(shot: Shot, label: str) -> EvidenceView:
    """As a figure; what only the camera says is told as such. Its digest stands in the history."""
    place = f"{shot.place.latitude:.5f}, {shot.place.longitude:.5f}" if shot.place else ""
    if place and shot.is_camera:
        place = _("%(place)s (by the camera)") % {"place": place}
    return dataclasses.replace(
        evidence_view(shot.use),
        label=label,
        description=label,
        captured_at=shot.at,
        place=place,
        digest="",
    )
