"""Contrast of the tokens by the formula of WCAG 2.2 (relative luminance), in both themes."""

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[1] / "static" / "honghu" / "css" / "tokens.css"

GROUNDS = ("paper", "surface", "sunken", "lake-wash")
TEXT_PAIRS = [
    *((ink, ground) for ink in ("ink", "ink-soft", "ink-faint") for ground in GROUNDS[:3]),
    *((ink, "lake-wash") for ink in ("ink", "ink-soft", "ink-faint")),
    *(("lake", ground) for ground in GROUNDS),
    *(("lake-strong", ground) for ground in GROUNDS),
    ("on-lake", "lake"),
    ("on-lake", "lake-strong"),
    *((light, ground) for light in ("red", "amber", "green") for ground in GROUNDS),
    *((light, f"{light}-wash") for light in ("red", "amber", "green")),
    ("ink", "red-wash"),
    ("ink-soft", "red-wash"),
]
# Borders of controls, focus rings and marks need 3:1 (success criterion 1.4.11).
MARK_PAIRS = [
    *(("line-strong", ground) for ground in ("paper", "surface")),
    *(("lake", ground) for ground in GROUNDS),
]


def themes() -> dict[str, dict[str, str]]:
    """The colours of both themes; the dark one overrides the light one."""
    light_part, dark_part = TOKENS.read_text().split("@media (prefers-color-scheme: dark)")
    colour = re.compile(r"--([a-z-]+): (#[0-9a-f]{6});")
    light = dict(colour.findall(light_part))
    return {"light": light, "dark": light | dict(colour.findall(dark_part))}


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_formula_knows_black_on_white():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_dark_theme_sets_every_colour():
    dark_part = TOKENS.read_text().split("@media (prefers-color-scheme: dark)")[1]
    for name in themes()["light"]:
        assert f"--{name}:" in dark_part


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_text_is_readable(theme, ink, ground):
    colours = themes()[theme]
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("mark", "ground"), MARK_PAIRS)
def test_marks_are_visible(theme, mark, ground):
    colours = themes()[theme]
    assert contrast(colours[mark], colours[ground]) >= 3
