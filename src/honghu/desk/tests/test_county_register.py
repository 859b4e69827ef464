"""docs/howto/add-a-register.md, done as it says: a county drops files into its home folder."""

import datetime as dt
import io
import logging
import re
import shutil
import textwrap
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from typer.testing import CliRunner

from honghu.cli.registers import app
from honghu.kernel.cases.commands import open_case
from honghu.kernel.evidence.commands import store_evidence
from honghu.kernel.modules.commands import publish_shipped
from honghu.kernel.modules.registry import modules
from honghu.kernel.parties.commands import add_organisation, add_person, appoint, open_account
from honghu.kernel.parties.queries import get_actor
from honghu.kernel.parties.tokens import issue_token
from honghu.kernel.registers.queries import get_register

HOW_TO = Path(__file__).parents[4] / "docs" / "howto" / "add-a-register.md"
EXAMPLE = (
    Path(__file__).parents[2] / "kernel" / "registers" / "examples" / "straw-burning.yaml"
)  # fmt: skip
NOW = dt.datetime(2026, 6, 1, 1, 0, tzinfo=dt.UTC)
TITLES = {"en": "Straw-burning fires", "zh-hans": "秸秆禁烧火点清单"}


@pytest.fixture
def home(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of its own; the doors' clock stands at NOW."""
    monkeypatch.setattr(settings, "HONGHU_HOME", tmp_path)
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    (tmp_path / "registers").mkdir()
    (tmp_path / "rulesets").mkdir()
    return tmp_path


def follow_the_how_to(home: Path) -> None:
    """Steps 1 and 3: the register's file and the rules that the page prints."""
    shutil.copy(EXAMPLE, home / "registers")
    block = re.search(r"```yaml\n(.*?)```", HOW_TO.read_text("utf-8"), re.DOTALL)
    assert block is not None
    rules = textwrap.dedent(block.group(1))
    (home / "rulesets" / "straw-burning.yaml").write_text(rules, "utf-8")


def officer() -> tuple[Client, str]:
    """Somebody of the office with a sign-in, and the token of a machine."""
    office = add_organisation(name="禁烧办", kind="office", now=NOW)
    person = add_person(name="周兰", now=NOW)
    account = open_account(person=person, username="zhou", password="lotus-root-and-seed-9")  # noqa: S106
    appoint(
        person_id=person.id, organisation_id=office.id, role="burning_office",
        from_date=dt.date(2026, 1, 1),
    )  # fmt: skip
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    actor = get_actor(person_id=person.id, on=NOW.date())
    photo = store_evidence(
        content=b"a fire", filename="a.txt", actor=actor, now=NOW, kind="photo"
    )  # fmt: skip
    open_case(
        "straw-burning",
        actor=actor,
        now=NOW,
        idempotency_key="first",
        form={
            "found_at": NOW.isoformat(), "source": "patrol", "village": "小港村三组",
            "place": "113.45,29.81", "area": "1.5",
        },
        evidence={"before": [photo.sha256]},
    )  # fmt: skip
    token = issue_token(
        username="zhou", label="test", now=NOW, expires_at=NOW + dt.timedelta(days=1)
    )
    return client, token.secret


def test_a_county_drops_a_register_and_everything_is_there(home: Path) -> None:
    follow_the_how_to(home)
    publish_shipped(now=NOW)
    client, secret = officer()
    for language, title in TITLES.items():
        headers = {"accept-language": language}

        def page(name: str, *parts: str, headers: dict[str, str] = headers) -> str:
            response = client.get(reverse(name, args=parts), headers=headers)
            assert response.status_code == 200, (name, response.status_code)
            return response.content.decode()

        listed = page("register", "straw-burning")
        assert title in listed
        assert "小港村三组" in listed
        assert {"en": "Found by", "zh-hans": "发现来源"}[language] in listed
        form = page("open-case", "straw-burning", "open")
        assert {"en": "Area burnt", "zh-hans": "过火面积"}[language] in form
        drawn = page("lifecycle", "straw-burning")
        assert "<svg" in drawn
        assert {"en": "To be judged", "zh-hans": "待研判"}[language] in drawn
        assert {"en": "Fires", "zh-hans": "火点数"}[language] in page("figures")
        assert "小港村三组" in page("my-work")
    book = client.get(reverse("export", args=["straw-burning"]))
    sheet = openpyxl.load_workbook(io.BytesIO(book.getvalue())).worksheets[0]
    assert any("小港村三组" in map(str, row) for row in sheet.iter_rows(values_only=True))
    machine = {"authorization": f"Bearer {secret}"}
    answer = Client().get("/api/v1/registers/straw-burning/cases", headers=machine).json()
    assert [case["facts"]["village"] for case in answer["items"]] == ["小港村三组"]
    # Two office hours from 09:00 on a working Monday.
    assert answer["items"][0]["due_at"].startswith("2026-06-01T03:00")


def test_publish_without_files_reports_on_each_and_publishes_what_is_sound(home: Path) -> None:
    follow_the_how_to(home)
    source = EXAMPLE.read_text("utf-8")
    folder = home / "registers"
    (folder / "a-unsound.yaml").write_text(
        source.replace("straw-burning\n", "straw-two\n", 1).replace("verifies: [submit]", "")
    )
    # The second version stands in a file that comes first by its name.
    (folder / "c.yaml").write_text(source.replace("version: 1\n", "version: 2\n"))
    shipped = next(iter(shipped_codes()))
    (folder / "b-shipped.yaml").write_text(
        source.replace("register: straw-burning", f"register: {shipped}", 1)
    )
    result = CliRunner().invoke(app, ["publish"])
    assert result.exit_code == 1
    assert "published: straw-burning v1" in result.output
    assert "published: straw-burning v2" in result.output
    assert "register-shipped" in result.output
    assert re.search(r"a-unsound\.yaml:\d+", result.output), result.output
    assert get_register("straw-burning").version == 2
    for name in ("a-unsound.yaml", "b-shipped.yaml"):
        (folder / name).unlink()
    again = CliRunner().invoke(app, ["publish"])
    assert again.exit_code == 0, again.output


def shipped_codes() -> Iterator[str]:
    """The codes of the registers that modules ship."""
    for module in modules():
        for path in module.register_files:
            found = re.search(r"^register: (\S+)", path.read_text("utf-8"), re.MULTILINE)
            assert found is not None
            yield found.group(1)


def test_a_slip_in_a_file_is_told_and_does_not_keep_the_county_from_starting(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (home / "registers" / "slip.yaml").write_text("register: slip\nversion: one\n")
    with caplog.at_level(logging.ERROR, logger="honghu.kernel.modules.commands"):
        publish_shipped(now=NOW)
    assert "slip.yaml" in caplog.text


def test_an_empty_folder_is_said(home: Path) -> None:
    result = CliRunner().invoke(app, ["publish"])
    assert result.exit_code == 1
    assert str(home / "registers") in result.output.replace("\n", "")
