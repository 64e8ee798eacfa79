// Orders that are open on a page: clocks run, and what changed is read again from where it stands.

import { on, start } from "./realtime.js";

function showClocks() {
  document.querySelectorAll("[data-countdown]").forEach((clock) => {
    const seconds = Math.max(0, Math.round((new Date(clock.dateTime) - Date.now()) / 1000));
    const two = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(seconds / 3600);
    clock.textContent = `${hours ? `${hours}:${two(Math.floor(seconds / 60) % 60)}` : Math.floor(seconds / 60)}:${two(seconds % 60)}`;
    clock.classList.toggle("soon", seconds < 120);
    if (seconds === 0 && clock.dataset.then && !clock.dataset.over) {
      clock.dataset.over = "yes";
      location.assign(clock.dataset.then);
    }
  });
}
showClocks();
setInterval(() => { if (!document.hidden) showClocks(); }, 1000);

const GATHER = 400; // milliseconds: news that come together are read once
let timer = 0;
/** Nobody loses what they are writing: a form that was touched is left alone until it is sent. */
const isWriting = (part) => part.querySelector("form.touched") || part.contains(document.activeElement?.closest("input, textarea, select"));

function readAgain() {
  for (const id of ["order", "orders"]) {
    const part = document.getElementById(id);
    if (!part || isWriting(part)) continue;
    const from = part.dataset.from || location.pathname + location.search; // a page that a form answered with has another address
    window.htmx?.ajax("GET", from, { target: `#${id}`, select: `#${id}`, swap: "outerHTML" });
  }
}
const soon = () => { clearTimeout(timer); timer = setTimeout(readAgain, GATHER); };
document.addEventListener("input", (event) => event.target.closest("form")?.classList.add("touched"));

const open = () => document.querySelector("[data-order]")?.dataset.order;
on("order:updated", (news) => {
  if (document.querySelector("[data-orders]") || (open() && (news.order_id ?? news.id) === open())) soon();
});
on("resync", soon);
start();
