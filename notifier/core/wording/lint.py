"""Looking over template files before they are used: what breaks them, and what looks unmeant."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from jinja2 import nodes

from notifier.core.wording.percent import PERCENT, pattern
from notifier.core.wording.reading import LAYOUT_FOLDER, WORDS_FILE, Reader, Sources
from notifier.core.wording.syntax import Finding, TemplateFault
from notifier.core.wording.template import compile_template
from notifier.core.wording.variables import (
    ALL_NAMES,
    ROOM_KINDS,
    TIMED,
    VARIABLES,
    nearest,
    straighten,
)

# Longer HTML is slow on phones; ours has about 6 kB (bytes).
HTML_TARGET: Final = 30_000

_TYPED: Final = re.compile(rf"(?<!{PERCENT}){PERCENT}(?=[^\W\d])(\w+)")
# What Jinja reads, and the names in it.
_MARKED: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_NAME: Final = re.compile(r"[^\W\d]\w*")
_REMOTE: Final = re.compile(
    r"""(?:\bsrc\s*=\s*["']?|\burl\(\s*["']?|@import\s+["'])https?:""", re.IGNORECASE
)


def lint(sources: Sources, kind: str, language: str = "en") -> list[Finding]:
    """Give everything worth knowing about the files of `kind`, in the order of files and lines."""
    findings: list[Finding] = []
    reader = Reader(sources, kind, language, findings.append)
    for read in _readings(reader, sources):
        try:
            tree = read()
        except TemplateFault as fault:
            findings.append(fault.finding)
            continue
        findings.extend(_bare_times(tree, read, kind))
    for file, source, known in _files(sources, kind):
        findings.extend(_odd_names(file, source, known=known, kind=kind))
        findings.extend(_remote(file, source))
    findings.extend(_whole(sources, kind, language) if not _broken(findings) else ())
    return sorted(set(findings), key=lambda each: (each.file, each.line, each.message))


def lint_words(source: str) -> list[Finding]:
    """Give what is odd about the names in a `words.txt` that can be read."""
    return list(_odd_names(WORDS_FILE, source, known=ALL_NAMES, kind=LAYOUT_FOLDER))


def straightened(source: str) -> str:
    """Give a file with the look-alike letters in its names replaced by the Latin ones (R34)."""

    def straight(match: re.Match[str]) -> str:
        return re.sub(PERCENT, "%", match[0].replace(match[2], straighten(match[2])))

    def straight_inside(match: re.Match[str]) -> str:
        return _NAME.sub(lambda name: _known_or_as_typed(name[0]), match[0])

    return _MARKED.sub(straight_inside, pattern(ALL_NAMES).sub(straight, source))


def _known_or_as_typed(name: str) -> str:
    straight = straighten(name)
    return straight if straight in ALL_NAMES else name


def _readings(reader: Reader, sources: Sources) -> Iterator[Callable[[], nodes.Template]]:
    yield from (reader.subject, reader.html_body, reader.html_layout, reader.text_layout)
    if sources.text is not None:
        yield reader.text_body
    for name in sources.partials_html:
        yield _reading(reader.html_partial, name)
    for name in sources.partials_text:
        yield _reading(reader.text_partial, name)


def _reading(read: Callable[[str], nodes.Template], name: str) -> Callable[[], nodes.Template]:
    return lambda: read(name)


def _files(sources: Sources, kind: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Give each file with its text and the %variables that it knows."""
    own = VARIABLES[kind]
    yield "subject.txt", sources.subject, own
    yield "body.html", sources.html, own
    yield "body.txt", sources.text or "", own
    yield f"{LAYOUT_FOLDER}/base.html", sources.layout_html, ALL_NAMES
    yield f"{LAYOUT_FOLDER}/base.txt", sources.layout_text, ALL_NAMES
    for name, source in sources.partials_html.items():
        yield f"{LAYOUT_FOLDER}/{name}.html", source, ALL_NAMES
    for name, source in sources.partials_text.items():
        yield f"{LAYOUT_FOLDER}/{name}.txt", source, ALL_NAMES


def _odd_names(file: str, source: str, *, known: frozenset[str], kind: str) -> Iterator[Finding]:
    """Find %names that will be mailed as they are typed, and those with look-alike letters."""
    for match in _TYPED.finditer(source):
        meant = pattern(known).match(source, match.start())
        if meant:
            said, close = _look_alike(meant[0]), None
        else:
            said, close = _unknown(match[1], known, kind)
        if said:
            line = 1 + source.count("\n", 0, match.start())
            yield Finding(file=file, line=line, message=said, nearest=close, breaks=False)


def _look_alike(typed: str) -> str | None:
    straight = straightened(typed)
    return f"`{typed}` has a look-alike letter for `{straight}`" if straight != typed else None


def _unknown(typed: str, known: frozenset[str], kind: str) -> tuple[str | None, str | None]:
    """Say what is odd about a name that is not known; `%D0` and `%ige` are no names."""
    latin = re.match(r"[A-Za-z0-9_]*", straighten(typed))
    name = latin[0] if latin else ""
    if name in ALL_NAMES:
        return f"`%{name}` has no meaning in `{kind}` and is mailed as it is typed", None
    close = nearest(name, known)
    if close or "_" in name.strip("_"):
        return f"`%{name}` is not known and is mailed as it is typed", close
    return None, None


def _remote(file: str, source: str) -> Iterator[Finding]:
    for match in _REMOTE.finditer(source):
        said = "what lies on a server is blocked by most mail readers until the reader agrees"
        line = 1 + source.count("\n", 0, match.start())
        yield Finding(file=file, line=line, message=said, breaks=False)


def _bare_times(
    tree: nodes.Template, read: Callable[[], nodes.Template], kind: str
) -> Iterator[Finding]:
    """Find times that are printed even where there are none (R8)."""
    file = _OWN_FILES.get(getattr(read, "__name__", ""))
    if file and kind in ROOM_KINDS:
        for name in _unguarded(tree.body, guarded=False):
            said = f"a virtual room has no `%{name.name}`: put `{{% if {name.name} %}}` around it"
            yield Finding(file=file, line=name.lineno, message=said, breaks=False)


_OWN_FILES: Final = {"subject": "subject.txt", "html_body": "body.html", "text_body": "body.txt"}


def _unguarded(body: Sequence[nodes.Node], *, guarded: bool) -> Iterator[nodes.Name]:
    for node in body:
        if isinstance(node, nodes.If):
            asked = guarded or any(name.name in TIMED for name in node.test.find_all(nodes.Name))
            asked = asked or (isinstance(node.test, nodes.Name) and node.test.name in TIMED)
            yield from _unguarded(node.body, guarded=asked)
            yield from _unguarded([*node.elif_, *node.else_], guarded=guarded)
        elif not guarded:
            names = node.find_all(nodes.Name)
            yield from (name for name in names if name.name in TIMED)


def _broken(findings: Sequence[Finding]) -> bool:
    return any(each.breaks for each in findings)


def _whole(sources: Sources, kind: str, language: str) -> Iterator[Finding]:
    """Look at the letter as a whole, which needs every file to be sound."""
    try:
        template = compile_template(sources, kind, language)
    except TemplateFault as fault:
        yield fault.finding
        return
    if not template.inlined:
        said = "tags are left open, or closed in another branch: styles stay in <style> alone"
        yield Finding(file="body.html", line=1, message=said, breaks=False)
    size = len(template.render({}).html.encode())
    if size > HTML_TARGET:
        said = f"the HTML has {size} bytes; {HTML_TARGET} are plenty for a letter"
        yield Finding(file="body.html", line=1, message=said, breaks=False)
