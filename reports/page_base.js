"use strict";
// Everything on the page is made with these few functions; text only ever enters as text, never as markup.

const run = JSON.parse(document.getElementById("run").textContent);
const SVG = "http://www.w3.org/2000/svg";

window.addEventListener("error", (event) => {
  document.documentElement.dataset.error = String(event.message);
});

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

const el = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);
const svg = (name, attributes, ...children) => fill(document.createElementNS(SVG, name), attributes, children);

const grouped = (n) => Number(n).toLocaleString("en-US");
const plural = (n, word) => `${grouped(n)} ${word}${n === 1 ? "" : "s"}`;
const cut = (text, length) => (text.length <= length ? text : text.slice(0, Math.max(0, length - 1)) + "…");
const sum = (list, of) => list.reduce((total, x) => total + of(x), 0);
const unique = (list) => [...new Set(list)];

function duration(us) {
  if (us < 1000) return `${us} µs`;
  if (us < 1e6) return `${(us / 1e3).toFixed(us < 1e4 ? 2 : us < 1e5 ? 1 : 0)} ms`;
  if (us < 600e6) return `${(us / 1e6).toFixed(2)} s`;
  return us < 7200e6 ? `${(us / 60e6).toFixed(1)} min` : `${(us / 3600e6).toFixed(1)} h`;
}

const MARKS = { holds: "✔", broken: "✘", unknown: "?" };
const TONES = { holds: "good", broken: "bad", unknown: "unsure" };
const WORDS = { holds: "holds", broken: "broken", unknown: "UNKNOWN" };

function markOf(verdict, extra = "") {
  return el("span", { class: `mark ${TONES[verdict]} ${extra}`, role: "img", "aria-label": WORDS[verdict] }, MARKS[verdict]);
}

function section(id, title, lead, ...children) {
  return el("section", { id }, el("h2", {}, title), lead && el("p", { class: "lead" }, lead), ...children);
}

function commandLine(text) {
  const button = el("button", {
    type: "button",
    onclick: async () => {
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(button.previousSibling);  // at least ready for the keyboard
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    },
  }, "Copy");
  return el("div", { class: "command" }, el("code", {}, text), button);
}

// What a <details> holds is built when it is first opened: a thousand findings must not slow the page down.
function lazily(details, build) {
  let built = false;
  const open = () => {
    if (built || !details.open) return;
    built = true;
    details.append(build());
  };
  details.addEventListener("toggle", open);
  details.buildNow = () => { details.open = true; open(); };
  return details;
}
