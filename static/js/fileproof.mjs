/* The elements of docs/reference/browser.md: files and keys that do not leave the browser. */

import { button, el, figures, fresh, has, Place, tableRefusal, words, work } from "./faces.mjs";
import { hex, sha256, utf8 } from "./hashes.mjs";
import { KeyError, Keys } from "./keys.mjs";

const keys = new Keys();

/* ---- the form of an element, and its fields ---- */

function formOf(host) {
  return host.closest("form") ?? host.querySelector("form");
}

/* Controls go to the top of the form, behind its hidden fields; in a part of a form, to its top. */
function place(host, ...nodes) {
  const box = el("div", { class: "ts-fill mb-3" }, ...nodes);
  const form = formOf(host);
  if (!form) { host.append(box); return box; }
  if (form !== host && form.contains(host)) { host.prepend(box); return box; }
  const first = [...form.children].find((child) => child.type !== "hidden");
  form.insertBefore(box, first ?? null);
  return box;
}

function fill(host, values) {
  for (const [name, value] of Object.entries(values)) {
    const field = formOf(host)?.elements.namedItem(name);
    if (!field) continue;
    field.value = value;
    for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
  }
}

const tell = (host, name, detail) => host.dispatchEvent(new CustomEvent(`ts:${name}`, { bubbles: true, detail }));
const short = (publicKey) => `${publicKey.slice(0, 8)}…${publicKey.slice(-8)}`;

function sayError(error) {
  return error instanceof KeyError && has(`key_${error.code}`)
    ? words(`key_${error.code}`) : words("unreadable", { reason: error.message });
}

/* ---- files ---- */

function manifestField(host) {
  const { kind = "auto" } = host.dataset;
  const area = new Place({
    title: words("manifest_title"), hint: words("hint"),
    async onFile(file, spot) {
      const made = await work(spot, { deed: "fingerprint", file, kind }).catch((error) => {
        if (error.name === "Error" && error.code) error.said = tableRefusal(error);
        throw error;
      });
      if (!made) return;
      const { manifest, text, digest } = made;
      fill(host, { manifest: text });
      const out = {
        name: file.name, size: figures(manifest.size), sha256: manifest.sha256, digest,
        rows: manifest.table ? figures(manifest.table.rows) : "–",
        columns: manifest.table ? figures(manifest.table.columns.length) : "–",
      };
      for (const node of host.querySelectorAll("[data-ts-out]")) node.textContent = out[node.dataset.tsOut] ?? "–";
      const said = [words("manifest_done", out)];
      if (manifest.table) said.push(words("manifest_table", out));
      if (made.tableRefusal) said.push(words("manifest_binary", { why: tableRefusal(made.tableRefusal) }));
      spot.show("ok", said.join(" "));
      tell(host, "manifest", { name: file.name, ...made });
    },
  });
  place(host, area.node);
}

function possessionField(host) {
  const indexes = (host.dataset.indexes ?? "").split(",").filter(Boolean).map(Number);
  const { root, size } = host.dataset;
  const area = new Place({
    title: words("possession_title"), hint: words("hint"),
    async onFile(file, spot) {
      if (size && Number(size) !== file.size) return spot.show("no", words("possession_other"));
      const made = await work(spot, { deed: "answer", file, indexes }).catch((error) => {
        if (error.name === "RangeError") error.said = words("possession_other");
        throw error;
      });
      if (!made) return;
      if (root && root !== made.root) return spot.show("no", words("possession_other"));
      const text = JSON.stringify({ answers: made.answers });
      fill(host, { answer: text });
      spot.show("ok", words("possession_done", { n: figures(made.answers.length) }));
      tell(host, "answer", { text });
    },
  });
  place(host, area.node);
}

/* ---- keys ---- */

function keyLabel(row) {
  return words("key_label", { key: short(row.publicKey), day: row.made.slice(0, 10) });
}

/* What is signed: a digest of the page, or that of a text as the form will send it. */
function digestOf(host) {
  const source = host.dataset.digestOf ? document.getElementById(host.dataset.digestOf) : null;
  if (!source) return host.dataset.digest;
  return hex(sha256(utf8(source.value.replace(/\r\n|\r|\n/g, "\r\n"))));
}

function keyBox(host, heading, ...nodes) {
  const status = el("p", { class: "ts-small mb-0 mt-2", role: "status" });
  place(host, el("div", { class: "ts-note" }, el("div", {}, el("strong", {}, heading), ...nodes, status)));
  const say = (text, failed = false) => {
    status.textContent = text;
    status.classList.toggle("ts-crimson", failed);
  };
  const doing = (deed) => async () => {
    try { await deed(); } catch (error) { say(sayError(error), true); }
  };
  return { say, doing };
}

async function signField(host) {
  const { purpose, origin, role, organisation } = host.dataset;
  const inForce = host.dataset.keys?.split(",").filter(Boolean);
  const id = fresh("key");
  const choice = el("select", { class: "form-select form-select-sm", id });
  const line = el("div", { class: "ts-row mt-2", hidden: true });
  const { say, doing } = keyBox(host, words("sign_title"), line);
  line.append(el("label", { class: "ts-small", for: id }, words("sign_key")), choice,
    button(words("sign_press"), "btn-outline-secondary", doing(async () => {
      const publicKey = choice.value;
      const signature = await keys.sign(publicKey, { purpose, origin, digest: digestOf(host), role });
      fill(host, { public_key: publicKey, signature });
      say(words("sign_done"));
      tell(host, "signed", { publicKey, signature });
    })));
  await doing(async () => {
    const rows = (await keys.list(organisation)).filter((row) => !inForce || inForce.includes(row.publicKey));
    choice.append(...rows.map((row) => el("option", { value: row.publicKey }, keyLabel(row))));
    line.hidden = !rows.length;
    if (!rows.length) say(words("sign_none"));
  })();
  if (host.dataset.digestOf) {
    document.getElementById(host.dataset.digestOf)?.addEventListener("input", () => {
      if (formOf(host)?.elements.namedItem("signature")?.value) {
        fill(host, { signature: "" });
        say(words("sign_changed"));
      }
    });
  }
}

async function enrolField(host) {
  const { organisation, name = "", challenge, document: paper, origin, publicKey } = host.dataset;
  const line = el("div", { class: "ts-row mt-2" });
  const { say, doing } = keyBox(host, words(challenge ? "prove_title" : "enrol_title"), line);
  if (!challenge) {
    line.append(button(words("enrol_press"), "btn-outline-secondary", doing(async () => {
      const made = await keys.make(organisation, name);
      fill(host, { public_key: made });
      say(words("enrol_done", { key: short(made) }));
      tell(host, "enrolled", { publicKey: made });
      for (const list of document.querySelectorAll("[data-ts-keys]")) await keyList(list);
    })));
    return;
  }
  await doing(async () => {
    const rows = await keys.list(organisation);
    if (!rows.some((row) => row.publicKey === publicKey)) { say(words("prove_none")); return; }
    line.append(button(words("prove_press"), "btn-outline-secondary", doing(async () => {
      const signature = await keys.enrol(publicKey, { origin, challenge, document: paper });
      fill(host, { public_key: publicKey, signature });
      say(words("prove_done"));
      tell(host, "enrolled", { publicKey, signature });
    })));
  })();
}

async function keyList(host) {
  let rows;
  try {
    rows = await keys.list(host.dataset.organisation);
  } catch (error) {
    host.replaceChildren(el("p", { class: "ts-small ts-crimson", role: "status" }, sayError(error)));
    return;
  }
  if (!rows.length) {
    host.replaceChildren(el("p", { class: "ts-small ts-mute mb-0" }, words("keys_none")));
    return;
  }
  host.replaceChildren(el("ul", { class: "ts-plain ts-list" }, ...rows.map((row) => keyRow(host, row))));
}

function keyRow(host, row) {
  const forget = button(words("forget"), "btn-outline-danger", async () => {
    if (!forget.dataset.asked) {
      forget.dataset.asked = "1";
      forget.textContent = words("forget_sure");
      return;
    }
    await keys.forget(row.publicKey);
    await keyList(host);
  });
  forget.setAttribute("aria-label", `${words("forget")} ${short(row.publicKey)}`);
  forget.addEventListener("blur", () => { delete forget.dataset.asked; forget.textContent = words("forget"); });
  return el("li", { class: "ts-row" }, el("div", {}, row.name ? el("div", {}, row.name) : null,
    el("div", { class: "ts-hash" }, row.publicKey),
    el("div", { class: "ts-small ts-mute" }, keyLabel(row))), forget);
}

/* ---- what is on this page ---- */

const each = (selector, deed) => document.querySelectorAll(selector).forEach((host) => { deed(host); });

each("[data-ts-manifest]", manifestField);
each("[data-ts-possession]", possessionField);
each("[data-ts-sign]", signField);
each("[data-ts-enrol]", enrolField);
each("[data-ts-keys]", keyList);
if (document.querySelector("[data-ts-filecheck], [data-ts-verify]")) {
  const { fileCheck, bundleCheck } = await import("./checks.mjs");
  each("[data-ts-filecheck]", fileCheck);
  each("[data-ts-verify]", bundleCheck);
}
