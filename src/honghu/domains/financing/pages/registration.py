"""A supplier registers itself: the public form, the office's letter with the link, the password."""

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.tokens import default_token_generator
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from honghu.base.problems import HonghuError, Invalid, NotAllowed, NotFound
from honghu.desk.frame.pages import desk_page, open_page
from honghu.desk.frame.visit import DeskRequest
from honghu.domains.financing.commands.registrations import (
    REGISTER,
    account_of_supplier,
    apply_registration,
)
from honghu.kernel.cases.queries import find_case_by_number
from honghu.kernel.cases.rows import CaseDetail
from honghu.kernel.registers.queries import get_register
from honghu.web.components import Crumb
from honghu.web.fields import FormField, register_field

_OFFICE = ("procurement_clerk", "procurement_office")
_ASKED = ("supplier_name", "uscc", "contact_person", "contact_phone")
_MAIL = "contact_mail"
_DECLARED = ("size", "ownership")


@require_http_methods(["GET", "HEAD", "POST"])
@open_page
def register(request: HttpRequest) -> HttpResponse:
    """The public form; what was typed comes back with the fault beside its field."""
    typed = {name: request.POST.get(name, "").strip() for name in (*_ASKED, _MAIL, *_DECLARED)}
    fault: HonghuError | None = None
    number = ""
    if request.method == "POST":
        try:
            number = _apply(request, typed, timezone.now())  # noqa: TID251 a page reads the clock
        except HonghuError as refused:
            fault = refused
    context = {
        "fields": _fields(typed, fault),
        "fault": fault if fault is not None and not fault.fields else None,
        "number": number,
    }
    status = fault.status if fault else 200
    return render(request, "financing/register.html", context, status=status)


def _apply(request: HttpRequest, typed: dict[str, str], now: dt.datetime) -> str:
    """Open the registration; its number. Raises Invalid for what is missing, and the refusals."""
    licence = request.FILES.get("licence")
    missing = {name: _("This is needed.") for name in _ASKED if not typed[name]}
    if licence is None:
        missing["licence"] = _("This is needed.")
    if missing or licence is None:
        raise Invalid(_("Some fields are missing."), fields=missing)
    done = apply_registration(
        name=typed["supplier_name"],
        uscc=typed["uscc"],
        person=typed["contact_person"],
        phone=typed["contact_phone"],
        mail=typed[_MAIL] or None,
        licence=licence,
        filename=licence.name or "licence",
        now=now,
        size=typed["size"] or None,
        ownership=typed["ownership"] or None,
    )
    return done.number


def _fields(typed: dict[str, str], fault: HonghuError | None) -> tuple[FormField, ...]:
    errors = fault.fields if fault else {}
    labels = {
        "supplier_name": (_("Name, as on the award notice"), 200, "organization"),
        "uscc": (_("Unified social credit code"), 18, "off"),
        "contact_person": (_("Contact person, who will sign in"), 40, "name"),
        "contact_phone": (_("Contact telephone"), 20, "tel"),
        _MAIL: (_("Mail address"), 254, "email"),
    }
    texts = tuple(
        FormField(
            name=name,
            label=label,
            control="text",
            value=typed[name],
            required=name in _ASKED,
            help="" if name in _ASKED else _("For what concerns you; you confirm it by a link."),
            max_length=most,
            autocomplete=autocomplete,
            errors=(errors[name],) if name in errors else (),
        )
        for name, (label, most, autocomplete) in labels.items()
    )
    licence = FormField(
        name="licence",
        label=_("Business licence"),
        control="file",
        help=_("Choose it once more: a form that comes back holds no file.") if fault else "",
        required=True,
        accept=".pdf,.jpg,.jpeg,.png,.txt",
        errors=(errors["licence"],) if "licence" in errors else (),
    )
    return (*texts, *_declared(typed, errors), licence)


def _declared(typed: Mapping[str, str], errors: Mapping[str, str]) -> Iterator[FormField]:
    """What the supplier may say of itself, as the published register asks it."""
    fields = get_register(REGISTER).fields
    for name in _DECLARED:
        if name in fields:
            drawn = register_field(
                fields[name],
                language=get_language() or "zh-hans",
                text=typed[name],
                errors=(errors[name],) if name in errors else (),
            )
            yield dataclasses.replace(drawn, is_select=True)


@require_safe
@desk_page
def welcome_letter(request: DeskRequest, number: str) -> HttpResponse:
    """The link by which a registered supplier's contact person sets the first password.

    For the procurement office alone, to hand over with the registration. Raises NotAllowed,
    NotFound while nobody may sign in yet or the password was set already.
    """
    visit = request.visit
    row = find_case_by_number(number, actor=visit.actor, now=visit.now)
    if not any(visit.actor.holds(role) for role in _OFFICE):
        raise NotAllowed(_("The link is for the supplier's contact person alone."))
    account = account_of_supplier(row.facts.get("uscc")) if row.state == "registered" else None
    if account is None or account.has_usable_password():
        raise NotFound(_("There is no first sign-in to hand over."))
    link = reverse(
        "financing-first-password",
        args=[
            urlsafe_base64_encode(force_bytes(account.pk)),
            default_token_generator.make_token(account),
        ],
    )
    context = {
        "title": _("First sign-in of the supplier"),
        "crumbs": (
            Crumb(label=row.number, url=reverse("case", args=[row.id])),
            Crumb(label=_("Letter")),
        ),
        "name": row.facts.get("supplier_name"),
        "username": account.username,
        "link": request.build_absolute_uri(link),
        "back_url": reverse("case", args=[row.id]),
    }
    return render(request, "financing/welcome.html", context)


def registered_panel(detail: CaseDetail) -> Mapping[str, object] | None:
    """Panel of a registration that is verified: the way to the letter."""
    return {"number": detail.row.number} if detail.row.state == "registered" else None


class FirstPassword(PasswordResetConfirmView):
    """The contact person sets the password; the link works once, and for three days."""

    template_name = "financing/first_password.html"
    success_url = reverse_lazy("sign-in")

    def form_valid(self, form: "SetPasswordForm[Any]") -> HttpResponse:
        """Set the password, and say by which name to sign in now."""
        text = _("Your password is set. Sign in as %(username)s.")
        messages.success(self.request, text % {"username": form.user.get_username()})
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The two fields as the toolkit draws them; no password is ever sent back."""
        context = super().get_context_data(**kwargs)
        form = context.get("form")
        labels = {"new_password1": _("New password"), "new_password2": _("New password again")}
        context["fields"] = [
            FormField(
                name=name,
                label=label,
                control="text",
                required=True,
                autocomplete="new-password",
                is_password=True,
                errors=tuple(map(str, form.errors.get(name, ()))),
            )
            for name, label in labels.items()
        ] if form is not None else []  # fmt: skip
        return context
