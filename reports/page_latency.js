// Latency per procedure: figures, a strip on one shared log axis, and the percentile curve.

function decades(low, high) {
  const from = Math.floor(Math.log10(Math.max(1, low))), to = Math.max(from + 1, Math.ceil(Math.log10(Math.max(10, high))));
  return Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i));
}
const short = (us) => (us >= 1e6 ? `${us / 1e6} s` : us >= 1e3 ? `${us / 1e3} ms` : `${us} µs`);

function logScale(marks, left, right) {
  const low = Math.log10(marks[0]), high = Math.log10(marks[marks.length - 1]);
  return (us) => left + (right - left) * (Math.log10(Math.max(us, marks[0])) - low) / (high - low);
}

function strip(latency, marks) {
  const x = logScale(marks, 6, 204);
  const line = (name, from, to) => svg("line", { class: name, x1: x(from), x2: Math.max(x(to), x(from) + 0.5), y1: 14, y2: 14 });
  return svg("svg", { width: 210, height: 28, "aria-hidden": "true" },
    marks.map((m) => svg("line", { class: "grid", x1: x(m), x2: x(m), y1: 0, y2: 28 })),
    line("tail", latency.p99_us, latency.max_us), line("span", latency.p50_us, latency.p99_us),
    svg("circle", { class: "mid", cx: x(latency.p50_us), cy: 14, r: 3.5 }),
    svg("circle", { class: "p90", cx: x(latency.p90_us), cy: 14, r: 3 }),
    svg("circle", { class: "p99", cx: x(latency.p99_us), cy: 14, r: 3 }));
}

// The usual axis: equal steps for 90, 99, 99.9, so that the tail is not a corner.
function curves(pick) {
  if (run.curves.length === 0) return null;
  const width = 1040, height = 270, left = 58, right = width - 16, top = 16, bottom = height - 34;
  const values = run.curves.flatMap((c) => c.points.map((p) => p[1]));
  const marks = decades(Math.min(...values), Math.max(...values));
  const up = logScale(marks, bottom, top);
  const nines = (percent) => -Math.log10(1 - Math.min(percent, 99.999) / 100);
  const last = Math.max(...run.curves.flatMap((c) => c.points.filter((p) => p[0] < 100).map((p) => nines(p[0])))) + 0.35;
  const across = (percent) => left + (right - left) * (percent === 100 ? last : nines(percent)) / last;
  const label = el("span", { class: "name" });
  const dots = svg("g", {});
  const lines = run.curves.map((curve) => svg("polyline", { class: "line", points: curve.points.map(([p, us]) => `${across(p).toFixed(1)},${up(us).toFixed(1)}`).join(" "),
    onmouseenter: () => pick(curve.name), onclick: () => pick(curve.name) }, svg("title", {}, curve.name)));
  const show = (name) => {
    run.curves.forEach((curve, i) => {
      lines[i].classList.toggle("picked", curve.name === name);
      if (curve.name !== name) return;
      label.textContent = name;
      dots.replaceChildren(...curve.points.map(([p, us]) => svg("circle", { class: "dot", cx: across(p), cy: up(us), r: 2.6 },
        svg("title", {}, `${p === 100 ? "max" : `p${p}`}: ${duration(us)}`))));
      lines[i].parentNode.append(lines[i], dots);
    });
  };
  const percents = [0, 50, 90, 99, 99.9, 99.99].filter((p) => nines(p) < last);
  const figure = el("div", { class: "curve" }, el("div", { class: "label" }, "Latency by percentile: ", label),
    el("div", { class: "scroll" }, svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Latency by percentile, one line per procedure" },
      marks.map((m) => [svg("line", { class: "grid", x1: left, x2: right, y1: up(m), y2: up(m) }), svg("text", { x: left - 8, y: up(m) + 4, "text-anchor": "end" }, short(m))]),
      percents.map((p) => [svg("line", { class: "grid", x1: across(p), x2: across(p), y1: top, y2: bottom }), svg("text", { x: across(p), y: bottom + 18, "text-anchor": "middle" }, p === 0 ? "min" : `p${p}`)]),
      svg("text", { x: right, y: bottom + 18, "text-anchor": "end" }, "max"), svg("g", {}, lines), dots)));
  return { figure, show };
}

function latencySection() {
  if (run.latencies.length === 0) return null;
  const list = [...run.latencies].sort((a, b) => b.p99_us - a.p99_us);
  const marks = decades(Math.min(...list.map((l) => l.p50_us)), Math.max(...list.map((l) => l.max_us)));
  const axis = svg("svg", { width: 210, height: 14, "aria-hidden": "true" }, marks.map((m, i) => (marks.length > 4 && i % 2 === 1 ? null :
    svg("text", { x: logScale(marks, 6, 204)(m), y: 11, "text-anchor": i === 0 ? "start" : i === marks.length - 1 ? "end" : "middle" }, short(m)))));
  const rows = new Map();
  const pick = (name) => {
    for (const [key, row] of rows) row.classList.toggle("picked", key === name);
    chart?.show(name);
  };
  const chart = curves(pick);
  const figure = (us) => el("td", { class: "num" }, duration(us));
  for (const l of list) {
    rows.set(l.name, el("tr", { onmouseenter: () => pick(l.name), onclick: () => pick(l.name) },
      el("td", {}, el("code", {}, l.name)), el("td", { class: "num" }, grouped(l.count)), el("td", { class: `num ${l.errors > 0 ? "bad" : "soft"}` }, grouped(l.errors)),
      figure(l.p50_us), figure(l.p90_us), figure(l.p99_us), figure(l.p999_us), figure(l.max_us), el("td", { class: "strip" }, strip(l, marks))));
  }
  pick(list[0].name);
  const head = ["Calls", "Errors", "p50", "p90", "p99", "p99.9", "max"].map((label) => el("th", { class: "num" }, label));
  return section("latency", "Latency", "Slowest p99 first. Errors are lost answers and 5xx; a refusal that the model expected is not one. Dots: p50, p90, p99; the line ends at the maximum.",
    el("div", { class: "panel scroll" }, el("table", {}, el("thead", {}, el("tr", {}, el("th", {}, "Procedure"), head, el("th", { class: "strip" }, axis))),
      el("tbody", {}, [...rows.values()]))), chart?.figure);
}
