"""Claims about letters as they lie on a screen, measured in headless Chromium."""

import shutil
import tempfile
from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from notifier.adapters.shelf import Shelf
from notifier.adapters.template_files import shipped_root
from notifier.core.notice import Kind
from notifier.samples import hostile, sample
from tests.letters.pictures import FLAGS

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="chromium and chromium-driver are not installed"
)

# A desk and a telephone (CSS pixels).
WIDTHS = (640, 360)
# To the right, to the left, and where words are kept together.
LANGUAGES = ("en", "ar", "ko")

OVERFLOWS = """
return [...document.querySelectorAll("iframe")]
  .filter(each => each.contentDocument.documentElement.scrollWidth > each.clientWidth)
  .map(each => each.title)
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    options = Options()
    options.binary_location = str(CHROMIUM)
    with tempfile.TemporaryDirectory() as folder:
        for flag in (*FLAGS, f"--user-data-dir={folder}"):
            options.add_argument(flag)
        driver = webdriver.Chrome(options=options, service=Service(DRIVER))
        yield driver
        driver.quit()


def letters() -> Iterator[tuple[str, str]]:
    shelf = Shelf(shipped_root())
    for language in LANGUAGES:
        for kind in Kind:
            made = hostile(sample(kind, language)).letter(shelf.template(kind, [language])[0])
            yield f"{kind} {language}", made.html


def test_a_word_without_end_makes_no_letter_wider_than_its_screen(
    browser: webdriver.Chrome, tmp_path: Path
) -> None:
    frames = "".join(
        f'<iframe title="{name} {width}" width={width} srcdoc="{escape(html)}"></iframe>'
        for name, html in letters()
        for width in WIDTHS
    )
    page = tmp_path / "page.html"
    page.write_text(f"<!doctype html><meta charset=utf-8>{frames}", encoding="utf-8")

    browser.get(page.as_uri())

    assert len(browser.find_elements("tag name", "iframe")) == 54
    assert browser.execute_script(OVERFLOWS) == []
