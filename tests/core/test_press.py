"""A letter from the press and the same letter written by itself are one message to every reader."""

import re
from datetime import timedelta
from email import message_from_bytes, policy

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifier.adapters.shelf import Shelf
from notifier.adapters.template_files import language_folders, shipped_root
from notifier.core.letters import compose
from notifier.core.mime import as_bytes
from notifier.core.notice import Kind, short_id
from notifier.core.press import press as presses
from notifier.core.press.press import Press
from notifier.core.wire import Wire
from notifier.core.wording.reading import Sources
from notifier.core.wording.template import Template, compile_template
from notifier.core.wording.variables import VARIABLES
from notifier.samples import Sample, Shape, hostile, sample

SHELF = Shelf(shipped_root())
LANGUAGES = sorted(language_folders(shipped_root()))

# What people have typed where a name was asked for, and what an enemy would type.
NAMES = [
    "Boris Petit",
    "",
    "Anna Lena Müller",
    "Жанна д'Арк",
    "محمد العلي",
    "王小明",
    "Dr. Chen, MD (Paris)",
    'Dana "the Dane"',
    "<b>bold</b> & brash",
    "boris@example.org",
    "a=b==",
    ".",
    " x\u00a0y ",
    "\u200dx\u200d",
    "z\u2009",
    "x" * 75,
    "😀" * 40,
    "Review\r\nBcc: eve@example.net\x01\x00",
    "=?utf-8?q?x=0D=0ABcc=3A_eve=40example=2Ecom?=",
    "%conf_url {{ 7 * 7 }}",
    "one^two\\n; three\\",
]
NAME = st.sampled_from(NAMES) | st.text(max_size=300)
LINK = st.sampled_from(
    ["", "https://conf.example.com/c/1?p=5Yq0vTn2", "javascript:alert(1)", "https://x.test/" * 9]
)
PROSE = st.sampled_from(
    ["", "One line.", "Two\nlines.", "  \r\nA\r\rB\n\n\n\nC \n", "x " * 9000]
) | st.text(max_size=400)


@st.composite
def told(draw: st.DrawFn) -> list[Sample]:
    """One notice of any kind, told to several people by whatever an administrator decided."""
    kind, shape = draw(st.sampled_from(Kind)), draw(st.sampled_from(Shape))
    made = sample(kind, draw(st.sampled_from(LANGUAGES)), shape=shape)
    if draw(st.booleans()):
        made = hostile(made)
    made = decided(
        made,
        attach_ics=draw(st.booleans()),
        reply_to_owner=draw(st.booleans()),
        organizer=draw(st.sampled_from(["sender", "owner"])),
        entry_link=draw(st.sampled_from(["personal", "generic"])),
    )
    notice = made.notice
    if notice.conference:
        conference = msgspec.structs.replace(
            notice.conference, name=draw(NAME), description=draw(PROSE)
        )
        made = msgspec.structs.replace(
            made, notice=msgspec.structs.replace(notice, conference=conference)
        )
    return [
        addressed(made, at, name=draw(NAME), link=draw(LINK))
        for at in range(draw(st.integers(1, 4)))
    ]


def decided(made: Sample, **changes: object) -> Sample:
    decisions = msgspec.structs.replace(made.settings.notifications, **changes)
    settings = msgspec.structs.replace(made.settings, notifications=decisions)
    return msgspec.structs.replace(made, settings=settings)


def addressed(
    made: Sample, number: int, *, name: str, link: str = "", address: str | None = None
) -> Sample:
    """The same notice, to somebody else."""
    # The owner among them: where they organize, their own entry says so.
    known = ("boris@example.org", "anna@example.com", "o'hara+x@example.org")
    recipient = msgspec.structs.replace(
        made.delivery.recipient,
        name=name,
        address=address or known[number % len(known)],
        unique_link=link,
    )
    delivery = msgspec.structs.replace(
        made.delivery, id=short_id("press", str(number)), recipient=recipient
    )
    return msgspec.structs.replace(made, delivery=delivery)


def told_of(name: str, *, description: str, language: str = "en") -> Sample:
    """A registration for a conference of this name."""
    made = sample(Kind.REGISTRATION, language)
    assert made.notice.conference is not None
    conference = msgspec.structs.replace(made.notice.conference, name=name, description=description)
    notice = msgspec.structs.replace(made.notice, conference=conference)
    return msgspec.structs.replace(made, notice=notice)


def whole(body: str) -> Template:
    """A registration whose texts are nothing but this."""
    sources = Sources(
        subject="Registration",
        html=body,
        text=body,
        layout_html="{{ content }}\n",
        layout_text="{{ content }}",
    )
    return compile_template(sources, "registration", "en")


def plainly(made: Sample, template: Template) -> bytes:
    return as_bytes(compose(made.notice, made.delivery, template, made.settings, now=made.now))


def pressed(press: Press, made: Sample, template: Template) -> bytes:
    return press.written(made.notice, made.delivery, template, made.settings, now=made.now)


def read(letter: bytes) -> tuple[bytes, list[tuple[object, ...]]]:
    """Give the head of a letter to the byte, and of each part its headers and what it says."""
    message = message_from_bytes(letter, policy=policy.SMTP)
    assert not message.defects
    return letter.partition(b"\r\n\r\n")[0], [
        (part.items(), None if part.is_multipart() else part.get_payload(decode=True))
        for part in message.walk()
    ]


@settings(max_examples=40)
@given(told())
def test_both_ways_say_the_same_to_everybody(letters: list[Sample]) -> None:
    press = Press()

    for made in letters:
        template, _ = SHELF.template(made.notice.kind, [made.delivery.recipient.language])
        assert read(pressed(press, made, template)) == read(plainly(made, template))


# What administrators write: values in every place, filters, conditions within conditions.
PRINTED = st.sampled_from(sorted(VARIABLES["registration"])).flatmap(
    lambda name: st.sampled_from(
        [
            f"%{name}",
            f"{{{{ {name} }}}}",
            f"{{{{ {name}|upper }}}}",
            f"{{{{ {name}|truncate(12) }}}}",
            f"{{{{ {name}|default('nobody', true) }}}}",
            f"{{{{ {name}|default(' a ', true) }}}}",
            f"{{{{ {name} or conf_name }}}}",
        ]
    )
)
WORDS = st.sampled_from(["Hello", "\n", "\n\n\n", " ", "é", ",", ".", "x" * 80, "  \n", "— "])
TEST = st.sampled_from(
    [
        "user_display_name",
        "not conf_unique_link",
        "conf_description and user_display_name",
        "user_display_name == 'Boris Petit'",
        "'x' == start_time",
        "lang == 'en'",
        "conf_unique_link is defined",
        "user_display_name != conf_name or conf_id",
        "'a' in conf_name and 'b' not in user_display_name",
        "conf_description|upper == conf_name",
        "kind == lang or not (conf_unique_link and conf_url)",
    ]
)
BODY = st.recursive(
    st.lists(PRINTED | WORDS, max_size=5).map("".join),
    lambda inner: st.builds(
        "{{% if {} %}}{}{{% elif {} %}}{}{{% else %}}{}{{% endif %}}{}".format,
        *(TEST, inner, TEST, inner, inner, inner),
    ),
    max_leaves=6,
)


@st.composite
def own_templates(draw: st.DrawFn) -> Template:
    body = draw(BODY)
    html = draw(BODY)
    sources = Sources(
        subject=f"S {draw(BODY)}",
        html=f'<p title="%user_display_name">{html}</p><a href="%conf_unique_link">link</a>',
        text=draw(st.none() | st.just(f"T {body}")),
        layout_html='<html lang="{{ lang }}"><body dir="{{ dir }}">{{ content }}</body></html>',
        layout_text=draw(
            st.sampled_from(["{{ content }}", "{{ content }}\n\n", "a\n{{ content }}b"])
        ),
    )
    return compile_template(sources, "registration", draw(st.sampled_from(["en", "ar"])))


@settings(max_examples=60)
@given(own_templates(), st.lists(st.tuples(NAME, LINK), min_size=1, max_size=4), NAME, PROSE)
def test_both_ways_say_the_same_by_an_administrators_own_template(
    template: Template, people: list[tuple[str, str]], name: str, prose: str
) -> None:
    press = Press()
    made = told_of(name, description=prose, language=template.language)

    for number, (user, link) in enumerate(people):
        letter = addressed(made, number, name=user, link=link)
        assert read(pressed(press, letter, template)) == read(plainly(letter, template))


@settings(max_examples=20)
@given(told())
def test_a_letter_from_the_press_may_leave_as_it_stands(letters: list[Sample]) -> None:
    press = Press()

    for made in letters:
        template, _ = SHELF.template(made.notice.kind, [made.delivery.recipient.language])
        content = pressed(press, made, template)
        if not isinstance(content, Wire):
            continue  # what was too odd is looked through before it leaves
        body = content.partition(b"\r\n\r\n")[2].split(b"\r\n")
        assert not re.search(rb"\r(?!\n)|(?<!\r)\n|\n\.", content)
        # RFC 2045 §6.7 and §6.8; the headers of the parts are ours.
        assert max(len(line) for line in body if not line.startswith(b"Content-")) <= 76


@pytest.mark.parametrize("shape", Shape)
@pytest.mark.parametrize("kind", Kind)
def test_what_we_ship_goes_through_the_press(
    kind: Kind, shape: Shape, monkeypatch: pytest.MonkeyPatch
) -> None:
    press = Press()
    made = addressed(sample(kind, "en", shape=shape), 0, name="Anna Lena Müller")
    template, _ = SHELF.template(kind, ["en"])
    monkeypatch.delattr(presses, "compose")

    assert isinstance(pressed(press, made, template), Wire)
    assert isinstance(pressed(press, addressed(made, 1, name="王小明"), template), Wire)


def test_the_first_letter_of_a_notice_and_the_next_are_the_same_to_the_byte() -> None:
    press = Press()
    first, second = (addressed(sample(Kind.INVITATION, "fr"), at, name=f"B {at}") for at in (0, 1))
    template, _ = SHELF.template(Kind.INVITATION, ["fr"])

    together = [pressed(press, made, template) for made in (first, second)]

    assert together == [pressed(Press(), made, template) for made in (first, second)]


@settings(max_examples=20)
@given(st.lists(st.tuples(NAME, PROSE), min_size=2, max_size=4), st.booleans())
def test_notices_that_share_a_forme_share_no_value(
    conferences: list[tuple[str, str]], again: bool
) -> None:
    press = Press()
    template, _ = SHELF.template(Kind.REGISTRATION, ["en"])
    made = [told_of(name, description=prose) for name, prose in conferences]

    for each in made * (1 + again):
        assert read(pressed(press, each, template)) == read(plainly(each, template))


def test_a_template_that_was_saved_meanwhile_is_used_at_once() -> None:
    press = Press()
    made = sample(Kind.INVITATION, "en")
    old, new = (
        compile_template(
            Sources(
                subject=said,
                html=said,
                text=said,
                layout_html="{{ content }}\n",
                layout_text="{{ content }}",
            ),
            "invitation",
            "en",
        )
        for said in ("Old words", "New words")
    )
    pressed(press, made, old)

    assert b"New words" in pressed(press, made, new)


def test_a_value_with_blanks_around_it_is_tidied_at_the_end_of_a_line() -> None:
    made = told_of("Review", description="")
    ending = whole("Hello{{ conf_description|default(' a ', true) }}\nBye")

    assert read(pressed(Press(), made, ending)) == read(plainly(made, ending))


# Taken when it is read, for it is tried with all values there and with none.
UNANSWERED = "{{ conf_description|default(3, true) < conf_name|default(4, true) }}"


def test_what_has_no_answer_where_a_condition_does_not_hold_breaks_no_letter() -> None:
    made = told_of("Review", description="")
    guarded = whole(f"{{% if conf_description %}}{UNANSWERED}{{% endif %}}Hello")

    assert read(pressed(Press(), made, guarded)) == read(plainly(made, guarded))


def test_what_has_no_answer_and_is_to_be_printed_is_a_fault() -> None:
    made = told_of("Review", description="")

    with pytest.raises(TypeError):
        pressed(Press(), made, whole(UNANSWERED))


def test_settings_that_were_applied_meanwhile_are_used_at_once() -> None:
    press = Press()
    made = sample(Kind.INVITATION, "en")
    template, _ = SHELF.template(Kind.INVITATION, ["en"])
    pressed(press, made, template)

    without = pressed(press, decided(made, attach_ics=False), template)

    assert b"invite.ics" not in without


def test_a_reminder_says_what_is_left_when_it_is_written() -> None:
    press = Press()
    made = sample(Kind.REMINDER, "en")
    template, _ = SHELF.template(Kind.REMINDER, ["en"])
    pressed(press, made, template)

    later = msgspec.structs.replace(made, now=made.now + timedelta(minutes=5))

    assert b"starts in 10 minutes" in pressed(press, later, template)


def test_no_more_plates_are_kept_than_a_worker_has_room_for() -> None:
    press = Press()
    made = sample(Kind.MISSED_CALL, "en")
    template, _ = SHELF.template(Kind.MISSED_CALL, ["en"])

    for number in range(presses.PLATES + 50):
        notice = msgspec.structs.replace(made.notice, id=f"n{number}")
        pressed(press, msgspec.structs.replace(made, notice=notice), template)

    assert press.plates == presses.PLATES
