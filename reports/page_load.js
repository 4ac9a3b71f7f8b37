// The verdict of a load run, why, and its figures.

const phases = Object.entries(run.phases).map(([name, p]) => ({ name, ...p })).filter((p) => p.to_s > p.from_s);
const measuredPhases = phases.filter((p) => p.kind === "measure");
const raw = run.asked.mode !== "journeys";
const main = measuredPhases[0] || phases[0];
const audits = run.audits || null;
const withInterval = (latency, key) => {
  if (latency[key] === null || latency[key] === undefined) return ["too few samples", ""];
  const ci = latency.ci95 && latency.ci95[key];
  const edge = (value) => (value === null ? "?" : duration(value));
  return [duration(latency[key]), ci ? `95 %: ${edge(ci[0])} to ${edge(ci[1])}` : ""];
};
const percent = (share) => `${(share * 100).toFixed(share > 0 && share < 0.001 ? 3 : 2)} %`;

function why() {
  const held = run.thresholds.filter((t) => t.verdict === "holds").length;
  const crossed = run.thresholds.filter((t) => t.verdict === "broken");
  const parts = [];
  if (!run.generator.valid) parts.push(`The generator, not the server, was the bottleneck: ${run.generator.why_invalid}.`);
  if (crossed.length > 0) parts.push(`Crossed: ${crossed.map((t) => `${t.threshold} (${t.measured})`).join(", ")}.`);
  else if (held > 0) parts.push(`${held === run.thresholds.length ? "All" : `${held} of`} ${plural(run.thresholds.length, "threshold")} ${run.thresholds.length === 1 ? "holds" : "hold"}.`);
  else if (run.thresholds.length === 0) parts.push("No threshold was set.");
  if (audits) {
    if (audits.findings.length > 0) parts.push(`The audits found ${plural(audits.findings.length, "broken rule")}.`);
    else if (audits.done) parts.push(`${plural(audits.checks.length, "audit")} of the database and ${plural(audits.books_compared, "escrow")} against the processor's books found nothing.`);
    else parts.push(`Not audited: ${audits.why_not}.`);
  }
  return parts.join(" ");
}

function loadVerdict() {
  const v = run.verdict;
  const links = [["thresholds", "Thresholds"], ["time", "Over time"], ["latency", "Latency"], ["errors", "Errors"], !raw && ["journeys", "Journeys"], audits && ["audits", "Audits"], ["generator", "Instrument"]].filter(Boolean);
  document.getElementById("bar").append(el("div", { class: "inner" },
    el("div", { class: "brand" }, "Hustle ", el("span", {}, "load")), el("span", { class: `pill ${v.tone}` }, run.exit_code === 5 ? "INVALID" : v.word),
    el("nav", { "aria-label": "Sections" }, links.map(([id, label]) => el("a", { href: `#${id}` }, label)))));
  const where = [[raw ? run.asked.request : run.asked.scenario], ["Target ", el("b", {}, run.asked.target)], [run.started_utc.replace("T", " ").replace("Z", " UTC")],
    ["seed ", el("b", {}, run.asked.seed)], [`exit ${run.exit_code}, ${v.exit_meaning}`]];
  return el("div", { class: "verdict" },
    el("h1", { class: v.tone }, run.exit_code === 5 ? "INVALID" : v.word), el("p", { class: "detail" }, why()),
    el("p", { class: "where" }, where.flatMap((part, i) => (i === 0 ? part : [" · ", ...part]))),
    !run.complete && el("div", { class: "partial", role: "alert" }, el("b", {}, "This run is partial. "), `It was cut: ${run.incomplete_reason}.`));
}

function loadFigures() {
  const r = run.rates, latency = main.latency_us;
  const figure = (label, value, unit) => el("div", {}, el("dt", {}, label), el("dd", {}, value, unit && el("small", {}, unit)));
  const latencyFigure = (key) => {
    const [value, interval] = withInterval(latency, key);
    return el("div", {}, el("dt", {}, `${key}${measuredPhases.length > 1 ? `, ${main.name}` : ""}`), el("dd", { class: value.startsWith("too") ? "few" : "" }, value), interval && el("p", { class: "interval" }, interval));
  };
  return el("dl", { class: "figures" },
    figure(raw ? "Asked" : "Journeys asked", grouped(r.asked.toFixed(1)), "/s"),
    r.goodput !== undefined && figure("Goodput", grouped(r.goodput.toFixed(1)), "clean/s"),
    figure("Requests answered", grouped(r.ok.toFixed(1)), "/s"),
    latencyFigure("p50"), latencyFigure("p95"), latencyFigure("p99"),
    figure("Errors", percent(r.errors)), audits && figure("Findings", grouped(audits.findings.length)));
}

function thresholdsSection() {
  if (run.thresholds.length === 0) return null;
  return section("thresholds", "Thresholds", "Percentiles are of successes only, from the moment a request was due.",
    el("div", { class: "panel scroll" }, el("table", {},
      el("thead", {}, el("tr", {}, el("th", {}, ""), el("th", {}, "Must hold"), el("th", { class: "num" }, "Measured"))),
      el("tbody", {}, run.thresholds.map((t) => el("tr", {}, el("td", { class: "narrow" }, markOf(t.verdict)), el("td", {}, el("code", {}, t.threshold)), el("td", { class: "num" }, t.measured)))))));
}
