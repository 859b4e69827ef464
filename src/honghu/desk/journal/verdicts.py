"""A receipt's verdict in words for people who know nothing of Merkle trees."""

import dataclasses
import json
from typing import Any

from django.utils.translation import gettext as _

from honghu.kernel.journal.receipt import ReceiptVerdict, verify_receipt
from honghu.web.components import Fact


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """The verdict as the page shows it; `facts` hold only what is proved."""

    valid: bool
    title: str
    text: str
    facts: tuple[Fact, ...]
    content: tuple[tuple[str, str], ...]


def judge(text: str, vkey: str) -> Shown:
    """Verify a receipt against this installation's public key."""
    verdict = verify_receipt(text, vkey)
    if not verdict.valid:
        return Shown(
            valid=False,
            title=_("Not valid"),
            text=_reason(verdict),
            facts=(),
            content=(),
        )
    return Shown(
        valid=True,
        title=_("Valid"),
        text=_("The record stands in the signed journal exactly as the receipt shows it."),
        facts=tuple(_facts(verdict)),
        content=_content(verdict.payload),
    )


def _reason(verdict: ReceiptVerdict) -> str:
    reasons = {
        "receipt_malformed": _(
            "This is not a whole receipt. Paste or upload the file as you got it."
        ),
        "receipt_leaf_mismatch": _(
            "The content shown differs from what was recorded: it was altered."
        ),
        "receipt_not_included": _("The proof does not lead to the signed root of the journal."),
        "journal_leaf": _("The record in the receipt is malformed."),
        "checkpoint": _("The journal's head in the receipt is not signed with this journal's key."),
    }
    return reasons.get(verdict.code, verdict.message)


def _facts(verdict: ReceiptVerdict) -> list[Fact]:
    checkpoint = verdict.checkpoint
    found = []
    if verdict.kind is not None:
        found.append(Fact(label=_("Kind of record"), value=_kind(verdict.kind)))
    if verdict.written_at is not None:
        found.append(Fact(label=_("Written"), value=verdict.written_at, kind="instant"))
    if verdict.index is not None:
        found.append(Fact(label=_("Entry of the journal"), value=verdict.index, kind="integer"))
    if checkpoint is not None:
        found.append(
            Fact(label=_("Entries under that root"), value=checkpoint.size, kind="integer")
        )
        found.append(Fact(label=_("Journal"), value=checkpoint.origin, kind="code"))
    return found


def _kind(kind: str) -> str:
    return {"step": _("step of a case"), "transfer": _("transfer of money")}.get(kind, kind)


def _content(payload: bytes | None) -> tuple[tuple[str, str], ...]:
    """The members of the recorded content, as they were hashed."""
    if payload is None:
        return ()
    try:
        members: Any = json.loads(payload)
    except ValueError:
        return ((_("content"), payload.decode(errors="replace")),)
    if not isinstance(members, dict):
        return ((_("content"), str(members)),)
    return tuple((name, _member(value)) for name, value in members.items() if value is not None)


def _member(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
