"""Rules that hold for every template of the project, not the toolkit's alone."""

import re
from pathlib import Path

import pytest
from django.template.backends.django import Template
from django.template.loader import get_template

PACKAGE = Path(__file__).parents[2]
STATIC = PACKAGE / "web" / "static" / "honghu"
TEMPLATES = sorted(PACKAGE.rglob("templates/**/*.html"))

FORBIDDEN = {
    "an inline style": re.compile(r"<[^>]*\sstyle\s*="),
    "a style element": re.compile(r"<style\b"),
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>"),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*="),
    "a script address": re.compile(r"javascript:", re.IGNORECASE),
    "evaluated htmx values": re.compile(r"hx-(?:vals|headers)=[\"']?js:|hx-on"),
    "a file from another host": re.compile(r"\b(?:src|href|action)=[\"']?(?:https?:)?//"),
}


def names() -> list[str]:
    return [str(path).rpartition("/templates/")[2] for path in TEMPLATES]


def test_there_are_templates():
    assert "honghu/base.html" in names()


@pytest.mark.parametrize("name", names())
def test_compiles(name):
    # Raises TemplateSyntaxError, with the line, for a template that does not compile.
    assert isinstance(get_template(name), Template)


@pytest.mark.parametrize("path", TEMPLATES, ids=names())
def test_obeys_the_content_security_policy(path):
    text = path.read_text()
    for what, pattern in FORBIDDEN.items():
        assert pattern.findall(text) == [], f"{path}: {what}"


@pytest.mark.parametrize(
    "markup",
    [
        '<p style="color:red">',
        "<style>p{}</style>",
        "<script>alert(1)</script>",
        '<a onclick="x()">',
        '<a href="javascript:x()">',
        "<b hx-vals='js:{a:1}'>",
        '<script src="//cdn.example/x.js"></script>',
    ],
)
def test_the_policy_patterns_find_what_they_forbid(markup):
    assert any(pattern.search(markup) for pattern in FORBIDDEN.values())


def test_every_icon_is_drawn():
    drawn = set(re.findall(r'<symbol id="([a-z-]+)"', (STATIC / "icons.svg").read_text()))
    used = {
        name
        for path in [*TEMPLATES, *PACKAGE.rglob("*.py")]
        if "tests" not in path.parts
        for name in re.findall(r'(?:{% icon |\bicon=)"([a-z-]+)"', path.read_text())
    }
    assert used - drawn == set()
    assert len(used) > 20


def test_styles_use_only_declared_tokens():
    declared = set(re.findall(r"(--[a-z0-9-]+):", (STATIC / "css" / "tokens.css").read_text()))
    for sheet in (STATIC / "css").glob("*.css"):
        assert set(re.findall(r"var\((--[a-z0-9-]+)\)", sheet.read_text())) <= declared, sheet
