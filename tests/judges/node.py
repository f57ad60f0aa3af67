"""The one process of Node in which all judges from npm sit."""

from typing import Final

from tests.judges.foreigner import FOREIGN, HERE, Foreigner

MODULES: Final = HERE / "node_modules"
NODE: Final = Foreigner("node", FOREIGN / "node.cjs")
