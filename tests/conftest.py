"""What the whole run says at its end: figures that tests measured, and browser tests not run."""

import pytest

pytest.register_assert_rewrite("engine_contract")


def pytest_terminal_summary(terminalreporter):
    """Print each `record_property("measured", line)`, and say loudly what no browser tried."""
    # "" holds what was set up and taken down: a fixture measures until the end of its test
    kinds = ("passed", "failed", "")
    reports = [report for kind in kinds for report in terminalreporter.stats.get(kind, [])]
    lines = [
        text
        for report in reports
        for name, text in getattr(report, "user_properties", [])
        if name == "measured"
    ]
    if lines:
        terminalreporter.section("measured")
        for line in dict.fromkeys(lines):
            terminalreporter.line(line)
    missed = [
        report
        for report in terminalreporter.stats.get("skipped", [])
        if "tests/browser/" in report.nodeid and "NOT tried" in str(report.longrepr)
    ]
    if missed:
        terminalreporter.section(f"{len(missed)} BROWSER TESTS DID NOT RUN", red=True, bold=True)
        terminalreporter.line(missed[0].longrepr[2])
