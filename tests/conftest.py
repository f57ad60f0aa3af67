"""What holds for all tests: how Hypothesis searches, and that nothing is skipped in CI."""

import os
from collections.abc import Generator

import pytest
from hypothesis import settings

CI = bool(os.environ.get("CI"))

# Shared cores make no promise about the time of one example. In CI the same examples each time: a
# new find belongs to the one who searches, not to whoever submits next.
settings.register_profile("laptop", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, database=None, print_blob=True)
settings.load_profile("ci" if CI else "laptop")


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
