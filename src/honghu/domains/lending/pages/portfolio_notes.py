"""What a reader must know of the tables of a portfolio before relying on them."""

from decimal import Decimal
from typing import Final

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from honghu.base.money import format_yuan
from honghu.domains.lending.queries.portfolio import Portfolio
from honghu.domains.lending.queries.risk import provision_standing
from honghu.web.display import percent_text

_SHARE_PLACES: Final = Decimal("0.0001")


def portfolio_notes(found: Portfolio, *, is_one_bank: bool) -> dict[str, str]:
    """The notes, by the name of the table; with a bank's own allowance where it is one bank's."""
    notes = {
        "vintages": _(
            "Shares of what was lent. A loan counts once what had fallen due was not covered by"
            " payments 30 or 90 days later, payments taken for the oldest due first."
        ),
        "cash": _(
            "Principal by the present plans, interest as the contracts agree it; what is overdue"
            " already is not in it."
        ),
        "proof": _(
            "The control accounts hold what the loans sum to, less interest that waits for its"
            " posting; nobody but lending writes to them."
        ),
    }
    if found.provisions:
        notes["classes"] = _(
            "Provisions as of the close of %(day)s; the ledger holds %(fen)s yuan."
        ) % {
            "day": found.provisions[0].business_date.isoformat(),
            "fen": format_yuan(found.allowance_fen),
        }
        if is_one_bank:
            notes["classes"] = f"{notes['classes']} {_adequacy_text(found)}".strip()
    unknown = sum(row.unknown for row in found.cash)
    if unknown:
        more = _("Of %(count)d due dates the interest is not known beforehand.")
        notes["cash"] = f"{notes['cash']} {more % {'count': unknown}}"
    if found.kept_at is not None:
        as_of = _("As of %(instant)s.") % {"instant": f"{localtime(found.kept_at):%Y-%m-%d %H:%M}"}
        for name in ("concentration", "vintages", "cash"):
            notes[name] = f"{notes.get(name, '')} {as_of}".strip()
    return notes


def _adequacy_text(found: Portfolio) -> str:
    """A bank's allowance beside what the supervisors ask for; empty where that is not known."""
    standing = provision_standing(found)
    if standing is None:
        return ""
    parts = [
        (_("Allowance of all loans: %(is)s, at least %(least)s."), standing.of_all),
        (_("Allowance of non-performing loans: %(is)s, at least %(least)s."), standing.of_bad),
    ]
    said = [
        text
        % {
            "is": percent_text(ratio.found.quantize(_SHARE_PLACES)),
            "least": percent_text(ratio.least),
        }
        for text, ratio in parts
        if ratio is not None
    ]
    short = format_yuan(standing.shortfall_fen)
    said.append(
        _("%(fen)s yuan are missing.") % {"fen": short}
        if standing.shortfall_fen
        else _("Nothing is missing.")
    )
    return " ".join(said)
