/* The unified social credit code as it is typed: taken apart, its check character recomputed (GB 32100-2015). */

const ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const PARTS = [[0, 1], [1, 2], [2, 8], [8, 17], [17, 18]];

export function checkCharacter(body) {
  let sum = 0;
  for (let i = 0, weight = 1; i < 17; i += 1, weight = (weight * 3) % 31) sum += ALPHABET.indexOf(body[i]) * weight;
  return ALPHABET[(31 - (sum % 31)) % 31];
}

export function admittedAt(position) {
  if (position === 0) return "123456789ANY";
  if (position === 1) return "123456789";
  return position < 8 ? "0123456789" : ALPHABET;
}

export function problem(code) {
  if (code.length !== 18) return ["length", { n: code.length }];
  const wrong = [...code].findIndex((c, i) => !admittedAt(i).includes(c));
  if (wrong >= 0) return ["character", { p: wrong + 1, c: code[wrong] }];
  const expected = checkCharacter(code);
  return code[17] === expected ? null : ["check", { e: expected }];
}

function watch(place) {
  const field = document.getElementById(place.dataset.tsUscc);
  const verdict = place.querySelector("[data-ts-verdict]");
  const begun = verdict.textContent;
  const show = (typed) => {
    const code = field.value.replace(/[\s-]/g, "").toUpperCase();
    if (!code) { verdict.textContent = begun; field.setCustomValidity(""); return; }
    PARTS.forEach(([from, to], n) => { place.querySelector(`[data-part="${n}"]`).textContent = code.slice(from, to) || "–"; });
    const found = problem(code);
    let text = place.dataset.good;
    if (found) text = Object.entries(found[1]).reduce((t, [name, value]) => t.replace(`{${name}}`, value), place.dataset[found[0]]);
    field.setCustomValidity(found ? text : "");
    if (!typed || !found || code.length >= 18) {
      verdict.textContent = text;
      verdict.className = `ts-small mt-3 ${found ? "ts-crimson" : "ts-jade"}`;
    } else {
      verdict.textContent = begun;
      verdict.className = "ts-small ts-mute mt-3";
    }
  };
  field.addEventListener("input", () => show(true));
  field.addEventListener("change", () => show(false));
  if (field.value) show(false);
}

for (const place of document.querySelectorAll("[data-ts-uscc]")) watch(place);
