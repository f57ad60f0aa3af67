"""html-validate: whether the HTML of a mail is HTML, and can be read by those who cannot see it."""

from tests.judges.node import NODE


def findings(html: bytes) -> list[str]:
    return list(NODE.about(html, "html-validate findings"))
