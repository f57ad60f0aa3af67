"""Pictures of letters, by headless Chromium: a sheet of all, and one letter in all its looks."""

import base64
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any, Final

import msgspec
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from notifier.adapters.shelf import Shelf
from notifier.core.language.languages import locale_of
from notifier.core.notice import Kind
from notifier.samples import Shape
from tests.letters.approved import draft, languages

FLAGS: Final = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)

# A letter as a mail reader on a desk shows it, and how small it is on the sheet (CSS pixels).
WIDTH, HEIGHT = 640, 980
SCALE: Final = 0.27

# 0 to 100; text of this size is still read at 80, at half the bytes of 95.
QUALITY: Final = 80

SHEET_STYLE: Final = f"""
body {{ margin: 0; padding: 16px; background: #d9dfe7; font: 13px sans-serif; color: #1d2733; }}
table {{ border-collapse: collapse; }}
th {{ padding: 4px 6px; font-weight: 600; text-align: left; white-space: nowrap; }}
td {{ padding: 4px; }}
.letter {{ width: {WIDTH * SCALE:.0f}px; height: {HEIGHT * SCALE:.0f}px; overflow: hidden; }}
iframe {{ width: {WIDTH}px; height: {HEIGHT}px; border: 0;
  transform: scale({SCALE}); transform-origin: 0 0; }}
"""


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """How one picture of a letter is taken; sizes in CSS pixels."""

    language: str = "en"
    width: int = WIDTH
    dark: bool = False


LOOKS: Final = (
    *(Look(), Look(dark=True), Look(language="ar")),
    *(Look(width=360), Look(width=360, dark=True), Look(language="ar", width=360)),
)
LOOKED_AT: Final = Kind.RESCHEDULE


class Camera:
    """Takes pictures of pages by the DevTools protocol of Chromium."""

    def __init__(self, driver: webdriver.Chrome, folder: Path) -> None:
        self._driver = driver
        self._page = folder / "page.html"

    def picture(self, html: str, *, width: int, dark: bool = False) -> bytes:
        """Give the whole page as WebP, as high as it is."""
        self._page.write_text(html, encoding="utf-8")
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._do("Emulation.setEmulatedMedia", features=[scheme])
        self._size(width, 400)
        self._driver.get(self._page.as_uri())
        self._size(width, int(self._do("Page.getLayoutMetrics")["cssContentSize"]["height"]))
        taken = self._do("Page.captureScreenshot", format="webp", quality=QUALITY)
        return base64.b64decode(taken["data"])

    def _size(self, width: int, height: int) -> None:
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._do("Emulation.setDeviceMetricsOverride", **size)

    def _do(self, command: str, **arguments: Any) -> dict[str, Any]:
        return dict(self._driver.execute_cdp_cmd(command, arguments))


@contextmanager
def camera() -> Iterator[Camera]:
    options = Options()
    options.binary_location = shutil.which("chromium") or "chromium"
    with tempfile.TemporaryDirectory() as folder:
        for flag in (*FLAGS, f"--user-data-dir={folder}/profile"):
            options.add_argument(flag)
        driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        try:
            yield Camera(driver, Path(folder))
        finally:
            driver.quit()


def invitation(taking: Camera, shelf: Shelf) -> bytes:
    """Give a picture of the one letter that everybody knows."""
    return taking.picture(draft(shelf, Kind.INVITATION, "en").html, width=WIDTH)


def sheet(taking: Camera, shelf: Shelf, tags: Sequence[str] | None = None) -> bytes:
    """Give one picture with a letter of every kind in every language."""
    rows = "".join(_row(shelf, tag) for tag in tags or languages())
    heads = "".join(f"<th>{kind}</th>" for kind in Kind)
    page = f"<style>{SHEET_STYLE}</style><table><tr><th></th>{heads}</tr>{rows}</table>"
    width = 160 + len(Kind) * round(WIDTH * SCALE + 8)
    return taking.picture(f"<!doctype html><meta charset=utf-8>{page}", width=width)


def _row(shelf: Shelf, language: str) -> str:
    name = locale_of(language).get_display_name("en")
    letters = (draft(shelf, kind, language, _shape(kind)).html for kind in Kind)
    cells = "".join(f'<td><div class="letter">{_framed(html)}</div></td>' for html in letters)
    return f"<tr><th>{name}</th>{cells}</tr>"


def _shape(kind: Kind) -> Shape:
    return Shape.SERIES if kind is Kind.INVITATION else Shape.ONCE


def _framed(html: str) -> str:
    return f'<iframe srcdoc="{escape(html)}"></iframe>'


def looks(taking: Camera, shelf: Shelf) -> bytes:
    """Give one picture of one letter: wide and narrow, light and dark, to the right and left."""
    taken = [_look(taking, shelf, look) for look in LOOKS]
    images = "".join(f'<img src="data:image/webp;base64,{each}">' for each in taken)
    style = "body{margin:0;padding:16px;background:#b9c2ce} img{margin:8px;vertical-align:top}"
    width = 48 + 3 * (WIDTH + 20)
    return taking.picture(
        f"<!doctype html><meta charset=utf-8><style>{style}</style>{images}", width=width
    )


def _look(taking: Camera, shelf: Shelf, look: Look) -> str:
    html = draft(shelf, LOOKED_AT, look.language).html
    picture = taking.picture(html, width=look.width, dark=look.dark)
    return base64.b64encode(picture).decode()
