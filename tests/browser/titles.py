"""Words that stand on the pages: those of the registers' own files, in the reader's language."""

import functools
from pathlib import Path
from typing import Any

import yaml

from honghu import domains
from tests.browser.window import Language

_FOLDER = Path(domains.__file__).parent


@functools.cache
def _register(code: str) -> dict[str, Any]:
    (path,) = _FOLDER.glob(f"*/registers/{code}.yaml")
    read: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read


def _in(titled: dict[str, Any], language: Language) -> str:
    return str(titled["title"]["en" if language == "en" else "zh"])


def register_title(register: str, language: Language) -> str:
    """The name of a register."""
    return _in(_register(register), language)


def action_title(register: str, action: str, language: Language) -> str:
    """The verb of an action."""
    return _in(_register(register)["actions"][action], language)


def state_title(register: str, state: str, language: Language) -> str:
    """The name of a state."""
    return _in(_register(register)["states"][state], language)


def refusal_of(register: str, action: str, language: Language) -> str:
    """Why an action whose guard does not hold cannot be done."""
    found = _register(register)["actions"][action]["why_not"]
    return str(found["en" if language == "en" else "zh"])
