// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Tables that are filtered, sorted, and whose rows open.

// The words, and whether only what needs attention, choose the rows of the table in `block`. It is told what is shown by
// the event "shown" with the rows.
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
