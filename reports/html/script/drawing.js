// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// When charts are drawn. An element of the class "charts" holds one script of numbers (class "data") and the places
// that are drawn from it: a details element when it is opened, any other when it comes near the window. A place names
// its chart in data-chart. Every chart is a Vega-Lite specification.

const charts = {}; // by name: (place, data, colours) => what is to be waited for

function plot(place, spec, colours, marks, options = {}) {
  const inside = document.createElement("div");
  inside.className = "plot";
  place.append(inside);
  return vegaEmbed(inside, {$schema: "https://vega.github.io/schema/vega-lite/v6.json", ...spec}, {
    actions: false, renderer: marks > 3000 ? "canvas" : "svg", config: config(colours),
    tooltip: {theme: matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"}, ...options,
  });
}

const report = (problem) => console.error(problem);

async function draw(group) {
  const source = group.querySelector("script.data");
  if (!source) return;
  group.dataset.drawn = "begun";
  const data = JSON.parse(source.textContent);
  const colours = theme();
  const drawings = [];
  for (const place of group.querySelectorAll(".chart")) {
    place.style.minHeight = place.offsetHeight + "px"; // drawn again, the page does not jump
    place.replaceChildren();
    drawings.push(charts[place.dataset.chart](place, data, colours));
  }
  await Promise.all(drawings.flat());
  for (const place of group.querySelectorAll(".chart")) place.style.minHeight = "";
  group.dataset.drawn = "yes";
}

function drawOnce(group) {
  if (!group.dataset.drawn) draw(group).catch(report);
}

function drawWhenSeen(groups) {
  const near = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) drawOnce(entry.target);
    }
  }, {rootMargin: "800px 0px"});
  for (const group of groups) {
    if (group.tagName !== "DETAILS") {
      near.observe(group);
      continue;
    }
    group.addEventListener("toggle", () => group.open && drawOnce(group));
    if (group.open) drawOnce(group);
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const group of groups) {
      if (group.open) {
        draw(group).catch(report);
        continue;
      }
      delete group.dataset.drawn;
      if (group.tagName === "DETAILS") continue;
      near.unobserve(group);
      near.observe(group);
    }
  });
}
