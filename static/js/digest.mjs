/* The SHA-256 of a document, computed here into a form's field; the document is not sent. */

const LARGEST = 512 * 2 ** 20;

function size(bytes) {
  return bytes < 2 ** 20 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 2 ** 20).toFixed(1)} MB`;
}

function offer(place) {
  const words = place.dataset;
  const field = place.querySelector(`[name="${words.tsDigest}"]`);
  if (!field) return;
  const label = document.createElement("label");
  label.className = "btn btn-outline-secondary btn-sm mb-2";
  label.textContent = words.choose;
  const file = document.createElement("input");
  file.type = "file";
  file.className = "visually-hidden";
  label.append(file);
  const status = document.createElement("p");
  status.className = "ts-small ts-soft mb-2";
  status.setAttribute("role", "status");
  const line = document.createElement("div");
  line.append(label);
  field.before(line, status);
  file.addEventListener("change", async () => {
    const chosen = file.files[0];
    if (!chosen) return;
    if (chosen.size > LARGEST) { status.textContent = words.large; return; }
    status.textContent = words.busy;
    const digest = await crypto.subtle.digest("SHA-256", await chosen.arrayBuffer());
    field.value = [...new Uint8Array(digest)].map((b) => b.toString(16).padStart(2, "0")).join("");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
    status.textContent = words.done.replace("{name}", chosen.name).replace("{size}", size(chosen.size));
  });
}

for (const place of document.querySelectorAll("[data-ts-digest]")) offer(place);
