"""One person at one window: opens pages, presses, fills in; every page is inspected on the way."""

import dataclasses
import functools
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self, TypeAlias

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Response

from honghu.site.county import PASSWORD

Language: TypeAlias = Literal["zh-hans", "en"]

SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
_INSPECT = Path(__file__).with_name("inspect.js")
_PATIENCE_MS = 30_000
_REFUSED = 400


@dataclasses.dataclass(frozen=True, slots=True)
class Device:
    """What somebody looks at the pages with."""

    name: str
    width: int
    height: int
    is_phone: bool


DESKTOP = Device("desktop", 1440, 900, is_phone=False)
PHONE = Device("phone", 390, 844, is_phone=True)
WIDTHS = (DESKTOP, PHONE)


@functools.cache
def _inspection() -> str:
    return _INSPECT.read_text(encoding="utf-8")


class Window:
    """A window of its own: other windows share neither cookies nor sign-in with it.

    `faults` collects what no page may have: console errors, refused content, failed requests.
    """

    def __init__(self, browser: Browser, address: str, device: Device, language: Language) -> None:
        self.address = address
        self.device = device
        self.language = language
        self.faults: list[str] = []
        self._expected = 0
        self._context = browser.new_context(
            base_url=address,
            viewport={"width": device.width, "height": device.height},
            is_mobile=device.is_phone,
            has_touch=device.is_phone,
            locale="zh-CN" if language == "zh-hans" else "en-GB",
            timezone_id="Asia/Shanghai",
            accept_downloads=True,
        )
        self._context.set_default_timeout(_PATIENCE_MS)
        self._context.on("console", self._heard)
        self._context.on("weberror", lambda error: self.faults.append(f"error: {error.error}"))
        self._context.on("response", self._answered)
        self.page: Page = self._context.new_page()

    def __enter__(self) -> Self:
        """The window itself."""
        return self

    def __exit__(self, *_exc: object) -> None:
        """Close the window."""
        self._context.close()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        # A refused page is told by the browser too; its status is judged where it was asked for.
        if message.text.startswith("Failed to load resource"):
            return
        self.faults.append(f"console {message.type} on {self.page.url}: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= _REFUSED and response.status != self._expected:
            self.faults.append(f"{response.status} from {response.url}")

    # Going about

    def open(self, path: str, *, status: int = 200) -> Self:
        """Open an address, and inspect the page that comes."""
        self._expected = status
        response = self.page.goto(path)
        assert response is not None, f"no answer from {path}"
        assert response.status == status, f"{response.status} from {path}"
        return self.look()

    def press(self, target: Locator, *, status: int = 200) -> Self:
        """Press what leads to another page, and inspect that page."""
        self._expected = status
        with self.page.expect_navigation(wait_until="load") as coming:
            target.click()
        response = coming.value
        assert response is not None, "pressing led nowhere"
        assert response.status == status, f"{response.status} from {response.url}"
        return self.look()

    def look(self) -> Self:
        """Inspect the page as it stands, and as wide as on the other device.

        Raises AssertionError with all that is wrong with it.
        """
        lang = "zh-Hans" if self.language == "zh-hans" else "en"
        found = []
        for width in (*(each for each in WIDTHS if each != self.device), self.device):
            self.page.set_viewport_size({"width": width.width, "height": width.height})
            seen = self.page.evaluate(_inspection(), lang)
            found += [f"{width.name}: {fault}" for fault in seen]
        found += self.faults
        self.faults.clear()
        assert not found, f"{self.page.url} ({lang}):\n" + "\n".join(found)
        return self

    def photograph(self, name: str, width: int | None = None) -> Self:
        """Keep a picture of the whole page in `screenshots/`."""
        SCREENSHOTS.mkdir(exist_ok=True)
        path = SCREENSHOTS / f"{name}-{width or self.device.width}-{self.language}.png"
        self.page.screenshot(path=path, full_page=True, animations="disabled")
        return self

    # What a person sees

    @property
    def text(self) -> str:
        """The words of the page's main part."""
        return self.page.inner_text("main")

    def sees(self, *words: str) -> Self:
        """Assert that the page says this."""
        text = " ".join(self.text.split())
        for each in words:
            assert each in text, f"“{each}” is not on {self.page.url}: {text[:2000]}"
        return self

    def link(self, name: str) -> Locator:
        """The link of the page's main part with these words."""
        return self.page.get_by_role("main").get_by_role("link", name=name, exact=True).first

    def button(self, name: str) -> Locator:
        """The button of the page's main part with these words; a field for files is none."""
        found = self.page.get_by_role("main").get_by_role("button", name=name, exact=True)
        return found.and_(self.page.locator(":not(input)")).first

    def download(self, name: str) -> Path:
        """Press a link of the page's main part that brings a file; where the file is."""
        with self.page.expect_download() as coming:
            self.link(name).click()
        return Path(coming.value.path())

    # Signing in, and switching the language

    def sign_in(self, username: str) -> Self:
        """Sign in through the form; the pages then speak the account's language, until switched."""
        self.open("/sign-in")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", PASSWORD)
        with self.page.expect_navigation():
            self.page.locator("main form button").click()
        wanted = self.language
        self.language = "en" if self.page.get_attribute("html", "lang") == "en" else "zh-hans"
        self.look()
        return self if wanted == self.language else self.switch_language()

    def switch_language(self) -> Self:
        """Press the button with the name of the other language."""
        button = self.page.locator(".language-form--frame button")
        if not button.is_visible():
            self.page.locator("details.menu > summary").click()
            button = self.page.locator(".language-form--menu button")
        self.language = "en" if self.language == "zh-hans" else "zh-hans"
        return self.press(button)

    # Forms

    def fill(self, answers: Mapping[str, Any]) -> Self:
        """Fill the form in: texts are typed, True and False answered, lists ticked, Paths uploaded."""
        for name, answer in answers.items():
            control = self.page.locator(f'main form [name="{name}"]')
            if isinstance(answer, Path):
                control.set_input_files(answer)
            elif isinstance(answer, Sequence) and not isinstance(answer, str):
                for each in answer:
                    self.page.check(f'main form [name="{name}"][value="{each}"]')
            else:
                self._answer(control, name, answer)
        return self

    def _answer(self, control: Locator, name: str, answer: Any) -> None:
        kind = control.first.evaluate("each => each.type")
        text = {True: "true", False: "false"}.get(answer, str(answer))
        if kind == "radio":
            self.page.check(f'main form [name="{name}"][value="{text}"]')
        elif kind == "select-one":
            control.select_option(text)
        else:
            control.fill(text)

    def value(self, name: str) -> str:
        """What stands in a box of the form."""
        return self.page.input_value(f'main form [name="{name}"]')

    def fault_of(self, name: str) -> str:
        """The words of the fault beside a field; empty if there is none."""
        box = self.page.locator(f'.field:has([name="{name}"]) .field-error')
        return box.inner_text().strip()

    def case_number(self) -> str:
        """The number of the case whose page is open."""
        found = re.search(r"\S+", self.page.locator(".page-head .lead .code").inner_text())
        assert found
        return found.group()
