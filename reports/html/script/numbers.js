// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Numbers as text.

const most = 1e9; // where shares and errors end, see reports/html/charts.hpp

const power = (number, digits) => number.toExponential(digits).replace("+", "");
function share(part) {
  if (part === null) return "";
  if (part >= most) return `over ${power(most, 0)}x`;
  if (part > 1) return part > 1000 ? power(part, 0) + "x" : part.toPrecision(2) + "x";
  if (part >= 0.1 || part === 0) return Math.floor(100 * part) + "%";
  return part >= 0.001 ? (100 * part).toFixed(1) + "%" : "<0.1%";
}
const error = (value) => (value === null ? "" : value === 0 ? "0" : power(value, 1));

// ---- quantities, as reports/bench/quantities.hpp says them

const threeDigits = (number) => number.toFixed(number < 9.995 ? 2 : number < 99.95 ? 1 : 0);
const timeUnits = [[1, "s"], [1e-3, "ms"], [1e-6, "us"], [1e-9, "ns"]];

// The unit for an axis up to `seconds`: how many seconds it is, and its name.
const timeUnit = (seconds) => timeUnits.find(([size]) => seconds >= 0.9995 * size) ?? timeUnits[3];
function duration(seconds) {
  if (seconds === null) return "?";
  if (seconds === 0) return "0 s";
  const [size, name] = timeUnit(seconds);
  return `${name === "ns" ? Number((seconds / size).toPrecision(3)) : threeDigits(seconds / size)} ${name}`;
}

const byteUnits = [[2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"], [1, "B"]];
const byteUnit = (bytes) => byteUnits.find(([size]) => bytes >= size) ?? byteUnits[3];

function percent(part) {
  const size = Math.abs(100 * part);
  if (size > 0 && size < 0.01) return "<0.01%";
  return (100 * part).toFixed(size === 0 ? 0 : size < 0.995 ? 2 : size < 9.95 ? 1 : 0) + "%";
}

function change(ratio) {
  if (ratio >= 1.995 || ratio <= 0.5) return `${Number(ratio.toPrecision(3))}x`;
  const part = 100 * (ratio - 1);
  return Math.abs(part) < 0.05 ? "0.0%" : `${part > 0 ? "+" : ""}${part.toFixed(1)}%`;
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}
