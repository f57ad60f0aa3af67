"""Claims about renaming a file."""

from pathlib import Path

import pytest

from notifier.adapters.file_names import rename


class Unlinked(type(Path())):  # type: ignore[misc] # the class of paths of this system
    """A path of a file system that knows no links, as FAT does not."""

    def hardlink_to(self, target: object) -> None:
        raise PermissionError(1, "Operation not permitted")


@pytest.mark.parametrize("kind", [Path, Unlinked])
def test_a_file_is_renamed_in_its_folder(kind: type[Path], tmp_path: Path) -> None:
    file = kind(tmp_path, "setup.exe")
    file.write_bytes(b"MZ")

    rename(file, "new.exe")

    assert [each.name for each in tmp_path.iterdir()] == ["new.exe"]
    assert (tmp_path / "new.exe").read_bytes() == b"MZ"


@pytest.mark.parametrize("kind", [Path, Unlinked])
def test_no_other_file_is_written_over(kind: type[Path], tmp_path: Path) -> None:
    file = kind(tmp_path, "setup.exe")
    file.write_bytes(b"MZ")
    (tmp_path / "new.exe").write_bytes(b"another")

    with pytest.raises(FileExistsError):
        rename(file, "new.exe")

    assert file.read_bytes() == b"MZ"
    assert (tmp_path / "new.exe").read_bytes() == b"another"
