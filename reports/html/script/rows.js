// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Tables that are filtered, sorted, and whose rows open.

// The words, and whether only what needs attention, choose the rows of the table in `block`. It is told what is shown
// by the event "shown" with the rows.
function filterRows(block) {
  const filter = block.querySelector("input[type=search]");
  const attention = block.querySelector("input[type=checkbox]");
  const status = block.querySelector("[role=status]");
  const rows = [...block.querySelectorAll("tbody tr")];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const update = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, at) => {
      const fits = words.every((word) => texts[at].includes(word)) &&
                   !(attention?.checked && row.dataset.tone === "holds");
      row.hidden = !fits;
      if (row.opened) row.opened.hidden = !fits;
      if (fits) ++count;
    });
    const noun = status.dataset.noun;
    status.textContent = count === rows.length ? `${count} ${noun}` : `${count} of ${rows.length} ${noun}`;
    block.dispatchEvent(new CustomEvent("shown", {detail: rows}));
  };
  filter.addEventListener("input", update);
  attention?.addEventListener("change", update);
  update();
}

// ---- sorting

const valueOf = (cell) => {
  if (cell.dataset.value !== undefined) return Number(cell.dataset.value);
  return cell.textContent === "" ? NaN : cell.textContent;
};

// Cells without a value stay at the end, whichever way.
function compareCells(a, b, way) {
  const [left, right] = [valueOf(a), valueOf(b)];
  const none = [Number.isNaN(left), Number.isNaN(right)];
  if (none[0] || none[1]) return none[0] - none[1];
  if (typeof left === "number" && typeof right === "number") return way * (left - right);
  return way * String(left).localeCompare(String(right), undefined, {numeric: true});
}

// A head is clicked once for the smallest first, twice for the largest, and a third time for the order of the page.
function sortRows(table) {
  const body = table.tBodies[0];
  const original = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => head.querySelector("button")?.addEventListener("click", () => {
    const next = {ascending: "descending", descending: null}[head.getAttribute("aria-sort")];
    const way = next === undefined ? "ascending" : next;
    for (const other of heads) other.removeAttribute("aria-sort");
    const rows = [...original];
    if (way) {
      head.setAttribute("aria-sort", way);
      rows.sort((a, b) => compareCells(a.cells[column], b.cells[column], way === "ascending" ? 1 : -1));
    }
    body.append(...rows.flatMap((row) => (row.opened ? [row, row.opened] : [row])));
    table.closest(".filtered")?.dispatchEvent(new CustomEvent("shown", {detail: original}));
  }));
}

// ---- opening

function openRow(row, one) {
  const below = document.createElement("tr");
  below.className = "below";
  const cell = document.createElement("td");
  cell.colSpan = row.cells.length;
  const place = document.createElement("div");
  place.className = "opened";
  cell.append(place);
  below.append(cell);
  row.after(below);
  row.opened = below;
  below.redraw = () => drawOpened(place, one, theme()).then(() => { below.dataset.drawn = "yes"; }).catch(report);
  below.redraw();
}

function openRows(block) {
  let rows; // parsed when the first is opened
  block.querySelector("tbody").addEventListener("click", (event) => {
    const button = event.target.closest("button.opener");
    if (!button) return;
    const row = button.closest("tr");
    rows ??= JSON.parse(block.querySelector("script.data").textContent).rows;
    const open = !row.opened;
    button.setAttribute("aria-expanded", String(open));
    if (open) {
      openRow(row, rows[row.dataset.row]);
    } else {
      row.opened.remove();
      row.opened = undefined;
    }
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const below of block.querySelectorAll("tr.below")) below.redraw();
  });
}

// ---- what the history finds

// Filters figures as filterRows does rows; a group without any goes, too.
function filterTrends(finder) {
  const filter = finder.querySelector("input[type=search]");
  const attention = finder.querySelector("input[type=checkbox]");
  const status = finder.querySelector("[role=status]");
  const groups = [...document.querySelectorAll("section.group")].map((section) => ({
    section, trends: [...section.querySelectorAll("figure.trend")].map((figure) => ({
      figure, steps: figure.querySelector("figcaption .verdict") !== null,
      text: [section.querySelector("h2"), figure.querySelector("figcaption")]
        .map((element) => element.textContent.toLowerCase()).join(" "),
    })),
  }));
  const update = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    let all = 0;
    for (const {section, trends} of groups) {
      let here = 0;
      for (const {figure, steps, text} of trends) {
        const fits = words.every((word) => text.includes(word)) && (!attention.checked || steps);
        figure.hidden = !fits;
        if (fits) ++here;
      }
      section.hidden = here === 0;
      count += here;
      all += trends.length;
    }
    status.textContent = count === all ? `${all} rows` : `${count} of ${all} rows`;
  };
  filter.addEventListener("input", update);
  attention.addEventListener("change", update);
  update();
}
