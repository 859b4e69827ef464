"""The command line: JSON lines, tables, errors, and the measurement against truth."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from honghu.domains.procurement.cli import app
from honghu.domains.procurement.readers.evaluation import cases, evaluate
from honghu.domains.procurement.tests.notices import award

A = "洪湖市荷塘家具有限公司"
TEXT = award(f"供应商名称：{A}\n供应商地址：洪湖市新堤街道1号\n中标（成交）金额：126.8万元")
SAMPLES = Path(__file__).parent.parent / "samples"
KEYS = {
    "file", "kind", "project_no", "plan_no", "project_name", "buyer", "agency", "publish_date", "total",
    "currency", "lots", "first_notice_date", "correction_date", "effect", "contract_no", "contract_name", "fields",
}  # fmt: skip
LOT_KEYS = {
    "lot", "lot_name", "supplier", "supplier_uscc", "supplier_address", "amount", "rate", "rate_kind",
    "currency", "status", "consortium_members",
}  # fmt: skip
runner = CliRunner()


def test_json_lines(tmp_path: Path):
    first, second = tmp_path / "a.txt", tmp_path / "b.txt"
    first.write_text(TEXT, encoding="utf-8")
    second.write_bytes("今日新闻".encode("gbk"))
    result = runner.invoke(app, ["read", "--json", str(first), str(second)])
    assert result.exit_code == 0
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert [record["kind"] for record in records] == ["award", "unknown"]
    assert set(records[0]) >= KEYS
    assert set(records[0]["lots"][0]) >= LOT_KEYS
    assert records[0]["lots"][0]["amount"] == "1268000.00"
    field = records[0]["fields"]["lots[0].amount"]
    assert field["state"] == "value"
    assert TEXT[slice(*field["span"])].startswith("126.8")
    assert records[1]["reasons"]


def test_readable_table(tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_text(TEXT, encoding="utf-8")
    result = runner.invoke(app, ["read", str(path)], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    assert A in result.stdout
    assert "1268000.00" in result.stdout


def test_unreadable_files_do_not_stop_the_others(tmp_path: Path):
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_text(TEXT, encoding="utf-8")
    bad.write_bytes(b"%PDF-1.4")
    missing = tmp_path / "missing.txt"
    result = runner.invoke(
        app, ["read", "--json", str(bad), str(missing), str(tmp_path), str(good)]
    )
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 1
    errors = result.stderr.splitlines()
    assert [line.split(":")[0] for line in errors] == ["error"] * 3
    assert str(bad) in errors[0]
    assert str(missing) in errors[1]


def test_evaluate_counts_wrong_amounts(tmp_path: Path):
    (tmp_path / "001.txt").write_text(TEXT, encoding="utf-8")
    truth = {
        "notice_type": "award",
        "project_no": "HXZC-2026-0101",
        "total": None,
        "lots": [{"lot": None, "supplier": A, "amount": None, "rate": None, "status": "awarded"}],
    }
    (tmp_path / "001.json").write_text(json.dumps(truth), encoding="utf-8")
    result = runner.invoke(app, ["evaluate", "--json", str(tmp_path)])
    assert result.exit_code == 0
    record = json.loads(result.stdout)
    assert record["wrong_amounts_stated"] == 2
    assert record["fields"]["project_no"]["correct"] == 1
    assert record["lots"]["correct"] == 0


def test_evaluate_needs_truth(tmp_path: Path):
    assert runner.invoke(app, ["evaluate", str(tmp_path)]).exit_code == 1


def test_the_samples_are_read_without_a_fault():
    *_, evaluation = evaluate(cases(SAMPLES))
    assert evaluation.notices == 12
    assert evaluation.wrong_amounts == []
    assert evaluation.misses == []
    assert evaluation.lots.correct == evaluation.lots.truths
    result = runner.invoke(app, ["evaluate", str(SAMPLES)], env={"COLUMNS": "160"})
    assert "wrong amounts stated: 0" in result.stdout


FOLDER = os.environ.get("HONGHU_NOTICES")


@pytest.mark.skipif(
    FOLDER is None,
    reason="HONGHU_NOTICES names no folder of real notices with truth: the targets are NOT checked",
)
def test_targets_on_real_notices():
    *_, evaluation = evaluate(cases(Path(FOLDER or "")))
    assert evaluation.notices > 0
    assert evaluation.wrong_amounts == []
    scores = [
        evaluation.fields[name]
        for name in ("project_no", "project_name", "buyer", "publish_date", "kind")
    ]
    for score in [*scores, evaluation.lots]:
        assert (score.recall or 0) >= 0.95
        assert (score.precision or 0) >= 0.99


def test_a_figure_in_doubt_is_null_in_the_record(tmp_path: Path) -> None:
    """Two amounts that contradict each other: neither is stated, the candidate goes to a person."""
    page = tmp_path / "doubt.txt"
    page.write_text(
        "某局办公设备采购项目中标公告\n\n一、项目编号：HH-2026-001\n\n二、项目名称：某局办公设备采购项目\n\n"
        "三、中标（成交）信息\n\n供应商名称：洪湖市测试供应有限公司\n\n"
        "中标（成交）金额：1268000.00元（大写：壹佰贰拾陆万元整）\n\n"
        "九、凡对本次公告内容提出询问，请按以下方式联系。\n\n1.采购人信息\n\n名 称：洪湖市某局\n",
        encoding="utf-8",
    )
    result = CliRunner().invoke(app, ["read", "--json", str(page)])
    record = json.loads(result.stdout)
    assert record["lots"][0]["amount"] is None
    assert record["fields"]["lots[0].amount"]["state"] == "review"
    assert record["fields"]["lots[0].amount"]["candidate"] is not None
