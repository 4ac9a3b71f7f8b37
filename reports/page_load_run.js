// The page of a load run from top to bottom.

document.getElementById("page").append(...[
  loadVerdict(), loadFigures(), thresholdsSection(), timeSection(), proceduresSection(), errorsSection(), journeysSection(), auditsSection(), generatorSection(),
  el("footer", {}, "Beside this file: report.json (the same run for programs), junit.xml, summary.md, histograms.hlog (HdrHistogram log)."),
].filter(Boolean));
document.documentElement.dataset.rendered = "true";
