"""`honghu documents`: templates come out as they are used; fonts are told, or missed loudly."""

import pytest
from typer.testing import CliRunner

from honghu.cli.documents import app
from honghu.kernel.documents import pdf
from honghu.kernel.documents.queries import read_template

RUN = CliRunner()


def test_a_template_is_written_out_and_says_where_to_put_it(tmp_path):
    word, layout = tmp_path / "own.docx", tmp_path / "own.typ"
    told = RUN.invoke(app, ["template", "default.docx", str(word)])
    assert told.exit_code == 0
    assert "documents" in told.output
    assert word.read_bytes() == read_template("default.docx")
    assert RUN.invoke(app, ["template", "default.docx", str(layout)]).exit_code == 0
    assert "#set page(" in layout.read_text("utf-8")
    assert RUN.invoke(app, ["template", "nowhere.docx", str(word)]).exit_code == 1


@pytest.mark.parametrize(("families", "code"), [(("Noto Serif CJK SC",), 0), ((), 1)])
def test_fonts_are_told_or_missed(monkeypatch, families, code):
    monkeypatch.setattr(pdf, "_fonts", lambda _folder: (None, families))
    told = RUN.invoke(app, ["fonts"])
    assert told.exit_code == code
    assert "Noto Serif CJK SC" in told.output or "fonts-noto-cjk" in told.output
