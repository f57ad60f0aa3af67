"""Templates: what a value becomes where it stands, and what no template may do."""

import re
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest

from notifier.core.wording.escaping import safe_link
from notifier.core.wording.reading import Sources, read_words
from notifier.core.wording.syntax import TemplateFault
from notifier.core.wording.template import (
    HTML_LIMIT,
    SUBJECT_LIMIT,
    WHOLE_LIMIT,
    Wording,
    compile_template,
)
from notifier.core.wording.variables import VARIABLES

SOUND = Sources(
    subject="Invitation: %conf_name",
    html="<h1>%conf_name</h1>",
    text="You are invited to %conf_name.",
    layout_html=(
        '<html lang="{{ lang }}" dir="{{ dir }}"><head><title>{{ subject }}</title>'
        "<style>h1{color:#123456}</style></head><body>{{ content }}</body></html>"
    ),
    layout_text="{{ content }}\n",
)


def sources(**changes: Any) -> Sources:
    return msgspec.structs.replace(SOUND, **changes)


def render(*, given: Sources, language: str = "en", **values: str) -> Wording:
    return compile_template(given, "invitation", language).render({"conf_name": "Review"} | values)


def html(body: str, **values: str) -> str:
    """Give the body of an HTML letter as it is mailed."""
    whole = render(given=sources(html=body), **values).html
    return whole[whole.index("<body>") + 6 : whole.index("</body>")]


def fault(**changes: Any) -> TemplateFault:
    with pytest.raises(TemplateFault) as caught:
        compile_template(sources(**changes), "invitation", "en")
    return caught.value


class Attributes(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        given.pop("style", None)
        self.seen.append((tag, given))


class TestSubject:
    def test_it_is_one_line_without_controls(self) -> None:
        wording = render(given=SOUND, conf_name="Re\r\nBcc: x\x00\x07\u2028y\u202e")

        assert wording.subject == "Invitation: Re Bcc: x y"

    def test_it_is_not_escaped(self) -> None:
        assert render(given=SOUND, conf_name="R&D <now>").subject == "Invitation: R&D <now>"

    def test_it_is_cut(self) -> None:
        subject = render(given=SOUND, conf_name="x" * 500).subject

        assert len(subject) == SUBJECT_LIMIT
        assert subject.endswith("…")

    def test_a_cut_closes_what_turns_the_direction(self) -> None:
        given = sources(subject="%conf_name %start_time")

        subject = render(given=given, conf_name="x" * 190, start_time="\u2066" + "y" * 20).subject

        assert len(subject) == SUBJECT_LIMIT
        assert subject.endswith("…\u2069")

    def test_controls_of_its_author_are_taken_out(self) -> None:
        given = sources(subject="In\x00vit\x07ation\x85: {{ '\\ud800' }}\u2028%conf_name\n")

        assert render(given=given).subject == "In vit ation : Review"

    @pytest.mark.parametrize("unseen", ["\u200d\u200c", "\u3164", "\u2800 ", "\u202e\u2066"])
    def test_what_nobody_can_see_is_no_subject(self, unseen: str) -> None:
        given = sources(subject="%conf_name")

        assert render(given=given, conf_name=unseen).subject == "Invitation"
        assert render(given=given, conf_name=unseen, server_name="A\u202eB").subject == "AB"

    def test_it_is_never_empty(self) -> None:
        given = sources(subject="%start_time")

        assert render(given=given).subject == "Review"
        assert render(given=given, conf_name="").subject == "Invitation"

    def test_narrow_blanks_become_plain_ones(self) -> None:
        given = sources(subject="%start_time")

        assert render(given=given, start_time="3:00\u202fPM").subject == "3:00 PM"


class TestValues:
    def test_html_escapes_and_text_does_not(self) -> None:
        wording = render(given=SOUND, conf_name="<b>R&D</b>")

        assert "&lt;b&gt;R&amp;D&lt;/b&gt;" in wording.html
        assert wording.text == "You are invited to <b>R&D</b>.\n"

    def test_a_value_is_not_read_as_a_template(self) -> None:
        assert "%conf_id {{ 7 }}" in render(given=SOUND, conf_name="%conf_id {{ 7 }}").text

    def test_a_name_cannot_turn_the_direction_of_the_text_around_it(self) -> None:
        assert html("%conf_name", conf_name="a\u202eb\u2066c") == "<bdi>abc</bdi>"

    def test_joiners_of_emoji_and_persian_stay(self) -> None:
        assert "👩\u200d💻 می\u200cروم" in html("%conf_name", conf_name="👩\u200d💻 می\u200cروم")

    def test_addresses_run_left_to_right(self) -> None:
        shown = html("%conf_id", conf_id=r"\c\df0a2adebe")

        assert shown == r'<bdi dir="ltr">\c\df0a2adebe</bdi>'

    def test_a_description_keeps_its_lines(self) -> None:
        wording = render(
            given=sources(html="%conf_description", text="%conf_description"),
            conf_description="one\r\ntwo <2>",
        )

        assert "one<br>\ntwo &lt;2&gt;" in wording.html
        assert wording.text == "one\ntwo <2>\n"

    def test_our_own_words_are_isolated_by_tags_where_marks_isolate_them(self) -> None:
        said = html("%start_time", start_time="\u20663:00\u202fPM\u2069")

        assert said == '<bdi dir="ltr">3:00\u00a0PM</bdi>'

    def test_a_lone_surrogate_does_not_break_the_mail(self) -> None:
        assert render(given=SOUND, conf_name="a\ud800b").html.encode()

    def test_an_endless_description_is_cut(self) -> None:
        assert len(html("%conf_description", conf_description="x" * 10**6)) < 20_000

    def test_many_blank_lines_become_one(self) -> None:
        prose = "one\n \n\n\t\n" + "\n" * 5_000 + "two"

        said = html("%conf_description", conf_description=prose)

        assert said == "<bdi>one<br>\n<br>\ntwo</bdi>"

    @pytest.mark.parametrize("sign", ['"', "&", "\n.", "😀", "会", "<"])
    def test_a_letter_is_shown_whole_however_long_everything_in_it_is(self, sign: str) -> None:
        link = "https://conf.example.com/c/" + "a" * 400
        names = ("%conf_name %owner_name %user_display_name %server_name %conf_id ") * 4
        given = sources(
            html=f'<h1 title="{names}">{names}</h1>%conf_description<a href="%conf_url">x</a>',
            text=None,
        )
        long = dict.fromkeys(VARIABLES["invitation"], sign * 20_000) | {"conf_url": link}

        wording = compile_template(given, "invitation", "en").render(long)

        assert len(wording.html.encode()) <= WHOLE_LIMIT
        assert f'href="{link}"' in wording.html
        assert link in wording.text

    def test_what_fits_is_not_cut(self) -> None:
        prose = "words " * 2_600

        assert prose.strip() in html("%conf_description", conf_description=prose)

    def test_a_known_but_empty_variable_prints_nothing(self) -> None:
        assert html("[%start_time]") == "[]"
        assert html("{% if start_time %}at %start_time{% else %}any time{% endif %}") == "any time"

    def test_look_alike_letters_work_inside_marks_too(self) -> None:
        body = (
            "{% if ѕtart_time %}{{ ｃｏｎｆ＿ｎａｍｅ|uрper }}{% endif %}"
            "{% if conf_nаme is dеfined %}{{ сonf_name }}{% endif %}"
        )

        assert html(body, start_time="now") == "<bdi>REVIEW</bdi><bdi>Review</bdi>"

    def test_what_is_no_text_is_printed_as_one(self) -> None:
        body = "{{ 3 }} {{ start_time|default(7, true) }} {{ conf_name == 'Review' }}"

        shown = re.sub("<[^>]+>", "", html(body))

        assert shown == "3 7 True"

    def test_an_unknown_name_stays_as_typed(self) -> None:
        assert html("%start_tme") == "%start_tme"
        assert "%caller_call_id" in html("%caller_call_id", caller_call_id="not told here")


class TestPlaces:
    def test_a_link_is_kept_when_it_is_one(self) -> None:
        link = "https://conf.example.com/c/1?a=1&b=2"

        assert html('<a href="%conf_url">x</a>', conf_url=link) == (
            '<a href="https://conf.example.com/c/1?a=1&amp;b=2">x</a>'
        )

    @pytest.mark.parametrize(
        "link",
        [
            "javascript:alert(1)",
            "JaVaScRiPt:x",
            "java\tscript:x",
            "\u202ejavascript:x",
            "data:text/html,x",
            "vbscript:x",
            "//evil.example",
            "no link",
            "https://[::1",
            "",
        ],
    )
    def test_anything_else_is_no_link(self, link: str) -> None:
        assert safe_link(link) == "#"
        assert html('<a href="{{ conf_url }}">x</a>', conf_url=link) == '<a href="#">x</a>'

    def test_inside_a_link_a_value_is_percent_encoded(self) -> None:
        body = '<a href="https://x.example/?q=%conf_name&z=1">x</a>'

        assert "q=R%26D%20%22%3E" in html(body, conf_name='R&D ">')

    def test_phones_and_addresses_can_be_called_and_written_to(self) -> None:
        call = html('<a href="tel:%owner_work_phone">x</a>', owner_work_phone="+33 (1) 23-45")
        write = html(
            '<a href="mailto:%owner_email?subject=%conf_name">x</a>',
            owner_email="a+b@x.example",
            conf_name="A b",
        )

        assert 'href="tel:+3312345"' in call
        assert 'href="mailto:a+b@x.example?subject=A%20b"' in write

    def test_an_attribute_and_a_title_get_no_tags(self) -> None:
        whole = render(given=sources(html='<p title="%conf_name">x</p>'), conf_name='a" <b>\nc')

        assert 'title="a&#34; &lt;b&gt; c"' in whole.html
        assert "<bdi>" not in whole.html

    @pytest.mark.parametrize(
        "body",
        [
            "<style>.x{color:%conf_name}</style>",
            "<script>var x = '%conf_name'</script>",
            '<p style="color:%conf_name">x</p>',
            '<p onclick="f(%conf_name)">x</p>',
            "<p %conf_name>x</p>",
            "<a href=%conf_url>x</a>",
            "<%conf_name>",
            '<iframe srcdoc="%conf_name"></iframe>',
            '<a href="javascript:f(%conf_id)">x</a>',
        ],
    )
    def test_no_value_is_printed_where_it_would_be_run(self, body: str) -> None:
        assert fault(html=f"<p>x</p>\n{body}").line == 2

    def test_native_marks_are_watched_like_percent_names(self) -> None:
        assert "onclick" in fault(html='<p onclick="{{ conf_name }}">x</p>').message

    def test_a_comment_is_sent_to_everybody_and_a_remark_to_nobody(self) -> None:
        caught = fault(html="<p>x</p>\n<!-- %conf_name -->")

        assert (caught.line, "comment" in caught.message) == (2, True)
        assert html("<p>x</p>{## %conf_name ##}") == "<p>x</p>"

    def test_outlooks_conditional_comments_are_html(self) -> None:
        body = '<!--[if mso]><p><a href="%conf_url">x</a></p><![endif]-->'

        assert 'href="#"' in html(body, conf_url="javascript:x")

    def test_a_body_cannot_swallow_the_layout(self) -> None:
        assert "comment" in fault(html="<p>x</p><!-- ").message
        assert "<p>" in fault(html="<p>x</p><p class='").message

    def test_a_condition_of_outlook_cannot_swallow_the_layout(self) -> None:
        caught = fault(html="<p>x</p>\n<!--[if mso]><p>y</p>")

        assert (caught.line, "condition" in caught.message) == (2, True)

    def test_branches_must_agree_on_the_tags_they_open(self) -> None:
        assert "branches" in fault(html='<p title="{% if start_time %}">{% endif %}x</p>').message

    def test_minified_css_is_no_remark(self) -> None:
        given = sources(layout_html="<style>{#a{color:red}</style>{{ content }}")

        assert "{#a{color:red}" in render(given=given).html


class TestWhatNoTemplateMayDo:
    @pytest.mark.parametrize(
        "source",
        [
            "{% for i in range(10**9) %}x{% endfor %}",
            "{{ 'a' * 10**9 }}",
            "{{ ''.__class__.__mro__ }}",
            "{{ conf_name.__class__ }}",
            "{{ conf_name['x'] }}",
            "{{ conf_name() }}",
            "{% set x = 1 %}",
            "{% include 'x' %}",
            "{% import 'x' as y %}",
            "{% extends 'x' %}",
            "{% macro x() %}{% endmacro %}",
            "{% raw %}{% endraw",
            "{{ conf_name|safe }}",
            "{{ conf_name|center(1000000000) }}",
            "{{ conf_name|attr('__class__') }}",
            "{{ conf_name is callable }}",
            "{{ cycler }}",
            "{{ unheard_of }}",
            "{{ (((((((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))))))) + 1 }}",
            "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
            "{% if conf_name %}" * 3000 + "{% endif %}" * 3000,
            "{% if %conf_name %}x{% endif %}",
        ],
    )
    @pytest.mark.parametrize("file", ["subject", "html", "text"])
    def test_it_is_refused_before_it_is_compiled(self, file: str, source: str) -> None:
        names = {"subject": "subject.txt", "html": "body.html", "text": "body.txt"}

        assert fault(**{file: source}).file == names[file]

    def test_the_message_names_file_line_and_what_was_meant(self) -> None:
        caught = fault(html="<p>\n{{ conf_nam }}</p>")

        assert (caught.file, caught.line, caught.suggestion) == ("body.html", 2, "conf_name")

    def test_a_percent_sign_inside_a_mark_is_explained(self) -> None:
        assert "without the percent sign" in fault(text="{% if %conf_name %}x{% endif %}").message

    @pytest.mark.parametrize(
        ("source", "said"),
        [
            ("a\n{% if conf_name %}x", "text:2: `{% if %}` is not closed; write `{% endif %}`"),
            ("{% if conf_name %}x{% endif_ %}", "did you mean `endif`?"),
            ("{{ conf_name", "expected 'end of print statement'"),
            ("x{% endif %}", "`{% endif %}` is not for letters, or stands where it cannot"),
        ],
    )
    def test_a_condition_without_its_end_is_said_in_words_for_authors(
        self, source: str, said: str
    ) -> None:
        caught = str(fault(text=source))

        assert said.removeprefix("text") in caught
        assert "Jinja" not in caught
        assert not caught.endswith(".")

    def test_html_that_mail_readers_clip_is_refused(self) -> None:
        assert str(HTML_LIMIT) in fault(html="<p>" + "x" * HTML_LIMIT + "</p>").message

    @pytest.mark.parametrize("file", ["subject", "html", "text", "layout_html", "layout_text"])
    def test_an_empty_file_is_one_that_is_being_written(self, file: str) -> None:
        assert "empty" in fault(**{file: " \n"}).message

    def test_a_layout_without_its_letter_is_refused(self) -> None:
        assert "{{ content }}" in fault(layout_html="<html></html>").message


class TestLayout:
    def test_body_and_partials_and_words_come_together(self) -> None:
        given = sources(
            html="<p>x</p>{{ details }}",
            text="{{ details }}",
            partials_html={"details": "<p>{{ when }}: %start_time</p>"},
            partials_text={"details": "{{ when }}: %start_time"},
            words={"when": "When & where"},
        )

        wording = render(given=given, start_time="today")

        assert "<p>x</p><p>When &amp; where: today</p>" in wording.html
        assert wording.text == "When & where: today\n"

    def test_words_may_name_variables_and_stand_in_links(self) -> None:
        given = sources(
            html='<a title="{{ ask }}" href="mailto:%owner_email">{{ ask }}</a>',
            words={"ask": "Ask %owner_name"},
        )

        shown = render(given=given, owner_name="A&B").html

        assert 'title="Ask A&amp;B"' in shown
        assert ">Ask <bdi>A&amp;B</bdi></a>" in shown

    def test_the_title_is_the_subject(self) -> None:
        assert (
            "<title>Invitation: A &lt;b&gt;</title>" in render(given=SOUND, conf_name="A <b>").html
        )

    def test_quotation_marks_of_a_subject_and_of_words_end_no_attribute(self) -> None:
        body = """<p title="{{ subject }}" class='{{ ask }}'>{{ ask }}</p>"""
        given = sources(
            subject='{% if conf_name == "Review" %}"%conf_name" isn\'t <on>{% endif %}',
            html=body,
            words={"ask": 'It\'s "you"'},
        )

        shown = render(given=given)

        assert shown.subject == '"Review" isn\'t <on>'
        parsed = Attributes()
        parsed.feed(shown.html)
        assert ("p", {"title": shown.subject, "class": 'It\'s "you"'}) in parsed.seen

    @pytest.mark.parametrize(
        ("language", "turned"), [("en", "ltr"), ("he", "rtl"), ("ar-EG", "rtl")]
    )
    def test_the_language_gives_the_direction(self, language: str, turned: str) -> None:
        assert (
            f'<html lang="{language}" dir="{turned}">'
            in render(language=language, given=SOUND).html
        )

    def test_styles_are_copied_into_the_tags_once(self) -> None:
        template = compile_template(SOUND, "invitation", "en")

        assert template.inlined
        assert '<h1 style="color: #123456;">' in template.render({"conf_name": "x"}).html

    def test_inlining_leaves_values_and_branches_in_a_table_where_they_are(self) -> None:
        body = (
            '<table>{% if start_time %}<tr><td class="a">%start_time</td></tr>{% endif %}'
            '<tr><td><a href="%conf_url">%conf_name</a></td></tr></table>'
        )

        shown = html(body, conf_url="https://x.example/")

        assert shown == (
            '<table><tr><td><a href="https://x.example/"><bdi>Review</bdi></a></td></tr></table>'
        )

    def test_tags_that_a_parser_would_move_are_left_alone(self) -> None:
        body = (
            "<table>{% if start_time %}<tr>{% else %}<tr class='b'>{% endif %}"
            "<td>x</td></tr></table>"
        )
        template = compile_template(sources(html=body), "invitation", "en")

        assert not template.inlined
        assert "<table><tr class='b'><td>x</td></tr></table>" in template.render({}).html

    def test_without_a_text_file_the_text_is_made_from_the_html(self) -> None:
        body = (
            '<h1>Hello</h1><p>Join <a href="%conf_url">here</a></p>'
            "<table><tr><td>When</td><td>now</td></tr></table>"
        )

        text = render(given=sources(html=body, text=None), conf_url="https://x.example/").text

        assert text == "Hello\n\nJoin here <https://x.example/>\n\nWhen now\n"

    def test_words_may_have_names_in_any_script(self) -> None:
        given = sources(html="<p>{{ когда }}</p>", words={"когда": "When"})

        assert "<p>When</p>" in render(given=given).html

    def test_the_letter_may_be_spelt_with_look_alikes_too(self) -> None:
        given = sources(layout_html="<html>{{ сontent }}</html>")

        assert "<h1><bdi>Review</bdi></h1>" in render(given=given).html

    @pytest.mark.parametrize("name", ["content", "subject", "lang", "dir", "start", "end"])
    def test_a_word_cannot_take_the_place_of_what_every_layout_prints(self, name: str) -> None:
        assert name in fault(words={name: "x"}).message

    def test_a_file_of_the_layout_cannot_print_another(self) -> None:
        caught = fault(html="{{ a }}", partials_html={"a": "\n{{ b }}", "b": "x"})

        assert (caught.file, caught.line) == ("_layout/a.html", 2)

    def test_text_made_from_html_knows_what_outlook_alone_shows(self) -> None:
        body = (
            "<p>a<!-- b --><![if !mso]>c<![endif]><!--[if mso]><b>d</b><![endif]-->"
            "<!--[if !mso]><!-->e<!--<![endif]--><![CDATA[f]]>g</p>"
        )

        assert render(given=sources(html=body, text=None)).text == "aceg\n"

    def test_a_word_cannot_be_asked_for(self) -> None:
        caught = fault(html="{% if when %}x{% endif %}", words={"when": "When"})

        assert "only be printed" in caught.message


class TestWords:
    def test_they_are_read_line_by_line(self) -> None:
        assert read_words("# remark\nwhen = When = now\n\n join=Join\n") == {
            "when": "When = now",
            "join": "Join",
        }

    @pytest.mark.parametrize("line", ["nonsense", "two words = x", "conf_name = x"])
    def test_a_line_that_cannot_be_read_is_named(self, line: str) -> None:
        with pytest.raises(TemplateFault, match=re.escape("_layout/words.txt:2")):
            read_words(f"a = b\n{line}")


def test_a_layout_knows_the_kind_of_its_letter() -> None:
    layout = '<p class="bar {{ kind }}">{{ content }}{% if kind == "removal" %}gone{% endif %}</p>'

    invited = render(given=sources(layout_html=layout))

    assert 'class="bar invitation"' in invited.html
    assert "gone" not in invited.html
