"""`make letters`: writes the approved letters and the pictures anew, to be looked at."""

from pathlib import Path
from typing import Final

from notifier.adapters.shelf import Shelf
from notifier.adapters.template_files import shipped_root
from tests.letters.approved import approved
from tests.letters.pictures import camera, invitation, looks, sheet

PICTURES: Final = Path(__file__).parents[2] / "examples" / "pictures"


def main() -> None:
    for path, written in approved():
        path.write_bytes(written)
    shelf = Shelf(shipped_root())
    with camera() as taking:
        (PICTURES / "invitation.webp").write_bytes(invitation(taking, shelf))
        (PICTURES / "letters.webp").write_bytes(sheet(taking, shelf))
        (PICTURES / "looks.webp").write_bytes(looks(taking, shelf))


if __name__ == "__main__":
    main()
