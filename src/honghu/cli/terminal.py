"""What the commands share: refusals as one line and status 1, and for whom a command acts."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer
from django.utils import timezone
from django.utils.translation import gettext as _

from honghu.base.problems import HonghuError, NotFound
from honghu.kernel.parties.actor import Actor
from honghu.kernel.parties.queries import find_account, get_actor


@contextmanager
def refusals() -> Iterator[None]:
    """Show a refusal with its code, and what is wrong with each field, instead of a traceback."""
    try:
        yield
    except HonghuError as refusal:
        typer.echo(f"honghu: {refusal.code}: {refusal}", err=True)
        for field, fault in refusal.fields.items():
            typer.echo(f"  {field}: {fault}", err=True)
        raise typer.Exit(1) from refusal


def fail(message: str) -> NoReturn:
    """Say what is wrong and end with status 1."""
    typer.echo(f"honghu: {message}", err=True)
    raise typer.Exit(1)


def person_of(username: str) -> uuid.UUID:
    """The person who signs in by a name. Raises NotFound."""
    found = find_account(username)
    if found is None:
        message = _("There is nobody with the sign-in name %(name)s.") % {"name": username}
        raise NotFound(message, remedy=_("See `honghu people --help`."))
    return found


def acting(username: str, organisation_id: uuid.UUID | None = None) -> Actor:
    """The person of a sign-in, today, for one organisation or the first one. Raises NotFound."""
    person_id, today = person_of(username), timezone.localdate()
    return get_actor(person_id=person_id, on=today, organisation_id=organisation_id)
