"""A small shipped tree and an administrator's, and letters to put into them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from notifier.adapters.shelf import Shelf

LAYOUT = {
    "_layout/base.html": "<html><body>{{ content }}<hr></body></html>",
    "_layout/base.txt": "{{ content }}",
    "en/_layout/words.txt": "when = When\ncolon = :",
}


def letter(language: str, kind: str = "invitation", said: str = "") -> dict[str, str]:
    """The three files of one letter, which all say the same."""
    said = said or f"{language} %conf_name"
    files = {"subject.txt": said, "body.html": f"<p>{said}</p>", "body.txt": said}
    return {f"{language}/{kind}/{name}": text for name, text in files.items()}


def write(root: Path, files: Mapping[str, str | bytes]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def shipped_tree(root: Path) -> Path:
    """English in two kinds, French and Brazilian Portuguese in one."""
    write(root, {**LAYOUT, **letter("en"), **letter("en", "reminder"), **letter("fr")})
    write(root, {**letter("pt_BR"), "fr/_layout/words.txt": "when = Quand"})
    return root


def text(shelf: Shelf, languages: Sequence[str] = ("en",), kind: str = "invitation") -> str:
    template, _ = shelf.template(kind, languages)
    return template.render({"conf_name": "Review", "start_time": "NOW"}).text.strip()
