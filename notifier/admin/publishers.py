"""What the doctor says of publishers that know less than they did."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from notifier.admin.look import Look

# After that long its revisions have passed ours, or somebody has looked into it.
FORGIVEN: Final = timedelta(days=1)


def publishers_look(behind: Mapping[str, float]) -> Look:
    """Judge the sources of events that were behind, by how long ago (seconds)."""
    late = [source for source, ago in behind.items() if ago < FORGIVEN.total_seconds()]
    if not late:
        return Look(
            name="publishers", status="ok", found="none has fallen behind what it said before"
        )
    return Look(
        name="publishers",
        status="warn",
        found=f"{', '.join(late)} spoke of earlier revisions than before: a restored backup?",
        advice="until the revisions of a conference are past those known here, its changes tell "
        "nobody: let that server raise them",
    )
