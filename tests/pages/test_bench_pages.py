# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The pages of benchmarks in a real browser: charts are drawn, rows are found and open, nothing complains."""

from tests.pages.support import PageTest


class BenchPageTest(PageTest):
    """What the tests of these pages do again and again. Charts are drawn when they come near the window."""

    def show(self, selector: str) -> None:
        self.driver.execute_script("document.querySelector(arguments[0]).scrollIntoView()", selector)
        self.wait_until_drawn(selector)

    def show_all(self) -> None:
        for group in self.find_all(".charts"):
            self.show("#" + group.get_attribute("id"))

    def rows(self, section: str) -> list[str]:
        return self.driver.execute_script(
            "return [...document.querySelectorAll(arguments[0])].map(row => row.textContent)",
            f"{section} tbody tr[data-row]:not([hidden])",
        )

    def type(self, section: str, words: str) -> None:
        self.find(f"{section} input[type=search]").send_keys(words)

    def texts(self, selector: str) -> list[str]:
        """What an SVG chart says."""
        return self.driver.execute_script(
            "return [...document.querySelectorAll(arguments[0])].map(text => text.textContent)", f"{selector} svg text"
        )

    def assert_nothing_ran(self) -> None:
        """Names from files are text: no element came of them, and no dialog is open."""
        self.assertEqual(len(self.find_all("script")), len(self.find_all("script.data")) + 2)
        self.assertIn("<script>alert('1')", self.find("body").text)


class ResultPage(BenchPageTest):
    sample = "result"

    def test_an_invalid_row_is_at_the_top_and_found_by_the_filter(self):
        self.assertIn("INVALID 1 of 6 rows", self.find("header").text)
        self.assertIn("logits: error 3.2e-01", self.rows("#rows")[0])
        self.type("#rows", "invalid")
        self.assertEqual(len(self.rows("#rows")), 1)
        self.assertEqual(self.find("#rows [role=status]").text, "1 of 6 rows")

    def test_the_box_leaves_only_what_is_invalid(self):
        self.find("#rows input[type=checkbox]").click()
        self.assertEqual(len(self.rows("#rows")), 1)

    def test_a_row_opens_to_its_samples_and_closes(self):
        self.find("#rows tr[data-row='1'] button").click()
        self.wait_for("document.querySelector('#rows tr.below').dataset.drawn === 'yes'")
        self.assertEqual(self.marks("#rows .pair .plot:first-child", "symbol"), 10)
        self.assertIn("output_error", self.find("#rows .opened dl").text)
        self.find("#rows tr[data-row='1'] button").click()
        self.assertEqual(self.find_all("#rows tr.below"), [])

    def test_rows_are_sorted_by_numbers_not_by_text(self):
        self.driver.execute_script(
            "[...document.querySelectorAll('#rows th button')].find(button => button.textContent === 'time').click()"
        )
        times = [row.get_attribute("data-value") for row in self.find_all("#rows tbody td:nth-child(3)")]
        self.assertEqual(times, sorted(times, key=float))
        self.assertEqual(len(self.find_all("#rows th[aria-sort=ascending]")), 1)

    def test_time_is_stacked_layer_by_layer(self):
        self.show("#time")
        figures = self.find_all("#time figure")
        self.assertEqual([figure.text.splitlines()[0].split()[0] for figure in figures], ["prefill", "decode"])
        groups = 36 * 10 + 4 * 8
        self.assertEqual(self.marks("#time figure:first-child .plot:nth-child(2)", "rect"), groups)
        self.assertIn("experts", self.texts("#time figure:first-child .plot:first-child"))

    def test_the_roofline_has_its_roofs_and_names_its_points(self):
        self.show("#roofline")
        self.assertEqual(self.marks("#roofline", "line"), 2)
        self.assertEqual(self.marks("#roofline", "symbol"), 5 + 2 * 14, "five rows count, embed does no arithmetic")
        texts = self.texts("#roofline")
        for part in ("memory 33.4 GB/s", "arithmetic 199 GFLOP/s", "experts"):
            self.assertIn(part, texts)

    def test_memory_has_its_peaks_and_kinds(self):
        self.show("#memory")
        self.assertEqual(self.marks("#memory .memory", "rect"), 4 + 4 + 3, "a phase explains nothing")
        self.assertIn("6.4 GiB", self.texts("#memory .memory"))
        self.assertEqual(self.marks("#memory .kinds", "rect"), 4)

    def test_every_expert_of_every_layer_has_a_cell(self):
        self.show("#experts")
        self.assertEqual(self.marks("#experts figure:first-child", "rect"), 40 * 64 + 40)
        self.assertIn("times an even share", self.find("#experts figcaption").text)

    def test_dark_colours_are_drawn_where_they_are_wanted(self):
        self.show("#roofline")
        light = self.background("#roofline svg")
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
        )
        self.addCleanup(self.driver.execute_cdp_cmd, "Emulation.setEmulatedMedia", {"features": []})
        self.wait_until(lambda: self.background("#roofline svg") not in (None, light))

    def test_a_narrow_window_is_not_wider_than_itself(self):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": 400, "height": 800, "deviceScaleFactor": 1, "mobile": False})
        self.addCleanup(self.driver.execute_cdp_cmd, "Emulation.clearDeviceMetricsOverride", {})
        self.show_all()
        self.assertLessEqual(self.driver.execute_script("return document.documentElement.scrollWidth"), 400)


class LargeResultPage(BenchPageTest):
    sample = "result-large"

    def test_400_layers_are_drawn(self):
        self.show("#time")
        self.assertGreater(self.painted("#time figure:first-child .plot:nth-child(2)"), 8)
        self.show("#experts")
        self.assertGreater(self.painted("#experts figure:first-child"), 8)

    def test_a_place_of_the_ledger_is_found(self):
        self.find("#ledger summary").click()
        self.type("#ledger", "decode 217 scan")
        self.assertEqual(len(self.rows("#ledger")), 1)


class PageOfManyRows(BenchPageTest):
    sample = "result-many"

    def test_the_failing_rows_are_found(self):
        self.type("#rows", "inputs:1280 invalid")
        self.assertEqual(len(self.rows("#rows")), 1)

    def test_points_are_drawn_without_roofs(self):
        self.show("#roofline")
        self.assertEqual(self.marks("#roofline", "line"), 0)
        self.assertEqual(self.marks("#roofline", "symbol"), 2000 - 3)


class BareResultPage(BenchPageTest):
    sample = "result-bare"

    def test_one_row_is_a_page(self):
        self.show_all()
        self.assertEqual(self.marks("#roofline", "symbol"), 1)
        self.assertEqual(self.find_all(".filter"), [])


class EmptyResultPage(BenchPageTest):
    sample = "result-empty"

    def test_it_says_what_is_not_there(self):
        self.assertIn("nothing was timed", self.find("#absent").text)
        self.assertEqual(self.find_all("svg, canvas"), [])


class HostileResultPage(BenchPageTest):
    sample = "result-hostile"

    def test_names_are_text_wherever_they_stand(self):
        self.show_all()
        self.find("#rows button.opener").click()
        self.wait_for("document.querySelector('#rows tr.below').dataset.drawn === 'yes'")
        self.assert_nothing_ran()


class ComparisonPage(BenchPageTest):
    sample = "comparison"

    def test_the_verdict_is_at_the_top(self):
        self.assertEqual(self.find("header h1").text, "\u25b2 REGRESSED")
        self.assertIn("prefill/tokens:128/depth:0/batch:4 +9.8%", self.find("header").text)
        self.assertIn("kernel", self.find(".warnings").text)

    def test_each_row_with_times_has_its_interval(self):
        self.show("#ratios")
        self.assertEqual(len(self.rows("#ratios")), 6)
        medians = self.driver.execute_script(
            "return document.querySelectorAll('#ratios .chart .mark-symbol.role-mark path').length"
        )
        self.assertEqual(medians, 5, "one row is INVALID")
        texts = self.texts("#ratios .chart")
        for part in ("+9.8% (+8.5% to +11.1%)", "INVALID", "same", "IMPROVED"):
            self.assertIn(part, texts)

    def test_the_plot_follows_the_filter(self):
        self.show("#ratios")
        self.type("#ratios", "regressed")
        self.wait_for("document.querySelectorAll('#ratios .chart .mark-symbol.role-mark path').length === 1")
        self.assertEqual(len(self.rows("#ratios")), 1)

    def test_a_filter_without_hits_says_so(self):
        self.show("#ratios")
        self.type("#ratios", "nowhere")
        self.wait_for("document.querySelector('#ratios .chart').textContent.includes('No row fits')")

    def test_a_row_opens_to_the_samples_of_both_sides_and_the_control(self):
        self.find("#ratios tr[data-row='0'] button").click()
        self.wait_for("document.querySelector('#ratios tr.below').dataset.drawn === 'yes'")
        self.assertEqual(self.marks("#ratios .opened .plot:first-child", "symbol"), 30)
        for arm in ("base", "new", "control"):
            self.assertIn(arm, self.texts("#ratios .opened .plot:first-child"))
        self.assertIn("10 pairs, taken in turns", self.find("#ratios .opened").text)


class ComparisonOfManyRows(BenchPageTest):
    sample = "comparison-many"

    def test_the_plot_has_the_first_rows_and_says_so(self):
        self.show("#ratios")
        self.assertIn("The first 40 of 2000 rows", self.find("#ratios .chart").text)

    def test_a_row_far_away_does_not_press_the_others_together(self):
        self.show("#ratios")
        self.type("#ratios", "outputs:64/inputs:640")
        self.wait_until(lambda: "4x" in self.texts("#ratios .chart"))
        self.assertIn("+30%", self.texts("#ratios .chart"))


class ComparisonOfOneRow(BenchPageTest):
    sample = "comparison-one"

    def test_one_row_is_a_page(self):
        self.show("#ratios")
        self.assertEqual(self.find("header h1").text, "= SAME")
        self.assertEqual(self.find_all(".filter"), [])


class HostileComparisonPage(BenchPageTest):
    sample = "comparison-hostile"

    def test_names_are_text_wherever_they_stand(self):
        self.show("#ratios")
        self.find("#ratios button.opener").click()
        self.wait_for("document.querySelector('#ratios tr.below').dataset.drawn === 'yes'")
        self.assert_nothing_ran()


class HistoryPage(BenchPageTest):
    sample = "history"

    def test_steps_are_marked_and_named(self):
        self.show("#trend-1-1")
        rules = self.find_all("#trend-1-1 .mark-rule.role-mark line")
        self.assertEqual(len(rules), 80 + 3 + 2, "intervals, levels and steps")
        texts = self.texts("#trend-1-1")
        self.assertEqual([text for text in texts if text.endswith("%")], ["0a1b73b9ab +12.4%", "0a1b9b09ab -5.0%"])

    def test_a_step_is_found_and_leads_to_its_chart(self):
        self.type("#steps", "0a1b91c xeon")
        rows = self.rows("#steps")
        self.assertEqual(len(rows), 1)
        self.assertIn("-29.0%", rows[0])
        self.find("#steps tr:not([hidden]) a[href='#trend-2-5']").click()
        self.wait_until_drawn("#trend-2-5")

    def test_charts_are_filtered(self):
        self.find("#trends input[type=checkbox]").click()
        self.assertEqual(len([one for one in self.find_all("figure.trend") if one.is_displayed()]), 4)
        self.type("#trends", "tokens:64/ epyc")
        self.assertEqual(self.find("#trends [role=status]").text, "1 of 12 rows")
        self.assertFalse(self.find("#group-2").is_displayed())


class HistoryOfManyRows(BenchPageTest):
    sample = "history-many"

    def test_only_what_is_near_is_drawn(self):
        self.show("#trend-1-1")
        self.show("#trend-2-1000")
        drawn = self.driver.execute_script("return document.querySelectorAll('.trend[data-drawn=yes]').length")
        self.assertLess(drawn, 200)


class HistoryOfOneResult(BenchPageTest):
    sample = "history-one"

    def test_one_point_is_a_chart(self):
        self.show_all()
        self.assertEqual(self.marks("#trend-1-1", "symbol"), 1)


class EmptyHistoryPage(BenchPageTest):
    sample = "history-empty"

    def test_it_says_that_there_is_nothing(self):
        self.assertIn("No result has a row that counts.", self.find("main").text)


class HostileHistoryPage(BenchPageTest):
    sample = "history-hostile"

    def test_names_are_text_wherever_they_stand(self):
        self.show_all()
        self.assert_nothing_ran()
