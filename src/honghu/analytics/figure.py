"""What a figure is: declared once, computed by one query, opened down to its rows.

A domain declares its figures in `figures.py` as `FIGURES`. Each names a relation: SQL that gives the
rows which prove the figure, one for every case, step or posting that counts. The value is never
written down anywhere else: it is the aggregate of these rows.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from honghu.kernel.registers.model import Text


class Unit(StrEnum):
    """The base unit in which a figure is kept; pages show 万 and 亿 where that reads better.

    `ordinal` is a number that names, such as a year; its digits are not grouped.
    `person_times` and its like count days of presence, never distinct persons or machines.
    """

    COUNT = "count"
    ORDINAL = "ordinal"
    CASES = "cases"
    ORGANISATIONS = "organisations"
    PERSONS = "persons"
    FEN = "fen"
    PERSON_TIMES = "person_times"
    MACHINE_TIMES = "machine_times"
    VEHICLE_TIMES = "vehicle_times"
    BOAT_TIMES = "boat_times"
    SQUARE_METRES = "square_metres"
    KILOGRAMS = "kilograms"
    METRES = "metres"
    MINUTES = "minutes"
    DAYS = "days"
    RATIO = "ratio"


class Aggregate(StrEnum):
    """How the rows become the value.

    `share` is the sum of numerators over the sum of denominators; `distinct` counts subjects;
    `first` and `last` are the smallest and greatest numerator.
    """

    COUNT = "count"
    SUM = "sum"
    DISTINCT = "distinct"
    SHARE = "share"
    MEAN = "mean"
    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The population in time and place: from `start` (null: from the beginning) to before `end`."""

    end: dt.datetime
    start: dt.datetime | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """SQL that gives a figure's rows, with its parameters by name.

    The columns are, in any order: `key` text, unique; `case_id`, `step_id`, `transfer_id` uuid or
    null; `subject` text or null; `numerator` numeric; `denominator` numeric or null; `at`
    timestamptz. The query must depend on nothing that can change once `Scope.end` has passed:
    steps, forms and postings, not the present facts of a case.
    """

    sql: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One declared measure.

    `definition` says in words what is counted and what is not; it is printed with the value, and a
    published value keeps the definition under which it was computed. `personal` marks counts of
    persons, which are not published below the rule `kernel.suppressed_below`; `confidential` what
    may be published as a whole but not row by row, such as single loans. `derived` marks what is
    reckoned from other figures, `forecast` what is expected, not measured. `unit_words` are for a
    count of something particular (部, 届).
    """

    code: str
    title: Text
    unit: Unit
    definition: Text
    relation: Callable[[Scope], Relation]
    aggregate: Aggregate
    personal: bool = False
    confidential: bool = False
    derived: bool = False
    forecast: bool = False
    unit_words: Text | None = None
