"""Photographs of a case from before the work and from after it, in pairs, for its page and papers."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.timezone import get_default_timezone

from honghu.base.earth import Point, metres_between
from honghu.kernel.evidence.queries import list_evidence
from honghu.kernel.evidence.rows import EvidenceRow, UseRow


@dataclass(frozen=True, slots=True)
class Shot:
    """A photograph with the time and place that are claimed, or else that its camera noted.

    `is_camera` tells that the place is the camera's; `earliest` is the earliest instant that
    anything says it was taken or received.
    """

    use: UseRow
    at: dt.datetime | None
    place: Point | None
    is_camera: bool
    earliest: dt.datetime


@dataclass(frozen=True, slots=True)
class ShotPair:
    """Two photographs, and how many whole metres apart they were taken; null while unknown.

    `after` is null where there are fewer of them than from before.
    """

    before: Shot
    after: Shot | None
    metres: int | None


def shots_of(uses: Sequence[UseRow]) -> list[Shot]:
    """The pictures among these uses of evidence, in their order; one query where there are any."""
    pictures = [use for use in uses if use.media_type.startswith("image/")]
    if not pictures:
        return []
    noted = {row.sha256: row for row in list_evidence(sorted({use.sha256 for use in pictures}))}
    return [_shot(use, noted[use.sha256]) for use in pictures]


def pair_shots(uses: Sequence[UseRow]) -> list[ShotPair]:
    """Each photograph from before with the nearest one of the last work; none until there are both.

    Work that was returned is done again: the photographs of the last time count. Where no place is
    known they stand in the order in which they came.
    """
    wanted = [use for use in uses if use.kind in {"before", "after"}]
    if {use.kind for use in wanted} != {"before", "after"}:
        return []
    shots = shots_of(wanted)
    before = [shot for shot in shots if shot.use.kind == "before"]
    left = [shot for shot in shots if shot.use.kind == "after"]
    if not left:
        return []
    last = left[-1].use.step_id
    left = [shot for shot in left if shot.use.step_id == last]
    pairs = []
    for shot in before:
        other = _nearest(shot, left)
        if other is not None:
            left.remove(other)
        pairs.append(ShotPair(shot, other, metres_apart(shot, other)))
    return pairs


def metres_apart(one: Shot, other: Shot | None) -> int | None:
    """Whole metres between two photographs; null while the place of either is unknown."""
    if other is None or one.place is None or other.place is None:
        return None
    return round(metres_between(one.place, other.place))


def _shot(use: UseRow, row: EvidenceRow) -> Shot:
    noted = _noted_at(row)
    known = (use.received_at, use.captured_at, noted)
    return Shot(
        use,
        use.captured_at or noted,
        use.place or row.exif_place,
        is_camera=use.place is None and row.exif_place is not None,
        earliest=min(each for each in known if each is not None),
    )


def _noted_at(row: EvidenceRow) -> dt.datetime | None:
    """What the camera noted; without an offset it is the county's time."""
    if row.exif_captured is None:
        return None
    try:
        at = dt.datetime.fromisoformat(row.exif_captured)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=get_default_timezone())


def _nearest(one: Shot, others: Sequence[Shot]) -> Shot | None:
    """The nearest of those whose place is known; else the first."""
    known = [
        (metres, number)
        for number, other in enumerate(others)
        if (metres := metres_apart(one, other)) is not None
    ]
    if known:
        return others[min(known)[1]]
    return others[0] if others else None
