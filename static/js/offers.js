// Haggling outside conversations: one tap for a price, cards that follow the news, the last offers as they come.

import "./offer-card.js";
import { on, send, start, status } from "./realtime.js";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-offer-fill]");
  if (!button) return;
  const field = button.closest("form").elements.offered_price;
  field.value = button.dataset.offerFill;
  field.focus();
});

// --- what changed is read again from where it stands ---------------------------------------------------------------------
const htmx = () => window.htmx;
function readAgain() {
  const box = document.querySelector("[data-offers-on]");
  if (box && !box.contains(document.activeElement?.closest("form.offer-form") || null)) {
    htmx()?.ajax("GET", `/l/${box.dataset.offersOn}/offers`, { target: "#offer", swap: "outerHTML" });
  } else if (document.querySelector(".offer-rows, [data-offers-empty]")) {
    htmx()?.ajax("GET", location.href, { target: "#main", select: "#main", swap: "outerHTML" });
  }
}
document.addEventListener("offer:answered", readAgain);
for (const news of ["offer:new", "offer:updated", "resync"]) on(news, readAgain);

// --- the last offers on a listing, where its seller shows them ------------------------------------------------------------
const chips = () => document.querySelector("[data-offer-chips]");
let watching = "";
function watch() {
  const product = chips()?.closest("[data-offers-on]")?.dataset.offersOn;
  if (!product || product === watching || status() !== "open") return;
  watching = product;
  send("offers:watch", { product_id: product }).catch(() => { watching = ""; });
}
on("status", (state) => { watching = ""; if (state === "open") watch(); });
document.addEventListener("htmx:afterSettle", watch);
start();

on("offer:chip", (data, { stream }) => {
  const list = chips();
  if (!list || stream !== `offers:${list.closest("[data-offers-on]").dataset.offersOn}`) return;
  const line = list.parentElement.querySelector("template[data-chip]").content.cloneNode(true);
  line.querySelector("[data-name]").textContent = data.name;
  line.querySelector("[data-words]").textContent = data.amount ? `${data.currency} ${data.amount}` : list.dataset.saysTrade;
  list.prepend(line);
  while (list.children.length > 20) list.lastElementChild.remove();
  list.parentElement.querySelector("[data-no-chips]")?.remove();
});
