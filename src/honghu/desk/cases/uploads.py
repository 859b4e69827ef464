"""Files of a form: stored before the action is tried, and kept while the form is corrected."""

import datetime as dt
import re
from collections.abc import Mapping

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from honghu.base.problems import HonghuError
from honghu.desk.cases.action_form import held_name
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.evidence.queries import EvidenceRow, list_evidence
from honghu.kernel.parties.actor import Actor

DROP = "drop"
"""Name of the boxes by which a file already received is left out again."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


def receive(
    data: QueryDict,
    files: "MultiValueDict[str, UploadedFile[bytes]]",
    kinds: Mapping[str, str],
    *,
    actor: Actor,
    now: dt.datetime,
) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """Store the new files and join them with those held: (files by name, faults by name).

    A file that cannot be kept is a fault of its field; the others stay. Whether the actor may use
    a file at all is decided when the evidence is attached: a hash is no permission.
    """
    dropped = set(data.getlist(DROP))
    held: dict[str, tuple[str, ...]] = {}
    faults: dict[str, str] = {}
    for name, kind in kinds.items():
        known = [
            str(sha)
            for sha in data.getlist(held_name(name))
            if _SHA256.fullmatch(str(sha)) and sha not in dropped
        ]
        for file in files.getlist(name):
            try:
                stored = store_evidence(
                    content=file, filename=file.name or "", actor=actor, now=now, kind=kind
                )
            except HonghuError as refusal:
                said = filter(None, [faults.get(name), _fault(file.name or "", refusal)])
                faults[name] = " ".join(said)
            else:
                known.append(stored.sha256)
        held[name] = tuple(dict.fromkeys(known))
    return held, faults


def _fault(filename: str, refusal: HonghuError) -> str:
    """What is wrong with a file and what to do; its name stands there once, whoever names it."""
    said = " ".join(filter(None, [refusal.message, refusal.remedy]))
    if filename and filename in said:
        return said
    return _("%(file)s: %(problem)s") % {"file": filename, "problem": said}


def stored_rows(shas: list[str]) -> dict[str, EvidenceRow]:
    """The contents of these hashes by hash, in one query; none for none."""
    return {row.sha256: row for row in list_evidence(shas)} if shas else {}
