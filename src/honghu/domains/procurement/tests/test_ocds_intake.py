"""OCDS taken in: through the gate of notices, once, merged by date, doubts to persons."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from honghu.domains.procurement.commands.intake import (
    Filing,
    UnableToReadSource,
    file_statements,
    merge_waiting,
    take_source,
)
from honghu.domains.procurement.commands.notices import take_notice
from honghu.domains.procurement.models import (
    Award,
    Contract,
    IntakeIssue,
    IntakeRun,
    Notice,
    SourcePart,
)
from honghu.domains.procurement.readers import read_notice
from honghu.domains.procurement.tests.notices import award as award_notice
from honghu.domains.procurement.tests.ocds import OCID, SUPPLIER, contract, lines, release
from honghu.kernel.parties.actor import SYSTEM


def _import(path: Path, now: dt.datetime) -> Filing:
    run = take_source(path, actor=SYSTEM, now=now)
    done = Filing()
    for each in file_statements(path, actor=SYSTEM, now=now, run_id=run.run_id):
        done += each
    for each in merge_waiting(actor=SYSTEM, now=now):
        done += each
    return done


def test_an_award_and_its_contract_arrive_as_from_notices(
    county: dict[str, Any], now: dt.datetime, tmp_path: Path
) -> None:
    done = _import(lines(tmp_path, release(), contract()), now)
    assert done == Filing(processes=1, notices=2)
    award = Award.objects.get()
    assert (award.supplier_name, award.amount_fen, award.status) == (
        SUPPLIER,
        126_800_050,
        "active",
    )
    assert award.notice.case_id is not None
    signed = Contract.objects.get()
    assert (signed.award, signed.amount_fen, signed.differences) == (award, 126_800_050, [])


def test_the_same_release_changes_nothing_and_a_new_date_supersedes(
    county: dict[str, Any], now: dt.datetime, tmp_path: Path
) -> None:
    first = lines(tmp_path, release())
    _import(first, now)
    assert _import(first, now) == Filing()
    packed = tmp_path / "package.json"
    packed.write_text(json.dumps({"releases": [release()]}, indent=2), "utf-8")
    assert _import(packed, now) == Filing()
    assert IntakeIssue.objects.count() == 0
    # Old news that arrives late, by its instant and not by its text, changes nothing.
    old = release(release_id="0", date="2026-05-11T00:59:00Z", amount=5000)
    assert _import(lines(tmp_path, old), now) == Filing(processes=1, unchanged=1)
    new = release(release_id="2", date="2026-05-12T00:00:00Z", amount=1200000)
    assert _import(lines(tmp_path, new), now) == Filing(processes=1, notices=1)
    before, after = Award.objects.order_by("id")
    assert (before.status, before.replaced_by) == ("replaced", after)
    assert (after.status, after.amount_fen) == ("active", 120_000_000)
    gone = release(release_id="3", date="2026-05-13T00:00:00Z", status="cancelled")
    _import(lines(tmp_path, gone), now)
    assert not Award.objects.filter(status="active").exists()


def test_another_content_under_the_same_date_is_an_issue(
    county: dict[str, Any], now: dt.datetime, tmp_path: Path
) -> None:
    _import(lines(tmp_path, release()), now)
    assert _import(lines(tmp_path, release(amount=999999)), now) == Filing()
    issue = IntakeIssue.objects.get()
    assert (issue.code, issue.place, issue.process, issue.refused) == (
        "changed", "line 1", OCID, True,
    )  # fmt: skip
    assert Award.objects.get().amount_fen == 126_800_050


@pytest.mark.parametrize(
    ("about", "field"),
    [
        ({"amount": 250_000_000}, "lots[0].amount"),
        ({"amount": 12.5}, "lots[0].amount"),
        ({"amount": 0}, "lots[0].amount"),
        ({"amount": -5}, "lots[0].amount"),
        ({"amount": 1268000.125}, "lots[0].amount"),
        ({"currency": "USD"}, "lots[0].amount"),
        ({"currency": None}, "lots[0].amount"),
        ({"status": None}, "lots[0].status"),
        ({"buyer": None, "parties": None}, "buyer"),
    ],
)
def test_what_is_implausible_or_unclear_waits_for_a_person(
    county: dict[str, Any], now: dt.datetime, tmp_path: Path, about: dict[str, Any], field: str
) -> None:
    done = _import(lines(tmp_path, release(**about)), now)
    assert (done.notices, done.review) == (1, 1)
    assert not Award.objects.exists()
    assert Notice.objects.get().readings[field]["state"] == "review"


def test_no_amount_stays_unknown_and_pending_states_nothing(
    county: dict[str, Any], now: dt.datetime, tmp_path: Path
) -> None:
    none = release(amount=None)
    pending = release(ocid="ocds-000000-2", number="HHCG-2026-208", status="pending")
    done = _import(lines(tmp_path, none, pending), now)
    assert done == Filing(processes=2, notices=1)
    assert Award.objects.get().amount_fen is None


def test_an_award_known_from_a_notice_is_not_filed_twice(
    county: dict[str, Any], now: dt.datetime, tmp_path: Path
) -> None:
    page = award_notice(f"供应商名称：{SUPPLIER}\n供应商地址：洪湖市\n中标（成交）金额：126.8万元")
    take_notice(content=page.encode(), filename="n.txt", actor=SYSTEM, now=now)
    known = Award.objects.get()
    done = _import(lines(tmp_path, release(number=known.project_no or "")), now)
    assert done == Filing(processes=1, notices=1, review=1)
    assert Award.objects.get() == known


def test_a_notice_of_an_award_known_from_ocds_waits_for_a_person(
    county: dict[str, Any], now: dt.datetime, tmp_path: Path
) -> None:
    page = award_notice(f"供应商名称：{SUPPLIER}\n供应商地址：洪湖市\n中标（成交）金额：126.8万元")
    number = read_notice(page.encode(), name="n.txt").project_no.certain
    _import(lines(tmp_path, release(number=number or "")), now)
    known = Award.objects.get()
    taken = take_notice(content=page.encode(), filename="n.txt", actor=SYSTEM, now=now)
    assert taken.status == "review"
    assert Award.objects.get() == known


def test_a_folder_of_notices_is_a_source_as_well(
    county: dict[str, Any], now: dt.datetime, tmp_path: Path
) -> None:
    page = award_notice(f"供应商名称：{SUPPLIER}\n供应商地址：洪湖市\n中标（成交）金额：126.8万元")
    (tmp_path / "a.txt").write_text(page, "utf-8")
    (tmp_path / "b.txt").write_text("今日新闻", "utf-8")
    assert _import(tmp_path, now) == Filing(notices=1)
    assert _import(tmp_path, now) == Filing(unchanged=1)
    assert [issue.code for issue in IntakeIssue.objects.all()] == ["no_notice"] * 2


def test_a_refused_file_leaves_only_the_note_of_it(
    county: dict[str, Any], now: dt.datetime, tmp_path: Path
) -> None:
    path = tmp_path / "cut.json"
    whole = json.dumps({"releases": [release(release_id=str(n)) for n in range(5)]})
    path.write_text(whole[:-40], "utf-8")
    with pytest.raises(UnableToReadSource) as refused:
        take_source(path, actor=SYSTEM, now=now)
    assert "cut.json" in refused.value.message
    assert refused.value.remedy
    assert not SourcePart.objects.exists()
    run = IntakeRun.objects.get()
    assert (run.refused_code, run.found) == ("not_json", 0)
    assert run.issues.get().refused
    for path in (tmp_path / "missing.json", tmp_path / "x.pdf"):
        with pytest.raises(UnableToReadSource):
            take_source(path, actor=SYSTEM, now=now)
