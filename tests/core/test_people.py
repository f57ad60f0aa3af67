"""Claims about people: who is the same person, where their mail goes, what they are called."""

import unicodedata

import msgspec
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given, settings
from hypothesis import strategies as st

from notifier.core.cleaning import clean_line
from notifier.core.people import (
    NAME_LIMIT,
    BadAddress,
    Mailbox,
    Person,
    display_name,
    home_server,
    is_unregistered,
    mailbox,
    parse_address,
    person_key,
    unregistered,
)
from tests.cast import ANNA, BORIS, CHEN, DANA, ELSEWHERE, HOME

# ---- who somebody is -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "same",
    [
        (BORIS, Person(id=BORIS.id, name="B. Petit", email="other@example.org")),
        (BORIS, Person(id=BORIS.id)),
        (CHEN, Person(email="chen@example.cn")),
        (CHEN, Person(email="Chen@Example.CN", name="C. Li")),
        (CHEN, Person(email=" chen@example.cn ")),
        (CHEN, Person(id="", email="chen@example.cn")),
        (CHEN, Person(id="#mailto:CHEN@example.cn")),
        (CHEN, Person(id="#mailto:chen@example.cn", email="elsewhere@example.cn")),
        (CHEN, unregistered("chen@example.cn")),
    ],
    ids=str,
)
def test_a_person_is_the_same_by_id_else_by_address(same: tuple[Person, Person]) -> None:
    assert len({person_key(each) for each in same}) == 1


@pytest.mark.parametrize(
    "different",
    [
        (ANNA, BORIS),
        # A user ID looks like an address and is none (R4).
        (Person(id="chen@example.cn"), CHEN),
        (Person(id="chen@example.cn"), Person(email="chen@example.cn")),
        # IDs are the server's own, which may tell upper from lower case.
        (Person(id="anna@a"), Person(id="Anna@a")),
        (Person(id="anna@a", email="x@x.org"), Person(id="anna@b", email="x@x.org")),
    ],
    ids=str,
)
def test_people_with_different_ids_are_different(different: tuple[Person, Person]) -> None:
    assert len({person_key(each) for each in different}) == 2


@pytest.mark.parametrize("neither", [{}, {"id": ""}, {"email": ""}, {"name": "Nobody"}])
def test_a_person_with_neither_id_nor_address_cannot_be(neither: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="`id` or an `email`"):
        Person(**neither)


@pytest.mark.parametrize(
    ("person", "known_by_address_only"),
    [(ANNA, False), (CHEN, True), (DANA, False), (Person(email="chen@example.cn"), True)],
    ids=str,
)
def test_people_without_an_id_of_a_server_are_unregistered(
    person: Person, known_by_address_only: bool
) -> None:
    assert is_unregistered(person) is known_by_address_only


@pytest.mark.parametrize(
    ("person", "server"),
    [
        (ANNA, HOME),
        (DANA, ELSEWHERE),
        (CHEN, None),
        (Person(email="chen@example.cn"), None),
        (Person(id="anna"), None),
        (Person(id="anna@"), None),
        (Person(id="anna@CONF.Example.com."), HOME),
        (Person(id=f"a@b@{ELSEWHERE}"), ELSEWHERE),
    ],
    ids=str,
)
def test_a_person_lives_on_the_server_behind_the_last_at(
    person: Person, server: str | None
) -> None:
    assert home_server(person) == server


# ---- where mail goes -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "address"),
    [
        (Person(id="a@h", email="profile@x.org", directory_email="ldap@x.org"), "profile@x.org"),
        (Person(id="a@h", directory_email="ldap@x.org"), "ldap@x.org"),
        (Person(id="a@h", email="", directory_email="ldap@x.org"), "ldap@x.org"),
        (Person(id="a@h", email="  ", directory_email="ldap@x.org"), "ldap@x.org"),
        (Person(id="#mailto:rest@x.org", email="profile@x.org"), "rest@x.org"),
        (Person(id="#mailto:", email="profile@x.org"), "profile@x.org"),
        (Person(email="only@x.org"), "only@x.org"),
        (Person(id="a@h", email=" profile@x.org "), "profile@x.org"),
    ],
    ids=str,
)
def test_mail_goes_to_the_profile_s_address_else_to_the_directory_s(
    person: Person, address: str
) -> None:
    assert mailbox(person) == Mailbox(address)


@pytest.mark.parametrize(
    "person",
    [Person(id="anna@conf.example.com"), Person(id="#mailto:"), Person(email=" ")],
    ids=str,
)
def test_a_user_id_is_never_used_as_an_address(person: Person) -> None:
    assert mailbox(person) is None


def test_a_bad_profile_address_is_said_and_not_replaced_by_the_directory_s() -> None:
    with pytest.raises(BadAddress):
        mailbox(Person(id="a@h", email="not one", directory_email="ldap@x.org"))


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("a@x.org", "a@x.org"),
        (" a@x.org ", "a@x.org"),
        ("Anna.Keller+conf@X.ORG", "Anna.Keller+conf@x.org"),
        ("o'hara@x.org", "o'hara@x.org"),
        ("a/b=c!d%e@x.org", "a/b=c!d%e@x.org"),
        # Intranets: no dot, names reserved for them, numbers.
        ("a@localhost", "a@localhost"),
        ("a@conf.local", "a@conf.local"),
        ("a@mail.test", "a@mail.test"),
        # International domains go out as A-labels (RFC 5891), local parts as they are (RFC 6531).
        ("anna@exämple.org", "anna@xn--exmple-cua.org"),
        ("anna@EXÄMPLE.org", "anna@xn--exmple-cua.org"),
        ("anna@xn--exmple-cua.org", "anna@xn--exmple-cua.org"),
        ("a@faß.de", "a@xn--fa-hia.de"),
        ("用户@例え.jp", "用户@xn--r8jz45g.jp"),
        ("änna@example.org", "änna@example.org"),
        ("a\u0301@x.org", "á@x.org"),
        ("a@x。org", "a@x.org"),
    ],
)
def test_an_address_is_read_with_its_domain_in_a_labels(text: str, address: str) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "a", "@", "a@", "@x.org", "a@@x.org", "a@b@x.org"),
        # More than one, or more than an address.
        *("a@x.org, b@y.org", "a@x.org,b@y.org", "a@x.org;b@y.org", "a@x.org b@y.org"),
        *("Anna <a@x.org>", "<a@x.org>", "(c)a@x.org", "a@x.org(c)", "@route:a@x.org"),
        *("mailto:a@x.org", '"a b"@x.org', "a b@x.org", "a@x.org:25", "a@[127.0.0.1]"),
        # Line ends and what is not seen.
        *("a@x\r\nRCPT TO:<z@z>", "a@x.org\r\nRCPT TO:<z@z.org>", "a@x.org\n", "\na@x.org"),
        *("a@x.org\0", "\0a@x.org", "a\t@x.org", "a@x.org\x85", "a@x.org\u2028", "a\u200b@x.org"),
        *("a\u202e@x.org", "a\xad@x.org", "\ud800@x.org", "a@\udc00.org"),
        # Dots, hyphens and lengths (RFC 5321 §4.1.2, §4.5.3.1).
        *(".a@x.org", "a.@x.org", "a..b@x.org", "a@.x.org", "a@x..org", "a@x.org."),
        f"{'a' * 65}@example.org",
        *("a@-x.org", "a@x_y.org", f"a@{'x' * 64}.org"),
        *(f"{'a' * 288}@example.org", f"a@{'x.' * 130}org", f"{'a' * 100_000}@x.org"),
        # Encoded words, which the standard library decodes within addresses too (RFC 2047 §5).
        *("=?utf-8?q?a=0D=0ABcc=3Ab?=@x.org", "a=?@x.org"),
        # Domains that are none.
        *("anna@xn--zzzzzz.org", "a@\u2603.net"),
    ],
    ids=ascii,
)
def test_what_is_not_exactly_one_address_is_refused(text: str) -> None:
    with pytest.raises(BadAddress) as caught:
        parse_address(text)

    assert str(caught.value)


@given(st.text() | st.emails() | st.from_regex(r"[^@]{1,9}@[^@]{1,9}"))
def test_any_text_is_one_clean_address_or_refused(text: str) -> None:
    try:
        address = parse_address(text)
    except BadAddress:
        return

    local, at, domain = address.rpartition("@")
    assert local
    assert at
    assert domain.isascii()
    assert not set(address) & set(' ,;<>()[]\\"\r\n\0')
    # Twice is once: what is stored can be read again.
    assert parse_address(address) == address


# Near to what is let through without asking the library.
_nearly_plain = st.from_regex(
    r"[a-z0-9.+_=?A-Z'-]{0,20}@?[a-z0-9.xn_A-Z-]{0,50}\n?", fullmatch=True
)


@given(_nearly_plain)
@example("postmaster@x.org")
@example("a@localhost")
@example("1@2")
@example("a@1.2.3.4")
@example("a@xn--a.org")
@example("a@ab--c.org")
@example("a@a-.org")
@example(f"a@{'x' * 61}")
@example(f"{'a' * 61}@x")
@example("A@x.org")
@example("a@X.org")
@example("a@x.org\n")
@settings(max_examples=1000)
def test_a_plain_address_is_what_the_library_says(text: str) -> None:
    try:
        found = validate_email(
            text, check_deliverability=False, globally_deliverable=False, strict=True
        )
    except EmailNotValidError:
        said = None
    else:
        said = None if "=?" in text else found.ascii_email

    try:
        ours = parse_address(text)
    except BadAddress:
        ours = None

    assert ours == said


# ---- what somebody is called ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "called"),
    [
        (ANNA, "Anna Keller"),
        (Person(id="a@h", email="a@x.org"), "a@x.org"),
        (Person(id="a@h"), "a@h"),
        (Person(id="#mailto:chen@example.cn"), "chen@example.cn"),
        (Person(email="chen@example.cn"), "chen@example.cn"),
        (Person(id="a@h", name=""), "a@h"),
        (Person(id="a@h", name=" \t\u200b\u202e"), "a@h"),
    ],
    ids=str,
)
def test_somebody_is_called_by_name_else_by_address_else_by_id(person: Person, called: str) -> None:
    assert display_name(person) == called


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Anna\r\nBcc: z@z.org", "Anna Bcc: z@z.org"),
        ("An\0na", "Anna"),
        ("\x1b[31mAnna\x1b[0m", "[31mAnna[0m"),
        ("Anna\x85Keller\u2028x\u2029y", "Anna Keller x y"),
        ("\u202eannA\u202c", "annA"),
        ("\u2066Anna\u2069 \u200f\u061c", "Anna"),
        ("\ufeffAnna", "Anna"),
        ("An\ud83dna", "Anna"),
        ("\udc00", ""),
        ("  Anna \t\n Keller  ", "Anna Keller"),
        ("Anna\u00a0Keller\u3000", "Anna Keller"),
        # What belongs to names stays: joiners of emoji and of scripts, marks, other scripts.
        ("👩\u200d🚀 Anna", "👩\u200d🚀 Anna"),
        ("क्\u200dष", "क्\u200dष"),
        ("e\u0301", "e\u0301"),
        ("מיכל", "מיכל"),
    ],
    ids=ascii,
)
def test_a_line_has_nothing_that_ends_or_turns_it(text: str, line: str) -> None:
    assert clean_line(text) == line


def test_a_name_is_shortened_and_says_so() -> None:
    called = display_name(msgspec.structs.replace(ANNA, name="x" * 4096))

    assert len(called) == NAME_LIMIT
    assert called.endswith("x…")


any_text = st.text(st.characters(codec=None))


@given(any_text, st.integers(min_value=2, max_value=50))
def test_any_line_is_one_line_of_visible_text(text: str, limit: int) -> None:
    line = clean_line(text, limit=limit)

    assert len(line) <= limit
    assert line.splitlines() in ([], [line])
    assert line.encode().decode() == line
    assert not {unicodedata.category(each) for each in line} & {"Cc", "Zl", "Zp", "Cs"}
    assert not set(line) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
