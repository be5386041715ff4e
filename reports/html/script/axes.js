// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Where axes have their ticks, and how they say them; lines of tooltips.

// A line of a tooltip.
const tip = (field, title = field) => ({field, type: "nominal", title});

const asPower = "replace(format(datum.value, '~e'), '+', '')";

// The powers of ten about the values, at most eight.
function decades(values) {
  const exponents = values.map(Math.log10);
  const first = Math.floor(Math.min(...exponents));
  const last = Math.ceil(Math.max(...exponents));
  const step = Math.max(1, Math.ceil((last - first) / 7));
  return Array.from({length: Math.floor((last - first) / step) + 1}, (_, at) => 10 ** (first + at * step));
}

// Whole layers, at most about a dozen.
function layerTicks(layers) {
  const [first, last] = [Math.min(...layers), Math.max(...layers)];
  const step = [1, 2, 5, 10, 20, 50, 100, 200].find((width) => (last - first) / width <= 12) ?? 500;
  return Array.from({length: last - first + 1}, (_, at) => first + at).filter((layer) => layer % step === 0);
}

// The rows of a model of many layers are thin, so that its whole fits on a screen or two.
const rowHeight = (layers) => (layers <= 60 ? 15 : Math.max(2.5, Math.floor(9000 / layers) / 10));

// Whole numbers of steps of 1, 2 or 5 times a power of ten from 0 to `largest`, at most `most` of them.
function niceTicks(largest, most) {
  const rough = largest / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((times) => times * power >= rough) ?? 10);
  return Array.from({length: Math.floor(largest / step + 1e-9) + 1}, (_, at) => at * step);
}

// Of the names of an ordinal axis those that are a number divisible by a step, at most about `most`.
function everyFew(numbers, most) {
  const step = [1, 2, 5, 10, 20, 25, 50, 100, 200].find((width) => numbers.length / width <= most) ?? 500;
  return numbers.filter((number) => number % step === 0);
}
