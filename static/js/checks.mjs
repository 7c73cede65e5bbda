/* The two public checks of docs/reference/browser.md: a file, and a bundle. */

import { el, figures, icon, Place, words, work } from "./faces.mjs";
import { parse } from "./canonical.mjs";

/* ---- a file against registered digests ---- */

const DIGESTS = [
  ["sha256", "SHA-256", (manifest) => manifest.sha256],
  ["sm3", "SM3", (manifest) => manifest.sm3],
  ["blake3", "BLAKE3", (manifest) => manifest.blake3],
  ["tree", null, (manifest) => manifest.chunks.root],
  ["size", null, (manifest) => String(manifest.size)],
];

const listed = (names) => new Intl.ListFormat(document.documentElement.lang).format(names);

export function fileCheck(host) {
  const rows = DIGESTS.filter(([name]) => host.dataset[name]).map(([name, label, of]) => {
    const registered = host.dataset[name], title = label ?? words(`check_${name}`);
    const said = el("span", { class: "ts-small ts-mute" }, words("check_wait"));
    const shown = name === "size" ? figures(Number(registered)) : registered;
    const node = el("div", { class: "ts-match" }, el("dt", {}, title),
      el("dd", {}, el("div", { class: "ts-hash" }, shown), said));
    return { name, title, registered, said, node, of };
  });
  const judge = (manifest) => {
    for (const row of rows) {
      const found = row.of(manifest), same = found === row.registered;
      row.node.className = `ts-match ${same ? "ok" : "no"}`;
      row.said.className = `ts-small ${same ? "ts-jade" : "ts-crimson"}`;
      row.said.replaceChildren(icon(same ? "check-lg" : "x-lg"), " ",
        same ? words("check_same") : words("check_other", { value: row.name === "size" ? figures(Number(found)) : found }));
      row.same = same;
    }
    return rows.filter((row) => !row.same);
  };
  const area = new Place({
    title: words("check_title"), hint: words("hint"),
    async onFile(file, spot) {
      spot.title.textContent = words("check_title");
      for (const row of rows) {
        row.node.className = "ts-match";
        row.said.className = "ts-small ts-mute";
        row.said.textContent = words("check_wait");
      }
      const made = await work(spot, { deed: "fingerprint", file, kind: "binary" });
      if (!made) return;
      const other = judge(made.manifest);
      spot.title.textContent = words(other.length ? "check_differs" : "check_fits");
      spot.show(other.length ? "no" : "ok", other.length
        ? words("check_differs_text", { names: listed(other.map((row) => row.title)) })
        : words("check_fits_text", { size: figures(made.manifest.size) }));
    },
  });
  host.append(el("div", { class: "ts-grid ts-g57" }, area.node, el("dl", { class: "ts-matches" }, ...rows.map((row) => row.node))));
}

/* ---- a bundle, link by link ---- */

const MAX_BYTES = 64 << 20;
const TONES = { ok: "ok", failed: "no", "not checked": "no", absent: "absent" };
const MARKS = { ok: "check-lg", failed: "x-lg", "not checked": "dash-lg", absent: "dash-lg" };
/* The links in their order, shown before a bundle is there. */
const LINKS = [
  "manifest", "disclosures", "inclusion", "checkpoint", "consistency", "anchor transaction", "receipt in header",
  "block header", "chain identity", "certificate", "contract signatures", "usage statement"];

export function bundleCheck(host) {
  const { trustUrl, code } = host.dataset;
  const verdict = el("div", { role: "status" });
  const list = el("ol", { class: "ts-links", "aria-label": words("bundle_list") });
  const wait = () => list.replaceChildren(...LINKS.map((name) => linkRow({ name, status: "waiting", detail: "" })));
  wait();
  const trusted = el("p", { class: "ts-small ts-mute mb-0", role: "status" }, words("trust_own"));
  let trust = null;
  const published = async () => {
    const reply = trustUrl ? await fetch(trustUrl, { credentials: "omit" }).catch(() => null) : null;
    if (!reply?.ok) throw Object.assign(new Error("no trust file"), { said: words("trust_missing") });
    return parse(new Uint8Array(await reply.arrayBuffer()));
  };
  const area = new Place({
    title: words("bundle_title"), hint: words("bundle_hint"), label: words("bundle_choose"), accept: ".zip,application/zip",
    async onFile(file, spot) {
      const current = spot.current();
      verdict.replaceChildren();
      wait();
      if (file.size > MAX_BYTES) return spot.show("no", words("bundle_large"));
      const bytes = new Uint8Array(await file.arrayBuffer());
      spot.progress(file.size, file.size);
      const { bundleCodes, verifyBundle } = await import("./verify.mjs");
      const report = await verifyBundle(bytes, trust ?? await published(), {
        onLink: (link) => { if (current()) list.children[LINKS.indexOf(link.name)].replaceWith(linkRow(link)); },
      });
      if (!current()) return;
      const other = report.ok && code && !bundleCodes(bytes).includes(code);
      const good = report.ok && !other;
      spot.show(good ? "ok" : "no", file.name);
      verdict.replaceChildren(el("div", { class: `ts-verdict ${good ? "jade" : "crimson"} mb-3` },
        icon(good ? "shield-check" : "exclamation-triangle"),
        el("strong", {}, words(other ? "bundle_other" : good ? "bundle_good" : "bundle_bad", { code }))));
    },
  });
  host.append(el("div", { class: "ts-grid ts-g57" },
    el("div", {}, area.node, trustChoice(trusted, (value) => { trust = value; })),
    el("div", {}, verdict, list)));
}

/* Lets the reader give a trust file of their own. */
function trustChoice(trusted, use) {
  const input = el("input", { type: "file", id: "ts-trust", class: "visually-hidden", accept: ".json,application/json" });
  input.addEventListener("change", async () => {
    const file = input.files[0];
    if (!file) return;
    try {
      const { parseTrust } = await import("./verify.mjs");
      const value = parse(new Uint8Array(await file.arrayBuffer()));
      parseTrust(value);
      use(value);
      trusted.textContent = words("trust_given", { name: file.name });
    } catch (error) {
      trusted.textContent = words("trust_bad", { name: file.name, reason: error.message });
    }
    input.value = "";
  });
  return el("div", { class: "mt-3" }, trusted, input,
    el("label", { class: "btn btn-link btn-sm px-0", for: "ts-trust" }, words("trust_choose")));
}

function linkRow({ name, status, detail, local }) {
  const key = name.replaceAll(" ", "_"), waiting = status === "waiting";
  const said = local ? "local" : status === "not checked" ? "unchecked" : status;
  const verdict = waiting ? null : el("span", { class: "v" }, words(`status_${said}`));
  return el("li", { class: local ? "local" : TONES[status] ?? "waiting" },
    waiting ? el("span", { class: "w" }) : icon(local ? "exclamation-triangle" : MARKS[status]),
    el("div", {}, el("h3", {}, words(`link_${key}`), " ", verdict ?? ""), el("p", {}, words(`link_${key}_says`)),
      detail ? el("p", { class: "ts-hash", lang: "en", translate: "no" }, detail) : null));
}
