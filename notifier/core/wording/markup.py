"""Where in an HTML file a variable stands, and what may be printed there.

A reader of HTML in eight states (WHATWG HTML §13.2.5, as much of it as mail templates need),
which is fed with the plain text of a template, piece by piece, in the order of the file.
"""

import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import reduce
from html import unescape
from typing import Final

import msgspec


class Where(StrEnum):
    TEXT = "text"
    TITLE = "title"  # <title>, <textarea>: text in which no tags are read
    TAG = "tag"
    ATTRIBUTE = "attribute"  # inside quotation marks
    UNQUOTED = "unquoted"
    COMMENT = "comment"
    STYLE = "style"
    SCRIPT = "script"


class Place(msgspec.Struct, frozen=True):
    """A place in an HTML file: the tag and attribute that are open, and its value so far."""

    where: Where = Where.TEXT
    tag: str = ""
    attribute: str = ""
    quote: str = ""
    written: str = ""

    def same_as(self, other: "Place") -> bool:
        """Tell whether HTML goes on in the same way from both, whatever was written before."""
        return _without_text(self) == _without_text(other)


class Use(StrEnum):
    """How a value is made safe where it stands."""

    SHOWN = "shown"
    PLAIN = "plain"
    LINK = "link"
    LINK_PART = "link_part"
    DIALLED = "dialled"
    ADDRESSED = "addressed"


class Refusal(msgspec.Struct, frozen=True):
    """Why no value may be printed in a place, as the end of a sentence."""

    reason: str


_VALUES: Final = frozenset({Where.ATTRIBUTE, Where.UNQUOTED})

# Stands for a printed value in `Place.written`.
_VALUE: Final = "\ufffc"

_LINKS: Final = frozenset(
    {"href", "src", "action", "formaction", "background", "cite", "poster", "xlink:href"}
    | {"data", "dynsrc", "longdesc", "lowsrc", "ping"}
)
_SCRIPTS: Final = frozenset({"javascript", "vbscript"})
# Blanks and controls around and inside a scheme are skipped (WHATWG URL §4.4).
_SKIPPED_IN_LINKS: Final = re.compile("[\x00-\x20]+")

# A scheme that begins later is one of nobody's (characters).
_SCHEME_WITHIN: Final = 1_000

# Programs, pages within the page, and what is read by other rules than HTML: mail readers take it
# out, and so do filters, some of them with the whole mail.
_UNFIT: Final = frozenset(
    {"applet", "base", "embed", "form", "frame", "frameset", "iframe", "math", "noembed"}
    | {"noframes", "noscript", "object", "plaintext", "script", "svg", "template", "xmp"}
)
_RAW: Final = {
    "style": Where.STYLE,
    "script": Where.SCRIPT,
    "title": Where.TITLE,
    "textarea": Where.TITLE,
}
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)

# Conditional comments of Outlook hold HTML that it shows, so they are read as HTML.
_SKIPPED: Final = re.compile(
    r"<!--\[if[^\]>]*\]>|<!--+>|<!\[endif\]-->|<![a-z][^>]*>|<\?[^>]*>", re.IGNORECASE
)
# `<!` and `<?` open what parsers call a bogus comment, which ends like a tag.
_TAG: Final = re.compile(r"<(/?[a-z][^\s/>]*|/?$|[!?])", re.IGNORECASE)
_INSIDE_TAG: Final = re.compile(r"[\s/]+|>|[^\s/>=]+(?:\s*=\s*(?:[\"']|(?=[^\"'])|$))?|=")


def after(place: Place, text: str) -> Place:
    """Give the place which is reached from `place` by reading `text`."""
    return reduce(lambda _begun, step: step[1], steps(place, text), place)


def steps(place: Place, text: str) -> Iterator[tuple[Place, Place, str]]:
    """Give each step of reading `text`: from which place, to which place, by which piece of it."""
    at = 0
    while at < len(text):
        begun, begun_at = place, at
        place, at = _STEPS[place.where](place, text, at)
        yield begun, place, text[begun_at:at]


def objection(begun: Place, place: Place, read: str) -> str | None:
    """Say what no letter may carry of a step, whether or not a value is printed there."""
    if place.where is Where.TAG and place.tag in _UNFIT:
        return f"<{place.tag}> is not for letters"
    if place.where in _VALUES and begun.where is Where.TAG:
        unfit = place.attribute.startswith("on") or place.attribute == "srcdoc"
        return f"`{place.attribute}` is not for letters" if unfit else None
    if begun.where in _VALUES and place.where is Where.TAG:
        return _objection_to_value(begun, (begun.written + read).removesuffix(begun.quote))
    return None


def _objection_to_value(place: Place, value: str) -> str | None:
    scheme = _scheme(value)
    if place.attribute in _LINKS and scheme in _SCRIPTS:
        return f"a `{scheme}:` link is not for letters"
    if place.attribute == "http-equiv" and value.strip().lower() == "refresh":
        return "`refresh` is not for letters; a letter leads nobody elsewhere by itself"
    return None


def after_value(place: Place) -> Place:
    """Give the place behind a printed value."""
    if place.where in _VALUES:
        return msgspec.structs.replace(place, written=place.written + _VALUE)
    return place


def use(place: Place) -> Use | Refusal:
    """Tell how a value is printed at `place`, or why it is not."""
    if place.where is Where.ATTRIBUTE:
        return _use_in_attribute(place)
    return _USES[place.where]


def _use_in_attribute(place: Place) -> Use | Refusal:
    name = place.attribute
    if name.startswith("on"):
        return Refusal(f"inside `{name}`, which is a script")
    if name == "style":
        return Refusal("inside `style`, where text would be read as CSS")
    if name in {"srcdoc", "srcset", "imagesrcset", "http-equiv"}:
        return Refusal(f"inside `{name}`")
    return _use_in_link(place.written) if name in _LINKS else Use.PLAIN


def _use_in_link(written: str) -> Use | Refusal:
    if not written.strip():
        return Use.LINK
    match _scheme(written):
        case "tel":
            return Use.DIALLED
        case "mailto" if "?" not in written:
            return Use.ADDRESSED
        case None | "http" | "https" | "mailto" | "trueconf":
            return Use.LINK_PART
        case other:
            return Refusal(f"inside a `{other}:` link")


def _scheme(link: str) -> str | None:
    """Give the scheme as a mail reader finds it, behind entities and blanks."""
    found = _SCHEME.match(_SKIPPED_IN_LINKS.sub("", unescape(link.lstrip()[:_SCHEME_WITHIN])))
    return found[1].lower() if found else None


_USES: Final[dict[Where, Use | Refusal]] = {
    Where.TEXT: Use.SHOWN,
    Where.TITLE: Use.PLAIN,
    Where.COMMENT: Refusal("in a comment, which everybody is sent; `{## … ##}` is sent to nobody"),
    Where.TAG: Refusal("inside a tag, outside quotation marks"),
    Where.UNQUOTED: Refusal("as an attribute without quotation marks around it"),
    Where.STYLE: Refusal("inside <style>, where text would be read as CSS"),
    Where.SCRIPT: Refusal("inside <script>"),
}


def _without_text(place: Place) -> Place:
    return msgspec.structs.replace(place, written="")


def _in_text(place: Place, text: str, at: int) -> tuple[Place, int]:
    at = text.find("<", at)
    if at < 0:
        return place, len(text)
    if skipped := _SKIPPED.match(text, at):
        return place, skipped.end()
    if text.startswith("<!--", at):
        return Place(Where.COMMENT), at + 4
    if tag := _TAG.match(text, at):
        return Place(Where.TAG, tag=tag[1].lower()), tag.end()
    return place, at + 1


def _in_tag(place: Place, text: str, at: int) -> tuple[Place, int]:
    part = _INSIDE_TAG.match(text, at)
    if part is None:  # A stray quotation mark.
        return place, at + 1
    if part[0] == ">":
        raw = _RAW.get(place.tag)
        return Place(raw, place.tag) if raw else Place(), part.end()
    name, equals, quote = part[0].partition("=")
    if not equals or not name:
        return place, part.end()
    opened = Where.ATTRIBUTE if quote.strip() else Where.UNQUOTED
    attribute = name.strip().lower()
    return Place(opened, place.tag, attribute, quote.strip()), part.end()


def _in_attribute(place: Place, text: str, at: int) -> tuple[Place, int]:
    end = text.find(place.quote, at)
    if end < 0:
        written = place.written + text[at:]
        return msgspec.structs.replace(place, written=written), len(text)
    return Place(Where.TAG, tag=place.tag), end + 1


def _in_unquoted(place: Place, text: str, at: int) -> tuple[Place, int]:
    end = re.compile(r"[\s>]|$").search(text, at)
    assert end is not None  # `$` always matches
    if end.start() == len(text):
        written = place.written + text[at:]
        return msgspec.structs.replace(place, written=written), len(text)
    return Place(Where.TAG, tag=place.tag), end.start()


def _in_comment(place: Place, text: str, at: int) -> tuple[Place, int]:
    end = text.find("-->", at)
    return (place, len(text)) if end < 0 else (Place(), end + 3)


def _in_raw(place: Place, text: str, at: int) -> tuple[Place, int]:
    end = re.compile(rf"</{place.tag}(?=[\s/>])", re.IGNORECASE).search(text, at)
    if end is None:
        return place, len(text)
    return Place(Where.TAG, tag=f"/{place.tag}"), end.end()


_STEPS: Final[dict[Where, Callable[[Place, str, int], tuple[Place, int]]]] = {
    Where.TEXT: _in_text,
    Where.TITLE: _in_raw,
    Where.TAG: _in_tag,
    Where.ATTRIBUTE: _in_attribute,
    Where.UNQUOTED: _in_unquoted,
    Where.COMMENT: _in_comment,
    Where.STYLE: _in_raw,
    Where.SCRIPT: _in_raw,
}
