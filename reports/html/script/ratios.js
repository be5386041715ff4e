// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Ratios of times with their intervals, a line for each row that the table shows, in its order.

const mostRatios = 40; // lines of one plot

const verdictShapes = {REGRESSED: "triangle-right", IMPROVED: "triangle-left", SAME: "circle", "SAME-CODE": "square",
                       INCONCLUSIVE: "diamond", INVALID: "cross"};
const verdictColours = (colours) => ({
  REGRESSED: colours.breaks, IMPROVED: colours.better, SAME: colours.line3, "SAME-CODE": colours.line3,
  INCONCLUSIVE: colours.noted, INVALID: colours.breaks,
});

// Logarithms of ratios, on an axis that is even near 1 and compressed where one row would press all others together.
function ratioAxis(values) {
  const far = Math.max(0.02, ...values.map((value) => Math.abs(value))) * 1.08;
  const even = far <= Math.log(1.6);
  const steps = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2];
  const step = steps.find((one) => far / one <= 5) ?? 0.2;
  const few = [1, 2, 3, 4, 5];
  const ups = even ? few.map((times) => 1 + times * step) : [1.03, 1.1, 1.3, 2, 4, 10, 100, 1000];
  const downs = even ? few.map((times) => 1 - times * step) : [0.97, 0.9, 0.75, 0.5, 0.25, 0.1, 0.01, 0.001];
  const ticks = [0, ...[...ups, ...downs].map(Math.log).filter((tick) => Math.abs(tick) <= far)];
  const text = "exp(datum.value) > 1.99 || exp(datum.value) < 0.501 ? format(exp(datum.value), '.3~r') + 'x' : " +
    "abs(datum.value) < 1e-9 ? 'same' : format(100 * (exp(datum.value) - 1), '+.2~r') + '%'";
  return {scale: {domain: [-far, far], nice: false, zero: false, ...(even ? {} : {type: "symlog", constant: 0.1})},
          axis: {values: ticks, labelExpr: text, orient: "top", labelOverlap: true}, title: "time, new over base"};
}

function ratioPlot(shown, width, colours) {
  const log = (ratio) => ratio.map(Math.log);
  const lines = shown.map((row) => {
    const line = {row: row.name, verdict: row.verdict, text: row.text, edge: Math.log(1 + row.floor)};
    line.reason = row.facts.find(([label]) => label === "reason")?.[1] ?? "";
    if (row.ratio) [line.at, line.low, line.high] = log(row.ratio);
    if (row.control) [line.ghost, line.ghostLow, line.ghostHigh] = log(row.control);
    return line;
  });
  const drawn = lines.filter((line) => line.at !== undefined);
  const ghosts = lines.filter((line) => line.ghost !== undefined);
  const x = ratioAxis([...drawn.flatMap((line) => [line.low, line.high, line.edge]),
                       ...ghosts.flatMap((line) => [line.ghostLow, line.ghostHigh])]);
  const wide = width > 640;
  const at = (field) => ({field, type: "quantitative", ...x});
  const names = lines.map((line) => line.row);
  const y = {field: "row", type: "nominal", sort: names, title: null, scale: {paddingInner: 0, domain: names},
             axis: wide ? {domain: false, ticks: false, labelLimit: 260, labelPadding: 8, labelColor: colours.ink}
               : null};
  // Where there is no room beside them, names stand above their lines.
  const yOffset = wide ? 0 : 8;
  const beside = {mark: {type: "text", align: "left", dx: 12, color: colours.quiet, fontSize: 11},
                  encoding: {y, x: {value: "width"}, text: {field: "text"}}};
  const above = {mark: {type: "text", align: "left", dy: -9, color: colours.ink, fontSize: 11, limit: width - 10},
                 encoding: {y, x: {value: 0}, text: {field: "row"}}};
  const used = [...new Set(drawn.map((line) => line.verdict))];
  const range = used.map((verdict) => verdictColours(colours)[verdict] ?? colours.quiet);
  const colour = {field: "verdict", type: "nominal", scale: {domain: used, range}};
  const legend = {title: null, orient: "bottom", symbolSize: 80, columns: wide ? 6 : 2};
  const tooltip = [tip("row"), tip("verdict"), tip("text", "change"), tip("reason")];
  return {
    width: "container", height: (wide ? 22 : 38) * lines.length, data: {values: lines},
    layer: [
      {transform: [{calculate: "-datum.edge", as: "start"}, {filter: "datum.edge > 0"}],
       mark: {type: "bar", color: colours.band, height: {band: 1}},
       encoding: {y, x: at("start"), x2: {field: "edge"}, tooltip}},
      {data: {values: [{zero: 0}]}, mark: {type: "rule", color: colours.quiet}, encoding: {x: at("zero")}},
      ...(ghosts.length === 0 ? [] : [
        {data: {values: ghosts}, mark: {type: "rule", yOffset, strokeWidth: 9, opacity: 0.28, color: colours.line3},
         encoding: {y, x: at("ghostLow"), x2: {field: "ghostHigh"}}},
        {data: {values: ghosts},
         mark: {type: "tick", yOffset, thickness: 1.5, size: 9, opacity: 0.7, color: colours.line3},
         encoding: {y, x: at("ghost")}},
      ]),
      ...(drawn.length === 0 ? [] : [
        {data: {values: drawn}, mark: {type: "rule", yOffset, strokeWidth: 2},
         encoding: {y, x: at("low"), x2: {field: "high"}, color: {...colour, legend}, tooltip}},
        {name: "medians", data: {values: drawn}, mark: {type: "point", yOffset, filled: true, size: 110, opacity: 1},
         encoding: {y, x: at("at"), tooltip, color: {...colour, legend},
                    shape: {field: "verdict", type: "nominal", legend,
                            scale: {domain: used, range: used.map((verdict) => verdictShapes[verdict] ?? "circle")}}}},
      ]),
      wide ? beside : above,
    ],
  };
}

charts.ratios = (place, data, colours) => {
  const rows = [...place.closest(".filtered").querySelectorAll("tbody tr[data-row]")].filter((row) => !row.hidden);
  const shown = rows.slice(0, mostRatios).map((row) => data.rows[row.dataset.row]);
  if (rows.length > mostRatios || rows.length === 0) {
    const note = rows.length === 0 ? "No row fits the filter."
      : `The first ${mostRatios} of ${rows.length} rows, in the order of the table; filter or sort it to see others.`;
    place.append(Object.assign(document.createElement("p"), {className: "quiet", textContent: note}));
  }
  return shown.length === 0 ? [] : plot(place, ratioPlot(shown, place.clientWidth, colours), colours, shown.length);
};
