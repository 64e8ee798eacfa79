// One open conversation: what is new comes by itself, what is read is said to be read, older messages come on the way up.
//
// Every bubble is drawn by the server (templates/messaging/_message.html). A frame only says that there is something after a number;
// this page then asks for those lines and puts each in its place. So one way of asking heals every gap: a late frame, a lost one, a
// sleep. Only what waits to be sent is drawn here, from a template of the same markup.

import { setUpComposer } from "./composer.js";
import { wasRead } from "./counts.js";
import { refreshRow } from "./inbox.js";
import { setUpMenu } from "./message-menu.js";
import { api, Outbox } from "./outbox.js";
import { follow, on, send, start, status } from "./realtime.js";
import { toast } from "./souk.js";

const room = document.getElementById("room");
const { id, other } = room.dataset;
const person = document.body.dataset.person;
const stream = `conversation:${id}`;
const scroller = document.getElementById("scroller");
const lines = scroller.querySelector(".lines");
const waiting = document.getElementById("waiting");
const jump = document.getElementById("jump");
const isPast = "past" in room.dataset; // an older part, reached from a search: what is new is not added below it

const NEAR = 80; // pixels from the newest: close enough to have seen it
const TYPING_LASTS = 6000; // milliseconds
const TRY_AGAIN = 3000;
const PATIENCE = 15_000; // with an answer over HTTP: a line may die without a word
let last = Number(lines.dataset.last);
let readSeq = Number(room.dataset.read);
let missed = 0; // came while one looked at older ones

const of = (data) => data.conversation_id === id;
const messages = () => lines.querySelectorAll(".msg");
const isAtNewest = () => scroller.scrollTop > -NEAR; // upside down: 0 is the newest, older ones are below zero

// --- lines from the server ------------------------------------------------------------------------------------------------

async function fragment(query) {
  const answer = await fetch(`/messages/${id}/lines?${query}`, { credentials: "same-origin", headers: { Accept: "text/html" }, signal: AbortSignal.timeout(PATIENCE) });
  if (!answer.ok) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".lines");
}

let asking = false;
let askAgain = false;

/** Bring everything that happened after the last number this page knows. */
async function news() {
  if (isPast) return;
  if (asking) { askAgain = true; return; }
  asking = true;
  try {
    let came;
    do {
      askAgain = false;
      came = await fragment(`after=${last}`);
      place(came);
      receipt("delivered", Number(came.dataset.delivered));
      receipt("read", Number(came.dataset.read));
      const isOnline = "online" in came.dataset;
      if (isOnline !== head.hasAttribute("data-online")) showPresence(isOnline, isOnline ? presence.dataset.saysOnline : presence.dataset.saysLeft);
      last = Math.max(last, Number(came.dataset.last));
      follow(stream, last);
    } while ("more" in came.dataset || askAgain);
  } catch (error) {
    if (error.message !== "404") setTimeout(news, TRY_AGAIN);
  } finally {
    asking = false;
  }
}

/** Draw one message anew: it was held, changed, or its time is over. */
async function redraw(messageId) {
  try {
    place(await fragment(`only=${messageId}`));
  } catch { /* it will come with the next news */ }
}

function place(came) {
  const wasAtNewest = isAtNewest();
  const height = scroller.scrollHeight;
  let day = null;
  let theirs = 0;
  let mine = false;
  for (const item of [...came.children]) {
    if (item.matches(".day")) { day = item; continue; }
    if (!item.matches(".msg")) continue;
    if (putIn(item, day)) {
      if (item.matches(".mine")) mine = mine || Boolean(item.dataset.seq);
      else { theirs += 1; item.classList.add("came"); }
    }
    day = null;
  }
  if (mine || (theirs && wasAtNewest)) toNewest();
  else if (!wasAtNewest) scroller.scrollTop -= scroller.scrollHeight - height; // what one reads stays where it is
  if (theirs && (!wasAtNewest || document.hidden)) {
    missed += theirs;
    showJump();
  }
  document.querySelector("[data-starters]")?.remove();
  watchTheClock();
  seen();
}

/** Put a line in its place: instead of its older self, or by its number. True where it is new here. */
function putIn(item, day) {
  const seq = Number(item.dataset.seq) || 0;
  if (item.matches(".gone")) { // nor is it quoted any more
    lines.querySelectorAll(`.quote[href="#${item.id}"] .quote-words`).forEach((words) => { words.textContent = item.querySelector(".words").textContent; });
  }
  const old = document.getElementById(item.id);
  if (old && (!seq || old.dataset.seq)) {
    if (old.outerHTML !== item.outerHTML) old.replaceWith(item);
    return false;
  }
  const first = lines.querySelector(".msg[data-seq]:not([data-seq=''])");
  if (seq && first && seq < Number(first.dataset.seq) && document.querySelector("[data-older]")) return false; // not loaded that far back
  old?.remove(); // it was held, and now has a number
  if (item.dataset.client) document.getElementById(`p-${item.dataset.client}`)?.remove();
  const after = seq ? [...messages()].reverse().find((one) => one.dataset.seq && Number(one.dataset.seq) < seq) : lines.lastElementChild;
  const heading = day && !lines.querySelector(`.day[data-day="${day.dataset.day}"]`) ? [day] : [];
  const isUnseen = item.matches(".theirs") && (document.hidden || !isAtNewest()) && !lines.querySelector(".new-line");
  const divide = isUnseen ? [document.getElementById("new-line").content.firstElementChild.cloneNode(true)] : [];
  if (after) after.after(...heading, ...divide, item);
  else lines.append(...heading, ...divide, item);
  return true;
}

// --- older ones, on the way up ----------------------------------------------------------------------------------------------

const olderLine = document.querySelector("[data-older-line]");

async function older() {
  const link = olderLine?.querySelector("[data-older]");
  if (!link || olderLine.getAttribute("aria-busy")) return;
  olderLine.setAttribute("aria-busy", "true");
  try {
    const came = await fragment(`before=${link.dataset.older}`);
    const firstDay = lines.querySelector(".day");
    if (firstDay && came.querySelector(`.day[data-day="${firstDay.dataset.day}"]`)) firstDay.remove();
    lines.prepend(...came.children); // upside down, nothing that is on the screen moves
    if (came.dataset.before) { link.dataset.older = came.dataset.before; link.href = `?before=${came.dataset.before}`; }
    else { atTheStart.disconnect(); olderLine.remove(); }
  } catch { /* the button is still there */ }
  olderLine.removeAttribute("aria-busy");
}

const atTheStart = new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting)) older(); }, { root: scroller, rootMargin: "600px 0px 0px" });
if (olderLine) {
  atTheStart.observe(olderLine);
  olderLine.addEventListener("click", (event) => { event.preventDefault(); older(); });
}

// --- where one looks ------------------------------------------------------------------------------------------------------------

function toNewest() { scroller.scrollTop = 0; }

function showJump() {
  if (isAtNewest()) missed = 0;
  jump.hidden = isAtNewest() || isPast;
  jump.querySelector(".count").textContent = missed;
  jump.querySelector(".count").hidden = !missed;
}
jump.addEventListener("click", () => { toNewest(); showJump(); });
scroller.addEventListener("scroll", () => { showJump(); seen(); }, { passive: true });

/** Show one message and light it up; older than what is loaded, the page is opened around it. */
function goTo(messageId) {
  const line = document.getElementById(`m-${messageId}`);
  if (!line) return false;
  line.scrollIntoView({ block: "center" });
  line.classList.remove("lit");
  requestAnimationFrame(() => line.classList.add("lit"));
  return true;
}
scroller.addEventListener("click", (event) => {
  const quote = event.target.closest(".quote");
  if (quote && goTo(quote.hash.slice(3))) event.preventDefault();
});

// --- read, delivered -------------------------------------------------------------------------------------------------------------

let reading = 0;
const newestOfTheirs = () => Number([...lines.querySelectorAll(".msg:not(.mine)[data-seq]")].at(-1)?.dataset.seq ?? 0);

/** Somebody looks at the newest: say that it is read. */
function seen() {
  if (isPast || document.hidden || !isAtNewest() || newestOfTheirs() <= readSeq) return;
  clearTimeout(reading);
  reading = setTimeout(tellRead, 250);
}

async function tellRead() {
  const seq = newestOfTheirs();
  if (document.hidden || seq <= readSeq) return;
  try {
    await send("message:read", { conversation_id: id, seq }).catch((trouble) => {
      if (trouble.lost) return api("PATCH", `conversations/${id}/read`, { seq });
      throw trouble;
    });
    readSeq = Math.max(readSeq, seq);
    wasRead("messages");
    refreshRow(id);
  } catch { /* said again with the next look */ }
}

/** Everything of mine up to a number got so far. */
function receipt(name, seq) {
  const rank = ["sent", "delivered", "read"];
  for (const line of lines.querySelectorAll(".msg.mine[data-status]")) {
    const known = rank.indexOf(line.dataset.status);
    if (known >= 0 && known < rank.indexOf(name) && line.dataset.seq && Number(line.dataset.seq) <= seq) line.dataset.status = name;
  }
}
for (const name of ["delivered", "read"]) {
  on(`message:${name}`, (data) => { if (of(data) && data.user_id === other) receipt(name, data.seq); });
}
document.addEventListener("visibilitychange", () => { if (!document.hidden) { missed = 0; showJump(); seen(); } });
addEventListener("focus", seen);

// --- the other person ------------------------------------------------------------------------------------------------------------

const head = room.querySelector("[data-person]");
const presence = room.querySelector("[data-presence]");
const typing = document.getElementById("typing");
let presenceWords = presence.textContent;
let typingTimer = 0;

function showTyping(isTyping) {
  clearTimeout(typingTimer);
  if (isTyping) typingTimer = setTimeout(showTyping, TYPING_LASTS, false);
  typing.hidden = !isTyping;
  presence.classList.toggle("writing", isTyping);
  presence.textContent = isTyping ? presence.dataset.saysTyping : presenceWords;
}
on("typing:active", (data) => { if (of(data) && data.user_id === other) showTyping(true); });
on("typing:inactive", (data) => { if (of(data) && data.user_id === other) showTyping(false); });
on("user:online", ({ user_id: who }) => { if (who === other) showPresence(true, presence.dataset.saysOnline); });
on("user:offline", (data) => { if (data.user_id === other) showPresence(false, data.last_seen_at ? presence.dataset.saysLeft : ""); });

function showPresence(isOnline, words) {
  head.toggleAttribute("data-online", isOnline);
  presenceWords = words;
  if (typing.hidden) presence.textContent = words;
}

// --- frames ------------------------------------------------------------------------------------------------------------------------

for (const type of ["message:new", "message:updated"]) {
  on(type, (data, frame) => {
    if (frame.stream !== stream) return;
    if (type === "message:new" && !data.is_mine) showTyping(false);
    if (isPast) { missed += 1; return; }
    if (frame.seq > last) news();
  });
}
for (const type of ["message:held", "message:rejected"]) on(type, (data) => { if (of(data)) redraw(data.id ?? data.message_id); });
on("conversation:updated", (data) => {
  if (data.id === id && data.can_write !== Boolean(document.getElementById("composer"))) location.reload();
});
on("resync", news);
lines.addEventListener("offer:answered", news);
on("changed", (streams) => { if (streams.includes(stream)) news(); });
// Ticks and who is there have no number, so they are asked for whenever the line is new.
on("status", (now) => { if (now === "open") news(); });

// --- messages that disappear ----------------------------------------------------------------------------------------------------------

let clock = 0;
function watchTheClock() {
  clearTimeout(clock);
  const next = [...lines.querySelectorAll("[data-expires]")].sort((a, b) => a.dataset.expires.localeCompare(b.dataset.expires))[0];
  if (!next) return;
  const left = Math.max(1000, new Date(next.dataset.expires) - Date.now() + 1000);
  clock = setTimeout(() => redraw(next.dataset.id).then(watchTheClock), Math.min(left, 2 ** 31 - 1));
}

// Addresses of private pictures hold for minutes: one that came too late is asked for anew, once.
const renewed = new WeakSet();
scroller.addEventListener("error", (event) => {
  const line = event.target.closest?.(".msg[data-id]");
  if (!event.target.matches?.(".shots img") || !line?.dataset.seq || renewed.has(line)) return;
  renewed.add(line);
  redraw(line.dataset.id).then(() => { const fresh = document.getElementById(line.id); if (fresh) renewed.add(fresh); });
}, true);

// --- begin -------------------------------------------------------------------------------------------------------------------------------

/** A command through the socket, or over HTTP (`overHttp(data)`) where there is none. Says a refusal and gives false. */
async function act(type, data, overHttp) {
  try {
    await send(type, data).catch((trouble) => {
      if (trouble.lost) return overHttp(data);
      throw trouble;
    });
    return true;
  } catch (trouble) {
    if (trouble.code === "messaging.warned" && confirm(trouble.message)) return act(type, { ...data, acknowledge_warning: true }, overHttp);
    toast(trouble.lost ? room.dataset.saysRefused : trouble.message, "error");
    return false;
  }
}

const composer = document.getElementById("composer");
if (composer) {
  const outbox = new Outbox({
    person,
    conversation: id,
    changed: (entry) => writing.draw(entry),
    accepted: (entry, message) => {
      writing.accepted(entry);
      lines.querySelector(".new-line")?.remove();
      if (message.seq) news();
      else redraw(message.id);
      refreshRow(id);
    },
  });
  const writing = setUpComposer({ room, composer, waiting, outbox, act, redraw, toNewest });
  setUpMenu({ room, lines, act, redraw, writing });
  outbox.entries.forEach((entry) => writing.draw(entry));
  outbox.flush();
} else {
  setUpMenu({ room, lines, act, redraw, writing: null });
}

follow(stream, last);
start();
if (status() === "open") news();
watchTheClock();
if (location.hash.startsWith("#m-")) goTo(location.hash.slice(3));
else {
  const newLine = document.getElementById("new");
  if (newLine && newLine.offsetTop < scroller.scrollHeight - scroller.clientHeight) newLine.scrollIntoView({ block: "start" });
}
showJump();
seen();
