"""Plain text made from HTML, for letters whose author wrote no `body.txt`."""

import re
from html.parser import HTMLParser
from typing import Final

_SILENT: Final = frozenset({"head", "script", "style", "title"})
_LINES: Final = frozenset({"br", "div", "li", "tr", "table", "dd", "dt"})
_PARAGRAPHS: Final = frozenset({"blockquote", "h1", "h2", "h3", "ol", "p", "ul"})


def flatten(html: str) -> str:
    """Give the text of `html`: a line for each row, a blank line between paragraphs.

    Links stand behind their words, and what is hidden from the eye is left out.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent: list[str] = []
        self._link = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self._silent or tag in _SILENT or "preheader" in (given.get("class") or "").split():
            self._silent.append(tag)
            return
        self._break(tag)
        if tag == "td":
            self.parts.append(" ")
        if tag == "a":
            self._link = given.get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag in self._silent:
                del self._silent[self._silent.index(tag) :]
            return
        if tag == "a" and self._link:
            if self._link not in "".join(self.parts[-2:]):
                self.parts.append(f" <{self._link}>")
            self._link = ""
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(re.sub(r"\s+", " ", data))

    # Python's own raise an error at Outlook's conditions, where they do not know them, and look for
    # the end of each comment up to the end of the file.
    def parse_comment(self, i: int, report: bool = True) -> int:  # noqa: ARG002
        return self._behind("-->", i)

    def parse_html_declaration(self, i: int) -> int:
        return self._behind(">", i)

    def _behind(self, end: str, at: int) -> int:
        found = self.rawdata.find(end, at)
        return found + len(end) if found >= 0 else len(self.rawdata)

    def _break(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self.parts.append("\n\n")
        elif tag in _LINES:
            self.parts.append("\n")
