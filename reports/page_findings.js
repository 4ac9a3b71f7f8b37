// Findings: what broke, told as lanes side by side. Time runs downwards and is compressed: order and overlap
// are exact, long pauses are shortened, so that a story of hours fits a screen.

const HEAD = 34, GUTTER = 74;

// One lane per actor; a second one only where an actor's own calls overlap. Returns the lanes in order of first
// appearance, and for every call the lane that it stands in.
function lanesOf(story) {
  const byActor = new Map();
  const laneOf = new Map();
  for (const line of story) {
    const own = byActor.get(line.actor) || byActor.set(line.actor, []).get(line.actor);
    let lane = own.find((candidate) => candidate.busyUntil <= line.from_us);
    if (!lane) own.push(lane = { label: own.length === 0 ? line.actor : `${line.actor} (${own.length + 1})` });
    lane.busyUntil = line.to_us;
    laneOf.set(line, lane);
  }
  return { lanes: [...byActor.values()].flat(), laneOf };
}

// A y for every instant at which something begins or ends: later is lower, and every call is at least
// `least` high, so that its text fits.
function placeInTime(story, least) {
  const instants = unique(story.flatMap((line) => [line.from_us, line.to_us])).sort((a, b) => a - b);
  const gaps = instants.slice(1).map((t, i) => t - instants[i]);
  const longest = Math.max(1, ...gaps);
  const y = new Map([[instants[0], 0]]);
  for (let i = 1; i < instants.length; ++i) {
    let at = y.get(instants[i - 1]) + 9 + 22 * Math.log1p(gaps[i - 1]) / Math.log1p(longest);
    for (const line of story) {
      if (line.to_us === instants[i] && line.from_us < line.to_us) at = Math.max(at, y.get(line.from_us) + least);
    }
    y.set(instants[i], at);
  }
  return y;
}

// Stretches in which calls of two lanes were under way at once.
function overlaps(story) {
  const edges = story.flatMap((line) => [[line.from_us, 1], [line.to_us, -1]]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const out = [];
  let open = 0, since = 0;
  for (const [at, step] of edges) {
    if (open === 1 && step === 1) since = at;
    if (open === 2 && step === -1 && at > since) out.push([since, at]);
    open += step;
  }
  return out;
}

const isLost = (line) => /^no answer|^lost|^unknown/i.test(line.answer);

function describeCall(line, start) {
  return [
    el("code", {}, line.call), " by ", line.actor, ": ",
    el("code", { class: line.wrong ? "bad" : "" }, line.answer || "no answer"),
    el("div", { class: "soft" }, `+${duration(line.from_us - start)} to +${duration(line.to_us - start)}, took ${duration(line.to_us - line.from_us)}`,
      line.wrong ? ", does not fit the rule" : ""),
  ];
}

function drawLanes(story, room) {
  const { lanes, laneOf } = lanesOf(story);
  const width = Math.max(room < 500 ? 126 : 150, Math.min(290, (room - GUTTER - 10) / lanes.length));
  const letters = Math.floor((width - 24) / 7);
  // Long calls put their arguments on a line of their own.
  const split = story.some((line) => line.call.length > letters);
  const least = split ? 54 : 40;
  const texts = (line) => {
    const at = split ? line.call.search(/[ (]/) : -1;
    return at > 0 ? [line.call.slice(0, at), line.call.slice(at).trim()] : [line.call];
  };
  const y = placeInTime(story, least);
  const start = Math.min(...story.map((line) => line.from_us));
  const x = new Map(lanes.map((lane, i) => [lane, GUTTER + i * width]));
  const bottoms = story.map((line) => Math.max(y.get(line.to_us), y.get(line.from_us) + least));
  const height = HEAD + Math.max(...bottoms) + 24, top = HEAD + 8;
  const full = GUTTER + lanes.length * width + 8;
  const readout = el("div", { class: "picked-call", "aria-live": "polite" });
  const picture = svg("svg", { width: full, height, viewBox: `0 0 ${full} ${height}`, role: "img",
    "aria-label": `Timeline of ${plural(story.length, "call")} in ${plural(lanes.length, "lane")}` });
  for (const [from, to] of overlaps(story)) {
    picture.append(svg("rect", { class: "overlap", x: GUTTER - 4, y: top + y.get(from), width: full - GUTTER, height: y.get(to) - y.get(from) }));
  }
  for (const lane of lanes) {
    const middle = x.get(lane) + width / 2 - 4;
    picture.append(svg("g", { class: "lane" },
      svg("line", { class: "rail", x1: middle, x2: middle, y1: HEAD, y2: height - 8 }),
      svg("text", { class: "head", x: x.get(lane) + 2, y: 22 }, cut(lane.label, Math.floor(width / 7.2)))));
  }
  let lastLabel = -99;
  for (const at of unique(story.map((line) => line.from_us)).sort((a, b) => a - b)) {
    const down = top + y.get(at);
    picture.append(svg("line", { class: "tick", x1: GUTTER - 8, x2: full, y1: down, y2: down }));
    if (down - lastLabel < 13) continue;
    lastLabel = down;
    picture.append(svg("text", { class: "time", x: GUTTER - 12, y: down + 4 }, `+${duration(at - start)}`));
  }
  const bars = story.map((line, i) => {
    const left = x.get(laneOf.get(line)), down = top + y.get(line.from_us);
    const pick = () => {
      bars.forEach((bar) => bar.classList.toggle("picked", bar === bars[i]));
      readout.replaceChildren(...describeCall(line, start));
    };
    return svg("g", { class: `bar${line.wrong ? " wrong" : ""}${isLost(line) ? " lost" : ""}`, tabindex: 0, onmouseenter: pick, onclick: pick, onfocus: pick },
      svg("title", {}, `${line.actor}: ${line.call} → ${line.answer}`),
      svg("rect", { x: left, y: down, width: width - 10, height: bottoms[i] - y.get(line.from_us) - 2, rx: 5 }),
      texts(line).map((text, k) => svg("text", { class: k === 0 ? "call" : "arguments", x: left + 8, y: down + 15 + 15 * k }, cut(text, letters))),
      svg("text", { class: "answer", x: left + 8, y: down + 15 + 15 * texts(line).length }, cut(`${line.wrong ? "✘ " : ""}${line.answer || "no answer"}`, letters)));
  });
  picture.append(...bars);
  const first = Math.max(0, story.findIndex((line) => line.wrong));
  bars[first].classList.add("picked");
  readout.replaceChildren(...describeCall(story[first], start));
  const scroller = el("div", { class: "scroll" }, picture);
  // On a narrow screen the wrong call must not hide beyond the edge.
  requestAnimationFrame(() => { scroller.scrollLeft = x.get(laneOf.get(story[first])) - (room - width) / 2; });
  return el("div", {},
    el("div", { class: "lanes" }, scroller, readout),
    el("p", { class: "key" }, "Time runs down; pauses are shortened, order and overlap are exact. ",
      overlaps(story).length ? "Shaded: calls under way at the same time. " : "", "Point at or tap a call for its details."));
}

const MOST_BARS = 300;

function findingBody(finding, room) {
  const story = finding.story.slice(0, MOST_BARS);
  return el("div", { class: "body" },
    el("div", { class: "contrast" },
      el("div", { class: "expected" }, el("h4", {}, "Expected"), finding.expected || "not stated"),
      el("div", { class: "observed" }, el("h4", {}, "Observed"), finding.observed || "not stated")),
    story.length > 0 && drawLanes(story, room),
    finding.story.length > MOST_BARS && el("p", { class: "key" }, `The first ${MOST_BARS} of ${grouped(finding.story.length)} calls.`),
    finding.elsewhere && el("p", { class: "soft" }, `Story and evidence are in ${finding.elsewhere}.`),
    finding.entities.length > 0 && el("div", {}, el("div", { class: "label" }, "Involved"),
      el("div", { class: "entities" }, finding.entities.map((entity) => el("code", {}, entity)))),
    finding.evidence.map((e) => el("details", { class: "inner-details" }, el("summary", {}, e.name), el("pre", {}, e.text))),
    el("div", {}, el("div", { class: "label" }, "Replay"), commandLine(finding.replay)));
}

function findingCard(finding) {
  const where = [finding.spec, `judge: ${finding.judge}`, finding.scenario && `scenario: ${finding.scenario}`, `seed ${finding.seed}`];
  const details = el("details", { class: "finding" },
    el("summary", {}, el("span", { class: `rule ${TONES[finding.verdict]}` }, `${MARKS[finding.verdict]} ${finding.rule}`),
      el("span", { class: "headline" }, finding.headline), el("span", { class: "chevron" }),
      el("span", { class: "source" }, where.filter(Boolean).join(" · "))));
  return lazily(details, () => findingBody(finding, Math.max(280, details.clientWidth - 40)));
}

function findingsSection() {
  const all = run.findings;
  if (all.length === 0) {
    const lead = run.commands === 0 ? "Nothing was run." :
      run.complete ? "No judge found a broken rule in what was run." : "No judge found a broken rule before the run stopped.";
    return section("findings", "No findings", lead);
  }
  const cards = el("div", {});
  const chosen = { rule: "" };
  let shown = 0;
  const more = el("button", { class: "more", type: "button", onclick: () => show(50) });
  const matching = () => all.filter((f) => chosen.rule === "" || f.rule === chosen.rule);
  function show(step) {
    const list = matching();
    cards.append(...list.slice(shown, shown + step).map(findingCard));
    shown = Math.min(list.length, shown + step);
    more.hidden = shown >= list.length;
    more.textContent = `Show ${grouped(Math.min(50, list.length - shown))} more of ${grouped(list.length - shown)}`;
  }
  function restart(rule) {
    chosen.rule = rule;
    shown = 0;
    cards.replaceChildren();
    show(20);
    for (const b of buttons) b.setAttribute("aria-pressed", b.value === rule);
  }
  const rules = unique(all.map((f) => f.rule));
  const count = (rule) => grouped(all.filter((f) => f.rule === rule).length);
  const button = (rule, label) => el("button", { type: "button", value: rule, onclick: () => restart(rule) }, label);
  const buttons = [button("", `All ${grouped(all.length)}`), ...rules.map((rule) => button(rule, `${rule} ${count(rule)}`))];
  const filter = rules.length > 1 && all.length > 4 && el("div", { class: "choices" }, buttons);
  restart("");
  const broken = all.filter((f) => f.verdict === "broken").length;
  const lead = broken < all.length ? `${plural(all.length - broken, "check")} could not be decided.` : null;
  return section("findings", plural(all.length, "finding"), lead, filter, cards, more);
}
