"""Photographs of reporters: kept as evidence if they are pictures, of these days and of this county."""

import dataclasses
import datetime as dt
from collections.abc import Sequence

from django.core.files.uploadedfile import UploadedFile
from django.utils.timezone import get_default_timezone, localdate
from django.utils.translation import gettext as _

from honghu.base.earth import Point
from honghu.base.problems import HonghuError
from honghu.domains.citizens.queries.rule_rows import is_outside, rule
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.evidence.queries import EvidenceRow
from honghu.kernel.parties.actor import Actor


@dataclasses.dataclass(frozen=True, slots=True)
class Photograph:
    """A photograph that was kept; when and where it says that it was taken, null where it does not."""

    sha256: str
    taken_at: dt.datetime | None
    place: Point | None


def keep_photographs(
    files: Sequence["UploadedFile[bytes]"], *, actor: Actor, now: dt.datetime
) -> tuple[tuple[Photograph, ...], tuple[str, ...]]:
    """Keep the photographs that can be kept; what is wrong with the others, by their names."""
    most = rule("photos_max", localdate(now)).as_int()
    kept: list[Photograph] = []
    faults: list[str] = []
    for file in files[:most]:
        try:
            found, fault = _keep(file, actor=actor, now=now)
        except HonghuError as refusal:
            found, fault = None, " ".join(filter(None, [refusal.message, refusal.remedy]))
        if found is not None:
            kept.append(found)
        if fault:
            faults.append(f"{(file.name or '')[:80]}: {fault}")
    if len(files) > most:
        faults.append(_("At most {count} photographs.").format(count=most))
    return tuple({each.sha256: each for each in kept}.values()), tuple(faults)


def _keep(
    file: "UploadedFile[bytes]", *, actor: Actor, now: dt.datetime
) -> tuple[Photograph | None, str]:
    largest = rule("photo_bytes_max", localdate(now)).as_int()
    if (file.size or 0) > largest:
        return None, _("A photograph may have {count} MB at most.").format(count=largest >> 20)
    stored = store_evidence(
        content=file, filename=file.name or "", actor=actor, now=now, kind="photo"
    )
    if not stored.evidence.media_type.startswith("image/"):
        return None, _("This is no photograph. Send a picture from the camera.")
    if stored.evidence.media_type == "image/svg+xml":
        return None, _("This is a drawing that may hold a program. Send a picture from the camera.")
    photograph = _read(stored.evidence)
    return (photograph, "") if not (fault := _fault(photograph, now)) else (None, fault)


def _read(row: EvidenceRow) -> Photograph:
    taken = None
    if row.exif_captured is not None:
        taken = dt.datetime.fromisoformat(row.exif_captured)
        # Cameras without an offset mean the clock on the wall.
        taken = taken if taken.tzinfo else taken.replace(tzinfo=get_default_timezone())
    place = row.exif_place
    return Photograph(row.sha256, taken, Point(place.longitude, place.latitude) if place else None)


def _fault(photograph: Photograph, now: dt.datetime) -> str:
    today = localdate(now)
    oldest = now - dt.timedelta(days=rule("photo_age_days", today).as_int())
    taken = photograph.taken_at
    if taken is not None and not oldest <= taken <= now + dt.timedelta(days=1):
        return _("The camera says {day}. Take a photograph of how it looks now.").format(
            day=localdate(taken).isoformat()
        )
    if photograph.place is not None and is_outside(photograph.place, today):
        return _("It was taken outside the county. Send one taken on the spot.")
    return ""
