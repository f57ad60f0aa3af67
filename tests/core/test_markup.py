"""Where a value stands in HTML, and that no value ever changes the tags around it."""

from html.parser import HTMLParser

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifier.core.wording.markup import Place, Refusal, Use, Where, after, after_value, use
from notifier.core.wording.reading import Sources
from notifier.core.wording.syntax import TemplateFault
from notifier.core.wording.template import Template, compile_template

PLAIN = Sources(
    subject="x",
    html="x",
    text="x",
    layout_html="<body>{{ content }}</body>",
    layout_text="{{ content }}",
)


@pytest.mark.parametrize(
    ("before", "where"),
    [
        ("", Where.TEXT),
        ("1 < 2 ", Where.TEXT),
        ("<p>", Where.TEXT),
        ("<p", Where.TAG),
        ("<", Where.TAG),
        ("</", Where.TAG),
        ("<!", Where.TAG),
        ("<p ", Where.TAG),
        ("<p title", Where.TAG),
        ("<p title=", Where.UNQUOTED),
        ("<p title=a", Where.UNQUOTED),
        ("<p title=a ", Where.TAG),
        ("<p title = '", Where.ATTRIBUTE),
        ("<p title='>", Where.ATTRIBUTE),
        ("<p title='a'", Where.TAG),
        ("<p title='a'>", Where.TEXT),
        ("<br/>", Where.TEXT),
        ("<!-- <p>", Where.COMMENT),
        ("<!-- --> ", Where.TEXT),
        ("<!doctype html>", Where.TEXT),
        ("<!--[if mso]>", Where.TEXT),
        ("<!--[if mso]><p><![endif]-->", Where.TEXT),
        ("<!--[if !mso]><!-->", Where.TEXT),
        ("<style>p>a", Where.STYLE),
        ("<STYLE>p</style >", Where.TEXT),
        ("<script>'</p>'", Where.SCRIPT),
        ("<title>", Where.TITLE),
        ("<title></p>", Where.TITLE),
    ],
)
def test_a_place_is_known_from_what_stands_before_it(before: str, where: Where) -> None:
    assert after(Place(), before).where is where


@pytest.mark.parametrize("cut", range(1, 60))
def test_a_file_may_be_read_in_any_pieces_that_do_not_split_a_sign(cut: int) -> None:
    file = "<td class=\"a\"><a href='https://x/?a=b' title='c > d'>e</a></td>"

    pieces = after(after(Place(), file[:cut]), file[cut:])

    assert pieces.where is Where.TEXT


@pytest.mark.parametrize(
    ("before", "used"),
    [
        ('<a href="', Use.LINK),
        ('<a href="  ', Use.LINK),
        ('<a HREF="https://x/', Use.LINK_PART),
        ('<a href="/path?', Use.LINK_PART),
        ('<a href="tel:', Use.DIALLED),
        ('<a href="mailto:', Use.ADDRESSED),
        ('<a href="mailto:a@b?subject=', Use.LINK_PART),
        ('<img src="', Use.LINK),
        ('<p title="', Use.PLAIN),
        ("<title>", Use.PLAIN),
        ("<p>", Use.SHOWN),
    ],
)
def test_a_value_is_made_safe_for_its_place(before: str, used: Use) -> None:
    assert use(after(Place(), before)) is used


@pytest.mark.parametrize(
    "before",
    [
        *('<a href="javascript:', '<a href="data:', '<p style="', '<p onclick="', "<p ", "<p a="),
        *('<a href="javascript&colon;', '<a href=" java&#10;script:', "<!-- ", "<", "</", "<!"),
        *('<iframe srcdoc="', '<img srcset="', '<meta http-equiv="', "<style>", "<script>"),
    ],
)
def test_a_value_is_refused_where_it_would_be_run(before: str) -> None:
    assert isinstance(use(after(Place(), before)), Refusal)


@pytest.mark.parametrize(
    ("html", "about"),
    [
        ("<script>x</script>", "<script>"),
        ("<IFRAME src=x></iframe>", "<iframe>"),
        ('<base href="https://x.example">', "<base>"),
        ('<form action="https://x.example"><input></form>', "<form>"),
        ("<svg><title><p></title></svg>", "<svg>"),
        ("<xmp><p title='</xmp>%conf_name'></xmp>", "<xmp>"),
        ('<p onclick="x()">x</p>', "`onclick`"),
        ("<p ONLOAD=x>x</p>", "`onload`"),
        ('<td srcdoc="x"></td>', "`srcdoc`"),
        ('<a href="javascript:x()">x</a>', "`javascript:` link"),
        ("<a href=java&Tab;script&colon;x>x</a>", "`javascript:` link"),
        ('<meta http-equiv="Refresh" content="0;url=https://x.example">', "`refresh`"),
        ('<meta content="0;url=x" http-equiv=refresh>', "`refresh`"),
    ],
)
def test_what_no_mail_reader_shows_is_refused_with_its_line(html: str, about: str) -> None:
    body = msgspec.structs.replace(PLAIN, html=f"<p>\nx</p>\n{html}")

    with pytest.raises(TemplateFault) as caught:
        compile_template(body, "invitation", "en")

    assert (caught.value.file, caught.value.line) == ("body.html", 3)
    assert about in caught.value.message


def test_what_mail_readers_know_stays() -> None:
    body = (
        '<meta http-equiv="Content-Type" content="text/html">'
        '<a href="https://x.example/?javascript:">x</a><img src="data:image/png;base64,AA" alt="">'
        "<!--[if mso]><table><tr><td>x</td></tr></table><![endif]-->"
    )
    assert _compiled(body) is not None


def test_a_value_behind_branches_is_safe_behind_each_of_them() -> None:
    link = "{% if start_time %}javascript:{% else %}https://x.example/long/{% endif %}%conf_name"

    assert _compiled(f'<a href="{link}">x</a>') is None


def test_only_the_first_value_of_a_link_is_the_link() -> None:
    place = after(Place(), '<a href="')

    assert use(after_value(place)) is Use.LINK_PART


FRAGMENTS = [
    *("<p>", "</p>", '<a href="', "<a href='", "<a ", '"', "'", ">", "<", "</a>", '<img alt="'),
    *("=", "<!-- ", " -->", "<title>", "</title>", "<textarea>", "</textarea>", "text", " "),
    *("%conf_name", "%conf_url", "%conf_description", 'title="', 'onclick="', "href=", "&"),
    *("{% if start_time %}", "{% else %}", "{% endif %}", "<table>", "<td>", "\n", "/"),
]
HOSTILE = [
    "\"'><script>alert(1)</script><!--",
    "--><b>x</b>",
    "</title></textarea></style><b>",
    "x onmouseover=alert(1) y=",
    "javascript:alert(1)",
]


class Shape(HTMLParser):
    """The tags of a file with the names of their attributes; links that would be run."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, ...]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        run = [value for name, value in attrs if name == "href" and "script:" in (value or "")]
        if tag not in {"bdi", "br"}:  # which values bring along
            self.tags.append((tag, *(name for name, _ in attrs), *(["RUN"] if run else [])))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), min_size=2, max_size=9), st.sampled_from(HOSTILE))
def test_no_value_changes_the_tags_around_it(fragments: list[str], value: str) -> None:
    template = _compiled("".join(fragments))
    if template is None:  # A file that is refused is safe.
        return

    harmless = dict.fromkeys(template.uses, "x") | {"conf_url": "https://x.example"}
    hostile = dict.fromkeys(template.uses, value)

    assert Shape(template.render(hostile).html).tags == Shape(template.render(harmless).html).tags


def _compiled(body: str) -> Template | None:
    try:
        return compile_template(msgspec.structs.replace(PLAIN, html=body), "invitation", "en")
    except TemplateFault:
        return None
