# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The HTML report in a real browser: charts are drawn, rows are found, nothing complains."""

import unittest

from selenium.webdriver.common.by import By

from tests.pages.support import PageTest

SITES_OF_A_LAYER = 32  # of the sample: all sites of a layer but for the mask
CELLS = 12 * SITES_OF_A_LAYER + 2  # and embed_out and logits


class FailingPage(PageTest):
    sample = "failing"

    def test_the_verdict_is_at_the_top(self):
        self.assertEqual(self.find("header h1").text, "\u00d7 FAIL")
        self.assertEqual(self.driver.title, "FAIL: 2 cases: 1 PASS, 1 FAIL")

    def test_the_failing_row_is_found_by_its_text(self):
        row = self.driver.find_element(By.XPATH, "//table[@id='overview']//tr[contains(., 'FAIL')]")
        self.assertIn("optimized f32", row.text)
        self.assertIn("5 moe_out", row.text)
        fact = self.driver.find_element(By.XPATH, "//details[@open]//dd[contains(., 'moe_out, layer 5, call 0')]")
        self.assertTrue(fact.is_displayed())

    def test_the_charts_of_the_failing_case_are_drawn(self):
        self.wait_until_drawn("#case-2")
        self.assertEqual(self.marks("#case-2 .map", "rect"), CELLS)
        # Of layer 5 from moe_out to layer_out, all of the six layers behind it, the logits; one is marginal.
        self.assertEqual(self.marks("#case-2 .map", "symbol"), 5 + 6 * SITES_OF_A_LAYER + 1 + 1)
        self.assertEqual(self.marks("#case-2 .growth", "line"), 2)
        self.assertEqual(self.marks("#case-2 .ledger", "line"), 3)
        self.assertEqual(len(self.find_all("#case-2 .histograms figure svg")), 6)
        self.assertGreater(self.marks("#case-2 .histograms", "rect"), 6)

    def test_a_section_is_drawn_when_it_is_opened(self):
        self.assertEqual(self.find_all("#case-1 svg"), [])
        self.find("#case-1 > summary").click()
        self.wait_until_drawn("#case-1")
        self.assertEqual(self.marks("#case-1 .map", "rect"), CELLS)

    def test_a_link_opens_the_section(self):
        self.find("#overview a[href='#case-1']").click()
        self.wait_until_drawn("#case-1")
        self.assertTrue(self.find("#case-1 .inside").is_displayed())

    def test_the_triangle_says_who_differs(self):
        self.assertIn("differ", self.find("svg.triangle").text)
        row = self.driver.find_element(By.XPATH, "//section[@id='triangle']//tr[contains(., 'a bug in optimized')]")
        self.assertIn("phimoe_cache", row.text)

    def test_dark_colours_are_drawn_where_they_are_wanted(self):
        self.wait_until_drawn("#case-2")
        light = self.background("#case-2 .map svg")
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
        )
        self.addCleanup(self.driver.execute_cdp_cmd, "Emulation.setEmulatedMedia", {"features": []})
        self.wait_until(lambda: self.background("#case-2 .map svg") not in (None, light))


class PageOfManyCases(PageTest):
    sample = "many"

    def rows(self) -> list[str]:
        return [row.text for row in self.find_all("#overview tbody tr") if row.is_displayed()]

    def test_nothing_is_drawn_but_the_first_case_that_fails(self):
        self.wait_until_drawn("#case-8")
        self.assertEqual(len(self.find_all("details[open]")), 1)
        self.assertEqual(len(self.find_all("details:not([open]) svg")), 0)

    def test_a_case_without_any_failure_is_drawn(self):
        self.find("#case-1 > summary").click()
        self.wait_until_drawn("#case-1")
        self.assertEqual(self.marks("#case-1 .map", "rect"), 4)
        self.assertEqual(self.marks("#case-1 .map", "symbol"), 0)

    def test_the_filter_finds_a_row_by_its_text(self):
        self.assertEqual(self.find("#shown").text, "300 cases")
        self.find("#filter").send_keys("case_067 fail")
        self.assertEqual(len(self.rows()), 1)
        self.assertIn("FAIL", self.rows()[0])
        self.assertEqual(self.find("#shown").text, "1 of 300 cases")

    def test_the_checkbox_leaves_what_does_not_plainly_pass(self):
        self.find("#attention").click()
        self.assertEqual(len([row for row in self.rows() if "FAIL" in row]), 5)
        self.assertEqual([row for row in self.rows() if "PASS" in row], [])


class LargePage(PageTest):
    sample = "large"

    def test_a_map_of_400_layers_is_drawn(self):
        self.wait_until_drawn("#case-1")
        self.assertGreater(self.painted("#case-1 .map"), 8)
        self.assertEqual(len(self.find_all("#case-1 .histograms figure svg")), 6)

    def test_the_failing_row_is_found_by_its_text(self):
        row = self.driver.find_element(By.XPATH, "//h3[.='Sites']/following::tr[contains(., 'FAIL')]")
        self.assertIn("217", row.text)
        ledger = self.driver.find_element(By.XPATH, "//h3[.='Layer ledger']/following::tr[contains(., 'introduced')]")
        self.assertIn("217", ledger.text)


del PageTest  # has no sample of its own

if __name__ == "__main__":
    unittest.main()
