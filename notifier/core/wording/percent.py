"""The `%name` syntax of templates, as an extension of Jinja2.

Only plain text between Jinja's own marks is read, and each `%name` becomes the tokens of
`{{ name }}`: line numbers stay exact, native Jinja keeps working, nothing is rewritten as text.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import ClassVar, Final

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from notifier.core.wording.variables import ALL_NAMES, look_alikes, straighten

# Asian input methods type the full-width sign or the small one, Arabic keyboards their own.
PERCENT: Final = "[%\uff05\ufe6a\u066a]"

# A name ends where no letter of an identifier follows, so that a variable added later never
# changes the meaning of an old template. Cyrillic endings may follow, `%conf_nameом`, and so may
# Japanese text, `%conf_nameＡ社`; only what was typed in full width altogether is one word.
_WIDE: Final = "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a"
_END: Final = f"(?![A-Za-z0-9_\uff3f])(?!(?<=[\uff41-\uff5a])[{_WIDE}])"


@cache
def pattern(names: frozenset[str]) -> re.Pattern[str]:
    """Give the expression that finds `%name` and `%%name` for `names`, the longest name first.

    Group 1 is the doubled sign, which makes the name plain text; group 2 is the name as typed.
    """
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    spelt = "|".join("".join(map(_letter, name)) for name in longest_first)
    return re.compile(f"({PERCENT}?){PERCENT}({spelt}){_END}")


def _letter(letter: str) -> str:
    either = look_alikes(letter)
    return f"[{either}]" if len(either) > 1 else re.escape(either)


class PercentNames(Extension):
    """Turns `%name` into `{{ name }}`; subclasses say which names a template knows."""

    names: ClassVar[frozenset[str]] = ALL_NAMES

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        for token in stream:
            if token.type == "data":
                yield from self._split(token)
            else:
                yield token

    def _split(self, token: Token) -> Iterator[Token]:
        text, line, at = token.value, token.lineno, 0
        for match in pattern(self.names).finditer(text):
            before = text[at : match.start()]
            at = match.end()
            if match[1]:
                before += text[match.start(2) - 1 : at]
            yield Token(line, "data", before)
            line += before.count("\n")
            if not match[1]:
                yield from _printed(line, straighten(match[2]))
        yield Token(line, "data", text[at:])


def _printed(line: int, name: str) -> Iterator[Token]:
    yield Token(line, "variable_begin", "{{")
    yield Token(line, "name", name)
    yield Token(line, "variable_end", "}}")


@cache
def percent_names(names: frozenset[str]) -> type[PercentNames]:
    """Give the extension for a template that knows `names`."""
    return type("PercentNames", (PercentNames,), {"names": names})
