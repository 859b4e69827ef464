"""A new source is one file: the one of docs/howto/add-a-source.md, put where sources are."""

import datetime as dt
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from honghu.domains.procurement.commands.intake import (
    UnableToReadSource,
    file_statements,
    take_source,
)
from honghu.domains.procurement.models import Award, IntakeIssue
from honghu.domains.procurement.readers import sources
from honghu.kernel.parties.actor import SYSTEM

HOWTO = Path(__file__).parents[2] / "docs" / "howto" / "add-a-source.md"
HEAD = "number,project,buyer,supplier,amount\n"


@pytest.fixture
def _new_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The how-to's file beside the sources that there are."""
    (code,) = re.findall(r"```python\n(.*?)```", HOWTO.read_text("utf-8"), re.DOTALL)
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "table.py").write_text(code, "utf-8")
    monkeypatch.setattr(sources, "__path__", [*sources.__path__, str(folder)])
    sources.sources.cache_clear()
    yield
    sources.sources.cache_clear()
    sys.modules.pop(f"{sources.__name__}.table", None)


@pytest.mark.usefixtures("_new_source")
def test_the_source_of_the_howto_works(
    county: dict[str, Any], now: dt.datetime, tmp_path: Path
) -> None:
    table = tmp_path / "may.awards.csv"
    rows = "T-1,某桥维修,某镇政府,某建设公司,12000.00\nT-2,某路维修,某镇政府,,5000\n"
    table.write_text(HEAD + rows + "T-3,某渠维修,某镇政府,某水利公司,\n", "utf-8")
    for _round in range(2):
        run = take_source(table, actor=SYSTEM, now=now)
        assert (run.source, run.found, run.issues) == ("awards-table", 3, 1)
        list(file_statements(table, actor=SYSTEM, now=now, run_id=run.run_id))
        amounts = list(Award.objects.order_by("project_no").values_list("amount_fen", flat=True))
        assert amounts == [1_200_000, None]
    assert {(issue.place, issue.refused) for issue in IntakeIssue.objects.all()} == {
        ("line 3", True)
    }
    table.write_text(HEAD + "T-1,某桥维修,某镇政府,某建设公司,11000.00\n", "utf-8")
    run = take_source(table, actor=SYSTEM, now=now)
    list(file_statements(table, actor=SYSTEM, now=now, run_id=run.run_id))
    award = Award.objects.get(project_no="T-1", status="active")
    assert award.amount_fen == 1_100_000
    table.write_text(
        HEAD + "T-4,某桥维修,某镇政府,某建设公司,11000.00\nT-5,某塘,某镇政府,某公司,12\n", "utf-8"
    )
    run = take_source(table, actor=SYSTEM, now=now)
    filed = list(file_statements(table, actor=SYSTEM, now=now, run_id=run.run_id))
    # The one stands already under another number, the other is implausibly small.
    assert [each.review for each in filed] == [1, 1]
    table.write_text("something else\n", "utf-8")
    with pytest.raises(UnableToReadSource):
        take_source(table, actor=SYSTEM, now=now)
