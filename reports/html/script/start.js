// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What moves when the page is there. The last of the scripts.

const sections = [...document.querySelectorAll("details.case")];

drawWhenSeen([...document.querySelectorAll(".charts")]);

function openTarget() {
  const target = sections.find((section) => "#" + section.id === location.hash);
  if (target) {
    target.open = true;
    target.scrollIntoView();
  }
}
addEventListener("hashchange", openTarget);
openTarget();

for (const table of document.querySelectorAll("table.grid")) sortRows(table);

for (const block of document.querySelectorAll(".filtered")) {
  if (block.querySelector("button.opener")) openRows(block);
  // A case that the table leaves out is left out below, too.
  if (block.id === "cases") {
    block.addEventListener("shown", (event) => {
      event.detail.forEach((row, at) => { sections[at].hidden = row.hidden; });
    });
  }
  if (block.querySelector(".filter")) filterRows(block);
  // What is drawn of the rows that are shown follows them, when the reader has stopped typing.
  if (block.classList.contains("charts")) {
    let waiting;
    block.addEventListener("shown", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => block.dataset.drawn && draw(block).catch(report), 150);
    });
  }
}

const finder = document.querySelector(".finder");
if (finder) filterTrends(finder);
