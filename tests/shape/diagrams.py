"""Prints the state machines as ARCHITECTURE.md shows them: `python -m tests.shape.diagrams`."""

from collections.abc import Mapping

from notifier.core.breaker import STEPS as SIGNS
from notifier.core.breaker import Sign, Stand
from notifier.core.delivery import FINAL, STEPS, State, Step
from notifier.core.life import NEXT, Phase, Turn


def delivery_machine() -> str:
    """Give the life of a delivery, drawn from the table STEPS."""
    ends = [f"    {state} --> [*]" for state in sorted(FINAL)]
    return _diagram(
        [*_start("pending"), *_start("expired"), *_start("skipped"), *_lines(STEPS), *ends]
    )


def conference_machine() -> str:
    """Give the life of a conference, drawn from the table NEXT."""
    return _diagram(_lines(NEXT))


def road_machine() -> str:
    """Give how a road to a mail server stands, drawn from the table STEPS of the breaker."""
    return _diagram([f"    [*] --> {Stand.CLOSED}", *_lines(SIGNS)])


def _lines(
    table: Mapping[tuple[State, Step], State]
    | Mapping[tuple[Phase | None, Turn], Phase]
    | Mapping[tuple[Stand, Sign], Stand],
) -> list[str]:
    """Give an arrow for each pair of states, with all that leads from one to the other."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for (state, step), following in table.items():
        arrows.setdefault((state or "[*]", following), []).append(step)
    return [f"    {a} --> {b}: {', '.join(steps)}" for (a, b), steps in arrows.items()]


def _start(state: str) -> list[str]:
    return [f"    [*] --> {state}: plan"]


def _diagram(lines: list[str]) -> str:
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])


if __name__ == "__main__":
    print(delivery_machine(), conference_machine(), road_machine(), sep="\n\n")  # noqa: T201 -- its purpose
