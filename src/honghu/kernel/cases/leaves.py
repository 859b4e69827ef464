"""The journal's view of a step: the bytes that are hashed, and how to read them again."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from honghu.base.hashing import canonical_json
from honghu.kernel.journal.sources import TableSource


def _text(value: uuid.UUID | None) -> str | None:
    return None if value is None else str(value)


def _utc(value: dt.datetime | None) -> str | None:
    return None if value is None else value.astimezone(dt.UTC).isoformat(timespec="microseconds")


def step_payload(
    *,
    step_id: uuid.UUID,
    case_id: uuid.UUID,
    sequence: int,
    register: str,
    register_version: int,
    action: str,
    from_state: str,
    to_state: str,
    person_id: uuid.UUID | None,
    organisation_id: uuid.UUID | None,
    at: dt.datetime,
    claimed_at: dt.datetime | None,
    form_digest: str,
    facts_digest: str,
    evidence: Sequence[str],
) -> bytes:
    """Canonical JSON (RFC 8785) of a step: identifiers and digests only, no personal text."""
    return canonical_json(
        {
            "step": str(step_id),
            "case": str(case_id),
            "sequence": sequence,
            "register": register,
            "version": register_version,
            "action": action,
            "from": from_state,
            "to": to_state,
            "person": _text(person_id),
            "organisation": _text(organisation_id),
            "at": _utc(at),
            "claimed_at": _utc(claimed_at),
            "form": form_digest,
            "facts": facts_digest,
            "evidence": list(evidence),
        }
    )


LEAF_KIND = "step"

STEP_COLUMNS = (
    "id",
    "case_id",
    "sequence",
    "register",
    "register_version",
    "action",
    "from_state",
    "to_state",
    "person_id",
    "organisation_id",
    "at",
    "claimed_at",
    "form_digest",
    "facts_digest",
    "evidence",
)


def _payload_of_row(row: tuple[Any, ...]) -> bytes:
    values = dict(zip(STEP_COLUMNS, row, strict=True))
    values["step_id"] = values.pop("id")
    return step_payload(**values)


STEPS = TableSource("cases_step", STEP_COLUMNS, _payload_of_row)
"""All steps, read again for verification and receipts."""
