// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Where axes have their ticks, and how they say them.

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
