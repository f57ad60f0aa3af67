"""The naive peer: a plain loop that builds each mail with the library and connects for each."""

import smtplib
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import formatdate, make_msgid


def send(sample: bytes, *, port: int, mails: int) -> None:
    """Send mails like the sample to that many people.

    The wording, the calendar entry and the HTML are copied from the sample instead of being made
    for each person, which is in the loop's favour.
    """
    text, html, calendar = parts(sample)
    for at in range(mails):
        person = f"person-{at}@example.org"
        message = EmailMessage()
        message["From"] = "Example Conferences <conf@example.com>"
        message["To"] = f"Anna Lena Müller {at} <{person}>"
        message["Subject"] = "Invitation: Quarterly review of everything"
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain="conf.example.com")
        message.set_content(text)
        message.add_alternative(html, subtype="html")
        message.add_alternative(calendar, subtype="calendar", params={"method": "REQUEST"})
        with smtplib.SMTP("127.0.0.1", port) as server:
            server.send_message(message)


def parts(sample: bytes) -> tuple[str, str, str]:
    """Give the text, the HTML and the calendar entry of a mail."""
    message = message_from_bytes(sample, policy=policy.default)
    assert isinstance(message, EmailMessage)
    found = {each.get_content_type(): each for each in message.walk()}
    wanted = ("text/plain", "text/html", "text/calendar")
    text, html, calendar = (str(found[each].get_content()) for each in wanted)
    return text, html, calendar
