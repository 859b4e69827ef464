"""Photographs paired by the place where they were taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from honghu.base.earth import Point, metres_between


@dataclass(frozen=True, slots=True)
class Picture:
    """A photograph and where it was taken; null while unknown."""

    sha256: str
    place: Point | None


@dataclass(frozen=True, slots=True)
class Pair:
    """A photograph from before the work and what answers it.

    `paired`: `after` was taken within the distance, `metres` away. `apart`: the nearest one is
    farther than that. `unknown`: the place of the photograph, or of all that could answer it, is
    not known, so nothing can be said.
    """

    before: str
    after: str | None
    metres: int | None
    verdict: Literal["paired", "apart", "unknown"]


def pair_pictures(
    before: Sequence[Picture], after: Sequence[Picture], *, metres_max: int
) -> list[Pair]:
    """For each photograph from before the work the nearest one from after it.

    One photograph may answer several that were taken on the spot. An unknown place is never taken
    for a near one.
    """
    return [_answer(picture, after, metres_max) for picture in before]


def _answer(picture: Picture, after: Sequence[Picture], metres_max: int) -> Pair:
    if picture.place is None:
        return Pair(picture.sha256, None, None, "unknown")
    near = [
        (metres_between(picture.place, each.place), each.sha256)
        for each in after
        if each.place is not None
    ]
    if not near:
        return Pair(picture.sha256, None, None, "unknown")
    metres, sha256 = min(near)
    if metres <= metres_max:
        return Pair(picture.sha256, sha256, round(metres), "paired")
    if len(near) < len(after):
        return Pair(picture.sha256, None, None, "unknown")
    return Pair(picture.sha256, sha256, round(metres), "apart")
