"""An administrator's template, broken in any way: the mails leave all the same, or fail once.

Nothing that cannot be written is tried again and again.
"""

import dataclasses
import logging
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.adapters.shelf import Shelf
from notifier.adapters.template_files import shipped_root
from notifier.core.delivery import State
from notifier.core.wording.reading import Sources
from notifier.core.wording.stencil import Stencil
from notifier.core.wording.syntax import TemplateFault, environment
from notifier.core.wording.template import Template, compile_template
from notifier.core.wording.variables import ALL_NAMES
from tests.adapters.desk import Desk, desk
from tests.cast import ANNA, BORIS, CHEN, NOW, conference, event
from tests.crew import Part
from tests.faults.letters import opened
from tests.stage import LISTENER, PEOPLE, WORKER, Stage, stage

INVITATION = {"conference": conference(), "participants": [BORIS, CHEN]}
CALL = {"caller": ANNA, "recipient": CHEN, "time": "2026-11-23T09:30:00Z"}

# What administrators write, and what would have come of it.
BROKEN = {
    "a variable that is missing": b"{{ conf_nmae }}",
    "a wrong argument": b"{{ conf_name|truncate(2) }}",
    "an argument too many": b"{{ conf_name|upper(3) }}",
    "words compared with a number": b"{% if conf_name > 3 %}long{% endif %}",
    "half a test": b"{% if conf_name is eq %}x{% endif %}",
    "a loop": b"{% for a in range(10 ** 9) %}x{% endfor %}",
    "arithmetic": b"{{ 'a' * 10 ** 9 }}",
    "an attribute": b"{{ conf_name.__class__.__mro__ }}",
    "a block without end": b"{% if conf_name %}",
    "nesting": b"{% if conf_name %}" * 500 + b"{% endif %}" * 500,
    "another encoding": "Réunion".encode("latin-1"),
    "UTF-16 without a mark": "Review".encode("utf-16-le"),
    "nothing": b" \n",
    "5 MB": b"x" * 5_000_000,
    "a picture": bytes(range(256)) * 40,
}


@pytest.mark.asyncio
@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("file", ["subject.txt", "body.html", "body.txt"])
async def test_fault_20_a_broken_file_breaks_no_mail(
    redis_url: str, tmp_path: Path, text: bytes, file: str
) -> None:
    path = tmp_path / "en" / "invitation" / file
    path.parent.mkdir(parents=True)
    path.write_bytes(text)
    shelf = Shelf(shipped_root(), tmp_path)

    async with desk(redis_url, shelf=shelf) as office:
        office.now = NOW
        await office.hear(event("conference.invitation", INVITATION))
        await office.deliver()

        assert [row.state for row in await office.deliveries()] == [State.SENT] * 2
        assert [b"Quarterly review" in each.content for each in office.postman.sent] == [True] * 2
        assert [fault.path for fault in shelf.faults()] == [path]


def again(words: str) -> str:
    """A filter that never comes to an end."""
    return again(words)


class BrokenShelf:
    """Gives invitations that cannot be filled, and everything else as shipped.

    They are read past all that keeps such templates away, and set for the press as those are that
    it prints; `alone` are those that it cannot print, which are written one by one.
    """

    def __init__(self, source: str, *, alone: bool) -> None:
        self._shipped = Shelf(shipped_root())
        env = environment(ALL_NAMES, html=True)
        self._broken = env.from_string(source)
        self._stencil = Stencil(env.parse(source), {}, html=True)
        self._alone = alone

    def template(self, kind: str, languages: Sequence[str]) -> tuple[Template, str]:
        sound, language = self._shipped.template(kind, languages)
        if kind != "invitation":
            return sound, language
        text = None if self._alone else sound.text_stencil
        return dataclasses.replace(
            sound, _html=self._broken, html_stencil=self._stencil, text_stencil=text
        ), language


@pytest.fixture(params=[False, True], ids=["pressed", "alone"])
def shelf(
    source: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> BrokenShelf:
    monkeypatch.setitem(environment(ALL_NAMES, html=True).filters, "again", again)
    return BrokenShelf(source, alone=request.param)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("{{ missing.more }}", "UndefinedError"),
        ("{{ 1 / 0 }}", "ZeroDivisionError"),
        ("{{ conf_name|again }}", "RecursionError"),
    ],
    ids=["missing", "raises", "loops"],
)
async def test_fault_20_what_cannot_be_written_fails_after_one_try(
    redis_url: str, shelf: BrokenShelf, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with desk(redis_url, shelf=shelf) as office:
        office.now = NOW
        await office.hear(event("conference.invitation", INVITATION), event("call.missed", CALL))
        with caplog.at_level(logging.ERROR, "notifier"):
            await office.deliver()
        office.now = NOW + timedelta(days=1)
        await office.notifier.sweep()
        await office.deliver()

        *invitations, call = await office.deliveries()
        assert [(row.state, row.reason, row.attempts) for row in invitations] == [
            (State.FAILED, f"render: {fault}", 1)
        ] * 2
        assert call.state is State.SENT
        # An alarm for each letter, and nothing of what people said in it.
        assert [record.message for record in caplog.records] == ["failed to render"] * 2
        assert "Quarterly" not in str([vars(record) for record in caplog.records])
        assert await left_over(office) == 0


class LostShelf:
    """Templates on a disk that is away."""

    def __init__(self) -> None:
        self.away = True

    def template(self, kind: str, languages: Sequence[str]) -> tuple[Template, str]:
        if self.away:
            raise FileNotFoundError(kind)
        return Shelf(shipped_root()).template(kind, languages)


@pytest.mark.asyncio
async def test_fault_20_letters_wait_for_templates_that_are_out_of_reach(redis_url: str) -> None:
    shelf = LostShelf()
    async with desk(redis_url, shelf=shelf) as office:
        await office.hear(event("conference.invitation", INVITATION))
        await office.deliver()
        waiting = await office.deliveries()

        shelf.away = False
        for row in waiting:
            await office.client.zadd("notifier:later", {row.id: 0})
        await office.notifier.sweep()
        await office.deliver()

        assert [(row.state, row.attempts) for row in waiting] == [(State.PENDING, 0)] * 2
        assert [row.state for row in await office.deliveries()] == [State.SENT] * 2


async def left_over(office: Desk) -> int:
    """How many deliveries wait anywhere."""
    queues = ("ready", "later", "hinted", "leases")
    return sum([await office.client.zcard(f"notifier:{queue}") for queue in queues])


CONSTANTS = st.sampled_from(["3", "0", "1.5", '"x"', '""', "true", "none", "conf_name", "duration"])
ARGUMENTS = st.lists(CONSTANTS, max_size=4).map(lambda each: f"({', '.join(each)})")
FILTERS = st.sampled_from(
    ["capitalize", "d", "default", "e", "escape", "lower", "title", "trim", "truncate", "upper"]
)


def forms(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Everything that can be computed in a letter, and some that cannot."""
    filtered = st.tuples(inner, FILTERS, ARGUMENTS | st.just("")).map(
        lambda parts: f"{parts[0]}|{parts[1]}{parts[2]}"
    )
    compared = st.tuples(inner, st.sampled_from(["==", "!=", "<", ">=", "in", "not in"]), inner)
    tested = st.tuples(
        inner, st.sampled_from(["defined", "none", "eq", "ne"]), ARGUMENTS | st.just("")
    ).map(lambda parts: f"{parts[0]} is {parts[1]}{parts[2]}")
    return filtered | compared.map(lambda parts: f"({' '.join(parts)})") | tested


EXPRESSIONS = st.recursive(CONSTANTS, forms, max_leaves=4)


@given(EXPRESSIONS, st.booleans(), st.data())
def test_fault_20_a_template_that_is_taken_can_be_filled(
    expression: str, asked: bool, data: st.DataObject
) -> None:
    body = f"{{% if {expression} %}}x{{% endif %}}" if asked else f"{{{{ {expression} }}}}"
    try:
        template = compile_template(_sources(body), "invitation", "en")
    except TemplateFault:
        return
    # All there or nothing there: what is tried when it is read.
    values: dict[str, Any] = data.draw(
        st.sampled_from([{}, {"conf_name": "Review", "duration": "1 hour"}])
    )

    assert template.render(values).text


def _sources(body: str) -> Sources:
    html = '<html lang="{{ lang }}"><head><title>{{ subject }}</title></head><body>{{ content }}'
    return Sources(
        subject="Invitation",
        html=f"<p>{body}</p>",
        text=body,
        layout_html=html + "</body></html>",
        layout_text="{{ content }}",
    )


def subjects(stage: Stage, about: str) -> set[str]:
    """The subjects of the mails about a conference, once there is one for each person."""
    stage.wait_for_state("sent", about)
    stage.wait_for_mails(len(PEOPLE), about)
    mails = map(opened, (mail.content for mail in list(stage.server.seen.mails)))
    return {str(mail["Subject"]) for mail in mails if mail["X-Notifier-Conference"] == about}


def faults_told(part: Part) -> int:
    return part.said.count('"template fault"')


def test_fault_20_running_workers_see_each_edit_and_tell_a_fault_once(tmp_path: Path) -> None:
    own = tmp_path / "templates"
    path = own / "en/invitation/subject.txt"
    path.parent.mkdir(parents=True)
    with stage(tmp_path) as house:
        house.ensure(LISTENER)
        house.replace(WORKER, NOTIFIER_TEMPLATES=str(own))
        worker = house.parts[WORKER]
        seen = []
        for number, saved in enumerate(
            (None, "Come: %conf_name", "{{", "{{", "Again: %conf_name", "{{")
        ):
            if saved:
                path.write_text(saved, encoding="utf-8")
            house.invite(f"edit-{number}")
            seen.append((subjects(house, f"edit-{number}"), faults_told(worker)))

        second = house.crew.start(WORKER, NOTIFIER_TEMPLATES=str(own))
        second.hand()
        for number in range(3):
            house.invite(f"two-{number}")
        both = set().union(*(subjects(house, f"two-{number}") for number in range(3)))

    assert seen == [
        ({"Invitation: Quarterly review"}, 0),
        ({"Come: Quarterly review"}, 0),
        ({"Come: Quarterly review"}, 1),
        ({"Come: Quarterly review"}, 1),
        ({"Again: Quarterly review"}, 1),
        ({"Again: Quarterly review"}, 2),
    ]
    # The second has not known better days, and sends what is shipped.
    assert both <= {"Again: Quarterly review", "Invitation: Quarterly review"}
    assert faults_told(worker) == 2
    assert faults_told(second) <= 1
