// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Where the time goes: bars by group and, in the same colours, stacks by layer.

const mostGroups = 16; // with a colour of their own; the rest are one

// A group has the same colour on every page: a hue for each part of a layer.
function groupColours(groups, colours) {
  const known = new Map();
  const name = (names, range) => names.forEach((group, at) => known.set(group, range[at]));
  name(["qkv", "attend", "o_proj"], colours.attention);
  name(["in_proj", "scan", "out_proj", "conv", "gated norm"], colours.mamba);
  name(["experts", "router", "shared_mlp"], colours.mixture);
  name(["head", "embed"], colours.once);
  name(["norm", "residual", "rope table"], colours.small);
  let others = 0;
  return groups.map((group) => known.get(group) ?? colours.others[others++ % colours.others.length]);
}

function lumped(data) {
  if (data.groups.length <= mostGroups) return {names: data.groups, place: (group) => group};
  const rest = data.groups.length - mostGroups + 1;
  return {names: [...data.groups.slice(0, mostGroups - 1), `${rest} others`],
          place: (group) => Math.min(group, mostGroups - 1)};
}

function timeBars(bars, names, colour, colours) {
  const largest = Math.max(...bars.map((bar) => bar.seconds));
  const y = {field: "group", type: "nominal", sort: names, title: null,
             axis: {domain: false, ticks: false, labelLimit: 110, labelPadding: 6, labelColor: colours.ink}};
  const x = {field: "seconds", type: "quantitative", axis: null, scale: {domain: [0, largest * 1.7], nice: false}};
  const tooltip = [tip("group"), tip("text", "time"),
                   tip("share"), tip("roof", "of roof")];
  return {
    width: "container", height: 19 * bars.length, data: {values: bars}, encoding: {y, x},
    layer: [
      {mark: {type: "bar", height: 13}, encoding: {color: colour, tooltip}},
      {mark: {type: "text", align: "left", dx: 5, color: colours.quiet, fontSize: 11},
       encoding: {text: {field: "label"}}},
    ],
  };
}

function layerStacks(cells, names, colour, height, colours) {
  const layers = [...new Set(cells.map((cell) => cell.layer))].sort((a, b) => a - b);
  const totals = new Map();
  for (const cell of cells) totals.set(cell.layer, (totals.get(cell.layer) ?? 0) + cell.seconds);
  const [size, unit] = timeUnit(Math.max(...totals.values()));
  const thin = layers.length > 120;
  return {
    width: "container", height,
    data: {values: cells.map((cell) => (
      {...cell, amount: cell.seconds / size, all: duration(totals.get(cell.layer))}))},
    params: [{name: "at", select: {type: "point", on: "pointerover", clear: "pointerout", fields: ["group"]}}],
    mark: {type: "bar", stroke: colours.paper, strokeWidth: thin ? 0 : 0.5, cursor: "default"},
    encoding: {
      x: {field: "layer", type: "ordinal", sort: layers, title: "layer",
          scale: {paddingInner: thin ? 0 : 0.12, paddingOuter: 0.05},
          axis: {values: everyFew(layers, 24), labelAngle: 0, ticks: false, labelOverlap: true}},
      y: {field: "amount", type: "quantitative", title: `time of a layer, ${unit}`, axis: {tickCount: 5}},
      color: colour, order: {field: "rank"},
      opacity: {condition: {param: "at", value: 1}, value: 0.3},
      tooltip: [tip("layer"), tip("group"),
                tip("text", "time"), tip("share", "of the layer"),
                tip("roof", "of roof"), tip("all", "layer in all")],
    },
  };
}

function drawPhase(place, phase, names, placeOf, colours) {
  const figure = document.createElement("figure");
  const caption = document.createElement("figcaption");
  const bars = new Map();
  for (const [group, seconds, share, roof] of phase.groups) {
    const bar = bars.get(placeOf(group)) ?? {seconds: 0, part: 0, roof};
    bars.set(placeOf(group),
             {seconds: bar.seconds + seconds, part: bar.part + share, roof: bar.seconds > 0 ? "" : roof});
  }
  const all = phase.groups.reduce((sum, [, seconds]) => sum + seconds, 0);
  caption.append(Object.assign(document.createElement("b"), {textContent: phase.name}), ` ${duration(all)} a call`);
  const pair = document.createElement("div");
  pair.className = "pair";
  figure.append(caption, pair);
  place.append(figure);
  const colour = {field: "group", type: "nominal", legend: null,
                  scale: {domain: names, range: groupColours(names, colours)}};
  const values = [...bars].map(([group, {seconds, part, roof}]) => {
    const text = duration(seconds);
    return {group: names[group], seconds, text, share: percent(part), roof, label: `${text}, ${percent(part)}`};
  });
  const drawings = [plot(pair, timeBars(values, names, colour, colours), colours)];
  const sums = new Map();
  for (const [layer, , seconds] of phase.cells) sums.set(layer, (sums.get(layer) ?? 0) + seconds);
  const cells = phase.cells.map(([layer, group, seconds, roof]) => ({
    layer, group: names[placeOf(group)], rank: group, seconds, text: duration(seconds), roof,
    share: sums.get(layer) > 0 ? percent(seconds / sums.get(layer)) : "",
  }));
  if (cells.length > 0) {
    const height = Math.max(200, 19 * bars.size - 40);
    drawings.push(plot(pair, layerStacks(cells, names, colour, height, colours), colours, cells.length));
  }
  return drawings;
}

charts.layers = (place, data, colours) => {
  const {names, place: placeOf} = lumped(data);
  return data.phases.flatMap((phase) => drawPhase(place, phase, names, placeOf, colours));
};
