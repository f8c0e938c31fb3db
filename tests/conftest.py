"""The sliders of a chapter; at the end of a run what tests measured, and what no browser tried."""

import gc

import pytest
import tried  # noqa: F401 (the profile of `make quick`)

pytest.register_assert_rewrite("engine_contract")


def pytest_runtest_teardown(item, nextitem):
    """Keep what earlier files of tests have left out of Python's searches for garbage.

    They go through all objects, so that programs that make many, under the limit of two seconds
    which every answer has, would take the longer the later they are tried.
    """
    if nextitem is None or nextitem.path != item.path:
        gc.collect()
        gc.freeze()


@pytest.fixture(scope="module")
def sliders(request):
    """{name: piece} of the chapter that a test's module names; run with what they need."""
    from test_sliders_compute import pieces

    return {name: piece for _, name, piece in pieces(request.module.CHAPTER)}


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
