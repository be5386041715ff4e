// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What a row opens to: its facts, its samples side by side, and as they were taken.

const armColours = (colours, arms) =>
  arms.map((arm) => ({base: colours.line3, control: colours.within[3]})[arm] ?? colours.line);
const armShapes = (arms) => arms.map((arm) => ({base: "circle", control: "square"})[arm] ?? "triangle-up");

function samplesOf(arms) {
  const largest = Math.max(...arms.flatMap(([, seconds]) => seconds));
  const [size, unit] = timeUnit(largest);
  const values = arms.flatMap(([arm, seconds]) => seconds.map((time, at) => (
    // Scattered across the strip, the same each time.
    {arm, number: at + 1, amount: time / size, text: duration(time), across: ((at * 0.618034) % 1) - 0.5})));
  return {values, size, unit, names: arms.map(([arm]) => arm)};
}

const sampleTooltip = [tip("arm", "of"), tip("number", "sample"),
                       tip("text", "time")];

function strip(arms, colours) {
  const {values, size, unit, names} = samplesOf(arms);
  const middles = arms.map(([arm, seconds]) => (
    {arm, amount: median(seconds) / size, text: duration(median(seconds))}));
  const x = {field: "amount", type: "quantitative", title: `time of a call, ${unit}`, scale: {zero: false, padding: 12},
             axis: {tickCount: 6}};
  const y = {field: "arm", type: "nominal", sort: names, title: null,
             axis: {domain: false, ticks: false, labelColor: colours.ink}};
  const colour = {field: "arm", type: "nominal", legend: null,
                  scale: {domain: names, range: armColours(colours, names)}};
  return {
    width: "container", height: 46 * names.length, data: {values},
    layer: [
      {mark: {type: "point", filled: true, size: 30, opacity: 0.65},
       encoding: {x, y, color: colour, tooltip: sampleTooltip,
                  yOffset: {field: "across", type: "quantitative", scale: {domain: [-0.9, 0.9]}}}},
      {data: {values: middles}, mark: {type: "tick", thickness: 2, size: 34, color: colours.ink},
       encoding: {x, y, tooltip: [tip("text", "median")]}},
    ],
  };
}

function inOrder(arms, colours) {
  const {values, unit, names} = samplesOf(arms);
  const legend = {title: null, orient: "top"};
  const scale = {domain: names, range: armColours(colours, names)};
  return {
    width: "container", height: 46 * Math.max(2, names.length), data: {values},
    encoding: {
      x: {field: "number", type: "quantitative", title: "in the order in which they were taken",
          axis: {grid: false, tickMinStep: 1, format: "d"}, scale: {nice: false, zero: false, padding: 8}},
      y: {field: "amount", type: "quantitative", title: unit, scale: {zero: false, padding: 8}, axis: {tickCount: 4}},
      color: {field: "arm", type: "nominal", scale, legend: names.length > 1 ? legend : null},
    },
    layer: [
      {mark: {type: "line", strokeWidth: 1.25, opacity: 0.7}},
      {mark: {type: "point", filled: true, size: 28, opacity: 1},
       encoding: {tooltip: sampleTooltip,
                  shape: {field: "arm", type: "nominal", scale: {domain: names, range: armShapes(names)},
                          legend: names.length > 1 ? legend : null}}},
    ],
  };
}

function drawOpened(place, row, colours) {
  const facts = document.createElement("dl");
  for (const [label, text] of row.facts) {
    facts.append(Object.assign(document.createElement("dt"), {textContent: label}),
                 Object.assign(document.createElement("dd"), {textContent: text}));
  }
  const pair = document.createElement("div");
  pair.className = "pair even";
  place.replaceChildren(facts, pair);
  const arms = row.arms.filter(([, seconds]) => seconds.length > 0);
  if (arms.length === 0) return Promise.resolve();
  const marks = arms.reduce((sum, [, seconds]) => sum + seconds.length, 0);
  return Promise.all([strip, inOrder].map((spec) => plot(pair, spec(arms, colours), colours, marks)));
}
