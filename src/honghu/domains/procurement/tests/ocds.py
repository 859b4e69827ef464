"""OCDS releases for the tests; nobody here exists."""

import json
from pathlib import Path
from typing import Any

OCID = "ocds-000000-HH-2026-007"
BUYER = "洪湖市荷塘中学"
SUPPLIER = "洪湖市碧荷教育装备有限公司"
USCC = "91421083MA4ABCDE0W"


def release(
    *,
    ocid: str = OCID,
    number: str = "HHCG-2026-207",
    release_id: str = "1",
    date: str = "2026-05-11T09:30:00+08:00",
    amount: object = 1268000.5,
    currency: str | None = "CNY",
    status: str = "active",
    **more: Any,
) -> dict[str, Any]:
    """A release of one award."""
    return {
        "ocid": ocid,
        "id": release_id,
        "date": date,
        "tag": ["award"],
        "initiationType": "tender",
        "parties": [
            {"id": "B", "name": BUYER, "roles": ["buyer"]},
            {"id": "S", "name": SUPPLIER, "roles": ["supplier"]},
        ],
        "buyer": {"id": "B", "name": BUYER},
        "tender": {"id": number, "title": f"洪湖市荷塘中学设备采购项目{number}"},
        "awards": [
            {
                "id": "A1",
                "status": status,
                "date": "2026-05-11T00:00:00+08:00",
                "value": {"amount": amount, "currency": currency},
                "suppliers": [{"id": "S", "name": SUPPLIER}],
            }
        ],
        **more,
    }


def contract(**about: Any) -> dict[str, Any]:
    """The release of the contract of that award."""
    signed = {
        "id": "C1",
        "awardID": "A1",
        "status": "active",
        "dateSigned": "2026-05-20T00:00:00+08:00",
        "value": {"amount": 1268000.5, "currency": "CNY"},
    }
    later = release(release_id="2", date="2026-05-21T09:00:00+08:00", **about)
    del later["awards"]
    return later | {"tag": ["contract"], "contracts": [signed]}


def lines(folder: Path, *releases: object, name: str = "releases.jsonl") -> Path:
    """JSON Lines of these values."""
    path = folder / name
    path.write_text("".join(json.dumps(each) + "\n" for each in releases), "utf-8")
    return path
