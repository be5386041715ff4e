// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Tokens by layer and expert, as multiples of an even share, and the balance of each layer.

const loadBands = ["none", "to half", "to even", "to 1.5x", "to 2x", "to 4x", "to 8x", "beyond"];
function loadBand(times) {
  if (times === 0) return loadBands[0];
  const upper = [0.5, 1, 1.5, 2, 4, 8].findIndex((edge) => times <= edge);
  return upper < 0 ? loadBands[7] : loadBands[upper + 1];
}

function expertMap(layers, width, colours) {
  const cells = [];
  const balance = [];
  for (const [layer, tokens] of layers) {
    const even = tokens.reduce((sum, count) => sum + count, 0) / tokens.length;
    tokens.forEach((count, expert) => {
      const times = even > 0 ? count / even : 0;
      cells.push({layer, expert, tokens: count, band: loadBand(times), times: `${Number(times.toPrecision(2))}x`});
    });
    const busiest = even > 0 ? Math.max(...tokens) / even : 0;
    balance.push({layer, busiest, text: `${Number(busiest.toPrecision(3))}x`});
  }
  const numbers = [...new Set(layers.map(([layer]) => layer))].sort((a, b) => a - b);
  const experts = Math.max(...layers.map(([, tokens]) => tokens.length), 1);
  const step = Math.max(2, Math.min(18, Math.floor((width - 220) / experts)));
  const height = rowHeight(numbers.length);
  const ordinal = {type: "ordinal", axis: {domain: false, ticks: false}};
  const y = {...ordinal, field: "layer", sort: numbers, title: "layer",
             axis: {...ordinal.axis, values: everyFew(numbers, height >= 12 ? 60 : 20)}};
  const map = {
    width: {step}, height: {step: height}, data: {values: cells},
    mark: {type: "rect", stroke: colours.paper, strokeWidth: height > 6 && step > 6 ? 1 : 0},
    encoding: {
      y,
      x: {...ordinal, field: "expert", title: "expert",
          axis: {...ordinal.axis, orient: "top", labelAngle: 0,
                 values: everyFew(Array.from({length: experts}, (_, at) => at), step * experts / 24)}},
      color: {field: "band", type: "ordinal",
              legend: {title: "tokens over an even share", orient: "bottom", columns: 8},
              scale: {domain: loadBands, range: [colours.paper, ...colours.within.slice(1), ...colours.beyond]}},
      tooltip: [tip("layer"), tip("expert"),
                tip("tokens"), tip("times", "over even")],
    },
  };
  const bars = {
    width: 110, height: {step: height}, data: {values: balance},
    mark: {type: "bar", color: colours.line3, height: {band: height > 6 ? 0.55 : 1}},
    encoding: {
      y: {...y, axis: null},
      x: {field: "busiest", type: "quantitative", title: "busiest over even", scale: {domainMin: 0},
          axis: {orient: "top", tickCount: 4, labelExpr: "datum.label + 'x'"}},
      tooltip: [tip("layer"), tip("text", "busiest over even")],
    },
  };
  return {hconcat: [map, bars], spacing: 14, resolve: {scale: {y: "shared"}}};
}

charts.experts = (place, data, colours) => data.phases.map((phase) => {
  const figure = document.createElement("figure");
  figure.append(Object.assign(document.createElement("figcaption"), {textContent: phase.caption}));
  place.append(figure);
  const cells = phase.layers.reduce((sum, [, tokens]) => sum + tokens.length, 0);
  if (cells === 0) return undefined;
  return plot(figure, expertMap(phase.layers, place.clientWidth, colours), colours, cells);
});
