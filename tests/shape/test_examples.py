"""What the examples show works as it stands."""

import tomllib

import pytest

from notifier.core.settings import Settings, merged
from tests.shape.sources import ROOT


def test_the_example_settings_apply_whole() -> None:
    tables = tomllib.loads((ROOT / "examples/settings.toml").read_text(encoding="utf-8"))

    settings = merged(Settings(), tables)

    assert settings.smtp.effective_port == 587
    assert settings.reminders.offsets == ("1d", "5m")


@pytest.mark.parametrize("file", ["README.md", "ARCHITECTURE.md", "OPERATING.md", "SECURITY.md"])
def test_what_one_reads_first_leads_nowhere_wrong(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    links = [part.split(")")[0] for part in text.split("](")[1:]]
    local = [link for link in links if not link.startswith("http")]

    assert local
    assert [link for link in local if not (ROOT / link).exists()] == []
