"""The developers' translation script, on catalogues and sources made here."""

import gettext
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[4] / "tools" / "translations.py"

PYTHON = """
from django.utils.translation import gettext as _, ngettext, pgettext
def f(n, name):
    _("Plain"), _("With %(name)s") % {"name": name}, ngettext("%(n)d day", "%(n)d days", n)
    pgettext("light", "Overdue"), _(name), _("")
    return _("Long "
             "text")
"""
TEMPLATE = """{% load i18n %}
<div>
    {% if a %}
        {% translate "In a template" %} {% translate "Overdue" context "light" %}
      {% blocktranslate count n=n %}{{ n }} boat{% plural %}{{ n }} boats{% endblocktranslate %}
  <p title="{% translate 'Quoted "x"' %}">it's (unbalanced</p>
{% endif %}</div>
"""


@pytest.fixture(name="tool")
def _tool(tmp_path, monkeypatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("translations_tool", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    source = tmp_path / "src"
    (source / "app" / "templates").mkdir(parents=True)
    (source / "app" / "code.py").write_text(PYTHON)
    (source / "app" / "templates" / "page.html").write_text(TEMPLATE)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "SOURCE", source)
    monkeypatch.setattr(module, "CATALOGUE", tmp_path / "zh" / "django.po")
    return module


def run(tool: ModuleType, monkeypatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["translations.py", *arguments])
    status: int = tool.main()
    return status


def test_extracts_python_and_templates(tool):
    assert set(tool.extract(tool.SOURCE)) == {
        ("Plain", None),
        ("With %(name)s", None),
        (("%(n)d day", "%(n)d days"), None),
        ("Overdue", "light"),
        ("Long text", None),
        ("In a template", None),
        (("%(n)s boat", "%(n)s boats"), None),
        ('Quoted "x"', None),
    }


def test_check_fails_until_everything_is_translated(tool, monkeypatch, capsys):
    assert run(tool, monkeypatch, "check") == 1
    assert "missing: 'Plain'" in capsys.readouterr().out
    run(tool, monkeypatch, "update")
    assert run(tool, monkeypatch, "check") == 1
    text = tool.CATALOGUE.read_text()
    assert 'msgctxt "light"\nmsgid "Overdue"\nmsgstr ""' in text
    text = text.replace(
        'msgid "With %(name)s"\nmsgstr ""', 'msgid "With %(name)s"\nmsgstr "有%(name)s"'
    )
    text = text.replace('[0] ""', '[0] "天"').replace('msgstr ""\n\n', 'msgstr "文"\n\n')
    text = (
        text.removesuffix('msgstr ""\n') + 'msgstr "文"\n' if text.endswith('msgstr ""\n') else text
    )
    tool.CATALOGUE.write_text(text)
    assert run(tool, monkeypatch, "check") == 0


def test_fuzzy_counts_as_missing(tool, monkeypatch, capsys):
    run(tool, monkeypatch, "update")
    text = tool.CATALOGUE.read_text()
    tool.CATALOGUE.write_text(
        text.replace('msgid "Plain"\nmsgstr ""', '#, fuzzy\nmsgid "Plain"\nmsgstr "文"')
    )
    run(tool, monkeypatch, "check")
    assert "missing: 'Plain'" in capsys.readouterr().out


def test_lost_placeholder_is_a_problem(tool, monkeypatch, capsys):
    run(tool, monkeypatch, "update")
    text = tool.CATALOGUE.read_text()
    tool.CATALOGUE.write_text(
        text.replace('msgid "With %(name)s"\nmsgstr ""', 'msgid "With %(name)s"\nmsgstr "%(nom)s"')
    )
    run(tool, monkeypatch, "check")
    assert "'With %(name)s': " in capsys.readouterr().out


def test_merge_takes_over_and_keeps_ours(tool, monkeypatch, tmp_path, capsys):
    other = tmp_path / "other.po"
    other.write_text(
        'msgid "Plain"\nmsgstr "素"\n\nmsgctxt "light"\nmsgid "Overdue"\nmsgstr "逾期"\n'
    )
    run(tool, monkeypatch, "merge", str(other))
    assert 'msgid "Plain"\nmsgstr "素"' in tool.CATALOGUE.read_text()
    other.write_text('msgid "Plain"\nmsgstr "别"\n')
    run(tool, monkeypatch, "merge", str(other))
    assert "kept ours for 'Plain'" in capsys.readouterr().out
    assert '"素"' in tool.CATALOGUE.read_text()


def test_update_prunes_only_when_asked(tool, monkeypatch, tmp_path):
    other = tmp_path / "other.po"
    other.write_text('msgid "Gone"\nmsgstr "去"\n')
    run(tool, monkeypatch, "merge", str(other))
    run(tool, monkeypatch, "update")
    assert "Gone" in tool.CATALOGUE.read_text()
    run(tool, monkeypatch, "update", "--prune")
    assert "Gone" not in tool.CATALOGUE.read_text()


def test_update_is_stable(tool, monkeypatch):
    run(tool, monkeypatch, "update")
    first = tool.CATALOGUE.read_bytes()
    run(tool, monkeypatch, "update")
    assert tool.CATALOGUE.read_bytes() == first


def test_compiled_catalogue_translates(tool, monkeypatch, tmp_path):
    other = tmp_path / "other.po"
    other.write_text(
        'msgid "Plain"\nmsgstr "素"\n\nmsgid "%(n)d day"\nmsgid_plural "%(n)d days"\nmsgstr[0] "%(n)d 天"\n'
    )
    run(tool, monkeypatch, "merge", str(other))
    run(tool, monkeypatch, "compile")
    with tool.CATALOGUE.with_suffix(".mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)
    assert catalogue.gettext("Plain") == "素"
    assert catalogue.ngettext("%(n)d day", "%(n)d days", 3) == "%(n)d 天"


def test_unreadable_python_is_named(tool):
    path = tool.SOURCE / "app" / "broken.py"
    path.write_text('_("""never closed')
    with pytest.raises(tool.CatalogueError, match=r"broken\.py"):
        list(tool.extract(tool.SOURCE))
