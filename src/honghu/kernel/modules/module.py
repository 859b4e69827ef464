"""What a domain declares of itself: one frozen value named MODULE in its `module.py`."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from honghu.kernel.cases.effects import EffectFunction
from honghu.kernel.cases.rows import CaseDetail
from honghu.kernel.parties.actor import Actor
from honghu.kernel.registers.model import Text

EVERY_REGISTER = "*"
"""In place of a register's code: panels on the case pages of all registers."""


@dataclasses.dataclass(frozen=True, slots=True)
class Panel:
    """A further part of the case page: a template and the query that fills it.

    `rows` receives the case as its reader may see it and returns the template's variables; null
    hides the panel. Who sees the case sees the panel, unless `sees` says no: it tells the holder of
    a narrower right, such as a bank's own figures or the page that the panel leads to.
    """

    title: Text
    template: str
    rows: Callable[[CaseDetail], Mapping[str, object] | None]
    sees: Callable[[CaseDetail, Actor], bool] | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Door:
    """A page of the module's own by which holders of `role` open cases of a register.

    `address` is the name of its URL.
    """

    title: Text
    address: str
    role: str


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """A page of the module's own that stands in the rail, for holders of one of `roles`.

    `address` is the name of its URL.
    """

    title: Text
    address: str
    roles: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Way:
    """What comes next of a case though it is no action of its own, such as opening another one.

    It is offered to holders of one of `roles` while the case stands in one of `states`; `address` is
    the name of a URL that takes the case's id.
    """

    title: Text
    address: str
    states: frozenset[str]
    roles: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Layer:
    """Lines or areas below the cases of a map: `code` is the layer's among the shapes."""

    code: str
    title: Text


class Offering(Protocol):
    """What a text field offers: pairs of a value and its words, the likeliest first."""

    def __call__(
        self, *, actor: Actor, now: dt.datetime, detail: CaseDetail | None
    ) -> Sequence[tuple[str, str]]:
        """What this actor may name there; `detail` is the case, and while one is opened the case
        from which it is opened, or null."""
        ...


@dataclasses.dataclass(frozen=True, slots=True)
class Picker:
    """What is offered where a text field names a record: with `is_closed` it is chosen from a box,
    so that nobody types an identifier; else any text may be typed, and these are suggested."""

    rows: Offering
    is_closed: bool = True


class Prefill(Protocol):
    """What is known already when a case is opened: values of fields as they are stored."""

    def __call__(
        self, *, actor: Actor, now: dt.datetime, parent: CaseDetail | None
    ) -> Mapping[str, Any]:
        """What stands in the boxes of the form; the person may write something else."""
        ...


class Caution(Protocol):
    """What gives pause before an action is done: not wrong by itself, but likely a mistake."""

    def __call__(
        self, *, detail: CaseDetail, form: Mapping[str, Any], now: dt.datetime
    ) -> Sequence[str]:
        """What the person should know and confirm, in sentences; none where nothing gives pause.

        `form` holds the values as they would be stored.
        """
        ...


class DayJob(Protocol):
    """What a domain does once a day, or every minute; asked again too early it does nothing."""

    def __call__(self, *, now: dt.datetime) -> object:
        """Do it; the answer is for the domain's own commands and tests."""
        ...


@dataclasses.dataclass(frozen=True, slots=True)
class Module:
    """A domain: its folder, its commands for registers, its reactions, its panels on case pages.

    `effects` maps the name that a register's action calls (`domain.verb_noun`) to the function;
    `reactions` maps `register.action` of any module to a function that runs in its transaction;
    `panels` maps a register's code (`*`: every register) to further parts of its case page, `doors`
    to further ways in; `begin_day` is done once a day, `watch` every minute;
    `entries` are pages of its own; `layers` maps a register's code to what its map is drawn upon;
    `pickers` maps `register.field` to what its forms offer there, `prefills` `register.action` of
    an opening to what its form knows already, `ways` a register's code to what comes next of it,
    `cautions` `register.action` to what a person confirms before the desk does it.
    """

    code: str
    title: Text
    folder: Path
    effects: Mapping[str, EffectFunction] = dataclasses.field(default_factory=dict)
    reactions: Mapping[str, EffectFunction] = dataclasses.field(default_factory=dict)
    panels: Mapping[str, tuple[Panel, ...]] = dataclasses.field(default_factory=dict)
    doors: Mapping[str, tuple[Door, ...]] = dataclasses.field(default_factory=dict)
    begin_day: DayJob | None = None
    watch: DayJob | None = None
    entries: tuple[Entry, ...] = ()
    layers: Mapping[str, tuple[Layer, ...]] = dataclasses.field(default_factory=dict)
    pickers: Mapping[str, Picker] = dataclasses.field(default_factory=dict)
    prefills: Mapping[str, Prefill] = dataclasses.field(default_factory=dict)
    ways: Mapping[str, tuple[Way, ...]] = dataclasses.field(default_factory=dict)
    cautions: Mapping[str, Caution] = dataclasses.field(default_factory=dict)

    @property
    def register_files(self) -> list[Path]:
        """The register files that the module ships."""
        return sorted((self.folder / "registers").glob("*.yaml"))
