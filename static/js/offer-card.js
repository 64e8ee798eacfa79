// Offers in a conversation: their clocks run, and their buttons answer without leaving the page.

import { api } from "./outbox.js";

const QUESTION = { accept: "saysAccept", withdraw: "saysWithdraw" };

const COUNTER = "[data-offer-counter]";

function showClocks() {
  document.querySelectorAll("[data-countdown]").forEach((clock) => {
    const seconds = Math.max(0, Math.round((new Date(clock.dateTime) - Date.now()) / 1000));
    const two = (number) => String(number).padStart(2, "0");
    clock.textContent = `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  });
}
setInterval(() => { if (!document.hidden) showClocks(); }, 1000);

/** Answer an offer. The key makes a second tap, or one after a lost answer, the same answer. */
async function answer(card, verb, body = {}) {
  const says = card.querySelector("[data-offer-says]");
  const buttons = card.querySelectorAll("[data-offer-do], button");
  if (card.hasAttribute("aria-busy")) return;
  card.dataset.key ||= crypto.randomUUID();
  card.setAttribute("aria-busy", "true");
  buttons.forEach((button) => button.setAttribute("aria-disabled", "true"));
  says.hidden = true;
  try {
    const offer = await api("POST", `offers/${card.dataset.offer}/${verb}`, body, { "Idempotency-Key": `${verb}-${card.dataset.key}` });
    card.dispatchEvent(new CustomEvent("offer:answered", { bubbles: true, detail: offer }));
  } catch (trouble) {
    if (!trouble.lost) delete card.dataset.key;
    says.textContent = trouble.lost ? document.body.dataset.saysFailed : trouble.errors?.[0]?.detail || trouble.message;
    says.hidden = false;
    buttons.forEach((button) => button.removeAttribute("aria-disabled"));
  }
  card.removeAttribute("aria-busy");
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-offer-do]");
  if (!button) return;
  event.preventDefault();
  const card = button.closest("[data-offer]");
  const verb = button.dataset.offerDo;
  if (verb === "counter") {
    const form = card.querySelector("[data-offer-counter]");
    const opens = form.classList.toggle("open");
    button.setAttribute("aria-expanded", String(opens));
    if (opens) form.elements.counter_price.focus();
    return;
  }
  const question = card.querySelector("[data-offer-buttons]").dataset[QUESTION[verb]];
  if (!question || confirm(question)) answer(card, verb);
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches(COUNTER)) return;
  event.preventDefault();
  answer(event.target.closest("[data-offer]"), "counter", { counter_price: event.target.elements.counter_price.value.trim() });
});
