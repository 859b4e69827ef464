"""The kinds of commands that are put under storm, by name."""

from tests.crashes.workload import Workload
from tests.crashes.workloads import cases, journal, ledger, lending

WORKLOADS: dict[str, Workload] = {
    "ledger": ledger.WORKLOAD,
    "cases": cases.WORKLOAD,
    "journal": journal.WORKLOAD,
    "lending": lending.WORKLOAD,
}
