"""`honghu people`: enter organisations, persons, their positions and sign-ins; list who holds what."""

import secrets
from typing import Annotated

import typer
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from honghu.analytics.commands import EDITOR, PUBLISHER
from honghu.base.problems import HonghuError
from honghu.cli.terminal import fail, refusals
from honghu.kernel.parties.commands import (
    add_organisation,
    add_person,
    appoint,
    dismiss,
    open_account,
    renew_password,
)
from honghu.kernel.parties.queries import find_account, find_organisation, list_holders
from honghu.kernel.registers.model import ORGANISATION_KINDS
from honghu.kernel.registers.queries import holders_of_roles

app = typer.Typer(
    name="people", help="Organisations, persons, positions, sign-ins.", no_args_is_help=True
)


@app.command()
def organisation(
    name: Annotated[str, typer.Argument(help="The name, as notices print it.")],
    kind: Annotated[str, typer.Option(help=f"One of {', '.join(sorted(ORGANISATION_KINDS))}.")],
    uscc: Annotated[str | None, typer.Option(help="Unified social credit code.")] = None,
    contact: Annotated[str | None, typer.Option(help="Line for confirmations.")] = None,
) -> None:
    """Enter an organisation."""
    if kind not in ORGANISATION_KINDS:
        fail(f"{kind} is no kind; use one of {', '.join(sorted(ORGANISATION_KINDS))}")
    if find_organisation(name=name) is not None:
        fail(f"{name} is entered already")
    try:
        made = add_organisation(
            name=name, kind=kind, uscc=uscc, contact=contact, now=timezone.now()
        )
    except HonghuError as error:
        fail(str(error))
    typer.echo(f"{made.id}  {made.name}")


@app.command("appoint")
def give_role(
    username: Annotated[str, typer.Argument(help="Sign-in name; made if it is new.")],
    organisation_name: Annotated[str, typer.Option("--organisation", help="Its exact name.")],
    role: Annotated[str, typer.Option(help="A role of the registers.")],
    name: Annotated[str | None, typer.Option(help="The person's name, for a new sign-in.")] = None,
) -> None:
    """Give a person a role from today on; a new sign-in gets a password that is printed once."""
    known = holders_of_roles() | dict.fromkeys((EDITOR, PUBLISHER), frozenset({"office"}))
    if role not in known:
        fail(f"no register has the role {role}; there are: {', '.join(sorted(known))}")
    body = find_organisation(name=organisation_name)
    if body is None:
        fail(f"there is no organisation {organisation_name}; enter it first")
    kinds = known[role]
    if kinds and body.kind not in kinds:
        fail(f"{role} is held in: {', '.join(sorted(kinds))}; {body.name} is of kind {body.kind}")
    now, password = timezone.now(), None
    with transaction.atomic():
        person_id = find_account(username)
        if person_id is None:
            if name is None:
                fail(f"{username} is new: give --name")
            password = secrets.token_urlsafe(12)
            try:
                validate_password(password)
                person = add_person(name=name, now=now)
                open_account(person=person, username=username, password=password)
            except (HonghuError, ValidationError) as error:
                fail(str(error))
            person_id = person.id
        appoint(
            person_id=person_id,
            organisation_id=body.id,
            role=role,
            from_date=timezone.localdate(now),
        )
    typer.echo(f"{username}: {role} at {body.name}")
    if password is not None:
        typer.echo(f"password, shown this once: {password}")


@app.command("password")
def new_password(
    username: Annotated[str, typer.Argument(help="Sign-in name of who lost the password.")],
) -> None:
    """Give a sign-in a new password, printed once; open sessions of it end."""
    password = secrets.token_urlsafe(12)
    with refusals():
        renew_password(username=username, password=password)
    typer.echo(f"password, shown this once: {password}")


@app.command("dismiss")
def take_role(
    username: str,
    organisation_name: Annotated[str, typer.Option("--organisation")],
    role: Annotated[str, typer.Option()],
) -> None:
    """End a person's role with today; what was done under it stays."""
    body, person_id = find_organisation(name=organisation_name), find_account(username)
    if body is None or person_id is None:
        fail("there is no such organisation or sign-in")
    ended = dismiss(
        person_id=person_id, organisation_id=body.id, role=role, to_date=timezone.localdate()
    )
    if not ended:
        fail(f"{username} does not hold {role} at {body.name}")
    typer.echo(f"{username}: {role} at {body.name} ends today")


@app.command("list")
def list_all() -> None:
    """List who holds which role today."""
    table = Table("organisation", "person", "sign-in", "role", "since")
    for row in list_holders(on=timezone.localdate()):
        table.add_row(row.organisation, row.person, row.username or "-", row.role, str(row.since))
    Console().print(table)
