// What happened when: rates, latencies and the heat map on one time axis, phases marked.

const seconds = run.series;
const endSecond = Math.max(1, ...phases.map((p) => p.to_s), ...seconds.map((s) => s.second + 1));
const borders = run.series_buckets_us;
const WIDE = 1040, LEFT = 62, RIGHT = WIDE - 16;
const acrossTime = (second) => LEFT + (RIGHT - LEFT) * second / endSecond;

function bucketPercentile(buckets, percent) {
  const sorted = [...buckets].sort((a, b) => a[0] - b[0]);
  const wanted = sum(sorted, (b) => b[1]) * percent / 100;
  let seen = 0;
  for (const [index, count] of sorted) {
    seen += count;
    if (seen >= wanted) return (borders[index] + (borders[index + 1] ?? borders[index] * 1.2)) / 2;
  }
  return null;
}

function timeMarks(bottom) {
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400].find((s) => endSecond / s <= 10) || 28800;
  const label = (s) => (step >= 3600 ? `${s / 3600} h` : step >= 60 ? `${s / 60} min` : `${s} s`);
  return Array.from({ length: Math.floor(endSecond / step) + 1 }, (_, i) => i * step).map((s) =>
    svg("text", { x: acrossTime(s), y: bottom + 17, "text-anchor": s === 0 ? "start" : "middle" }, label(s)));
}

function phaseBands(top, bottom, named) {
  return phases.map((p) => svg("g", {},
    svg("rect", { class: `band ${p.kind}`, x: acrossTime(p.from_s), y: top, width: Math.max(0, acrossTime(p.to_s) - acrossTime(p.from_s)), height: bottom - top }),
    svg("line", { class: "edge", x1: acrossTime(p.from_s), x2: acrossTime(p.from_s), y1: top, y2: bottom }),
    named && acrossTime(p.to_s) - acrossTime(p.from_s) > 8 * p.name.length && svg("text", { class: "phase", x: acrossTime(p.from_s) + 5, y: top - 5 }, p.name)));
}

function lineOf(points, up, name) {
  const parts = [];
  let open = false;
  for (const [x, value] of points) {
    if (value === null) { open = false; continue; }
    parts.push(`${open ? "L" : "M"}${x.toFixed(1)},${up(value).toFixed(1)}`);
    open = true;
  }
  return svg("path", { class: `series ${name}`, d: parts.join("") });
}

const legend = (list) => el("div", { class: "legend" }, list.map(([name, label]) => el("span", {}, el("i", { class: name }), label)));
const frame = (label, height, ...inside) => el("div", { class: "scroll" }, svg("svg", { viewBox: `0 0 ${WIDE} ${height}`, role: "img", "aria-label": label }, ...inside));
const middleOf = (s) => acrossTime(s.second + (s.width || 1) / 2);

function ratesChart() {
  const top = 22, bottom = 190;
  const rate = (s, key) => s[key] / Math.min(s.width || 1, Math.max(0.2, endSecond - s.second));
  const highest = Math.max(1, ...seconds.map((s) => Math.max(rate(s, "ok") + rate(s, "failed"), raw ? rate(s, "due") : 0)));
  const step = [1, 2, 5].flatMap((m) => [0, 1, 2, 3, 4, 5, 6].map((e) => m * 10 ** e)).sort((a, b) => a - b).find((s) => highest / s <= 5) || highest;
  const most = Math.ceil(highest / step) * step;
  const up = (value) => bottom - (bottom - top) * value / most;
  const marks = Array.from({ length: Math.round(most / step) + 1 }, (_, i) => i * step);
  const points = (key) => seconds.map((s) => [middleOf(s), rate(s, key)]);
  const any = seconds.some((s) => s.failed > 0);
  return el("div", { class: "curve time" }, el("div", { class: "label" }, "Rates per second ", legend([["due", raw ? "due" : "journeys due"], ["ok", "requests answered"], any && ["failed", "failed"]].filter(Boolean))),
    frame("Rates over time", 220, phaseBands(top, bottom, true),
      marks.map((m) => [svg("line", { class: "grid", x1: LEFT, x2: RIGHT, y1: up(m), y2: up(m) }), svg("text", { x: LEFT - 8, y: up(m) + 4, "text-anchor": "end" }, grouped(m))]),
      lineOf(points("due"), up, "due"), lineOf(points("ok"), up, "ok"), any && lineOf(points("failed"), up, "failed"), timeMarks(bottom)));
}

function latencyChart() {
  const told = seconds.filter((s) => s.ok > 0);
  if (told.length === 0) return null;
  const top = 22, bottom = 210;
  const rows = told.map((s) => ({ x: middleOf(s), p50: bucketPercentile(s.buckets, 50), p99: s.ok >= 100 ? bucketPercentile(s.buckets, 99) : null, max: s.max_us }));
  const marks = decades(Math.min(...rows.map((r) => r.p50)), Math.max(...rows.map((r) => r.max)));
  const up = logScale(marks, bottom, top);
  const some = rows.some((r) => r.p99 !== null);
  return el("div", { class: "curve time" }, el("div", { class: "label" }, "Latency ", legend([["p50", "p50"], some && ["p99", "p99, of 100 and more"], ["max", "max"]].filter(Boolean))),
    frame("Latency over time", 240, phaseBands(top, bottom, true),
      marks.map((m) => [svg("line", { class: "grid", x1: LEFT, x2: RIGHT, y1: up(m), y2: up(m) }), svg("text", { x: LEFT - 8, y: up(m) + 4, "text-anchor": "end" }, short(m))]),
      lineOf(rows.map((r) => [r.x, r.max]), up, "max"), some && lineOf(rows.map((r) => [r.x, r.p99]), up, "p99"), lineOf(rows.map((r) => [r.x, r.p50]), up, "p50"), timeMarks(bottom)));
}

function heatMap() {
  const cells = seconds.flatMap((s) => s.buckets.map(([index, count]) => ({ s, index, count })));
  if (cells.length === 0) return null;
  const top = 22, bottom = 270;
  const low = Math.min(...cells.map((c) => c.index)), high = Math.max(...cells.map((c) => c.index)) + 1;
  const rowHeight = (bottom - top) / (high - low);
  const y = (index) => bottom - (index - low) * rowHeight;
  const most = Math.log1p(Math.max(...cells.map((c) => c.count)));
  const labels = [];
  for (let i = low; i <= high; i += 1) {
    const exponent = Math.log10(borders[i] ?? 1);
    const before = Math.log10(borders[i - 1] ?? 1);
    if (i > low && Math.floor(exponent) > Math.floor(before)) labels.push([i, 10 ** Math.floor(exponent)]);
  }
  return el("div", { class: "curve time" }, el("div", { class: "label" }, "Heat map: ", el("span", { class: "soft" }, "every success by when it was due and how long it took; darker is more")),
    frame("Heat map of latency over time", 300, phaseBands(top, bottom, true),
      cells.map((c) => svg("rect", { class: "heatcell", x: acrossTime(c.s.second).toFixed(1), y: y(c.index + 1).toFixed(1), width: Math.max(1, acrossTime(c.s.second + (c.s.width || 1)) - acrossTime(c.s.second) - 0.4).toFixed(1),
        height: Math.max(1, rowHeight - 0.4).toFixed(1), "fill-opacity": (0.12 + 0.88 * Math.log1p(c.count) / most).toFixed(2) })),
      labels.map(([i, us]) => [svg("line", { class: "grid", x1: LEFT, x2: RIGHT, y1: y(i), y2: y(i) }), svg("text", { x: LEFT - 8, y: y(i) + 4, "text-anchor": "end" }, short(us))]), timeMarks(bottom)));
}

function timeSection() {
  if (seconds.length === 0) return null;
  const steady = main.steady;
  const cut = steady && (steady.steady ? (steady.cut_s > 0 ? `MSER-5 would cut the first ${steady.cut_s.toFixed(1)} s of ${main.name}: its p99 is then ${duration(Math.round(steady.after_cut_us.p99))}.` : `Steady from the first moment of ${main.name} on (MSER-5).`)
    : `No steady state in ${main.name}: MSER-5 would cut half of it or more, or it is too short to tell.`);
  return section("time", "Over time", cut, ratesChart(), latencyChart(), heatMap());
}
