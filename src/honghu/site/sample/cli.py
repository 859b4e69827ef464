"""`honghu sample`: the county of June 2023, so that figures and bulletins have something to tell."""

import importlib
import pkgutil
import zlib
from collections.abc import Callable
from typing import Final

import typer
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from honghu.analytics.commands import EDITOR, PUBLISHER
from honghu.base.problems import Conflict, HonghuError
from honghu.kernel.cases.models import IdempotencyKey
from honghu.site import sample
from honghu.site.county import ensure_organisation, settle
from honghu.site.sample.county import SampleCounty

app = typer.Typer(no_args_is_help=True, help="The sample county of June 2023.")
OFFICE: Final = "洪湖市人民政府办公室"
PEOPLE: Final = (
    ("bulletin-editor", "温简明", (EDITOR, "auditor")),
    ("bulletin-publisher", "曾公信", (PUBLISHER, "auditor")),
)


class SampleLoadedError(Conflict):
    """This database has the sample county already."""

    code = "sample-loaded"


def loaders() -> dict[str, Callable[[SampleCounty], None]]:
    """The sample of every installed domain that has one, by the domain's name."""
    installed = {package.rpartition(".")[2] for package in settings.HONGHU_MODULES}
    found = {}
    for module in sorted(each.name for each in pkgutil.iter_modules(sample.__path__)):
        if module in installed:
            found[module] = importlib.import_module(f"{sample.__name__}.{module}").load
    return found


def load_sample(progress: Callable[[str], None] | None = None) -> None:
    """Load the sample of every domain, each whole or not at all. Raises SampleLoadedError."""
    if IdempotencyKey.objects.filter(key__startswith="sample-").exists():
        raise SampleLoadedError(
            _("This county has the sample already."),
            remedy=_("Give HONGHU_HOME or DATABASE_URL another, empty place."),
        )
    for name, load in loaders().items():
        if progress is not None:
            progress(name)
        with transaction.atomic():
            # A seed of its own for each domain: its county is the same whichever others there are.
            load(SampleCounty(zlib.crc32(name.encode())))
    office = ensure_organisation(OFFICE, "office", now=timezone.now())
    for username, name, roles in PEOPLE:
        settle(username, name, office, roles, now=timezone.now())


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
    typer.echo(_("Loaded. Next: honghu bulletin build 2023-06"))


@app.callback()
def sample_commands() -> None:
    """Keep `load` a command of its own: Typer would fold a single one into the group."""
