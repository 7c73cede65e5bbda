/* The whole price beside an order as it is typed, in integer fen. Without script the page says
   the price of one call, and the order shows the whole before anything is paid. */

const box = document.querySelector("[data-ts-order]");
const total = document.getElementById("order-total");
const sum = document.getElementById("order-sum");

function yuan(fen) {
  const whole = (fen / 100n).toString().replace(/\B(?=(\d{3})+$)/g, ",");
  return `¥${whole}.${(fen % 100n).toString().padStart(2, "0")}`;
}

function show() {
  const plan = box.querySelector("input[name=plan]:checked")?.value;
  const price = plan && box.getAttribute(`data-price-${plan}`);
  const quota = box.querySelector("input[name=quota]").value.trim();
  if (!price) return;
  const known = /^\d{1,16}$/.test(quota);
  total.textContent = yuan(BigInt(price) * (known ? BigInt(quota) : 1n));
  sum.classList.toggle("visually-hidden", known);
}

if (box && total) {
  box.addEventListener("input", show);
  show();
}
