// The page from top to bottom.

document.getElementById("page").append(...[
  barAndVerdict(), figures(), findingsSection(), itemsSection(), coverageSection(), latencySection(), ranSection(), assumptionsSection(),
  el("footer", {}, "Beside this file: report.json (the same run for programs), junit.xml, summary.md, findings/, histograms.hlog (HdrHistogram log)."),
].filter(Boolean));

document.querySelector("details.finding")?.buildNow();
// On paper there is nothing to open.
window.addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details.finding")) details.buildNow();
  for (const details of document.querySelectorAll("details")) details.open = true;
});
document.documentElement.dataset.rendered = "true";
