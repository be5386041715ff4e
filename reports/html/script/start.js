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

for (const block of document.querySelectorAll(".filtered")) {
  // A case that the table leaves out is left out below, too.
  if (block.id === "cases") {
    block.addEventListener("shown", (event) => event.detail.forEach((row, at) => { sections[at].hidden = row.hidden; }));
  }
  filterRows(block);
}
