# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""A page of hand-made results, opened from its file in a headless browser."""

import atexit
import functools
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 120  # a bound for a busy machine, not a measurement


def page_samples() -> Path:
    """The program that writes the pages, of whichever preset was built."""
    for preset in ("release", "dev"):
        program = ROOT / "build" / preset / "bin" / "page_samples"
        if program.exists():
            return program
    raise FileNotFoundError("build/release/bin/page_samples: expected a program, found none (script/build release)")


@functools.cache
def shared_browser() -> webdriver.Chrome:
    """One for all tests: to start it takes longer than most of them."""
    driver = browser()
    atexit.register(driver.quit)
    return driver


def browser() -> webdriver.Chrome:
    """Chromium, or Chrome where that is what there is; everything it would fetch from a network fails."""
    options = Options()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    # Root has no sandbox; a container has little shared memory.
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1280,1600",
                     "--host-resolver-rules=MAP * ~NOTFOUND", "--force-color-profile=srgb"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))


class PageTest(unittest.TestCase):
    """Opens the page of the sample that a subclass names, once for all of its tests."""

    sample = ""

    @classmethod
    def setUpClass(cls) -> None:
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.file = Path(folder.name) / "page.html"
        subprocess.run([page_samples(), cls.sample, cls.file], check=True)
        cls.driver = shared_browser()

    def setUp(self) -> None:
        self.driver.get("about:blank")  # else the same address is no new page
        self.driver.get(self.file.as_uri())

    def tearDown(self) -> None:
        """No test may leave a complaint in the console, warnings included."""
        log = self.driver.get_log("browser")
        self.assertEqual([entry["message"] for entry in log if entry["level"] in ("SEVERE", "WARNING")], [])

    def find(self, selector: str):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def find_all(self, selector: str) -> list:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def wait_until_drawn(self, section: str) -> None:
        WebDriverWait(self.driver, PATIENCE_SECONDS).until(
            lambda _: self.find(section).get_attribute("data-drawn") == "yes"
        )

    def wait_until(self, holds) -> None:
        WebDriverWait(self.driver, PATIENCE_SECONDS).until(lambda _: holds())

    def wait_for(self, expression: str) -> None:
        """Until the page says that this is true."""
        self.wait_until(lambda: self.driver.execute_script("return " + expression))

    def background(self, selector: str) -> str | None:
        """Its colour; none while there is no such element, for charts come and go."""
        return self.driver.execute_script(
            "const element = document.querySelector(arguments[0]);"
            "return element && getComputedStyle(element).backgroundColor;", selector
        )

    def marks(self, selector: str, kind: str) -> int:
        """How many marks of a kind an SVG chart has, those of axes and legends left out, that cover some of the page."""
        return self.driver.execute_script(
            "return [...document.querySelectorAll(arguments[0])].filter(mark => {"
            " const box = mark.getBoundingClientRect(); return box.width > 0 || box.height > 0; }).length",
            f"{selector} .mark-{kind}.role-mark path",
        )

    def painted(self, selector: str) -> int:
        """How many colours a canvas chart shows."""
        return self.driver.execute_script(
            "const canvas = document.querySelector(arguments[0]); if (!canvas) return 0;"
            "const pixels = new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)"
            ".data.buffer); return new Set(pixels).size;",
            f"{selector} canvas",
        )
