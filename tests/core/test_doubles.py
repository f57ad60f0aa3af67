"""Claims about people who are on a list by their ID and by their bare address."""

import msgspec
import pytest

from notifier.core.doubles import apart_from, bare_keys, each_once
from notifier.core.life import Member, Standing
from notifier.core.people import Person, person_key
from notifier.core.reasons import Reason
from tests.cast import ANNA, BORIS, CHEN, HOME

LINK = f"https://{HOME}/c/df0a2adebe?p=5Yq0"
BY_ADDRESS = Person(id="#mailto:boris@example.org", name="B.", language="de", unique_link=LINK)


def listed(*people: Person) -> list[Member]:
    return [
        Member(person=each, standing=Standing.INVITED, revision=1, by="e", told=1)
        for each in people
    ]


def told(*people: Person) -> list[Person]:
    """Who is told, as they are told."""
    return [member.person for member, reason in each_once(listed(*people)) if reason is None]


def left_out(*people: Person) -> list[tuple[str, Reason]]:
    return [(member.key, reason) for member, reason in each_once(listed(*people)) if reason]


def by_address(address: str) -> Person:
    return Person(id=f"#mailto:{address}")


@pytest.mark.parametrize(
    "address", ["boris@example.org", "Boris@Example.ORG", " boris@example.org "]
)
def test_who_is_listed_by_id_and_by_address_is_told_once(address: str) -> None:
    people = (by_address(address), BORIS, CHEN)

    assert told(*people) == [BORIS, CHEN]
    assert left_out(*people) == [(person_key(people[0]), Reason.LISTED_TWICE)]


@pytest.mark.parametrize("twice", [(BORIS, BY_ADDRESS), (BY_ADDRESS, BORIS)])
def test_r10_the_id_decides_who_it_is_and_the_link_is_of_whichever_has_one(
    twice: tuple[Person, Person],
) -> None:
    assert told(*twice) == [msgspec.structs.replace(BORIS, unique_link=LINK)]


def test_r10_whoever_has_a_link_of_their_own_keeps_it() -> None:
    own = msgspec.structs.replace(BORIS, unique_link="https://own")

    assert told(own, BY_ADDRESS) == [own]


def test_r45_where_the_id_is_kept_out_the_bare_address_is_told() -> None:
    rows = listed(BORIS, BY_ADDRESS, CHEN)

    told_of = [
        (member.key, reason)
        for member, reason in each_once(rows, kept_out=lambda person: person.id == BORIS.id)
    ]

    assert told_of == [(each.key, None) for each in rows]


def test_what_an_id_does_not_say_the_address_says() -> None:
    silent = Person(id=BORIS.id, email=BORIS.email)

    [found] = told(silent, BY_ADDRESS)

    assert (found.id, found.name, found.language) == (BORIS.id, "B.", "de")


def test_two_ids_with_one_mailbox_are_two_persons() -> None:
    other = msgspec.structs.replace(ANNA, email=BORIS.email)

    assert told(BORIS, other) == [BORIS, other]
    assert left_out(BORIS, other, BY_ADDRESS) == [(BY_ADDRESS.id, Reason.LISTED_TWICE)]


def test_the_directory_s_address_is_a_mailbox_where_the_profile_has_none() -> None:
    from_directory = Person(id=BORIS.id, directory_email=BORIS.email)

    assert left_out(from_directory, BY_ADDRESS) == [(BY_ADDRESS.id, Reason.LISTED_TWICE)]


@pytest.mark.parametrize(
    "people",
    [
        (CHEN, by_address("boris@example.org")),
        (BORIS, CHEN),
        (Person(id=BORIS.id), BY_ADDRESS),
        (Person(id=BORIS.id, email="nobody"), by_address("nobody")),
        (Person(id=BORIS.id), by_address("nobody")),
    ],
    ids=["addresses", "others", "no mailbox", "no address", "neither"],
)
def test_everybody_else_is_told_as_they_are(people: tuple[Person, ...]) -> None:
    assert told(*people) == list(people)


@pytest.mark.parametrize("written", ["boris@exämple.org", "boris@xn--exmple-cua.org"])
@pytest.mark.parametrize("spelt", ["Boris@exämple.org", "boris@xn--exmple-cua.org"])
def test_an_address_is_found_however_its_domain_is_spelt(written: str, spelt: str) -> None:
    by_id = msgspec.structs.replace(BORIS, email=written)

    assert person_key(by_address(spelt)) in bare_keys(by_id)
    assert left_out(by_id, by_address(spelt)) != []


@pytest.mark.parametrize("person", [CHEN, Person(id=BORIS.id), Person(id="u@h", email="nobody")])
def test_whoever_has_no_id_or_no_mailbox_is_no_double_s_other(person: Person) -> None:
    assert bare_keys(person) == frozenset()


def test_apart_from_are_those_with_another_mailbox() -> None:
    nowhere = Person(id=f"a@{HOME}")
    rows = listed(BORIS, CHEN, BY_ADDRESS, nowhere)

    assert apart_from(rows, listed(BY_ADDRESS, nowhere)) == listed(CHEN, nowhere)
