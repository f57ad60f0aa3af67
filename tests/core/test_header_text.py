"""What is written into headers by hand, as the standard library writes it."""

from datetime import UTC, datetime
from email.headerregistry import Address
from email.utils import format_datetime

from hypothesis import example, given
from hypothesis import strategies as st

from notifier.core.headers import date_text, mailbox_text


@given(st.datetimes(datetime(1970, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC)))
def test_a_date_is_written_as_the_library_does(moment: datetime) -> None:
    assert date_text(moment) == format_datetime(moment)


@given(
    st.text("aB \"'(),.:;<>@[\\]é\t王", max_size=6),
    st.text("aB1.!#$%&'*+-/=?^_`{|}~é ,\"@", min_size=1, max_size=6),
)
@example("Boris Petit", "boris.petit")
@example("Petit, Boris", "boris")
@example("", "boris")
@example("Boris", "boris petit")
def test_a_mailbox_is_written_as_the_library_does(name: str, local: str) -> None:
    expected = str(Address(display_name=name, username=local, domain="example.org"))

    assert mailbox_text(name, f"{local}@example.org") == expected
