// Coverage: state x command x actor, out of the cells that the model can reach. A cell of the table stands for
// all actors or for one; never reached is marked as loudly as it deserves.

function coverageSection() {
  if (run.coverage.length === 0) return null;
  const states = unique(run.coverage.map((c) => c.state)), commands = unique(run.coverage.map((c) => c.command));
  const actors = unique(run.coverage.map((c) => c.actor));
  const reached = run.coverage.filter((c) => c.hits > 0).length;
  const byPlace = Map.groupBy ? Map.groupBy(run.coverage, (c) => `${c.state}\n${c.command}`) : new Map();
  if (byPlace.size === 0) {
    for (const c of run.coverage) {
      const key = `${c.state}\n${c.command}`;
      byPlace.set(key, [...(byPlace.get(key) || []), c]);
    }
  }
  const table = el("table", {});
  const readout = el("p", { class: "readout soft", "aria-live": "polite" }, "Point at or tap a cell.");
  const buttons = ["", ...actors].map((actor) => el("button", { type: "button", value: actor, onclick: () => draw(actor) }, actor || "All actors"));

  function cell(state, command, actor, most) {
    const here = (byPlace.get(`${state}\n${command}`) || []).filter((c) => actor === "" || c.actor === actor);
    if (here.length === 0) return el("td", {});
    const hits = sum(here, (c) => c.hits), missed = here.filter((c) => c.hits === 0);
    const tell = (event) => {
      table.querySelector(".picked")?.classList.remove("picked");
      event.currentTarget.classList.add("picked");
      readout.replaceChildren(el("code", {}, `${command} in ${state}`), ": ",
        here.map((c) => `${c.actor} ${c.outcome || ""} ${c.hits > 0 ? grouped(c.hits) : "never"}`).join(", "));
    };
    const heat = 10 + 85 * (hits / most) ** 0.45;
    const kind = missed.length === here.length ? " never" : missed.length > 0 ? " partly" : "";
    return el("td", { class: `cell${kind}`, style: `--heat:${heat.toFixed(0)}%`,
      "aria-label": `${command} in ${state}: ${hits}`, onmouseenter: tell, onclick: tell });
  }
  function draw(actor) {
    for (const b of buttons) b.setAttribute("aria-pressed", b.value === actor);
    const cells = run.coverage.filter((c) => actor === "" || c.actor === actor);
    const most = Math.max(1, ...[...byPlace.values()].map((list) => sum(list.filter((c) => actor === "" || c.actor === actor), (c) => c.hits)));
    const rows = states.filter((s) => cells.some((c) => c.state === s)), columns = commands.filter((k) => cells.some((c) => c.command === k));
    table.replaceChildren(
      el("thead", {}, el("tr", {}, el("th", {}), columns.map((k) => el("th", { scope: "col" }, el("div", {}, el("span", {}, k)))))),
      el("tbody", {}, rows.map((s) => el("tr", {}, el("th", { scope: "row" }, s), columns.map((k) => cell(s, k, actor, most))))));
  }
  draw("");
  const lead = `${grouped(reached)} of ${grouped(run.coverage.length)} cells of state, command, actor and outcome that the model can reach were exercised ` +
    `(${(100 * reached / run.coverage.length).toFixed(1)} %).`;
  return section("coverage", "Coverage", lead, el("div", { class: "choices" }, buttons),
    el("div", { class: "heat" }, el("div", { class: "scroll" }, table), readout,
      el("div", { class: "scale" },
        [[15, "few"], [50, ""], [95, "many calls"]].map(([heat, label]) =>
          el("span", {}, el("i", { style: `background:color-mix(in srgb, var(--accent) ${heat}%, var(--panel))` }), label)),
        el("span", {}, el("i", { style: "background:var(--unsure-wash);box-shadow:inset 0 0 0 1.5px var(--unsure)" }), "reachable, never reached"),
        el("span", {}, el("i", { class: "corner" }), "some actor never did"),
        el("span", {}, "empty: the model cannot get there"))));
}
