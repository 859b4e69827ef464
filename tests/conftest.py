"""What the whole suite says at its end: tests of the browser that were skipped are no small print."""

import pytest

BROWSER = "tests/browser/"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly that pages were not looked at. Works from reports, so also for several workers."""
    skipped = [
        report
        for report in terminalreporter.stats.get("skipped", ())
        if report.nodeid.startswith(BROWSER)
    ]
    if not skipped:
        return
    reasons = sorted({str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped})
    terminalreporter.write_sep("!", red=True, bold=True)
    terminalreporter.write_line(
        f"BROWSER TESTS DID NOT RUN: {len(skipped)} skipped; {'; '.join(reasons)}",
        red=True,
        bold=True,
    )
    terminalreporter.write_sep("!", red=True, bold=True)
