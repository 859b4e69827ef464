"""`honghu sample`: the county of June 2023, so that figures and bulletins have something to tell."""

import importlib
import pkgutil
import zlib
from collections.abc import Callable

import typer
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from honghu.analytics.kept import rebuild
from honghu.base.problems import Conflict, HonghuError
from honghu.kernel.cases.models import Case
from honghu.kernel.registers.queries import latest_registers
from honghu.site import sample
from honghu.site.county import PASSWORD
from honghu.site.sample.county import SampleCounty
from honghu.site.sample.people import add_others, is_loaded, open_sign_ins, table_of

app = typer.Typer(no_args_is_help=True, help="The sample county of June 2023.")


class SampleLoadedError(Conflict):
    """This database has the sample county already."""

    code = "sample-loaded"


class CountyInUseError(Conflict):
    """This database has cases, of the demo or of a real county."""

    code = "county-in-use"


def loaders() -> dict[str, Callable[[SampleCounty], None]]:
    """The sample of every installed domain that has one, by the domain's name."""
    installed = {package.rpartition(".")[2] for package in settings.HONGHU_MODULES}
    found = {}
    for module in sorted(each.name for each in pkgutil.iter_modules(sample.__path__)):
        if module in installed:
            found[module] = importlib.import_module(f"{sample.__name__}.{module}").load
    return found


def load_sample(progress: Callable[[str], None] | None = None) -> None:
    """Load the sample of every domain, each whole or not at all; then sign-ins, and what is kept.

    Raises SampleLoadedError, CountyInUseError.
    """
    remedy = _("Give HONGHU_HOME or DATABASE_URL another, empty place.")
    if is_loaded():
        raise SampleLoadedError(_("This county has the sample already."), remedy=remedy)
    if Case.objects.exists():
        # Its figures would not be those of June 2023 beside what is here already.
        raise CountyInUseError(_("This county has cases already."), remedy=remedy)
    for name, load in loaders().items():
        if progress is not None:
            progress(name)
        with transaction.atomic():
            # A seed of its own for each domain: its county is the same whichever others there are.
            load(SampleCounty(zlib.crc32(name.encode())))
    add_others(SampleCounty())
    open_sign_ins()
    # Cases with past days stand where the days were counted as over and empty.
    rebuild(latest_registers(), now=timezone.now())


@app.command("load")
def load_county() -> None:
    """Load the invented county whose figures are those of June 2023; for trying, not for service."""
    from honghu.site.cli import bring_up_to_date  # noqa: PLC0415 it imports this module

    bring_up_to_date()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn()) as bar:
        task = bar.add_task(_("Sample county"), total=len(loaders()))

        def told(name: str) -> None:
            bar.update(task, description=name)
            if name != next(iter(loaders())):
                bar.advance(task)

        try:
            load_sample(told)
        except HonghuError as refusal:
            typer.echo(f"honghu: {refusal}", err=True)
            raise typer.Exit(1) from refusal
        bar.update(task, completed=len(loaders()))
    _show_people()
    typer.echo(_("Loaded. Next: honghu bulletin build 2023-06"))


@app.command("people")
def list_people() -> None:
    """List who can sign in to the sample county and as what; who has no sign-in yet gets one."""
    if not is_loaded():
        typer.echo(f"honghu: {_('There is no sample county here: honghu sample load')}", err=True)
        raise typer.Exit(1)
    _show_people()


def _show_people() -> None:
    heads = (_("Sign-in name"), _("Person"), _("Organisation"), _("Roles"))
    Console().print(table_of(open_sign_ins(), heads=heads))
    typer.echo(_("Password of all sample people: {password}").format(password=PASSWORD))
