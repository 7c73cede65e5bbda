/* What every page does besides showing itself. Without script each form still works. */

const words = document.body.dataset;

/* ---- forms: the browser's checks, said in the page's language, and each form sent once ---- */

function said(field) {
  const v = field.validity;
  const fill = (text, n) => text.replace("{n}", n);
  if (v.valueMissing) return words.tsRequired;
  if (v.tooLong) return fill(words.tsToolong, field.maxLength);
  if (v.tooShort) return fill(words.tsTooshort, field.minLength);
  if (v.rangeUnderflow) return fill(words.tsLow, field.min);
  if (v.rangeOverflow) return fill(words.tsHigh, field.max);
  if (v.stepMismatch) return words.tsStep;
  if (v.typeMismatch) return field.type === "url" ? words.tsUrl : words.tsEmail;
  if (v.badInput) return words.tsNumber;
  if (v.patternMismatch) return field.title || words.tsPattern;
  return field.validationMessage;
}

function mark(field) {
  const id = `${field.id}_error`;
  document.getElementById(id)?.remove();
  field.classList.remove("is-invalid");
  field.removeAttribute("aria-invalid");
  const others = (field.getAttribute("aria-describedby") || "").split(" ").filter((x) => x && x !== id);
  if (field.validity.valid) {
    if (others.length) field.setAttribute("aria-describedby", others.join(" "));
    else field.removeAttribute("aria-describedby");
    return;
  }
  const note = document.createElement("div");
  note.className = "invalid-feedback d-flex";
  note.id = id;
  note.textContent = said(field);
  field.classList.add("is-invalid");
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", [...others, id].join(" "));
  field.insertAdjacentElement("afterend", note);
}

function summary(form, wrong) {
  form.querySelector(":scope > .ts-note.crimson")?.remove();
  if (!wrong.length) return;
  const box = document.createElement("div");
  box.className = "ts-note crimson mb-3";
  box.setAttribute("role", "alert");
  box.tabIndex = -1;
  const bold = document.createElement("b");
  bold.textContent = wrong.length === 1 ? words.tsOne : words.tsMany.replace("{n}", wrong.length);
  box.append(bold);
  for (const field of wrong) {
    const link = document.createElement("a");
    link.href = `#${field.id}`;
    link.textContent = (field.labels?.[0]?.firstChild?.textContent || field.name).trim();
    box.append(" ", link);
  }
  form.prepend(box);
  box.focus();
}

function watch(form) {
  form.noValidate = true;
  form.addEventListener("submit", (event) => {
    const fields = [...form.elements].filter((f) => f.willValidate && f.name && f.type !== "hidden");
    fields.forEach(mark);
    const wrong = fields.filter((f) => !f.validity.valid && f.id);
    summary(form, wrong);
    if (wrong.length) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    if (form.dataset.tsSent) { event.preventDefault(); return; }
    form.dataset.tsSent = "1";
    for (const button of form.querySelectorAll("button[type=submit]")) button.setAttribute("aria-disabled", "true");
  });
  form.addEventListener("change", (event) => {
    if (event.target.classList.contains("is-invalid")) mark(event.target);
  });
}

function ready() {
  for (const form of document.querySelectorAll("form[data-ts-once]")) delete form.dataset.tsSent;
}

/* ---- drafts: what was typed outlives a session that ends in the middle ---- */

function keepDraft(form) {
  const place = `ts-draft:${form.dataset.tsDraft}`;
  const fields = () => [...form.elements].filter(
    (f) => f.name && !["hidden", "password", "file", "submit"].includes(f.type));
  let stored = null;
  try { stored = JSON.parse(localStorage.getItem(place) || "null"); } catch { stored = null; }
  if (stored && !form.querySelector(".is-invalid")) {
    let restored = false;
    for (const field of fields()) {
      if (!(field.name in stored)) continue;
      const value = stored[field.name];
      if (field.type === "checkbox" || field.type === "radio") field.checked = value.includes(field.value);
      else if (!field.value && value[0]) { field.value = value[0]; restored = true; }
    }
    if (restored) toast(words.tsDraft);
  }
  form.addEventListener("input", () => {
    const kept = {};
    for (const field of fields()) {
      kept[field.name] ||= [];
      if (!["checkbox", "radio"].includes(field.type) || field.checked) kept[field.name].push(field.value);
    }
    try { localStorage.setItem(place, JSON.stringify(kept)); } catch { /* private mode: not kept */ }
  });
}

function forgetDrafts() {
  const done = document.querySelector("[data-ts-draft-done]");
  if (done) { try { localStorage.removeItem(`ts-draft:${done.dataset.tsDraftDone}`); } catch { /* nothing kept */ } }
}

/* ---- toasts, copying, focus ---- */

export function toast(text) {
  const box = document.createElement("div");
  box.className = "toast show";
  const body = document.createElement("div");
  body.className = "toast-body";
  body.textContent = text;
  box.append(body);
  document.getElementById("toasts")?.append(box);
  setTimeout(() => box.remove(), 6000);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-ts-copy]");
  if (!button) return;
  const source = document.querySelector(button.dataset.tsCopy);
  await navigator.clipboard.writeText((source?.value ?? source?.textContent ?? "").trim());
  toast(words.tsCopied);
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-ts-send]")) event.target.form.requestSubmit();
});

document.addEventListener("htmx:error", () => toast(words.tsOffline));
window.addEventListener("pageshow", ready);

for (const form of document.querySelectorAll("form[data-ts-once]")) watch(form);
for (const form of document.querySelectorAll("form[data-ts-draft]")) keepDraft(form);
forgetDrafts();
for (const box of document.querySelectorAll("[data-ts-toast]")) setTimeout(() => box.remove(), 8000);
document.querySelector("[data-ts-focus]")?.focus();
