"""Bulletins: what is published, for everybody; drafts, for those who build and publish them."""

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from honghu.analytics.bulletins.building import parse_month
from honghu.analytics.bulletins.commands import build_bulletin, publish_bulletin
from honghu.analytics.bulletins.pictures import chart_of
from honghu.analytics.bulletins.printed import bulletin_pdf, bulletin_word, mark_text
from honghu.analytics.bulletins.proof import bulletin_file
from honghu.analytics.bulletins.queries import (
    BulletinRow,
    get_bulletin,
    list_bulletins,
    published_bulletins,
)
from honghu.analytics.commands import EDITOR, PUBLISHER
from honghu.analytics.wording import frozen_text
from honghu.base.problems import NotFound
from honghu.desk.frame.pages import desk_page, open_page
from honghu.desk.frame.visit import DeskRequest
from honghu.kernel.journal.commands import sequence, sign_checkpoint
from honghu.kernel.journal.keys import load_signer
from honghu.kernel.parties.actor import Actor
from honghu.web.components import Badge, Column, Crumb, Row, Table

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@require_safe
@open_page
def bulletins(request: HttpRequest) -> HttpResponse:
    """The bulletins: published ones for everybody, drafts too for editors and publishers."""
    rows = list_bulletins() if _works_here(request) else published_bulletins()
    words = _standings()
    table = Table(
        caption=_("Bulletins"),
        is_caption_hidden=True,
        columns=(
            Column(label=_("Bulletin"), role="title"),
            Column(label=_("Month")),
            Column(label=_("Standing"), kind="badge"),
            Column(label=_("Published"), kind="instant"),
        ),
        rows=tuple(
            Row(
                cells=(
                    row.title.in_language(_language()),
                    row.period,
                    words[row.status],
                    row.published_at,
                ),
                url=reverse("bulletin", args=[row.id]),
            )
            for row in rows
        ),
    )
    last = localdate(timezone.now()).replace(day=1) - dt.timedelta(days=1)
    context = {
        "table": table,
        "is_empty": not rows,
        "may_edit": _works_here(request),
        "last_month": f"{last:%Y-%m}",
    }
    return render(request, "desk/bulletins/bulletins.html", context)


@require_safe
@open_page
def bulletin(request: HttpRequest, bulletin_id: uuid.UUID) -> HttpResponse:
    """One bulletin as a page, with its charts, its tables and the way to verify it."""
    row = _seen(request, bulletin_id)
    actor = _actor(request)
    content = row.content
    context = {
        "row": row,
        "title": row.title.in_language(_language()),
        "issuer": _in(content["issuer"]),
        "standing": _standings()[row.status],
        "sections": [_section(each, content) for each in content["sections"]],
        "journal": content["journal"],
        "ends_at": dt.datetime.fromisoformat(content["ends_at"]),
        "key": load_signer().verifier.vkey,
        "may_publish": actor is not None
        and actor.holds(PUBLISHER)
        and row.published_at is None
        and actor.person_id != row.built_by,
        "may_correct": actor is not None
        and bool(actor.roles & {EDITOR, PUBLISHER})
        and row.status == "published",
        "crumbs": (Crumb(label=_("Bulletins"), url=reverse("bulletins")), Crumb(label=row.period)),
    }
    return render(request, "desk/bulletins/bulletin.html", context)


@require_POST
@desk_page
def build(request: DeskRequest) -> HttpResponse:
    """Build a draft for a month; a correction names the bulletin that it replaces."""
    corrects = request.POST.get("corrects", "")
    row = build_bulletin(
        parse_month(request.POST.get("month", "")),
        actor=request.visit.actor,
        now=request.visit.now,
        corrects=uuid.UUID(corrects) if corrects else None,
        reason=request.POST.get("reason", ""),
    )
    messages.success(request, _("The draft is built; another person may publish it."))
    return redirect("bulletin", row.id)


@require_POST
@desk_page
def publish(request: DeskRequest, bulletin_id: uuid.UUID) -> HttpResponse:
    """Publish a draft that somebody else has built, and sign the journal's head over it."""
    now = request.visit.now
    publish_bulletin(bulletin_id, actor=request.visit.actor, now=now)
    while sequence(now=now):
        pass
    sign_checkpoint(now=now, signer=load_signer())
    messages.success(request, _("The bulletin is published."))
    return redirect("bulletin", bulletin_id)


@require_safe
@open_page
def word(request: HttpRequest, bulletin_id: uuid.UUID) -> HttpResponse:
    """The bulletin as a Word file in the reader's language."""
    row = _seen(request, bulletin_id)
    return _file(bulletin_word(row.content, _language(), status=row.status), row, "docx", _WORD)


@require_safe
@open_page
def pdf(request: HttpRequest, bulletin_id: uuid.UUID) -> HttpResponse:
    """The bulletin as PDF in the reader's language."""
    row = _seen(request, bulletin_id)
    made = bulletin_pdf(row.content, _language(), status=row.status, made_at=row.built_at)
    return _file(made, row, "pdf", "application/pdf")


@require_safe
@open_page
def proof(request: HttpRequest, bulletin_id: uuid.UUID) -> HttpResponse:
    """The file with which anybody verifies the bulletin offline."""
    row = _seen(request, bulletin_id)
    text = json.dumps(bulletin_file(row), ensure_ascii=False, indent=1)
    return _file(text.encode(), row, "json", "application/json")


def _file(content: bytes, row: BulletinRow, ending: str, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    name = f"honghu-bulletin-{row.period}.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _section(section: Mapping[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
    figures = content["figures"]
    return {
        "title": _in(section["title"]),
        "sentences": [_in(each) for each in section["sentences"]],
        "charts": [chart_of(each, content) for each in section["charts"]],
        "table": Table(
            caption=_in(section["title"]),
            is_caption_hidden=True,
            density="compact",
            columns=(
                Column(label=_("Figure"), role="title"),
                Column(label=_("Value")),
                Column(label=_("What is counted"), kind="long_text"),
                Column(label=_("Rows"), kind="integer"),
            ),
            rows=tuple(
                Row(
                    cells=(
                        _in(figures[key]["title"]) + mark_text(figures[key]),
                        frozen_text(figures[key]).in_language(_language()),
                        _in(figures[key]["definition"]),
                        figures[key]["row_count"],
                    )
                )
                for key in section["table"]
            ),
        )
        if section["table"]
        else None,
    }


def _seen(request: HttpRequest, bulletin_id: uuid.UUID) -> BulletinRow:
    """A bulletin that this reader may see: drafts are for editors. Raises NotFound."""
    row = get_bulletin(bulletin_id)
    if row.published_at is None and not _works_here(request):
        raise NotFound(_("There is no bulletin %(id)s.") % {"id": bulletin_id})
    return row


def _standings() -> dict[str, Badge]:
    return {
        "draft": Badge(label=_("draft"), tone="amber"),
        "published": Badge(label=_("published"), tone="green"),
        "corrected": Badge(label=_("replaced by a correction"), tone="red"),
    }


def _actor(request: HttpRequest) -> Actor | None:
    found: Actor | None = getattr(request, "honghu_actor", None)
    return found


def _works_here(request: HttpRequest) -> bool:
    actor = _actor(request)
    return actor is not None and bool(actor.roles & {EDITOR, PUBLISHER})


def _in(words: Mapping[str, str]) -> str:
    return words["en" if _language().startswith("en") else "zh"]


def _language() -> str:
    return get_language() or "zh-hans"
