"""Merging releases of one process by date (OCDS 1.1, merging), with `ocdsmerge`."""

import datetime as dt
import warnings
from collections.abc import Iterable
from typing import Any, Final

from ocdsmerge import Merger
from ocdsmerge.exceptions import OCDSMergeError, OCDSMergeWarning

_WHOLE: Final = "wholeListMerge"
_OMIT: Final = "omitWhenMerged"
_ORGANISATIONS: Final = (
    ("buyer",),
    ("tender", "procuringEntity"),
    ("tender", "tenderers"),
    ("awards", "suppliers"),
    ("contracts", "implementation", "transactions", "payee"),
    ("contracts", "implementation", "transactions", "payer"),
)
MERGE_RULES: Final[dict[tuple[str, ...], str]] = {
    **{(name,): _OMIT for name in ("id", "date", "tag", "publisher", "links")},
    ("parties", "roles"): _WHOLE,
    ("parties", "additionalIdentifiers"): _WHOLE,
    ("relatedProcesses", "relationship"): _WHOLE,
    ("contracts", "relatedProcesses", "relationship"): _WHOLE,
    ("tender", "identifiers"): _WHOLE,
    ("tender", "submissionMethod"): _WHOLE,
    ("tender", "additionalProcurementCategories"): _WHOLE,
    **{(each, "items", "additionalClassifications"): _WHOLE for each in ("tender", "awards", "contracts")},
    **{
        (each, name, "changes"): _WHOLE
        for each in ("tender", "awards", "contracts")
        for name in ("amendment", "amendments")
    },
    **{(*path, "additionalIdentifiers"): _WHOLE for path in _ORGANISATIONS},
}  # fmt: skip
"""The merge rules of the OCDS 1.1 release schema; the library would fetch them from the network."""


class UnmergeableError(Exception):
    """Releases that contradict each other in shape, so that they cannot be merged."""


def compile_releases(releases: Iterable[tuple[dt.datetime, dict[str, Any]]]) -> dict[str, Any]:
    """The compiled release of a process; dates are compared as instants, not as text.

    Raises UnmergeableError.
    """
    dated = [
        each | {"date": moment.astimezone(dt.UTC).isoformat(timespec="microseconds")}
        for moment, each in sorted(releases, key=lambda pair: pair[0])
    ]
    merger = Merger(merge_rules=MERGE_RULES)
    try:
        with warnings.catch_warnings():
            # Twins in lists were reported when the release was read.
            warnings.simplefilter("ignore", OCDSMergeWarning)
            compiled: dict[str, Any] = merger.create_compiled_release(dated)
    except (OCDSMergeError, AttributeError, TypeError, KeyError) as error:
        message = str(error) or type(error).__name__
        raise UnmergeableError(message) from error
    return compiled
