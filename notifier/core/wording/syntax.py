"""Reading one template file: Jinja2 kept to the few forms that a letter needs.

The sandbox alone is not enough: a loop over `range(10**9)` burns the processor, and `"a" * 10**9`
is folded while compiling. So the syntax tree is held to an allow-list before it is compiled.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

import msgspec
from jinja2 import TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notifier.core.wording.escaping import FILTERS
from notifier.core.wording.percent import PERCENT, percent_names
from notifier.core.wording.variables import nearest, straighten


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something about a template file that its author should know.

    `file` is relative to the folder of the language, `nearest` the known name that was probably
    meant, and `breaks` tells whether the file cannot be used as it is.
    """

    file: str
    line: int
    message: str
    nearest: str | None = None
    breaks: bool = True

    def __str__(self) -> str:
        meant = f"; did you mean `{self.nearest}`?" if self.nearest else ""
        return f"{self.file}:{self.line}: {self.message}{meant}"


class TemplateFault(Exception):
    """A template file cannot be used; says where, why and what to write instead."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.file = finding.file
        self.line = finding.line
        self.message = finding.message
        self.suggestion = finding.nearest
        self.finding = finding


# What an author may filter with. Nothing here makes a value longer, or unescaped.
_FILTERS: Final = frozenset(
    {"capitalize", "d", "default", "e", "escape", "lower", "title", "trim", "truncate", "upper"}
)
_TESTS: Final = frozenset({"defined", "undefined", "none", "eq", "equalto", "ne", "=="})

_ALLOWED: Final = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.If,
    nodes.Filter,
    nodes.Const,
    nodes.Test,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
)
_SAID: Final[dict[type[nodes.Node], str]] = {
    nodes.For: "`{% for %}` is not for letters",
    nodes.Assign: "`{% set %}` is not for letters",
    nodes.Include: "`{% include %}` is not for letters; print the name of a file of `_layout`",
    nodes.Extends: "`{% extends %}` is not for letters; `_layout` surrounds every body by itself",
    nodes.Call: "calls are not for letters",
    nodes.Getattr: "a variable has no parts; `.` is not for letters",
    nodes.BinExpr: "arithmetic is not for letters",
    nodes.Getitem: "a variable has no parts; `[ ]` is not for letters",
}

# Nothing that a letter says is counted further.
_LARGEST: Final = 1_000_000
_GIANT: Final = "a number here is too large for letters"

# Far beyond any letter; deeper nesting would exhaust the stack of the compiler.
_DEEPEST: Final = 25

# Ours have some 3,000 (characters); what is longer is not read, so that nobody waits for it.
SOURCE_LIMIT: Final = 200_000

# Ours have some 300. Compiling takes 0.1 ms for each, in the process that sends the letters.
NODE_LIMIT: Final = 4_000


@cache
def environment(names: frozenset[str], *, html: bool) -> ImmutableSandboxedEnvironment:
    """Give the environment for files that know the %variables `names`."""
    made = ImmutableSandboxedEnvironment(
        autoescape=html,
        extensions=[percent_names(names)],
        trim_blocks=True,
        lstrip_blocks=True,
        # `{#` opens many a line of minified CSS.
        comment_start_string="{##",
        comment_end_string="##}",
    )
    made.filters.update(FILTERS)
    made.globals.clear()
    return made


def parse(
    source: str, *, file: str, names: frozenset[str], words: frozenset[str], html: bool
) -> nodes.Template:
    """Read a file in which the %variables `names` and the layout's `words` can be printed.

    Raises TemplateFault at the first thing that does not belong into a letter.
    """
    if len(source) > SOURCE_LIMIT:
        said = f"the file has {len(source)} characters; {SOURCE_LIMIT} are allowed"
        raise TemplateFault(Finding(file=file, line=1, message=said))
    known = names | words
    try:
        tree = environment(names, html=html).parse(source)
        if len(source) > NODE_LIMIT:  # A node takes a character at least, and counting takes time.
            refuse_crowds(tree, file=file)
        _straighten(tree, known)
        for finding in _forbidden(tree, file=file, known=known, depth=0):
            raise TemplateFault(finding)
    except TemplateSyntaxError as error:
        raise TemplateFault(_unreadable(error, source, file)) from error
    except RecursionError as error:
        raise TemplateFault(Finding(file=file, line=1, message="nested too deeply")) from error
    except ValueError as error:  # Python reads no number of more than 4300 digits.
        raise TemplateFault(Finding(file=file, line=1, message=_GIANT)) from error
    for finding in _failing(tree, file=file, html=html):
        raise TemplateFault(finding)
    return tree


# What Jinja2 says of a block without its end, and of a tag that it does not know.
_OPEN: Final = re.compile(r"needs to be closed is '(\w+)'")
_TAG: Final = re.compile(r"Encountered unknown tag '(\w+)'")
_TAGS: Final = ("if", "elif", "else", "endif")

# What Jinja2 says of a sign that it did not expect.
_SIGN: Final = re.compile(f"'{PERCENT}'")


def refuse_crowds(tree: nodes.Template, *, file: str) -> None:
    """Raise TemplateFault if there is so much in `tree` that compiling it takes seconds."""
    count = sum(1 for _ in tree.find_all(nodes.Node))
    if count > NODE_LIMIT:
        said = f"there are {count} names, marks and texts; {NODE_LIMIT} are allowed"
        raise TemplateFault(Finding(file=file, line=1, message=said))


def _straighten(tree: nodes.Template, known: frozenset[str]) -> None:
    """Put Latin letters for look-alike ones (R34), but leave a word of the layout its own name."""
    for name in tree.find_all(nodes.Name):
        if name.name not in known:
            name.name = straighten(name.name)
    for computing in tree.find_all((nodes.Filter, nodes.Test)):
        assert isinstance(computing, nodes.Filter | nodes.Test)  # which is what was asked for
        computing.name = straighten(computing.name)


def _unreadable(error: TemplateSyntaxError, source: str, file: str) -> Finding:
    lines = source.splitlines()
    line = lines[error.lineno - 1] if error.lineno <= len(lines) else ""
    message = (error.message or "cannot be read").removesuffix(".")
    if tag := _TAG.match(message):
        said = f"`{{% {tag[1]} %}}` is not for letters, or stands where it cannot"
        meant = nearest(tag[1], _TAGS) if tag[1] not in _TAGS else None
        return Finding(file=file, line=error.lineno, message=said, nearest=meant)
    if left := _OPEN.search(message):
        said = f"`{{% {left[1]} %}}` is not closed; write `{{% end{left[1]} %}}` where it ends"
        return Finding(file=file, line=error.lineno, message=said)
    if re.search(PERCENT, line.replace("{%", "").replace("%}", "")) and _SIGN.search(message):
        message += "; inside `{% %}` and `{{ }}` a name stands without the percent sign"
    return Finding(file=file, line=error.lineno, message=message)


def _forbidden(
    node: nodes.Node, *, file: str, known: frozenset[str], depth: int
) -> Iterator[Finding]:
    """Go through the tree and give whatever the allow-list does not name."""
    said, meant = _objection(node, known) if depth < _DEEPEST else ("nested too deeply", None)
    if said:
        yield Finding(file=file, line=node.lineno, message=said, nearest=meant)
        return
    for child in node.iter_child_nodes():
        yield from _forbidden(child, file=file, known=known, depth=depth + 1)


def _objection(node: nodes.Node, known: frozenset[str]) -> tuple[str | None, str | None]:
    """Say what is wrong with one node, and which name was probably meant."""
    match node:
        case nodes.Name(name=name) if name not in known:
            return f"`{name}` is not known here", nearest(name, known)
        case nodes.Const(value=int() | float() as number) if not abs(number) <= _LARGEST:
            return _GIANT, None
        case nodes.Filter(name=name) if name not in _FILTERS:
            return f"the filter `{name}` is not for letters", nearest(name, _FILTERS)
        case nodes.Test(name=name) if name not in _TESTS:
            return f"the test `is {name}` is not for letters", nearest(name, _TESTS)
        case _ if not isinstance(node, _ALLOWED):
            said = (said for form, said in _SAID.items() if isinstance(node, form))
            return next(said, f"`{type(node).__name__}` is not for letters"), None
        case _:
            return None, None


# What is computed from values, and so can fail over them: `truncate(2)`, `conf_name > 3`.
_COMPUTED: Final = (nodes.Filter, nodes.Test, nodes.Compare)
# Every value is a text, empty or not.
_TRIED: Final = ("", "word " * 60)


def _failing(tree: nodes.Template, *, file: str, html: bool) -> Iterator[Finding]:
    """Compute once what stands in `tree`, so that a wrong argument is found now, not by a letter.

    A mail for each person would fail over it, each alone and all for the same reason (R32).
    """
    computed = list(tree.find_all(_COMPUTED))
    if not computed or not _failure(computed, html=html):
        return
    for node in computed:
        if failure := _failure([node], html=html):
            yield Finding(file=file, line=node.lineno, message=f"cannot be computed: {failure}")


def _failure(computed: list[nodes.Expr], *, html: bool) -> str | None:
    alone = nodes.Template([nodes.Output([node], lineno=node.lineno) for node in computed])
    alone.lineno = 1
    env = environment(frozenset(), html=html)
    alone.set_environment(env)
    names = {name.name for name in alone.find_all(nodes.Name)}
    try:
        made = env.from_string(alone)
        for tried in _TRIED:
            made.render(dict.fromkeys(names, tried))
    except (TypeError, ValueError, AssertionError, AttributeError, TemplateError) as fault:
        return str(fault) or type(fault).__name__
    return None
