// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Resident memory over the phases, and bytes by kind.

// Powers of two have round numbers of their own.
function byteAxis(largest, title) {
  const [size, unit] = byteUnit(largest);
  return {title: `${title}, ${unit}`, values: niceTicks(largest / size, 5).map((tick) => tick * size),
          labelExpr: `format(datum.value / ${size}, '~r')`};
}

function phaseBars(data, colours) {
  const values = data.phases.map(([phase, peak, after, explained, peakText, afterText, explainedText]) => (
    {phase, peak, after, explained, peakText, afterText, explainedText}));
  const largest = Math.max(...values.map((value) => Math.max(value.peak, value.after, value.explained)), 1);
  const x = (field) => ({field, type: "quantitative", axis: byteAxis(largest, "resident"),
                         scale: {domain: [0, largest * 1.2], nice: false}});
  const y = {field: "phase", type: "nominal", sort: null, title: null,
             axis: {domain: false, ticks: false, labelColor: colours.ink, labelPadding: 6, labelLimit: 120}};
  const tooltip = [tip("phase"), tip("peakText", "peak"), tip("afterText", "at its end"),
                   tip("explainedText", "explained")];
  return {
    width: "container", height: 34 * values.length, data: {values}, encoding: {y, tooltip},
    layer: [
      {mark: {type: "bar", height: 20, color: colours.within[2]}, encoding: {x: x("peak")}},
      {mark: {type: "bar", height: 9, color: colours.line}, encoding: {x: x("after")}},
      {transform: [{filter: "datum.explained > 0"}],
       mark: {type: "tick", size: 24, thickness: 2.5, color: colours.beyond[1]}, encoding: {x: x("explained")}},
      {mark: {type: "text", align: "left", dx: 6, color: colours.quiet, fontSize: 11},
       encoding: {x: x("peak"), text: {field: "peakText"}}},
    ],
  };
}

function kindBars(data, colours) {
  const values = data.kinds.map(([kind, bytes, text]) => ({kind, bytes, text}));
  const largest = Math.max(...values.map((value) => value.bytes), 1);
  return {
    width: "container", height: 22 * values.length, data: {values},
    encoding: {
      y: {field: "kind", type: "nominal", sort: null, title: null,
          axis: {domain: false, ticks: false, labelColor: colours.ink, labelPadding: 6, labelLimit: 120}},
      x: {field: "bytes", type: "quantitative", axis: null, scale: {domain: [0, largest * 1.45], nice: false}},
      tooltip: [tip("kind"), tip("text", "bytes")],
    },
    layer: [
      {mark: {type: "bar", height: 13, color: colours.line}},
      {mark: {type: "text", align: "left", dx: 6, color: colours.quiet, fontSize: 11},
       encoding: {text: {field: "text"}}},
    ],
  };
}

charts.memory = (place, data, colours) => plot(place, phaseBars(data, colours), colours);
charts.kinds = (place, data, colours) => plot(place, kindBars(data, colours), colours);
