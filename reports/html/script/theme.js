// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Colours, as page.css has them for light and for dark, and what every chart looks like.

function theme() {
  const style = getComputedStyle(document.documentElement);
  const one = (name) => style.getPropertyValue(name).trim();
  const many = (name) => one(name).split(/\s+/);
  return {
    paper: one("--paper"), ink: one("--ink"), quiet: one("--quiet"), rule: one("--rule"), faint: one("--faint"),
    breaks: one("--breaks"), noted: one("--noted"), better: one("--better"), band: one("--band"),
    line: one("--line"), line2: one("--line-2"), line3: one("--line-3"),
    within: many("--within"), beyond: many("--beyond"),
    bands: [...many("--within"), ...many("--beyond"), one("--paper")],
    attention: many("--attention"), mamba: many("--mamba"), mixture: many("--mixture"), once: many("--once"),
    small: many("--small"), others: many("--others"),
    font: getComputedStyle(document.body).fontFamily,
  };
}

function config(colours) {
  const text = {labelColor: colours.quiet, titleColor: colours.quiet,
                labelFont: colours.font, titleFont: colours.font, titleFontWeight: "normal",
                labelFontSize: 11, titleFontSize: 11};
  return {
    background: colours.paper, font: colours.font,
    view: {stroke: null},
    axis: {...text, domainColor: colours.rule, tickColor: colours.rule, gridColor: colours.faint},
    legend: {...text, symbolStrokeColor: colours.rule, symbolStrokeWidth: 0.5},
  };
}
