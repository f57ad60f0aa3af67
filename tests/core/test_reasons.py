"""Claims about the reasons why somebody was not told."""

import pytest

from notifier.core.reasons import MEANINGS, Reason, meaning


def test_r27_every_reason_has_a_meaning_of_its_own() -> None:
    assert set(MEANINGS) == set(Reason)
    assert len(set(MEANINGS.values())) == len(Reason)


@pytest.mark.parametrize("reason", ["gave_up: 451 4.3.0 try again later", "gave_up"])
def test_a_reason_that_goes_on_in_other_words_is_understood(reason: str) -> None:
    assert meaning(reason) == MEANINGS[Reason.GONE]


@pytest.mark.parametrize("reason", ["", "250 2.0.0 ok", "550 5.1.1 removed: no such user"])
def test_what_a_mail_server_said_speaks_for_itself(reason: str) -> None:
    assert meaning(reason) is None
