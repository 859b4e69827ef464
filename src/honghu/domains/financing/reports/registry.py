"""The reports there are, in the order of their numbers, and who may read which."""

import dataclasses
import uuid
from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from honghu.base.problems import NotAllowed, NotFound
from honghu.domains.financing.reports import (
    account_log,
    bank_table,
    counters,
    non_performing,
    policy_coverage,
    punctuality,
    scale,
    speed,
)
from honghu.domains.financing.reports.declaration import Report
from honghu.kernel.parties.actor import Actor

REPORTS: Final[Mapping[str, Report]] = {
    each.REPORT.code: each.REPORT
    for each in (
        bank_table,
        counters,
        scale,
        speed,
        punctuality,
        account_log,
        non_performing,
        policy_coverage,
    )
}
OFFICE_ROLES: Final = ("procurement_clerk", "procurement_office", "auditor")
"""The finance bureau, which watches the scheme, and those who audit it: they read all rows."""
BANK_ROLES: Final = ("bank_manager", "bank_reviewer")
"""A bank reads the reports on banks, its own rows alone."""


class NoReportsInSight(NotAllowed):
    """The reader holds no role that reads this report."""

    code = "report-not-yours"


class ReportUnknown(NotFound):
    """There is no report of this code."""

    code = "report-unknown"


@dataclasses.dataclass(frozen=True, slots=True)
class ReportSight:
    """What somebody reads: everything, or the rows of one bank."""

    bank_id: uuid.UUID | None

    @property
    def everything(self) -> bool:
        """Whether all rows are in sight."""
        return self.bank_id is None


def sight_of_reports(actor: Actor) -> ReportSight:
    """What an actor reads of the reports. Raises NoReportsInSight: there is no default."""
    if any(actor.holds(role) for role in OFFICE_ROLES):
        return ReportSight(None)
    if actor.organisation_id and any(actor.holds(role) for role in BANK_ROLES):
        return ReportSight(actor.organisation_id)
    raise NoReportsInSight(
        _("These reports are the finance bureau's."),
        remedy=_("Ask the procurement office for what you need."),
    )


def require_office(actor: Actor) -> None:
    """Raises NoReportsInSight unless the actor reads everything."""
    if not sight_of_reports(actor).everything:
        raise NoReportsInSight(
            _("This page is the finance bureau's."),
            remedy=_("Your bank's own figures stand in the reports."),
        )


def reports_in_sight(sight: ReportSight) -> list[Report]:
    """The reports that somebody may read."""
    return [each for each in REPORTS.values() if sight.everything or each.of_banks]


def find_report(code: str, sight: ReportSight) -> Report:
    """A report by its code. Raises ReportUnknown, NoReportsInSight."""
    report = REPORTS.get(code)
    if report is None:
        raise ReportUnknown(
            _("There is no report {code}.").format(code=code),
            remedy=_("Choose one of {codes}.").format(codes=", ".join(REPORTS)),
        )
    if report not in reports_in_sight(sight):
        raise NoReportsInSight(
            _("This report is the finance bureau's."),
            remedy=_("Your bank's own figures stand in the other reports."),
        )
    return report
