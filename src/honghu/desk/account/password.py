"""Change one's own password."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from honghu.desk.frame.pages import open_page
from honghu.web.fields import FormField


class ChangePassword(PasswordChangeView):
    """The old password once and the new one twice; other sign-ins of the account end."""

    template_name = "desk/account/password.html"

    def get_success_url(self) -> str:
        """Back to the work list."""
        return reverse("my-work")

    def form_valid(self, form: Any) -> HttpResponse:
        """Save, and say so on the next page."""
        response = super().form_valid(form)
        messages.success(self.request, _("The password is changed."))
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The three fields as the toolkit draws them; no password is ever sent back."""
        context = super().get_context_data(**kwargs)
        form = context["form"]
        context["fields"] = [
            FormField(
                name=name,
                label=label,
                control="text",
                errors=tuple(map(str, form.errors.get(name, ()))),
                required=True,
                autocomplete=autocomplete,
                is_password=True,
            )
            for name, label, autocomplete in (
                ("old_password", _("Present password"), "current-password"),
                ("new_password1", _("New password"), "new-password"),
                ("new_password2", _("New password again"), "new-password"),
            )
        ]
        return context


change_password = open_page(ChangePassword.as_view())
