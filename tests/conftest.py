"""What holds for all tests: how Hypothesis searches, what begins first, that CI skips nothing."""

import os
from collections import Counter
from collections.abc import Generator

import pytest
from hypothesis import settings

CI = bool(os.environ.get("CI"))

# Shared cores make no promise about the time of one example. In CI the same examples each time: a
# new find belongs to the one who searches, not to whoever submits next.
settings.register_profile("laptop", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, database=None, print_blob=True)
settings.load_profile("ci" if CI else "laptop")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what takes long begin first where files run side by side; the last one runs alone."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        slow = {each.path for each in items if each.get_closest_marker("slow")}
        sizes = Counter(each.path for each in items)
        items.sort(key=lambda each: (each.path not in slow, -sizes[each.path]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_skip(report)
    return report


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """A test that nobody ran is fine on a laptop without Redis, and a failure in CI.

    An expected failure is reported as skipped too, but it did run.
    """
    if CI and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"Nothing may be skipped in CI, but this was. {reason}"
