/* The review desk by keyboard: J and K move, Enter opens, / searches, ? shows the keys. */

const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

function links() {
  return [...document.querySelectorAll("[data-ts-keys] a[href]")].filter(
    (a) => a.closest("th, li") && a.offsetParent !== null);
}

function move(step) {
  const all = links();
  if (!all.length) return;
  let at = all.indexOf(document.activeElement);
  if (at < 0) at = all.findIndex((a) => a.hasAttribute("aria-current"));
  const next = all[Math.min(all.length - 1, Math.max(0, at + step))] || all[0];
  next.focus();
  if (next.closest(".ts-queue")) next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key === "j" || event.key === "J") move(1);
  else if (event.key === "k" || event.key === "K") move(-1);
  else if (event.key === "/") document.querySelector("input[type=search]")?.focus();
  else if (event.key === "?") {
    const keys = document.getElementById("keys");
    if (!keys) return;
    keys.tabIndex = -1;
    keys.classList.add("ts-note", "dai");
    keys.scrollIntoView({ block: "center" });
    keys.focus();
  } else return;
  event.preventDefault();
});
