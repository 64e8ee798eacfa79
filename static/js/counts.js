// The numbers on the bell and on Messages, kept true while the page stands. Every page of somebody who is signed in loads it, so it
// does as little as it can: one socket, opened when the page has nothing better to do, and one small question when there is news.

import { on, send, start } from "./realtime.js";

const NUMBERS = {
  messages: { url: "/api/v1/messages/unread-count", field: "conversations", isNews: (type, data) => type === "conversation:updated" || (type === "message:new" && !data.is_mine) },
  notifications: { url: "/api/v1/notifications/unread-count", field: "count", isNews: (type) => type.startsWith("notification:") },
};
const GATHER = 400; // milliseconds: news that come together are asked about once
const plainTitle = document.title;
const timers = {};

async function ask(name) {
  try {
    const answer = await fetch(NUMBERS[name].url, { credentials: "same-origin", headers: { Accept: "application/json" } });
    if (answer.ok) show(name, (await answer.json())[NUMBERS[name].field]);
  } catch { /* next time */ }
}

function show(name, count) {
  document.querySelectorAll(`[data-count="${name}"]`).forEach((badge) => {
    badge.textContent = count > 99 ? "99+" : count;
    badge.hidden = !count;
  });
  if (name === "messages") document.title = count && document.hidden ? `(${count}) ${plainTitle}` : plainTitle;
}

/** Ask for a number again, soon. */
function recount(name) {
  clearTimeout(timers[name]);
  timers[name] = setTimeout(ask, GATHER, name);
}

on("*", (data, { type }) => {
  for (const name of Object.keys(NUMBERS)) if (NUMBERS[name].isNews(type, data)) recount(name);
});
on("changed", () => recount("messages"));
on("resync", () => Object.keys(NUMBERS).forEach(recount));
let wasOpen = false;
on("status", (status) => {
  if (status !== "open") return;
  if (wasOpen) Object.keys(NUMBERS).forEach(recount); // the first time the page itself is new
  wasOpen = true;
});
document.addEventListener("visibilitychange", () => { if (!document.hidden) document.title = plainTitle; });

// It reached one of this person's devices: the sender sees two ticks. What comes together is said together.
const reached = new Map();
on("message:new", ({ conversation_id: id, is_mine: isMine }, { seq }) => {
  if (isMine || !seq) return;
  if (!reached.has(id)) setTimeout(tellReached, GATHER, id);
  reached.set(id, seq);
});
function tellReached(id) {
  send("message:delivered", { conversation_id: id, seq: reached.get(id) }).catch(() => {});
  reached.delete(id);
}

// What one tab reads, the others need not count.
const tabs = "BroadcastChannel" in window ? new BroadcastChannel("souk") : null;
tabs?.addEventListener("message", ({ data }) => { if (data in NUMBERS) recount(data); });

/** Something was read here: count anew, in every tab. */
export function wasRead(name) {
  recount(name);
  tabs?.postMessage(name);
}

// What waits to be sent is nobody else's: it goes when its writer signs out.
document.addEventListener("submit", (event) => {
  if (new URL(event.target.action).pathname !== "/logout") return;
  Object.keys(localStorage).filter((key) => key.startsWith("souk:")).forEach((key) => localStorage.removeItem(key));
});

const begin = () => (window.requestIdleCallback ?? ((fn) => setTimeout(fn, 500)))(start, { timeout: 3000 });
if (document.readyState === "complete") begin();
else addEventListener("load", begin);
