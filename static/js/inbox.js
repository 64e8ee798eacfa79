// The list of conversations stays true while it stands: a row is drawn by the server whenever something happens in it.

import { on, start } from "./realtime.js";

const list = document.getElementById("talks");
const GATHER = 250; // milliseconds: what happens together is drawn once
const TYPING_LASTS = 6000;
const PATIENCE = 15_000; // with an answer
const CALM = 3000; // a short break is nobody's business
const timers = {};

/** Draw a conversation's row anew, soon; it goes to its place, or away when it is not of this list any more. */
export function refreshRow(id) {
  if (!list) return;
  clearTimeout(timers[id]);
  timers[id] = setTimeout(redraw, GATHER, id);
}

async function redraw(id) {
  const old = document.getElementById(`c-${id}`);
  if (!old && "fixed" in list.dataset) return; // what a search found does not grow
  let answer;
  try {
    answer = await fetch(`/messages/${id}/row?show=${list.dataset.shown}`, { credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    return;
  }
  if (answer.status === 204) { old?.remove(); return; }
  if (!answer.ok) return;
  const row = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".talk-row");
  const link = row.querySelector(".row");
  if (old?.querySelector("[aria-current]")) link.setAttribute("aria-current", "page");
  const hadFocus = old?.contains(document.activeElement);
  const now = document.getElementById(`c-${id}`); // it may have been drawn meanwhile
  const moment = (one) => one.querySelector(".talk-end time")?.dateTime ?? "";
  if (now && moment(now) === moment(row)) now.replaceWith(row);
  else {
    now?.remove();
    const below = [...list.querySelectorAll(".talk-row")].find((one) => moment(one) < moment(row));
    if (below) below.before(row);
    else if (list.querySelector(".pager")) list.querySelector(".pager").before(row);
    else list.append(row);
  }
  if (hadFocus) link.focus();
  list.hidden = false;
  list.parentElement.querySelector(".talk-empty")?.remove();
}

for (const type of ["message:new", "message:updated", "message:read", "message:delivered", "message:held", "message:rejected"]) {
  on(type, (data) => { if (data.conversation_id) refreshRow(data.conversation_id); });
}
on("conversation:updated", ({ id }) => refreshRow(id));
on("changed", (streams) => streams.forEach((stream) => { if (stream.startsWith("conversation:")) refreshRow(stream.slice("conversation:".length)); }));
on("resync", () => list?.querySelectorAll(".talk-row[data-id]").forEach((row) => refreshRow(row.dataset.id)));

// --- who is there, who is writing -----------------------------------------------------------------------------------------
for (const [type, isOnline] of [["user:online", true], ["user:offline", false]]) {
  on(type, ({ user_id: who }) => list?.querySelectorAll(`[data-person="${who}"]`).forEach((row) => row.toggleAttribute("data-online", isOnline)));
}
const typing = {};
function showTyping({ conversation_id: id }, isTyping) {
  clearTimeout(typing[id]);
  document.getElementById(`c-${id}`)?.toggleAttribute("data-typing", isTyping);
  if (isTyping) typing[id] = setTimeout(showTyping, TYPING_LASTS, { conversation_id: id }, false);
}
on("typing:active", (data) => showTyping(data, true));
on("typing:inactive", (data) => showTyping(data, false));

// --- "Connecting again…": only where it lasts ----------------------------------------------------------------------------------
const line = document.querySelector("[data-link-state]");
let calm = 0;
on("status", (status) => {
  clearTimeout(calm);
  if (status === "open" || status === "paused") { line.hidden = true; return; }
  calm = setTimeout(() => {
    line.textContent = status === "stopped" ? line.dataset.saysStopped : line.dataset.saysWaiting;
    line.hidden = false;
  }, CALM);
});

// The list beside a conversation stands where it stood.
const pane = document.querySelector(".talk-list");
const PLACE = "souk:list-place";
try {
  pane.scrollTop = Number(sessionStorage.getItem(PLACE) ?? 0);
  addEventListener("pagehide", () => sessionStorage.setItem(PLACE, pane.scrollTop));
} catch { /* it begins at the top */ }

start();
