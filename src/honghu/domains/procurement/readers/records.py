"""The plain record of a notice: the shape of ``honghu procurement read --json``."""

from typing import Any

from honghu.domains.procurement.readers.values import LotReading, Notice, Reading

NOTICE_KEYS = (
    "kind",
    "project_no",
    "plan_no",
    "project_name",
    "buyer",
    "agency",
    "publish_date",
    "total",
    "currency",
)
LATER_KEYS = (
    "first_notice_date",
    "correction_date",
    "effect",
    "contract_no",
    "contract_name",
    "contract_amount",
    "contract_supplier",
    "signed_on",
    "performance_from",
    "performance_to",
    "budget",
    "financing_channel",
)
LOT_KEYS = (
    "lot",
    "lot_name",
    "supplier",
    "supplier_uscc",
    "supplier_address",
    "amount",
    "rate",
    "rate_kind",
    "currency",
    "status",
)
_LOT_EXTRAS = (
    "reason",
    "before_supplier",
    "before_amount",
    "original_currency",
    "original_amount",
    "fx_rate",
)


_FIGURES = frozenset(
    {
        "total",
        "amount",
        "rate",
        "contract_amount",
        "budget",
        "before_amount",
        "original_amount",
        "fx_rate",
    }
)
"""Figures are given only when they are certain: whoever reads no further must not be misled."""


def notice_record(notice: Notice) -> dict[str, Any]:
    """Values as strings or None; ``fields`` tells state, span and reason of each of them.

    A figure in review is None here, and its candidate stands in ``fields``; other fields in review
    keep their candidate, and ``fields`` says that they are in doubt.
    """
    record: dict[str, Any] = {"file": notice.file}
    record.update({key: _value(key, getattr(notice, key)) for key in NOTICE_KEYS})
    record["lots"] = [_lot_record(lot) for lot in notice.lots]
    record.update({key: _value(key, getattr(notice, key)) for key in LATER_KEYS})
    record["attachments"] = list(notice.attachments)
    record["reader_version"] = notice.reader_version
    record["sha256"] = notice.sha256
    record["reasons"] = list(notice.reasons)
    record["fields"] = {name: _field(reading) for name, reading in notice.readings()}
    return record


def _lot_record(lot: LotReading) -> dict[str, Any]:
    record: dict[str, Any] = {key: _value(key, getattr(lot, key)) for key in LOT_KEYS}
    record["consortium_members"] = list(lot.consortium_members) or None
    if lot.lead_stated is not None:
        record["lead_stated"] = lot.lead_stated
    if lot.unit_prices:
        record["unit_prices"] = [
            {"label": price.label, "value": price.value, "unit": price.unit}
            for price in lot.unit_prices
        ]
    extras = {key: _value(key, getattr(lot, key)) for key in _LOT_EXTRAS}
    record.update({key: value for key, value in extras.items() if value is not None})
    return record


def _value(key: str, reading: Reading) -> str | None:
    return reading.certain if key in _FIGURES else reading.value


def _field(reading: Reading) -> dict[str, Any]:
    field: dict[str, Any] = {
        "state": reading.state,
        "span": list(reading.span) if reading.span is not None else None,
        "why": reading.why,
    }
    if reading.state == "review":
        field["candidate"] = reading.value
    return field
