"""Forms for any action of the credit thread: mostly what a sensible person would send."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from honghu.domains.procurement.models import Award
from honghu.kernel.cases.rows import CaseRow
from honghu.kernel.registers.model import Action, Field, FieldType, Register
from tests.properties.invariants import day

ACCOUNT = "4210830123456789"
AMOUNTS = (1, 50, 10_000_000, 27_000_001, 54_000_000, 63_000_000, 70_000_000, 90_000_000, 10**11)
WRONG: tuple[Any, ...] = (
    None,
    "",
    "几万",
    -1,
    10**17,
    "9999-12-31",
    "0001-01-01",
    [],
    {},
    True,
    "\x00",
    1.5,
)

Draw = Callable[[st.SearchStrategy[Any]], Any]


def action_form(
    register: Register,
    action: Action,
    row: CaseRow | None,
    *,
    draw: Draw,
    now: dt.datetime,
    banks: Sequence[uuid.UUID],
    quotes: Sequence[str],
    references: list[str],
) -> dict[str, Any]:
    """A form for the action. `references` are the payments' references so far: some come again."""
    fields: Mapping[str, Field] = {code: register.fields[code] for code in action.facts} | dict(
        action.form
    )
    awards = [str(each) for each in Award.objects.order_by("id").values_list("id", flat=True)]
    special: Mapping[str, st.SearchStrategy[Any]] = {
        # The system alone names an award, and never one that could not be an identifier.
        "award": st.sampled_from([*awards, *awards, str(uuid.UUID(int=1))]),
        "account_no": st.sampled_from((ACCOUNT, ACCOUNT, ACCOUNT, "4210 8301 2345 6789", "999999")),
        "registration_no": st.just("ZD1"),
        "quote": st.sampled_from(list(quotes) or ["报价-1"]),
        "bank_one": st.just(str(banks[0])),
        "bank_two": st.sampled_from([None, str(banks[1])]),
        "bank_three": st.none(),
        "consent": st.sampled_from([True, True, True, False]),
        "expires_on": st.sampled_from([day(now, 60), day(now, 60), day(now, -1)]),
        "valid_until": st.sampled_from([day(now, 9), day(now, 400), day(now, 0)]),
        "paid_on": st.sampled_from([day(now, 0), day(now, 0), day(now, -2), day(now, 3)]),
        "tenor_months": st.sampled_from([1, 6, 12, 36, 37]),
        "rate": st.sampled_from(["2.76", "2.92", "3.5"]),
        "reference_rate": st.just("3.65"),
        "ratio": st.sampled_from(["90", "90", "70", "100"]),
        "fee": st.just(0),
        "collateral": st.just(False),
        "warranty": st.sampled_from([None, 0, 5_000_000, 40_000_000]),
        "prepayment": st.sampled_from([None, 0, 30_000_000]),
        "result": st.sampled_from(_results(action)),
    }
    form = {
        code: draw(special[code] if code in special else _any(field))
        for code, field in fields.items()
    }
    if "reference" in fields:
        known = references[-2:]
        form["reference"] = draw(st.sampled_from([f"GK-{len(references)}", *known]))
        references.append(form["reference"])
    if row is not None and "amount" in action.form and row.facts.get("amount"):
        most = row.facts.get("outstanding") or row.facts["amount"]
        form["amount"] = draw(st.sampled_from([most, *AMOUNTS]))
    if action.checklist:
        form["checklist"] = [item.code for item in action.checklist]
    return form


def spoil(form: dict[str, Any], draw: Draw) -> dict[str, Any]:
    """The form with one value that may be wrong, or one that is not its own."""
    name = draw(st.sampled_from([*form, "colour"]))
    return form | {name: draw(st.sampled_from(WRONG))}


def _results(action: Action) -> Sequence[str | None]:
    """The results of an action; the one that goes on comes oftener."""
    field = action.form.get("result")
    if field is None:
        return [None]
    options = list(field.options)
    return [options[0]] * 3 + options


def _any(field: Field) -> st.SearchStrategy[Any]:
    match field.type:
        case FieldType.MONEY:
            return st.sampled_from(AMOUNTS)
        case FieldType.INTEGER:
            return st.integers(1, 24)
        case FieldType.CHOICE:
            return st.sampled_from(list(field.options))
        case FieldType.BOOLEAN:
            return st.booleans()
        case FieldType.TEXT | FieldType.LONG_TEXT:
            return st.sampled_from(["采购人书面确认", "见附件", None])
        case _:
            return st.none()
