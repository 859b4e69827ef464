"""Before and after, side by side: the photographs of a case in pairs, with time, place and distance."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence

from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _

from honghu.desk.cases.history import distance_m, evidence_view
from honghu.kernel.evidence.queries import EvidenceRow, Place, UseRow, list_evidence
from honghu.web.components import EvidencePair, EvidenceView

PAIRS_MAX = 6
"""So many pairs stand on the page; the history has every photograph."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Shot:
    """A photograph with the time and place that are claimed, or else that its camera noted."""

    use: UseRow
    at: dt.datetime | None
    place: Place | None
    is_camera: bool

    def view(self, label: str) -> EvidenceView:
        """As a figure; what only the camera says is told as such. Its digest stands in the history."""
        shown = evidence_view(self.use)
        place = f"{self.place.latitude:.5f}, {self.place.longitude:.5f}" if self.place else ""
        if place and self.is_camera:
            place = _("%(place)s (by the camera)") % {"place": place}
        return dataclasses.replace(
            shown, label=label, description=label, captured_at=self.at, place=place, digest=""
        )


def pairs_of(uses: Sequence[UseRow]) -> tuple[EvidencePair, ...]:
    """Each photograph from before with the nearest one of the last work; none until there are both.

    One query where there are both. Where no place is known they stand in the order of their taking.
    """
    before = [use for use in uses if use.kind == "before" and _is_picture(use)]
    after = [use for use in uses if use.kind == "after" and _is_picture(use)]
    if not before or not after:
        return ()
    # Work that was returned is done again: the last time counts.
    after = [use for use in after if use.step_id == after[-1].step_id]
    noted = {
        row.sha256: row for row in list_evidence(sorted({use.sha256 for use in before + after}))
    }
    left = [_shot(use, noted) for use in after]
    pairs = []
    for one in (_shot(use, noted) for use in before[:PAIRS_MAX]):
        other = _nearest(one, left)
        if other is not None:
            left.remove(other)
        pairs.append(_pair(one, other))
    return tuple(pairs)


def _shot(use: UseRow, noted: Mapping[str, EvidenceRow]) -> _Shot:
    row = noted.get(use.sha256)
    camera = row.exif_place if row else None
    return _Shot(
        use,
        use.captured_at or (_exif_instant(row) if row else None),
        use.place or camera,
        is_camera=use.place is None and camera is not None,
    )


def _exif_instant(row: EvidenceRow) -> dt.datetime | None:
    """What the camera noted; without an offset it is the county's time."""
    if row.exif_captured is None:
        return None
    try:
        at = dt.datetime.fromisoformat(row.exif_captured)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=get_default_timezone())


def _nearest(one: _Shot, others: Sequence[_Shot]) -> _Shot | None:
    """The nearest of those whose place is known; else the first."""
    known = [
        (metres, number)
        for number, other in enumerate(others)
        if (metres := distance_m(one.place, other.place)) is not None
    ]
    if known:
        return others[min(known)[1]]
    return others[0] if others else None


def _pair(one: _Shot, other: _Shot | None) -> EvidencePair:
    if other is None:
        return EvidencePair(before=one.view(_("Before")), after=None)
    return EvidencePair(
        before=one.view(_("Before")),
        after=other.view(_("After")),
        distance_m=distance_m(one.place, other.place),
        interval=other.at - one.at if one.at and other.at else None,
    )


def _is_picture(use: UseRow) -> bool:
    return use.media_type.startswith("image/")
