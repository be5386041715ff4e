// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A row over the stored results: dots with intervals, the levels, and the steps between them.

// The geometric mean of the times from one step to the next, as bench/statistics/steps.hpp has it.
function levelsOf(points, steps) {
  const edges = [0, ...steps.map(([place]) => place), points.length];
  return edges.slice(1).map((end, at) => {
    const times = points.slice(edges[at], end).map((point) => Math.log(point.seconds));
    const level = Math.exp(times.reduce((sum, time) => sum + time, 0) / times.length);
    return {from: edges[at] - 0.5, to: end - 0.5, level};
  }).filter((level) => level.level > 0);
}

function trend(data, width, colours) {
  const [size, unit] = timeUnit(Math.max(...data.points.map(([, , seconds]) => seconds)));
  const points = data.points.map(([day, name, seconds, low, high, samples, file], at) => ({
    at, day, name, seconds: seconds / size, low: (low ?? seconds) / size, high: (high ?? seconds) / size, samples, file,
    text: duration(seconds), interval: `${duration(low)} to ${duration(high)}`,
  }));
  const levels = levelsOf(points, data.steps);
  // Noise of a percent must not look like a mountain range.
  const all = points.flatMap((point) => [point.seconds, point.low, point.high]);
  const middle = median(points.map((point) => point.seconds));
  const low = Math.min(0.94 * middle, ...all);
  const high = Math.max(1.06 * middle, ...all);
  const room = (high - low) * (data.steps.length > 0 ? 0.28 : 0.05);
  const marks = data.steps.map(([place, ratio, text, p], at) => ({
    at: place - 0.5, level: high + room * (at % 2 === 0 ? 0.82 : 0.38), name: points[place].name, p, text,
    label: `${points[place].name} ${text}`, slower: ratio > 1,
    side: place > points.length * 0.6 ? "right" : "left", day: points[place].day, file: points[place].file,
  }));
  const days = points.map((point) => point.day);
  const x = (field) => ({
    field, type: "quantitative", title: null, scale: {domain: [-0.6, points.length - 0.4], nice: false},
    axis: {grid: false, values: dayTicks(points.length, width / 90), labelExpr: "days[datum.value]",
           labelOverlap: true},
  });
  const y = {field: "seconds", type: "quantitative", title: unit, axis: {tickCount: 4},
             scale: {zero: false, nice: false, domain: [low - 0.03 * (high - low), high + room]}};
  const crowded = points.length > 80;
  const tooltip = [tip("day", "date"), tip("name", "commit"), tip("text", "time"), tip("interval"), tip("samples"),
                   tip("file")];
  const stepLabel = (side) => ({
    data: {values: marks.filter((mark) => mark.side === side)},
    mark: {type: "text", align: side, dx: side === "left" ? 4 : -4, fontSize: 10.5, fontWeight: 600},
    encoding: {x: x("at"), y: {...y, field: "level"}, text: {field: "label"}, color: stepColour},
  });
  const stepColour = {condition: {test: "datum.slower", value: colours.breaks}, value: colours.better};
  return {
    width: "container", height: 130, data: {values: points}, params: [{name: "days", value: days}],
    layer: [
      {mark: {type: "rule", color: colours.line, opacity: 0.35},
       encoding: {x: x("at"), y: {...y, field: "low"}, y2: {field: "high"}}},
      {data: {values: levels}, mark: {type: "rule", strokeWidth: 2, color: colours.ink, opacity: 0.55},
       encoding: {x: x("from"), x2: {field: "to"}, y: {...y, field: "level"}}},
      {name: "points", mark: {type: "point", filled: true, size: crowded ? 12 : 26, opacity: 1, color: colours.line},
       encoding: {x: x("at"), y, tooltip}},
      ...(marks.length === 0 ? [] : [
        {data: {values: marks}, mark: {type: "rule", strokeDash: [3, 3], strokeWidth: 1.25},
         encoding: {x: x("at"), color: stepColour,
                    tooltip: [tip("day", "since"), tip("name", "commit"), tip("text", "change"), tip("p"), tip("file")]}},
        ...["left", "right"].filter((side) => marks.some((mark) => mark.side === side)).map(stepLabel),
      ]),
    ],
  };
}

// Places of about `most` points, evenly spaced from the first to the last.
function dayTicks(points, most) {
  const count = Math.max(1, Math.min(points, Math.floor(most)));
  if (count === 1) return [0];
  return Array.from({length: count}, (_, at) => Math.round(at * (points - 1) / (count - 1)));
}

charts.trend = (place, data, colours) => {
  if (data.points.length === 0) return [];
  return plot(place, trend(data, place.clientWidth, colours), colours, data.points.length);
};
