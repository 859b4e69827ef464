"""The cast at its windows: everybody signs in once and works from the case page."""

import dataclasses
import re
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import Browser

from tests.browser.titles import action_title, register_title, state_title
from tests.browser.window import PHONE, Device, Language, Window


def seen_on(*ways: tuple[Device, Language]) -> pytest.MarkDecorator:
    """Run a test once on each device in its language, with the fixture `people` at the windows."""
    names = [f"{'phone' if way[0] is PHONE else 'desktop'}-{way[1][:2]}" for way in ways]
    return pytest.mark.parametrize("people", ways, ids=names, indirect=True)


@dataclasses.dataclass(slots=True)
class People:
    """Windows by sign-in name, opened when somebody is first needed."""

    browser: Browser
    address: str
    device: Device
    language: Language
    stack: ExitStack
    windows: dict[str, Window] = dataclasses.field(default_factory=dict)

    def at(self, username: str) -> Window:
        """The window of a person, who signs in at the first time."""
        if username not in self.windows:
            window = Window(self.browser, self.address, self.device, self.language)
            self.windows[username] = self.stack.enter_context(window).sign_in(username)
        return self.windows[username]

    def find(self, username: str, register: str, words: str) -> Window:
        """Find a case as people do: open the register, type words of it, press its number."""
        window = self.to_register(username, register)
        window.page.fill(".filters [name=q]", words)
        with window.page.expect_response(lambda answer: "?q=" in answer.url):
            window.page.locator(".filters button").click()
        window.page.wait_for_url("**q=*")
        window.look()
        return window.press(window.page.locator("#list tbody th a").first)

    def to(self, username: str, name: str) -> Window:
        """Press an entry of the rail, which a phone keeps behind a button."""
        window = self.at(username)
        if self.device.is_phone:
            window.page.locator(".rail-toggle > summary").click()
        rail = window.page.locator("nav.rail")
        return window.press(rail.get_by_role("link", name=name, exact=True))

    def to_register(self, username: str, register: str) -> Window:
        """Open the list of a register from the rail."""
        return self.to(username, register_title(register, self.language))

    def said(self, english: str) -> str:
        """Words of the pages in the reader's language."""
        with translation.override(self.language):
            return gettext(english)

    def pick(self, chinese: str, english: str) -> str:
        """One of two names that a module declares in both languages."""
        return chinese if self.language == "zh-hans" else english

    def turn(self, username: str, register: str, action: str) -> Window:
        """Open the form of what waits for a person: my work, and the verb beside the case."""
        window = self.at(username)
        if urlsplit(window.page.url).path != "/":
            place = ".dock-link" if self.device.is_phone else ".topbar-link--work"
            window.press(window.page.locator(place).first)
        name = action_title(register, action, self.language)
        verbs = window.page.locator(".desk-work-verbs")
        return window.press(verbs.get_by_role("link", name=name, exact=True).first)

    def begin(self, username: str, register: str, action: str) -> Window:
        """Press the verb on the page that is open, which leads to its form."""
        window = self.at(username)
        return window.press(window.link(action_title(register, action, self.language)))

    def send(
        self, username: str, register: str, action: str, answers: Mapping[str, Any], **how: int
    ) -> Window:
        """Fill the open form in and send it."""
        window = self.at(username).fill(answers)
        return window.press(window.button(action_title(register, action, self.language)), **how)

    def do(
        self, username: str, register: str, action: str, answers: Mapping[str, Any], state: str
    ) -> Window:
        """From my work to the form, and send it; then the case stands at `state`."""
        self.turn(username, register, action)
        window = self.send(username, register, action, answers)
        return window.sees(state_title(register, state, self.language))

    def refusal(self, username: str, register: str, action: str) -> str:
        """The reasons that the open case page gives for an action that cannot be done."""
        title = action_title(register, action, self.language)
        page = self.at(username).page
        verb = page.locator(".action-verb").filter(
            has_text=re.compile(rf"^\s*{re.escape(title)}\s*$")
        )
        return page.locator(".action--shut").filter(has=verb).locator("ul").inner_text()
