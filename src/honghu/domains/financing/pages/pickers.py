"""What the forms of financing offer, so that nobody types an identifier or what is known already."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from honghu.domains.financing.queries import payments_of_loan
from honghu.domains.financing.queries.banks import products_on
from honghu.domains.financing.queries.desk import own_cases
from honghu.domains.procurement.queries import list_awards
from honghu.kernel.cases.rows import CaseDetail
from honghu.kernel.parties.actor import Actor
from honghu.web.display import yuan_text

AWARDS_MAX: Final = 200
"""The newest awards from which the office chooses: a challenge comes within days of the award."""


def own_awards(
    *, actor: Actor, now: dt.datetime, detail: CaseDetail | None
) -> list[tuple[str, str]]:
    """The awards of the supplier for whom the actor acts, by what stands on the notice."""
    del detail
    if actor.organisation_id is None:
        return []
    own = own_cases(actor.organisation_id, registers=["financing-application"], now=now)
    found: dict[str, str] = {}
    for each in own:
        facts = each.row.facts
        words = (facts.get("project_name"), facts.get("lot"), facts.get("project_no"))
        found.setdefault(facts["award"], _label(*words))
    return list(found.items())


def newest_awards(
    *, actor: Actor, now: dt.datetime, detail: CaseDetail | None
) -> list[tuple[str, str]]:
    """The newest awards of the county, for the office."""
    del actor, now, detail
    return [
        (str(each.id), _label(each.project_name, each.lot, each.supplier_name, each.project_no))
        for each in list_awards(limit=AWARDS_MAX)
    ]


def own_products(
    *, actor: Actor, now: dt.datetime, detail: CaseDetail | None
) -> list[tuple[str, str]]:
    """The products that the actor's bank offers today."""
    del detail
    if actor.organisation_id is None:
        return []
    return [
        (
            each.number,
            _("{name} · {low} to {high} %").format(
                name=each.facts["product_name"],
                low=each.facts["rate_min"],
                high=each.facts["rate_max"],
            ),
        )
        for each in products_on(actor.organisation_id, localdate(now), now=now)
    ]


def quote_as_asked(
    *, actor: Actor, now: dt.datetime, parent: CaseDetail | None
) -> Mapping[str, Any]:
    """A quote as it was asked for: amount and tenor of the application, terms of the one product.

    No fee and no collateral are all that the scheme allows (rules 7 and 8).
    """
    known: dict[str, Any] = {"fee": 0, "collateral": False}
    if parent is not None:
        facts = parent.row.facts
        known |= {name: facts.get(name) for name in ("amount", "tenor_months")}
    if actor.organisation_id is not None:
        offered = products_on(actor.organisation_id, localdate(now), now=now)
        if len(offered) == 1:
            product = offered[0]
            known |= {
                "product": product.number,
                "reference_rate": product.facts["reference_rate"],
                "ratio": product.facts["ratio_max"],
            }
    return known


def payments_standing(
    *, actor: Actor, now: dt.datetime, detail: CaseDetail | None
) -> list[tuple[str, str]]:
    """The payments that stand on the loan from which a retraction is asked for, the latest first."""
    del actor, now
    standing = [] if detail is None else payments_of_loan(detail.row.id)
    return [
        (
            each.reference,
            _("{day} · {amount} yuan · {reference}").format(
                day=each.paid_date, amount=yuan_text(each.amount_fen), reference=each.reference
            ),
        )
        for each in reversed(standing)
        if each.retracted_at is None
    ]


def _label(*words: str | None) -> str:
    return " · ".join(word for word in words if word and word != "/")
