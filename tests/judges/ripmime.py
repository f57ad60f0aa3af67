"""ripmime, which mail filters unpack with, by old rules and with much suspicion."""

from pathlib import Path
from typing import Final

from tests.judges.unpacking import filed, run

# It takes lines in a text that look like headers for a mail that came back, unless told not to.
OPTIONS: Final = ("--verbose-defects", "--disable-qmail-bounce")


def findings(mail: bytes) -> list[str]:
    """Give what ripmime tells of defects, and one sentence where it finds other parts than ours."""
    said, files = _unpacked(mail)
    texts = [each for name, each in files.items() if name.startswith("textfile") and each]
    found = _entries(files)
    # The entry within the alternatives counts as a text, too.
    if (len(texts), len(found)) not in {(2, 0), (3, 2)}:
        said.append(f"{len(texts)} texts and {len(found)} entries")
    if len(set(found)) > 1:
        said.append("two different entries")
    return said


def entries(mail: bytes) -> list[bytes]:
    """Give the calendar entry from both of its places."""
    return _entries(_unpacked(mail)[1])


def _unpacked(mail: bytes) -> tuple[list[str], dict[str, bytes]]:
    """Give the lines that ripmime prints, and the files that it makes."""
    with filed(mail) as file:
        folder = Path(file.parent, "unpacked")
        said = run("ripmime", "-i", file, "-d", folder, *OPTIONS).decode()
        files = {each.name: each.read_bytes() for each in folder.iterdir()}
    return [line for line in said.splitlines() if line], files


def _entries(files: dict[str, bytes]) -> list[bytes]:
    return [each for _name, each in sorted(files.items()) if each.startswith(b"BEGIN:VCALENDAR")]
