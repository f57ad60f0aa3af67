"""Claims about the keys of installers' names in the settings: they never go back by a rotation."""

import pytest

from notifier.core.network.network import Network
from notifier.core.secrets import HIDDEN
from notifier.core.settings import Settings, SettingsRefused, merged


def ring(*keys: str) -> str:
    """Give the text of keys, each named by its number and the digit that fills it: `7a`."""
    return ",".join(f"{each[:-1]}:{each[-1] * 64}" for each in keys)


def applied(before: str, after: str) -> str:
    settings = Settings(network=Network(installer_keys=before))
    return merged(settings, {"network": {"installer_keys": after}}).network.installer_keys


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (ring("2b", "1a"), ring("1a"), "key 1 would be the newest again, and key 2 be thrown away"),
        (ring("2b"), ring("1a"), "key 1 would come back, which was thrown away; the newest is 2"),
        (ring("2b"), ring("2b", "1a"), "key 1 would come back"),
        (ring("3c"), ring("4d", "2b", "1a"), "keys 2, 1 would come back"),
        (ring("2b", "1a"), ring("2c", "1a"), "another key would take the place of key 2"),
        (ring("2b", "1a"), ring("3c", "2b", "1c"), "another key would take the place of key 1"),
    ],
    ids=["older", "thrown away", "beside", "two", "newest other", "older other"],
)
def test_keys_of_an_older_file_are_refused(before: str, after: str, said: str) -> None:
    with pytest.raises(SettingsRefused) as refused:
        applied(before, after)

    assert str(refused.value).startswith(f"network.installer_keys: {said}")
    assert "; leave installer_keys out of the file" in str(refused.value)
    assert "aaa" not in str(refused.value)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("", ring("2b", "1a")),
        (ring("2b", "1a"), ring("1a", "2b")),
        (ring("2b", "1a"), ring("3c", "2b", "1a")),
        (ring("2b", "1a"), ring("2b")),
    ],
    ids=["none", "another machine", "same", "rotated", "an old one leaves"],
)
def test_keys_that_go_on_are_taken(before: str, after: str) -> None:
    assert applied(before, after) == after


@pytest.mark.parametrize("said", [HIDDEN, ""], ids=["hidden", "shown before they were made"])
def test_keys_that_a_file_does_not_tell_stay_as_they_are(said: str) -> None:
    assert applied(ring("2b", "1a"), said) == ring("2b", "1a")
