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
