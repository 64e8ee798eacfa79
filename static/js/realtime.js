// The one socket of a page: `/ws/v1/me/`, opened with a one-time ticket, kept alive, opened again after every kind of trouble.
//
//   on(type, fn)       frames by their type ("message:new", or "*" for each), and our own news: "status", "changed" (streams with
//                      news), "resync" (what is shown may be old: read it anew)
//   send(type, data)   a command: a promise of what its `ack` says, rejected with a Trouble that carries the refusal's code
//   follow(stream, n)  this page has everything of the stream up to number n: later frames come once and in order
//   start(), status()
//
// A frame is a hint and may be lost; whatever matters has a number. After each connection `resume` brings what was missed.

const TICKETS = "/api/v1/realtime/tickets";
const FIRST_PAUSE = 500; // milliseconds; doubled by every failure, cut at random, so that a thousand pages do not come back at once
const LONGEST_PAUSE = 30_000;
const STEADY = 10_000; // so long must a connection last before failures are forgotten
const TICK = 5_000;
const OVERSLEPT = 15_000; // a tick that is so late means that the machine slept
const OPEN_WITHIN = 15_000;
const PONG_WITHIN = 8_000;
const ANSWER_WITHIN = 12_000;
const HIDDEN_FOR = 5 * 60_000; // a page nobody looks at lets go of its socket
const NEVER_AGAIN = new Set([4401, 4403]); // signed out; not welcome
const MOST_ROUNDS = 40; // of one catching up: 500 frames each

/** What went wrong with a command: a refusal (`code` as in the API), or "realtime.lost", "realtime.timeout", "realtime.closed". */
export class Trouble extends Error {
  constructor({ code, status = 0, title = "", detail = "", retry_after = null, errors = [] }) {
    super(detail || title || code);
    Object.assign(this, { code, status, title, detail, retryAfter: retry_after, errors });
  }

  /** The answer never came: whether the command was carried out is not known. */
  get lost() { return this.code.startsWith("realtime.") && this.status === 0; }
}

const listeners = new Map(); // type -> functions
const waiting = new Map(); // ref -> {resolve, reject, timer}
const streams = new Map(); // followed stream -> number of its last frame
const ahead = new Map(); // followed stream -> the highest number seen beyond a gap
const resuming = new Set(); // followed streams that are being caught up

let socket = null;
let state = "idle"; // idle, connecting, open, waiting, paused, stopped
let started = false;
let failures = 0;
let attempt = 0; // grows with each connection, so that late answers of an older one are recognised
let retry = 0; // a timer
let pauseTimer = 0;
let startedAt = 0; // this attempt
let openedAt = 0;
let beat = 25_000;
let lastPing = 0;
let pongDue = 0;
let lastTick = Date.now();
let ref = 0;
let since = document.body.dataset.now || null; // the server's clock when this page was made, then of the newest frame

export const status = () => state;

/** Call `fn(data, frame)` for frames of a type. Returns a function that ends it. */
export function on(type, fn) {
  if (!listeners.has(type)) listeners.set(type, new Set());
  listeners.get(type).add(fn);
  return () => listeners.get(type).delete(fn);
}

function tell(type, data, frame = null) {
  for (const fn of [...(listeners.get(type) ?? []), ...(frame ? listeners.get("*") ?? [] : [])]) {
    try { fn(data, frame); } catch (error) { setTimeout(() => { throw error; }); } // the others still hear it
  }
}

function become(next) {
  if (state === next) return;
  state = next;
  tell("status", next);
}

// --- commands ---------------------------------------------------------------------------------------------------------

export function send(type, data = {}, { within = ANSWER_WITHIN } = {}) {
  return new Promise((resolve, reject) => {
    if (socket?.readyState !== WebSocket.OPEN) { reject(new Trouble({ code: "realtime.closed" })); return; }
    ref += 1;
    const mine = `c${ref}`;
    const timer = setTimeout(() => {
      waiting.delete(mine);
      reject(new Trouble({ code: "realtime.timeout" }));
      check(); // silence: is anybody there?
    }, within);
    waiting.set(mine, { resolve, reject, timer });
    socket.send(JSON.stringify({ type, ref: mine, data }));
  });
}

function settle(frame) {
  const asked = waiting.get(frame.ref);
  if (!asked) return;
  waiting.delete(frame.ref);
  clearTimeout(asked.timer);
  if (frame.type === "ack") asked.resolve(frame.data ?? {});
  else asked.reject(new Trouble(frame.data ?? { code: "realtime.unknown" }));
}

function giveUpOnAnswers() {
  for (const { reject, timer } of waiting.values()) {
    clearTimeout(timer);
    reject(new Trouble({ code: "realtime.lost" }));
  }
  waiting.clear();
}

// --- streams: each frame once, in order ---------------------------------------------------------------------------------

/** From now on frames of this stream come without gaps, beginning after number `seq`. */
export function follow(stream, seq) {
  const known = streams.get(stream);
  streams.set(stream, Math.max(seq, known ?? 0));
  if (known === undefined && state === "open") catchUp([stream]);
}

function take(frame) {
  if (frame.ts && (!since || frame.ts > since)) since = frame.ts;
  const { stream, seq } = frame;
  if (seq == null || !streams.has(stream)) { tell(frame.type, frame.data, frame); return; }
  const last = streams.get(stream);
  if (seq <= last) return;
  if (seq > last + 1) { // something is missing before it: ask for all of that, this one included
    ahead.set(stream, Math.max(seq, ahead.get(stream) ?? 0));
    catchUp([stream]);
    return;
  }
  streams.set(stream, seq);
  tell(frame.type, frame.data, frame);
}

async function catchUp(names, { withNews = false } = {}) {
  const asked = names.filter((name) => !resuming.has(name));
  if (!asked.length && !withNews) return;
  asked.forEach((name) => resuming.add(name));
  let behind = asked;
  let news = withNews;
  try {
    for (let round = 0; round < MOST_ROUNDS && (behind.length || news); round += 1) {
      const wanted = Object.fromEntries(behind.map((name) => [name, streams.get(name)]));
      const answer = await send("resume", { streams: wanted, ...(news && since ? { since } : {}) });
      if (answer.changed?.length) tell("changed", answer.changed);
      if (Object.keys(answer.refused ?? {}).length) tell("resync");
      news = false;
      behind = behind.filter((name) => {
        const known = answer.streams?.[name];
        if (known?.more) return true;
        if (known && known.seq > streams.get(name)) streams.set(name, known.seq); // numbers whose frames are no longer told
        const missing = (ahead.get(name) ?? 0) > streams.get(name);
        ahead.delete(name);
        return missing && streams.get(name) > wanted[name]; // another gap opened meanwhile; without progress, let it be
      });
    }
  } catch (trouble) {
    if (!(trouble instanceof Trouble)) throw trouble; // the connection went: the next one resumes
    if (!trouble.lost) tell("resync"); // refused: whoever shows the stream reads it anew
  } finally {
    asked.forEach((name) => resuming.delete(name));
  }
}

// --- the connection -----------------------------------------------------------------------------------------------------

async function connect() {
  clearTimeout(retry);
  if (!started || state === "stopped" || state === "connecting" || socket?.readyState === WebSocket.OPEN) return;
  if (!navigator.onLine) { comeBackIn(LONGEST_PAUSE); return; } // `online` is quicker
  attempt += 1;
  const mine = attempt;
  startedAt = Date.now();
  become("connecting");
  const ticket = await ask(mine);
  if (mine !== attempt || !ticket) return;
  const opened = new WebSocket(ticket.url);
  socket = opened;
  opened.onmessage = (event) => { if (socket === opened) hear(JSON.parse(event.data)); };
  opened.onclose = (event) => { if (socket === opened) closed(event.code); };
}

/** A ticket, or nothing after having said when to try again. */
async function ask(mine) {
  let answer;
  try {
    answer = await fetch(TICKETS, {
      method: "POST",
      credentials: "same-origin",
      headers: { Accept: "application/json", ...JSON.parse(document.body.getAttribute("hx-headers")) },
      signal: AbortSignal.timeout(OPEN_WITHIN),
    });
    if (answer.ok) return await answer.json();
  } catch { /* nobody there */ }
  if (mine !== attempt) return null;
  if (answer && [401, 403, 404].includes(answer.status)) { become("stopped"); return null; }
  again(Number(answer?.headers.get("Retry-After") ?? 0) * 1000);
  return null;
}

function hear(frame) {
  pongDue = 0; // whatever it says, somebody is there
  if (frame.type === "ack" || frame.type === "error") settle(frame);
  else if (frame.type === "pong") heardOf(frame.data?.newest);
  else if (frame.type === "ready") ready(frame.data);
  else if (frame.type === "resync") { tell("resync"); catchUp([...streams.keys()], { withNews: true }); }
  else take(frame);
}

/** The newest news of this person came then. Later than all we know: something was lost on the way. */
function heardOf(newest) {
  if (!newest || (since && new Date(newest) <= new Date(since))) return;
  catchUp([...streams.keys()], { withNews: true });
  since = newest;
}

function ready({ heartbeat_seconds: seconds, server_time: now }) {
  beat = (seconds || 25) * 1000;
  openedAt = lastPing = Date.now();
  pongDue = 0;
  const before = since;
  since ??= now ?? null;
  become("open");
  catchUp([...streams.keys()], { withNews: Boolean(before) });
}

function closed(code) {
  socket = null;
  pongDue = 0;
  giveUpOnAnswers();
  if (state === "paused" || state === "stopped") return;
  if (NEVER_AGAIN.has(code)) { become("stopped"); return; }
  if (code === 4409) { become("paused"); return; } // the person opened newer pages: this one waits until it is looked at again
  if (Date.now() - openedAt > STEADY) failures = 0;
  again(code === 4429 ? LONGEST_PAUSE : 0);
}

/** Try again later: quickly at first, then less and less often. */
function again(atLeast = 0) {
  failures += 1;
  const most = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(failures, 10));
  comeBackIn(Math.max(atLeast, most / 2 + Math.random() * (most / 2)));
}

function comeBackIn(pause) {
  become("waiting");
  clearTimeout(retry);
  retry = setTimeout(connect, pause);
}

function drop(next) {
  attempt += 1;
  clearTimeout(retry);
  const old = socket;
  socket = null;
  pongDue = 0;
  old?.close(1000);
  giveUpOnAnswers();
  become(next);
}

/** Is the connection still good? Asked after a sleep and when somebody looks again: a dead one is found at once. */
function check() {
  if (!started || state === "stopped") return;
  if (socket?.readyState === WebSocket.OPEN) ping();
  else if (state !== "connecting") { failures = 0; connect(); }
}

function ping() {
  if (pongDue) return;
  lastPing = Date.now();
  pongDue = lastPing + PONG_WITHIN;
  socket.send('{"type":"ping"}');
}

setInterval(() => {
  const now = Date.now();
  const slept = now - lastTick > TICK + OVERSLEPT && !document.hidden; // hidden pages tick late without any sleep
  lastTick = now;
  if (slept) check();
  if (state === "connecting" && now - startedAt > OPEN_WITHIN) { drop("waiting"); again(); }
  if (socket?.readyState !== WebSocket.OPEN) return;
  if (pongDue && now > pongDue && !slept) { drop("waiting"); connect(); }
  else if (now - lastPing >= beat - TICK) ping();
}, TICK);

addEventListener("online", () => { failures = 0; if (state === "waiting") connect(); else check(); });
addEventListener("focus", check);
document.addEventListener("visibilitychange", () => {
  clearTimeout(pauseTimer);
  if (document.hidden) pauseTimer = setTimeout(() => { if (started && state !== "stopped") drop("paused"); }, HIDDEN_FOR);
  else check();
});
// A page that is kept for the back button must not hold a socket.
addEventListener("pagehide", () => { if (started && state !== "stopped") drop("paused"); });
addEventListener("pageshow", (event) => { if (event.persisted) check(); });

/** Begin. Pages that only count news begin when they have nothing better to do. */
export function start() {
  if (started || !document.body.dataset.person) return;
  started = true;
  connect();
}
