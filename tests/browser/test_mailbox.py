"""Claims about the demonstration's mailbox, clicked through in headless Chromium."""

import contextlib
import shutil
import smtplib
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.common.exceptions import NoAlertPresentException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from notifier.demo.authority import mail_server_context
from notifier.demo.mailbox import Mailbox, listening
from notifier.demo.page import mailbox_page, serving
from tests.smtp_servers import HOST, LoopThread

CHROMIUM = shutil.which("chromium")
DRIVER = shutil.which("chromedriver")

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="chromium and chromium-driver are not installed"
)

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--window-size=1280,900",
)

USERNAME, PASSWORD = "conf@example.com", "only for this test"

CALENDAR = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//EN
METHOD:REQUEST
BEGIN:VEVENT
UID:1@example.com
DTSTAMP:20261123T093000Z
DTSTART;TZID=Europe/Paris:20261127T150000
DTEND;TZID=Europe/Paris:20261127T160000
SUMMARY:Weekly review
ORGANIZER;CN=Anna Keller:mailto:conf@example.com
ATTENDEE;CN=Boris:mailto:boris@example.org
SEQUENCE:0
END:VEVENT
END:VCALENDAR
"""


class Post:
    """A running mailbox: where its page is, and how to send it a mail."""

    def __init__(self, url: str, port: int, ca_file: Path) -> None:
        self.url = url
        self._port = port
        self._ca_file = ca_file

    def send(self, mail: EmailMessage) -> None:
        """Send a mail as the notifier does: STARTTLS by the private CA, and a login."""
        with smtplib.SMTP(HOST, self._port) as line:
            line.starttls(context=ssl.create_default_context(cafile=self._ca_file))
            line.login(USERNAME, PASSWORD)
            line.send_message(mail)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Post]:
    ca_file, tls = mail_server_context(folder)
    mailbox = Mailbox()
    async with (
        listening(mailbox, tls=tls, username=USERNAME, password=PASSWORD) as port,
        serving(mailbox_page(mailbox, {}), port=0) as url,
    ):
        yield Post(url, port, ca_file)


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    with LoopThread() as thread:
        stack = AsyncExitStack()
        yield thread.call(stack.enter_async_context(opened(tmp_path)))
        thread.call(stack.aclose())


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = Options()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    # An alert that a mail opened must still be there when it is looked for.
    options.set_capability("unhandledPromptBehavior", "ignore")
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def elsewhere() -> Iterator[socket.socket]:
    """A place outside, where a mail would like to be heard; nobody must ever ask for anything."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen()
        listener.setblocking(False)
        yield listener


def mail(
    subject: str = "Invitation: Weekly review", *, html: str = "<p>See you there.</p>"
) -> EmailMessage:
    made = EmailMessage()
    made["Subject"] = subject
    made["From"] = "Anna Keller <conf@example.com>"
    made["To"] = "Boris <boris@example.org>"
    made["X-Notifier-Kind"] = "invitation"
    made.set_content("Hello Boris,\nsee you there.")
    made.add_alternative(html, subtype="html")
    calendar = CALENDAR.replace("\n", "\r\n").encode()
    made.add_alternative(calendar, "text", "calendar", params={"method": "REQUEST"})
    made["Content-Language"] = "en"
    return made


def until_seen(browser: webdriver.Chrome, text: str) -> None:
    WebDriverWait(browser, 10).until(lambda _: text in browser.find_element(By.ID, "list").text)


def framed(browser: webdriver.Chrome, selector: str) -> str:
    """Give what stands in the frame, where nobody can run scripts, the test included."""
    browser.switch_to.frame(browser.find_element(By.TAG_NAME, "iframe"))
    try:
        return browser.find_element(By.CSS_SELECTOR, selector).text
    finally:
        browser.switch_to.default_content()


def test_a_mail_appears_by_itself(post: Post, browser: webdriver.Chrome) -> None:
    browser.get(post.url)
    assert "No mail yet" in browser.find_element(By.TAG_NAME, "body").text

    post.send(mail())

    until_seen(browser, "Invitation: Weekly review")
    assert browser.find_element(By.ID, "count").text == "1"


def test_a_mail_is_read_in_all_its_forms(post: Post, browser: webdriver.Chrome) -> None:
    post.send(mail())
    browser.get(post.url)

    browser.find_element(By.PARTIAL_LINK_TEXT, "Weekly review").click()
    assert browser.find_element(By.TAG_NAME, "h2").text == "Invitation: Weekly review"
    assert "over TLS, after a login" in browser.find_element(By.CLASS_NAME, "facts").text
    assert framed(browser, "p") == "See you there."

    browser.find_element(By.LINK_TEXT, "Text").click()
    assert browser.find_element(By.ID, "text").text == "Hello Boris,\nsee you there."

    browser.find_element(By.LINK_TEXT, "Source").click()
    assert "X-Notifier-Kind: invitation" in browser.find_element(By.ID, "source").text

    browser.find_element(By.LINK_TEXT, "Calendar").click()
    entry = browser.find_element(By.ID, "entry").text
    assert "Method REQUEST" in entry
    assert "From Fri 27 Nov 2026, 15:00 Europe/Paris" in entry
    assert "For Boris <boris@example.org>" in entry
    assert browser.find_element(By.ID, "ics").text.startswith("BEGIN:VCALENDAR")


def test_on_a_narrow_screen_the_list_and_the_mail_follow_each_other(
    post: Post, browser: webdriver.Chrome
) -> None:
    post.send(mail())
    size = {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        browser.get(post.url)
        browser.find_element(By.PARTIAL_LINK_TEXT, "Weekly review").click()
        assert not browser.find_element(By.ID, "list").is_displayed()
        assert overflow(browser) <= 0

        browser.find_element(By.PARTIAL_LINK_TEXT, "All mails").click()
        assert browser.find_element(By.ID, "list").is_displayed()
        assert overflow(browser) <= 0
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_a_hostile_mail_executes_nothing_and_asks_nobody(
    post: Post, browser: webdriver.Chrome, elsewhere: socket.socket
) -> None:
    outside = f"http://{HOST}:{elsewhere.getsockname()[1]}"
    script = f"<script>alert(1);top.document.title='hacked';fetch('{outside}')</script>"
    hostile = mail(
        f"Review {script}",
        html=f"""<title>mail</title>{script}<p onclick="alert(2)">Press</p>
            <img src=x onerror="alert(3)"><img src="{outside}/pixel">
            <link rel="stylesheet" href="{outside}/style"><iframe src="{outside}/frame"></iframe>
            <meta http-equiv="refresh" content="0;url={outside}/away">
            <a id="away" target="_top" href="{outside}/top">Go</a>
            <form id="form" action="{outside}/form"><button>Send</button></form>""",
    )
    hostile.replace_header("To", f'"{script.replace(chr(34), "")}" <boris@example.org>')
    browser.get(post.url)
    post.send(hostile)
    until_seen(browser, "<script>")  # as text, put in by the page's own script

    for view in ("html", "text", "source", "calendar"):
        browser.get(f"{post.url}mails/1/{view}")
        assert "hacked" not in browser.title.replace(script, "")
        assert script in browser.find_element(By.TAG_NAME, "h2").text
        assert not alerted(browser)

    browser.get(f"{post.url}mails/1/html")
    browser.switch_to.frame(browser.find_element(By.TAG_NAME, "iframe"))
    for selector in ("p", "#away", "#form button"):
        browser.find_element(By.CSS_SELECTOR, selector).click()
    browser.switch_to.default_content()
    assert not alerted(browser)
    assert browser.current_url == f"{post.url}mails/1/html"

    # By itself the mail is as powerless as in its frame.
    browser.get(f"{post.url}mails/1/frame")
    assert not alerted(browser)
    assert browser.title == "mail"
    # Chromium may open a bare connection for a frame before it asks the policy; it must stay mute.
    assert heard(elsewhere) == b""


def heard(listener: socket.socket) -> bytes:
    """Give all that was said to `listener` by whoever connected."""
    said = b""
    while True:
        try:
            line, _ = listener.accept()
        except BlockingIOError:
            return said
        with line:
            line.settimeout(0.3)
            with contextlib.suppress(TimeoutError):
                said += line.recv(1000)


def overflow(browser: webdriver.Chrome) -> int:
    """Give by how many pixels the page is wider than its window."""
    root = "document.documentElement"
    return int(browser.execute_script(f"return {root}.scrollWidth - {root}.clientWidth"))


def alerted(browser: webdriver.Chrome) -> bool:
    try:
        browser.switch_to.alert.accept()
    except NoAlertPresentException:
        return False
    return True
