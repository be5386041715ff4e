// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Arithmetic by its intensity, under the roofs.

const roomBesides = 2.5; // times the outermost points, on both axes

// Where both roofs are known they end where they meet.
function roofs({peak, bandwidth}, [first, last]) {
  const meet = peak > 0 && bandwidth > 0 ? peak / bandwidth : null;
  const values = [];
  const labels = [];
  const add = (roof, intensity, rate) => values.push({roof, intensity, rate});
  if (bandwidth > 0) {
    const end = meet === null ? last : Math.min(meet, last);
    add("memory", first, bandwidth * first);
    add("memory", end, bandwidth * end);
    const at = first * (end / first) ** 0.4; // with room left of it, above the slope
    labels.push({roof: "memory", intensity: at, rate: bandwidth * at, text: `memory ${siText(bandwidth)}B/s`});
  }
  if (peak > 0) {
    add("arithmetic", meet === null ? first : Math.max(meet, first), peak);
    add("arithmetic", last, peak);
    labels.push({roof: "arithmetic", intensity: last, rate: peak, text: `arithmetic ${siText(peak)}FLOP/s`});
  }
  return {values, labels};
}

function siText(number) {
  for (const [size, prefix] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
    if (number >= 0.9995 * size) return `${threeDigits(number / size)} ${prefix}`;
  }
  return `${Number(number.toPrecision(3))} `;
}

// At least two decades, so that an axis has ticks.
function extent(numbers) {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  const room = Math.max(roomBesides, 10 / Math.sqrt(most / least));
  return [least / room, most * room];
}

// Names stand beside their marks where there is room for them; Vega finds it.
function nameMarks(vegaSpec, beside, colours) {
  vegaSpec.marks.push({
    type: "text", from: {data: "points_marks"}, interactive: false,
    encode: {enter: {text: {field: "datum.name"}, fill: {value: colours.ink}, fontSize: {value: 11},
                     font: {value: colours.font}}},
    transform: [{type: "label", size: {signal: "[max(1, width), max(1, height)]"}, avoidBaseMark: true,
                 avoidMarks: beside,
                 anchor: ["right", "bottom-right", "bottom", "bottom-left", "top-right", "left", "top", "top-left"],
                 offset: [4], sort: {field: "datum.part", order: "descending"}}],
  });
  return vegaSpec;
}

function roofline(data, colours) {
  const ridge = data.peak > 0 && data.bandwidth > 0 ? [data.peak / data.bandwidth] : [];
  const across = extent([...data.points.map((point) => point.intensity), ...ridge]);
  const lines = roofs(data, across);
  const up = extent([...data.points.map((point) => point.rate), ...lines.values.map((value) => value.rate)]);
  const kinds = [...new Set(data.points.map((point) => point.kind))];
  const rank = (kind) => (kind === "row" ? 2 : kind === "decode" ? 1 : 0);
  const fill = (kind) => [colours.line, colours.beyond[0], colours.line3][rank(kind)];
  const shape = (kind) => ["circle", "triangle-up", "diamond"][rank(kind)];
  const x = {field: "intensity", type: "quantitative", title: "FLOP per byte",
             scale: {type: "log", domain: across, nice: false},
             axis: {values: decades(across), labelExpr: "format(datum.value, '~r')"}};
  const y = {field: "rate", type: "quantitative", title: "FLOP/s", scale: {type: "log", domain: up, nice: false},
             axis: {values: decades(up), labelExpr: "format(datum.value, '~s')"}};
  const kind = {field: "kind", type: "nominal", legend: {title: null, orient: "top", symbolSize: 80}};
  const points = data.points.map((point) => ({
    ...point, size: point.kind === "row" ? 45 : 30 + 700 * (point.part ?? 0),
    share: point.kind === "row" ? "" : percent(point.part ?? 0), text: `${siText(point.rate)}FLOP/s`,
    intense: Number(point.intensity.toPrecision(3)), roof: point["of roof"],
  }));
  return {
    width: "container", height: 400,
    layer: [
      ...(lines.labels.length === 0 ? [] : [
        {data: {values: lines.values}, mark: {type: "line", strokeWidth: 1.5, color: colours.quiet},
         encoding: {x, y, detail: {field: "roof"}}},
        {name: "roofs", data: {values: lines.labels},
         mark: {type: "text", align: "right", baseline: "bottom", color: colours.quiet, fontSize: 11, dy: -5,
                dx: {expr: "datum.roof === 'memory' ? -8 : -2"}},
         encoding: {x, y, text: {field: "text"}}},
      ]),
      {
        name: "points", data: {values: points},
        mark: {type: "point", filled: true, opacity: 0.85, stroke: colours.paper, strokeWidth: 1},
        encoding: {
          x, y, size: {field: "size", type: "quantitative", scale: null, legend: null},
          color: {...kind, scale: {domain: kinds, range: kinds.map(fill)}},
          shape: {...kind, scale: {domain: kinds, range: kinds.map(shape)}},
          tooltip: [tip("kind"), tip("name"),
                    tip("text", "rate"),
                    tip("intense", "FLOP per byte"),
                    tip("roof", "of roof"), tip("time"),
                    tip("share", "of the phase")],
        },
      },
    ],
  };
}

charts.roofline = (place, data, colours) => {
  const beside = data.peak > 0 || data.bandwidth > 0 ? ["roofs_marks"] : [];
  return plot(place, roofline(data, colours), colours, data.points.length,
              {patch: (spec) => nameMarks(spec, beside, colours)});
};
