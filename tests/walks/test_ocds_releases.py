"""Releases and records of our own: stable ocids, valid OCDS, merged as the standard says."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator, FormatChecker

from honghu.domains.procurement.commands.notices import take_notice
from honghu.domains.procurement.commands.releases import amount_of, publish_missing
from honghu.domains.procurement.models import Award, Notice, PublishedRelease
from honghu.domains.procurement.queries import get_record, list_ocids, list_releases
from honghu.domains.procurement.readers.ocds.checks import check_release
from honghu.kernel.parties.actor import SYSTEM
from tests import notices

SCHEMA = json.loads((Path(__file__).parent / "ocds-release.schema.json").read_text("utf-8"))
VALIDATOR = Draft4Validator(SCHEMA, format_checker=FormatChecker())
HOUR = dt.timedelta(hours=1)


def _take(now: dt.datetime, *contents: bytes) -> list[dict[str, Any]]:
    for index, content in enumerate(contents):
        taken = take_notice(
            content=content, filename=f"{index}.txt", actor=SYSTEM, now=now + index * HOUR
        )
        assert taken.status == "filed"
    return [dict(row.body) for row in list_releases()]


def _valid(release: dict[str, Any]) -> None:
    faults = [f"{list(each.path)}: {each.message}" for each in VALIDATOR.iter_errors(release)]
    assert faults == []
    assert check_release(release) == []


def test_an_award_its_contract_its_correction_and_its_end_are_one_process(
    county: dict[str, Any], now: dt.datetime
) -> None:
    releases = _take(
        now, notices.award(), notices.contract(), notices.correction(), notices.termination()
    )
    for release in releases:
        _valid(release)
    assert [release["tag"] for release in releases] == [
        ["award"], ["contract"], ["awardUpdate"], ["awardCancellation"],
    ]  # fmt: skip
    (ocid,) = {release["ocid"] for release in releases}
    assert list_ocids() == [ocid]
    first, signed, corrected, ended = releases
    assert first["awards"][0]["value"] == {"amount": 1000000, "currency": "CNY"}
    assert signed["contracts"][0]["awardID"] == first["awards"][0]["id"]
    assert [each["status"] for each in corrected["awards"]] == ["active", "cancelled"]
    assert ended["tender"]["status"] == "cancelled"
    notice = Notice.objects.get(kind="award")
    assert first["awards"][0]["documents"][0]["hash"] == f"sha256:{notice.sha256}"
    compiled = get_record(ocid)["compiledRelease"]
    assert compiled["tag"] == ["compiled"]
    assert {each["status"] for each in compiled["awards"]} == {"cancelled"}
    assert len(compiled["awards"]) == Award.objects.count()
    assert {party["name"] for party in compiled["parties"]} >= {notices.BUYER, notices.SUPPLIER}
    roles = {role for party in compiled["parties"] for role in party["roles"]}
    assert roles == {"buyer", "supplier", "procuringEntity"}


def test_no_amount_is_no_value(county: dict[str, Any], now: dt.datetime) -> None:
    (release,) = _take(now, notices.award(amount="折扣率：80%"))
    _valid(release)
    (award,) = release["awards"]
    assert "value" not in award
    assert award["priceRate"] == {"value": "80", "kind": "discount_rate"}


def test_releases_of_notices_filed_earlier_are_made_up_for_and_do_not_change(
    county: dict[str, Any], now: dt.datetime
) -> None:
    (before,) = _take(now, notices.award())
    assert publish_missing(now=now) == 0
    PublishedRelease.objects.all().delete()
    assert publish_missing(now=now) == 1
    assert PublishedRelease.objects.get().body == before


def test_a_planted_fault_is_seen_by_the_schema(county: dict[str, Any], now: dt.datetime) -> None:
    (release,) = _take(now, notices.award())
    for name, wrong in (("date", "2026-05-11"), ("tag", ["no-tag"]), ("loan", {}), ("ocid", "")):
        assert list(VALIDATOR.iter_errors(release | {name: wrong}))
    for name in SCHEMA["required"]:
        assert list(VALIDATOR.iter_errors({k: v for k, v in release.items() if k != name}))


@pytest.mark.parametrize("fen", [1, 99, 100, 123_456_789_012_345, 10**15 - 1])
def test_a_value_is_exact_to_the_fen(fen: int) -> None:
    value = amount_of(fen)
    assert value is not None
    assert json.loads(json.dumps(value), parse_float=Decimal)["amount"] * 100 == fen
    assert amount_of(None) is None
