// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The charts of a case, of the numbers of reports/html/charts.hpp.

const smallest = 1e-6; // of a share on a logarithmic axis

// ---- map of layers and sites

const bands = ["<1%", "<10%", "<50%", "<90%", "to 100%", "to 10x", "to 1000x", "beyond", "not compared"];
function band(part) {
  if (part === null) return bands[8];
  const upper = [0.01, 0.1, 0.5, 0.9];
  const within = upper.findIndex((edge) => part < edge);
  if (within >= 0) return bands[within];
  return part <= 1 ? bands[4] : part <= 10 ? bands[5] : part <= 1000 ? bands[6] : bands[7];
}

function cellsOf(data) {
  return data.cells.map(([layer, site, part, verdict, call, digits, rel_l2, noise]) => ({
    layer, site: data.sites[site], band: band(part), verdict, call,
    share: share(part), digits: digits === null ? "" : digits.toFixed(1), rel_l2: error(rel_l2), noise,
  }));
}

const tooltip = ["layer", "site", "call", "verdict", "share", "digits", "rel_l2", "noise"]
  .map((field) => ({field, type: "nominal", title: field === "share" ? "of limit" : field}));

const columnWidth = (sites) => Math.max(20, Math.min(36, Math.floor(1000 / sites)));

// A layer of signs without any would have neither scale nor legend.
function siteMap(values, y, height, width, colours, sites, used) {
  const signs = values.filter((cell) => cell.verdict !== "PASS");
  const x = {field: "site", type: "nominal", sort: sites, title: null,
             axis: {orient: "top", labelAngle: -55, labelLimit: 120, domain: false, ticks: false, labelPadding: 4}};
  const marks = {domain: ["FAIL", "MISSING", "MARGINAL", "TIE", "VACUOUS"],
                 range: ["cross", "square", "triangle-up", "diamond", "circle"]};
  return {
    width: {step: width}, height: {step: height}, data: {values},
    layer: [{
      mark: {type: "rect", stroke: colours.paper, strokeWidth: height > 6 ? 1 : 0},
      encoding: {
        x, y, tooltip,
        color: {field: "band", type: "ordinal", scale: {domain: bands, range: colours.bands},
                legend: {title: "used of the limit", orient: "bottom", columns: 9}},
      },
    }, ...(signs.length === 0 ? [] : [{
      data: {values: signs},
      mark: {type: "point", filled: true, size: height > 6 ? 46 : 6, stroke: height > 6 ? colours.paper : null,
             strokeWidth: 0.75, color: colours.ink, opacity: 1},
      encoding: {x, y, tooltip, shape: {field: "verdict", type: "nominal", scale: marks,
                                        legend: {title: null, orient: "bottom", values: used}}},
    }])],
  };
}

function heatMap(data, colours) {
  const cells = cellsOf(data);
  const ofLayers = cells.filter((cell) => cell.layer >= 0);
  const ofModel = cells.filter((cell) => cell.layer < 0);
  const used = [...new Set(cells.map((cell) => cell.verdict))].filter((verdict) => verdict !== "PASS");
  const parts = [];
  const width = columnWidth(new Set(ofLayers.map((cell) => cell.site)).size);
  if (ofLayers.length > 0) {
    const layers = new Set(ofLayers.map((cell) => cell.layer));
    const numbers = [...layers].sort((a, b) => a - b);
    const every = numbers.length <= 60 ? 1 : numbers.length <= 150 ? 10 : 25;
    const y = {field: "layer", type: "ordinal", title: "layer",
               axis: {domain: false, ticks: false, values: numbers.filter((layer) => layer % every === 0)}};
    parts.push(siteMap(ofLayers, y, rowHeight(layers.size), width, colours, data.sites, used));
  }
  if (ofModel.length > 0) {
    const y = {field: "layer", type: "ordinal", title: null,
               axis: {domain: false, ticks: false, labelExpr: "'model'"}};
    parts.push(siteMap(ofModel, y, 15, width, colours, data.sites, used));
  }
  return {vconcat: parts, spacing: 14, resolve: {legend: {color: "shared", shape: "shared"}}};
}

// ---- lines over the layers

const asShare = `datum.value >= 1e4 ? ${asPower} + 'x' : datum.value > 1 ? format(datum.value, '~r') + 'x' : ` +
  "format(100 * datum.value, '~r') + '%'";

function layerLines(values, domain, range, dash, title, label, colours) {
  const all = (field) => values.map((point) => point[field]);
  const x = {field: "layer", type: "quantitative", title: "layer",
             axis: {values: layerTicks(all("layer")), format: "d", grid: false}, scale: {nice: false, padding: 8}};
  const y = {field: "value", type: "quantitative", title,
             scale: {type: "log", nice: true}, axis: {values: decades(all("value")), labelExpr: label}};
  const colour = {field: "line", type: "nominal", scale: {domain, range},
                  legend: {title: null, orient: "top", symbolType: "stroke", symbolStrokeWidth: 2}};
  const crowded = values.length > 300;
  const failing = values.filter((point) => point.verdict === "FAIL");
  const tips = ["line", "layer", "call", "text", "verdict"].map((field) => ({field, type: "nominal"}));
  return {
    width: "container", height: 220, data: {values},
    layer: [{
      mark: {type: "line", strokeWidth: 1.75},
      encoding: {
        x, y,
        color: colour,
        strokeDash: {field: "line", type: "nominal", scale: {domain, range: dash}, legend: colour.legend},
      },
    }, {
      // Those of many layers would cover the line; they still tell their figures.
      transform: [{filter: "datum.line !== 'limit'"}],
      mark: {type: "point", filled: true, size: 26, opacity: crowded ? 0 : 1},
      encoding: {x, y, color: colour, tooltip: tips},
    }, ...(failing.length === 0 ? [] : [{
      data: {values: failing},
      mark: {type: "point", shape: "cross", filled: true, size: crowded ? 20 : 90, color: colours.breaks, opacity: 1},
      encoding: {x, y, tooltip: tips},
    }])],
  };
}

function growth(data, colours) {
  const values = [];
  for (const [layer, rel_l2, limit, verdict, call] of data.growth) {
    if (rel_l2 > 0) values.push({line: "layer_out", layer, value: rel_l2, text: error(rel_l2), verdict, call});
    if (limit > 0) values.push({line: "limit", layer, value: limit, text: error(limit), verdict: "", call});
  }
  return layerLines(values, ["layer_out", "limit"], [colours.line, colours.line3], [[1, 0], [5, 4]], "relative error",
                    asPower, colours);
}

function ledger(data, colours) {
  const worst = new Map(); // of all calls, by line and layer
  for (const [layer, call, into, out, own, origin] of data.ledger) {
    for (const [line, part] of [["in", into], ["out", out], ["own", own]]) {
      const key = line + layer;
      const value = Math.max(part, smallest);
      if (worst.get(key)?.value >= value) continue;
      worst.set(key, {line, layer, value, text: share(part), verdict: origin, call});
    }
  }
  const spec = layerLines([...worst.values()], ["in", "out", "own"], [colours.line3, colours.line, colours.line2],
                          [[5, 4], [1, 0], [2, 2]], "share of the limit", asShare, colours);
  spec.layer.push({data: {values: [{value: 1}]}, mark: {type: "rule", color: colours.breaks, strokeDash: [3, 3]},
                   encoding: {y: {field: "value", type: "quantitative"}}});
  return spec;
}

// ---- histograms

function histogram(one, colours) {
  const values = one.bins.map((count, bin) => ({
    count, from: 4 ** (bin - 12), to: 4 ** (bin - 11), side: bin < 12 ? "within" : "beyond",
    text: `${(4 ** (bin - 12)).toPrecision(2)} to ${(4 ** (bin - 11)).toPrecision(2)} of the limit`,
  })).filter((bar) => bar.count > 0);
  const x = {field: "from", type: "quantitative", scale: {type: "log", domain: [4 ** -12, 4 ** 12], nice: false},
             title: "error / limit",
             axis: {values: [1e-6, 1e-4, 1e-2, 1, 1e2, 1e4, 1e6], grid: false,
                    labelExpr: `datum.value === 1 ? '1' : ${asPower}`}};
  return {
    width: "container", height: 110, data: {values},
    layer: [{
      mark: {type: "bar", binSpacing: 1},
      encoding: {
        x, x2: {field: "to"},
        y: {field: "count", type: "quantitative", title: "elements", scale: {type: "symlog", domainMin: 0},
            axis: {tickCount: 4, format: "~s"}},
        y2: {datum: 0},
        color: {field: "side", type: "nominal", legend: null,
                scale: {domain: ["within", "beyond"], range: [colours.line, colours.breaks]}},
        tooltip: [{field: "text", type: "nominal", title: "error"},
                  {field: "count", type: "quantitative", title: "elements"}],
      },
    }, {
      data: {values: [{from: 1}]},
      mark: {type: "rule", color: colours.ink, strokeDash: [3, 3]},
      encoding: {x: {field: "from", type: "quantitative"}},
    }],
  };
}

// ---- where they are drawn

charts.map = (place, data, colours) => plot(place, heatMap(data, colours), colours, data.cells.length);
charts.growth = (place, data, colours) => plot(place, growth(data, colours), colours, 2 * data.growth.length);
charts.ledger = (place, data, colours) => plot(place, ledger(data, colours), colours, 3 * data.ledger.length);
charts.histograms = (place, data, colours) => data.histograms.map((one) => {
  const figure = document.createElement("figure");
  const caption = document.createElement("figcaption");
  const below = document.createElement("span");
  below.className = "quiet";
  below.textContent = `${one.equal} of ${one.elements} elements without error`;
  caption.append(`${one.place}: ${one.verdict}`, document.createElement("br"), below);
  figure.append(caption);
  place.append(figure);
  const anything = one.bins.some((count) => count > 0);
  return anything ? plot(figure, histogram(one, colours), colours, one.bins.length) : undefined;
});
