// Per procedure, per kind of failure, per journey; audits; how well the instrument did its own job.

const ofMeasured = (list) => list.filter((one) => measuredPhases.some((p) => p.name === one.phase));

function proceduresSection() {
  const list = ofMeasured(run.procedures).filter((p) => p.ok > 0).sort((a, b) => (b.latency_us.p99 ?? b.latency_us.max) - (a.latency_us.p99 ?? a.latency_us.max));
  if (list.length === 0) return null;
  const rows = new Map();
  const pick = (name) => {
    for (const [key, row] of rows) row.classList.toggle("picked", key.startsWith(`${name} `));
    chart?.show(name);
  };
  const chart = curves(pick);
  const figure = (latency, key) => {
    const [value, interval] = withInterval(latency, key);
    return el("td", { class: "num", title: interval || undefined }, value.startsWith("too") ? el("span", { class: "soft" }, "too few") : value, interval && el("span", { class: "interval" }, interval.replace("95 %: ", "").replace(" to ", " – ")));
  };
  for (const p of list) {
    rows.set(`${p.name} ${p.phase}`, el("tr", { onmouseenter: () => pick(p.name), onclick: () => pick(p.name) },
      el("td", {}, el("code", {}, p.name), measuredPhases.length > 1 && el("span", { class: "soft" }, ` ${p.phase}`)), el("td", { class: "num" }, grouped(p.ok)), el("td", { class: `num ${p.failed > 0 ? "bad" : "soft"}` }, grouped(p.failed)),
      ["p50", "p95", "p99", "p99.9"].map((key) => figure(p.latency_us, key)), el("td", { class: "num" }, duration(p.latency_us.max))));
  }
  pick(list[0].name);
  return section("latency", "Latency", `Measured phases, slowest p99 first; successes only. Small: 95 % confidence interval over the effective number of samples. A percentile without enough samples is not told: p99.9 needs 2,995.${raw ? "" : " webhook.loop: from the processor's event until its effect could be read."}`,
    el("div", { class: "panel scroll" }, el("table", {}, el("thead", {}, el("tr", {}, el("th", {}, "Procedure"), ["Ok", "Failed", "p50", "p95", "p99", "p99.9", "max"].map((h) => el("th", { class: "num" }, h)))), el("tbody", {}, [...rows.values()]))), chart?.figure);
}

function errorsSection() {
  const rows = run.procedures.flatMap((p) => p.faults.map((f) => ({ ...f, name: p.name, phase: p.phase }))).sort((a, b) => b.count - a.count);
  if (rows.length === 0) return section("errors", "Errors", raw ? "Not one request failed." : "Not one request failed, and every answer was one that the rules allow.");
  return section("errors", "Errors", "By class; never part of the latencies above. HX…: a tRPC error that the rules do not give there. Unexpected outcome: accepted, but with other facts than the rules give.",
    el("div", { class: "panel scroll" }, el("table", {}, el("thead", {}, el("tr", {}, el("th", {}, "Class"), el("th", {}, "Procedure"), el("th", {}, "Phase"), el("th", { class: "num" }, "Count"), el("th", { class: "num" }, "p50"), el("th", { class: "num" }, "max"))),
      el("tbody", {}, rows.map((f) => el("tr", {}, el("td", { class: "bad" }, f.fault), el("td", {}, el("code", {}, f.name)), el("td", {}, f.phase), el("td", { class: "num" }, grouped(f.count)),
        el("td", { class: "num" }, f.latency_us && f.latency_us.p50 !== null ? duration(f.latency_us.p50) : ""), el("td", { class: "num" }, f.latency_us ? duration(f.latency_us.max) : "")))))));
}

function journeysSection() {
  if (raw) return null;
  const head = ["Due", "Clean", "Failed", "Skipped", "Unfinished"];
  const table = (label, list) => el("div", { class: "panel scroll" }, el("table", {},
    el("thead", {}, el("tr", {}, el("th", {}, label), measuredPhases.length > 1 && el("th", {}, "Phase"), head.map((h) => el("th", { class: "num" }, h)))),
    el("tbody", {}, list.map((j) => el("tr", {}, el("td", {}, el("code", {}, j.name)), measuredPhases.length > 1 && el("td", {}, j.phase),
      head.map((h) => el("td", { class: `num ${h === "Failed" && j.failed > 0 ? "bad" : ""}` }, grouped(j[h.toLowerCase()]))))))));
  return section("journeys", "Journeys", "Measured phases. Clean: every answer was right. Skipped: the task had not come so far because an earlier journey failed. Goodput counts clean journeys whose task no audit blames.",
    table("Journey", ofMeasured(run.journeys)), el("div", { class: "gap" }), table("Population", ofMeasured(run.populations)));
}

function auditsSection() {
  if (!audits) return null;
  const broken = audits.checks.filter((c) => c.verdict === "broken"), unknown = audits.checks.filter((c) => c.verdict === "unknown");
  const lead = audits.done ? `After the run, at rest: ${plural(audits.checks.length, "check")} of the database, ${plural(audits.books_compared, "escrow")} against the processor's books.` : `Not complete: ${audits.why_not}.`;
  return section("audits", "Audits", lead,
    audits.findings.map((f) => el("div", { class: "finding plain" }, el("b", { class: "bad" }, f.rule), " ", f.headline, el("p", { class: "soft" }, f.entities.slice(0, 5).join(", ")))),
    el("details", { class: "inner-details", open: broken.length > 0 || undefined }, el("summary", {}, `${audits.checks.length - broken.length - unknown.length} hold, ${broken.length} broken, ${unknown.length} not to be asked`),
      el("div", { class: "panel scroll" }, el("table", {}, el("tbody", {}, audits.checks.map((c) => el("tr", {}, el("td", { class: "narrow" }, markOf(c.verdict)), el("td", {}, el("code", {}, c.id)), el("td", {}, c.rule), el("td", {}, c.sentence))))))));
}

function generatorSection() {
  const g = run.generator, facts = [];
  const add = (label, value) => facts.push(el("div", {}, el("dt", {}, label), el("dd", {}, value)));
  const late = (key) => withInterval({ ...g.lateness_us, ci95: undefined }, key)[0];
  add("Verdict", g.valid ? "valid" : g.why_invalid);
  add("Rate error", percent(g.rate_error));
  add("Send lateness", `p50 ${late("p50")}, p99 ${late("p99")}, max ${duration(g.lateness_us.max)}; p99 may be ${duration(g.lateness_limit_us)}`);
  add("Processor", `${g.cpu_s.toFixed(2)} s; threads at ${g.threads.map((t) => percent(t.cpu)).join(", ")}`);
  add("Waited for one", g.threads.map((t) => percent(t.waiting_for_processor)).join(", "));
  add("Machine", `${percent(g.machine_busy)} busy, ${percent(g.steal)} stolen`);
  add("Memory", `${grouped(Math.round(g.memory_kb.begin / 1024))} MB at the start, ${grouped(Math.round(g.memory_kb.end / 1024))} MB at the end`);
  const marks = g.memory_kb.by_answers || [];
  if (marks.length) add("Memory by answers", marks.slice(-4).map(([answers, kb]) => `${(kb / 1024).toFixed(1)} MB after ${grouped(answers)}`).join(", "));
  if (run.asked.users) add("Closed loop", `${grouped(run.asked.users)} users, at the target's pace`);
  const shape = g.dispersion_1ms || main.dispersion_1ms;
  if (shape) add("Arrival shape", `variance to mean per ms ${shape.sent.toFixed(2)}, planned ${shape.schedule.toFixed(2)}`);
  if (run.asked.schedule) add("Schedule", el("code", {}, `${run.asked.schedule.sha256.slice(0, 16)}…`, ` ${grouped(run.asked.schedule.count)} planned`));
  if (run.checked) add("Answers checked", `all against the model; ${grouped(run.checked.whole_contract)} against the whole wire contract`);
  add("Command", el("code", {}, run.command_line));
  return section("generator", "Instrument", "How well the generator did its own job; when it did it badly, the run says so and is not valid.", el("dl", { class: "facts" }, facts));
}
