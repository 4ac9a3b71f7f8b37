// The verdict of the whole run, the 30 items with their evidence, and what ran.

function barAndVerdict() {
  const v = run.verdict;
  const items = run.items.length > 0;
  const links = [["findings", "Findings"], items && ["items", "Items"], run.coverage.length > 0 && ["coverage", "Coverage"],
    run.latencies.length > 0 && ["latency", "Latency"], ["ran", "What ran"]].filter(Boolean);
  document.getElementById("bar").append(el("div", { class: "inner" },
    el("div", { class: "brand" }, "Hustle ", el("span", {}, run.command)), el("span", { class: `pill ${v.tone}` }, v.word),
    el("nav", { "aria-label": "Sections" }, links.map(([id, label]) => el("a", { href: `#${id}` }, label)))));
  const detail = v.detail ? v.detail[0].toUpperCase() + v.detail.slice(1) + "." : "";
  const where = [run.target && ["Target ", el("b", {}, run.target), run.server_version && ` (${run.server_version})`],
    run.started_utc && [run.started_utc.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC")], ["seed ", el("b", {}, run.seed)],
    [`exit ${v.exit_code}, ${v.exit_meaning}`]].filter(Boolean);
  return el("div", { class: "verdict" },
    el("h1", { class: v.tone }, v.word),
    detail && el("p", { class: "detail" }, detail),
    el("p", { class: "where" }, where.flatMap((part, i) => (i === 0 ? part : [" · ", ...part]))),
    !run.complete && el("div", { class: "partial", role: "alert" }, el("b", {}, "This run is partial. "),
      `What follows covers only what was done before it stopped${run.incomplete_reason ? `: ${run.incomplete_reason}` : ""}.`),
    retried(),
    items && ribbon());
}

// What earlier runs found, played again.
function retried() {
  if (run.retried.length === 0) return null;
  return el("ul", { class: "retried", "aria-label": "Findings of earlier runs" }, run.retried.map((r) =>
    el("li", {}, markOf({ fixed: "holds", "still fails": "broken" }[r.now] || "unknown"), " ",
      el("b", {}, r.now), ` · ${r.rule}: ${r.headline}`)));
}

const itemState = (item) => (item.selected ? item.verdict : "off");

function ribbon() {
  return el("div", { class: "ribbon", "aria-label": "Verdict of every item" }, unique(run.items.map((i) => i.group)).map((group) =>
    el("div", { class: "set" },
      el("div", { class: "cells" }, run.items.filter((i) => i.group === group).map((item) =>
        el("a", { class: itemState(item), href: `#item-${item.number}`, title: `${item.title}: ${item.selected ? WORDS[item.verdict] : "not selected"}`,
          onclick: () => { const row = document.getElementById(`item-${item.number}`); if (row.tagName === "DETAILS") row.open = true; } }, item.number))),
      el("div", { class: "name" }, group))));
}

function figures() {
  const reached = run.coverage.filter((c) => c.hits > 0).length;
  const rate = run.seconds > 0 ? `${grouped(Math.round(run.commands / run.seconds))}/s` : "";
  const list = [["Plans", grouped(run.plans)], ["Commands", grouped(run.commands), rate], ["Driving time", run.seconds.toFixed(1), "s"],
    ["Concurrent groups", grouped(run.concurrent_groups)], ["Lost answers", grouped(run.unknown_outcomes)],
    run.coverage.length > 0 && ["Cells reached", grouped(reached), `of ${grouped(run.coverage.length)}`]].filter(Boolean);
  return el("dl", { class: "figures" }, list.map(([label, value, unit]) =>
    el("div", {}, el("dt", {}, label), el("dd", {}, value, unit && el("small", {}, unit)))));
}

function itemRow(item) {
  const cells = [
    item.selected ? markOf(item.verdict) : el("span", { class: "mark" }, "·"), el("span", { class: "number" }, item.number),
    el("span", { class: "title" }, item.title),
    el("span", { class: "why" }, item.selected ? item.reason : "not selected", item.scope && item.selected && el("span", { class: "scope" }, `Scope: ${item.scope}`)),
  ];
  const id = `item-${item.number}`;
  if (item.evidence.length === 0) return el("div", { class: `item ${itemState(item)}`, id }, el("div", { class: "row" }, cells, el("span")));
  return el("details", { class: `item ${itemState(item)}`, id }, el("summary", {}, cells, el("span", { class: "chevron" })),
    el("div", { class: "proofs" }, item.evidence.map((e) =>
      el("div", {}, markOf(e.verdict), el("span", { class: "name" }, e.name), el("span", { class: "text" }, e.text)))));
}

function itemsSection() {
  if (run.items.length === 0) return null;
  const rows = [];
  for (const group of unique(run.items.map((i) => i.group))) {
    const members = run.items.filter((i) => i.group === group);
    const holding = members.filter((i) => i.selected && i.verdict === "holds").length;
    rows.push(el("div", { class: "group" }, group, el("span", {}, `${holding} of ${members.length} hold`)), ...members.map(itemRow));
  }
  return section("items", "Readiness, item by item", "Ready means that all 30 hold. UNKNOWN counts as not ready. Open an item for its evidence.",
    el("div", { class: "items" }, rows));
}

function ranSection() {
  const facts = [["Command", run.command_line || run.command], ["Seed", run.seed], ["Target", run.target], ["Server", run.server_version],
    ["Database", run.database], ["Providers", run.providers], ...run.facts.map((f) => [f.name, f.text])].filter(([, text]) => text);
  const most = Math.max(1, ...run.scenarios.map((s) => s.plans));
  return section("ran", "What ran", null,
    el("dl", { class: "facts" }, facts.map(([name, text]) => el("div", {}, el("dt", {}, name), el("dd", {}, text)))),
    run.scenarios.length > 0 && el("div", { class: "scenarios" }, run.scenarios.map((s) =>
      el("div", {}, el("span", {}, s.name), el("span", { class: "track" }, el("i", { style: `width:${100 * s.plans / most}%` })),
        el("span", { class: "num" }, grouped(s.plans))))));
}

function assumptionsSection() {
  if (run.assumptions.length === 0) return null;
  return section("assumptions", "Not proven here", "A harness with simulated providers cannot prove these. They stay UNKNOWN until a person supplies the evidence.",
    el("ul", { class: "assumptions" }, run.assumptions.map((text) => el("li", {}, text))));
}
