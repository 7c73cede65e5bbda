/* What the elements of fileproof.mjs are drawn with: words, nodes, a place to drop a file, a bar. */

/* The words of core/fileproof.html, in the reader's language, with {name} filled in. */
const held = document.getElementById("ts-fileproof")?.dataset ?? {};

export function words(name, values = {}) {
  const text = held[name] ?? name;
  return text.replace(/\{(\w+)\}/g, (_whole, key) => (key in values ? String(values[key]) : ""));
}

export const has = (name) => name in held;
export const figures = (number) => number.toLocaleString("en-US");

/* An element with attributes and children; texts are texts, never markup. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== null && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

export function icon(name) {
  return svg("svg", { class: "ts-i", "aria-hidden": "true" }, svg("use", { href: `${held.sprite}#${name}` }));
}

export const button = (label, tone, deed) => {
  const made = el("button", { type: "button", class: `btn btn-sm ${tone}` }, label);
  made.addEventListener("click", deed);
  return made;
};

let numbers = 0;
export const fresh = (stem) => `ts-${stem}-${++numbers}`;

/* ---- two halves: apart, fitting, not fitting ---- */

const HALVES = {
  open: [
    "M10 6H34V20H42V36H34V50H10V43L15 39L10 35V31L15 27L10 23V19L15 15L10 11Z",
    "M78 6H50V18H58V38H50V50H78V43L73 39L78 35V31L73 27L78 23V19L73 15L78 11Z"],
  ok: [
    "M16 6H40V20H48V36H40V50H16V43L21 39L16 35V31L21 27L16 23V19L21 15L16 11Z",
    "M72 6H42V18H50V38H42V50H72V43L67 39L72 35V31L67 27L72 23V19L67 15L72 11Z"],
  no: [
    "M8 6H32V20H40V36H32V50H8V43L13 39L8 35V31L13 27L8 23V19L13 15L8 11Z",
    "M80 6H48V12H42V24H48V32H42V44H48V50H80V41L75 37L80 33V29L75 25L80 21V17L75 13L80 9Z"],
};

export function halves(state) {
  const [a, b] = HALVES[state];
  return svg("svg", { class: "ico", viewBox: "0 0 88 56", "aria-hidden": "true" },
    svg("path", { class: "a", d: a }), svg("path", { class: "b", d: b }));
}

/* ---- a place for a file ---- */

/* A box that takes one file, by drop or by choice, and shows how far the work on it is.

   `onFile(file, place)` does the work; while it runs, `place.progress(done, total)` moves the bar
   and `place.onCancel` may be set. What is said is announced politely. */
export class Place {
  constructor({ title, hint, label = words("choose"), accept = null, onFile }) {
    this.onFile = onFile;
    this.onCancel = null;
    this.turn = 0;
    const id = fresh("file");
    this.input = el("input", { type: "file", id, class: "visually-hidden", accept, "aria-describedby": `${id}-hint` });
    this.bar = el("progress", { class: "ts-progress", max: 1, value: 0, "aria-label": words("reading"), hidden: true });
    this.far = el("span", { class: "ts-small ts-mute ts-num", hidden: true });
    this.stop = button(words("cancel"), "btn-outline-secondary", () => this.cancel());
    this.stop.hidden = true;
    this.status = el("p", { class: "ts-small mb-0", role: "status" });
    this.face = el("span", {}, halves("open"));
    this.title = el("strong", {}, title);
    this.node = el("div", { class: "ts-drop" }, this.face, this.title,
      el("span", { class: "ts-small ts-soft", id: `${id}-hint` }, hint),
      this.bar, this.far, this.status,
      el("div", { class: "ts-row mt-auto" }, this.input,
        el("label", { class: "btn btn-outline-secondary btn-sm", for: id }, label), this.stop));
    this.input.addEventListener("change", () => { if (this.input.files[0]) this.take(this.input.files[0]); });
    this.node.addEventListener("dragover", (event) => { event.preventDefault(); this.node.classList.add("over"); });
    this.node.addEventListener("dragleave", () => this.node.classList.remove("over"));
    this.node.addEventListener("drop", (event) => {
      event.preventDefault();
      this.node.classList.remove("over");
      const file = event.dataTransfer.files[0];
      if (file) this.take(file);
    });
  }

  async take(file) {
    this.onCancel?.();
    const turn = ++this.turn;
    this.show("open", words("working", { name: file.name }));
    this.working(true);
    this.progress(0, file.size);
    try {
      await this.onFile(file, this);
    } catch (error) {
      if (turn !== this.turn) return;
      this.show("open", error.said ?? words("unreadable", { reason: error.message }));
      this.node.classList.add("no");
    } finally {
      if (turn === this.turn) { this.working(false); this.onCancel = null; this.input.value = ""; }
    }
  }

  /* True while the work for this file has not been cancelled or followed by another's. */
  current() {
    const { turn } = this;
    return () => turn === this.turn;
  }

  cancel() {
    this.turn++;
    this.onCancel?.();
    this.onCancel = null;
    this.working(false);
    this.show("open", words("cancelled"));
    this.input.value = "";
    this.input.focus();
  }

  working(on) {
    for (const node of [this.bar, this.far, this.stop]) node.hidden = !on;
  }

  progress(done, total) {
    this.bar.max = Math.max(total, 1);
    this.bar.value = total ? done : 1;
    this.far.textContent = words("read", { done: figures(done), total: figures(total) });
  }

  /* `state` is open, ok or no; `text` is announced. */
  show(state, text) {
    this.node.classList.remove("ok", "no");
    if (state !== "open") this.node.classList.add(state);
    this.face.replaceChildren(halves(state));
    this.status.textContent = text;
  }
}

/* Run a deed of fingerprint.worker.mjs for a place; null when it was cancelled meanwhile. */
export function work(place, message) {
  const current = place.current();
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./fingerprint.worker.mjs", import.meta.url), { type: "module" });
    const end = (settle, value) => { worker.terminate(); settle(value); };
    place.onCancel = () => end(resolve, null);
    worker.onerror = (event) => end(reject, new Error(event.message || words("noworker")));
    worker.onmessage = ({ data }) => {
      if ("done" in data) { if (current()) place.progress(data.done, message.file.size); }
      else if (data.error) end(reject, Object.assign(new Error(data.error.message), data.error));
      else end(resolve, current() ? data.result : null);
    };
    worker.postMessage(message);
  });
}

/* Why a CSV file was not read as a table, in the reader's words. */
export function tableRefusal(refusal) {
  return words(`table_${refusal.code}`, { line: figures(refusal.line) });
}
