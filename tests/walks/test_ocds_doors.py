"""OCDS at the doors: the public addresses, and the command line there and back."""

import datetime as dt
import gzip
import json
from pathlib import Path
from typing import Any

from django.test import Client
from django.utils import translation
from typer.testing import CliRunner

from honghu.domains.procurement.cli import app
from honghu.domains.procurement.commands.notices import take_notice
from honghu.domains.procurement.models import Award, Notice
from honghu.domains.procurement.tests.ocds import SUPPLIER, release
from honghu.kernel.parties.actor import SYSTEM
from tests import notices

runner = CliRunner()


def _take(now: dt.datetime) -> None:
    for content in (notices.award(), notices.contract()):
        take_notice(content=content, filename="n.txt", actor=SYSTEM, now=now)


def test_everybody_reads_releases_page_by_page(county: dict[str, Any], now: dt.datetime) -> None:
    _take(now)
    client = Client(HTTP_HOST="localhost")
    first = client.get("/api/v1/ocds/releases?limit=1")
    assert first.status_code == 200
    package = first.json()
    assert package["version"] == "1.1"
    assert [each["tag"] for each in package["releases"]] == [["award"]]
    second = client.get(package["links"]["next"]).json()
    assert [each["tag"] for each in second["releases"]] == [["contract"]]
    assert "links" not in second
    assert first["Access-Control-Allow-Origin"] == "*"
    assert "public" in first["Cache-Control"]
    again = client.get("/api/v1/ocds/releases?limit=1", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    ocid = package["releases"][0]["ocid"]
    (record,) = client.get(f"/api/v1/ocds/records/{ocid}").json()["records"]
    assert record["compiledRelease"]["contracts"][0]["value"]["amount"] == 1000000
    lines = client.get("/api/v1/ocds/releases.jsonl?limit=1")
    assert json.loads(lines.content)["ocid"] == ocid
    assert 'rel="next"' in lines["Link"]
    for address in ("records/none", f"releases?after={Notice.objects.get(kind='award').case_id}"):
        assert client.get(f"/api/v1/ocds/{address}").status_code == 404


def test_nothing_of_credit_is_published(county: dict[str, Any], now: dt.datetime) -> None:
    _take(now)
    text = Client(HTTP_HOST="localhost").get("/api/v1/ocds/releases").content.decode().lower()
    assert SUPPLIER not in text
    for word in ("loan", "quote", "bank", "ceiling", "application", "银行", "贷款"):
        assert word not in text


@translation.override("en")
def test_the_command_line_there_and_back(
    county: dict[str, Any], now: dt.datetime, tmp_path: Path
) -> None:
    packed = tmp_path / "their.jsonl.gz"
    rows = [json.dumps(release()), '{"ocid": 5}', json.dumps(release())]
    packed.write_bytes(gzip.compress("\n".join(rows).encode()))
    done = runner.invoke(app, ["import", str(packed), str(tmp_path / "none.json")])
    assert done.exit_code == 1
    assert "none.json" in done.stderr
    assert "3 found, 1 new, 1 known" in done.stdout
    assert "line 2 ocid: [left out]" in done.stdout
    assert Award.objects.get().supplier_name == SUPPLIER
    shown = runner.invoke(app, ["issues"]).stdout.splitlines()
    assert len(shown) == done.stdout.count("their.jsonl.gz line 2")
    _take(now)
    out = {name: tmp_path / f"our-{name}.json" for name in ("releases", "records")}
    for name, path in out.items():
        assert (
            runner.invoke(app, ["export-ocds", "--format", name, "--out", str(path)]).exit_code == 0
        )
    package = json.loads(out["releases"].read_text("utf-8"))
    assert [each["tag"] for each in package["releases"]] == [["award"], ["contract"]]
    assert len(json.loads(out["records"].read_text("utf-8"))["records"]) == 1
    lines = runner.invoke(app, ["export-ocds", "--format", "jsonl"]).stdout.splitlines()
    assert [json.loads(line) for line in lines] == package["releases"]
    # What we publish can be read by what reads theirs, without an issue.
    back = runner.invoke(app, ["import", "--keep-only", str(out["records"])])
    assert "2 found, 2 new, 0 known, 0 issues" in back.stdout
