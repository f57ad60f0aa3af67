"""ARCHITECTURE.md shows the machines as they are."""

import pytest

from tests.shape.diagrams import conference_machine, delivery_machine, road_machine
from tests.shape.sources import ROOT


@pytest.mark.parametrize("machine", [delivery_machine(), conference_machine(), road_machine()])
def test_the_diagrams_are_those_of_the_tables(machine: str) -> None:
    assert machine in (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
