"""Sign in, sign out, choose for whom to act."""

from collections.abc import Sequence
from typing import Any

from axes.helpers import get_cool_off, get_failure_limit
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from honghu.desk.frame.pages import desk_page, hats
from honghu.desk.frame.visit import ORGANISATION_KEY, DeskRequest
from honghu.kernel.cases.wording import words
from honghu.kernel.registers.model import Register
from honghu.web.display import listed_text
from honghu.web.fields import FormField
from honghu.web.languages import remember_language


class SignInForm(AuthenticationForm):
    """Django's form, in the words of this sign-in page."""

    error_messages = {
        "invalid_login": gettext_lazy("The sign-in name or the password is wrong."),
        "inactive": gettext_lazy("This account is closed."),
    }


class SignIn(LoginView):
    """Name and password; after too many failures axes answers with `locked_out`."""

    form_class = SignInForm
    template_name = "desk/account/sign_in.html"
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Sign in, and let the pages follow the account's language."""
        response = super().form_valid(form)
        remember_language(response, form.get_user().language)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The two fields as the toolkit draws them; the password is never sent back."""
        context = super().get_context_data(**kwargs)
        form = context["form"]
        context["general"] = [str(error) for error in form.non_field_errors()]
        context["fields"] = [
            FormField(
                name="username",
                label=_("Sign-in name"),
                control="text",
                value=form.data.get("username", ""),
                errors=tuple(map(str, form.errors.get("username", ()))),
                required=True,
                autocomplete="username",
            ),
            FormField(
                name="password",
                label=_("Password"),
                control="text",
                errors=tuple(map(str, form.errors.get("password", ()))),
                required=True,
                autocomplete="current-password",
                is_password=True,
            ),
        ]
        return context


def locked_out(
    request: HttpRequest,
    original_response: HttpResponse | None,  # noqa: ARG001 the signature is axes'
    credentials: dict[str, Any] | None,
) -> HttpResponse:
    """Say that signing in is locked, for how long, and what to do."""
    cool_off = get_cool_off(request)
    minutes = round(cool_off.total_seconds() / 60) if cool_off else None
    context = {"minutes": minutes, "failures": get_failure_limit(request, credentials)}
    return render(request, "desk/account/locked_out.html", context, status=429)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def choose_organisation(request: DeskRequest) -> HttpResponse:
    """For which of several organisations the person acts, until signing out."""
    known = hats(request)
    if request.method == "POST":
        chosen = request.POST.get("organisation", "")
        if chosen in {str(actor.organisation_id) for actor in known}:
            request.session[ORGANISATION_KEY] = chosen
            return redirect(reverse("my-work"))
    titles = _role_titles(request.visit.registers)
    choices = [
        {
            "actor": actor,
            "roles": listed_text(titles.get(role, role) for role in sorted(actor.roles)),
            "is_current": actor.organisation_id == request.visit.actor.organisation_id,
        }
        for actor in known
    ]
    return render(request, "desk/account/choose_organisation.html", {"choices": choices})


def _role_titles(registers: Sequence[Register]) -> dict[str, str]:
    """The words of roles as the registers write them."""
    return {
        role.code: words(role.title) for register in registers for role in register.roles.values()
    }
