// What this person wrote and the house does not have yet: kept in the browser until it is accepted, sent in order, each thing once.
//
// Every message carries a `client_id` of its own, so sending it again after a lost answer never makes two. It goes through the socket
// where one is open and over HTTP where not; without any connection it waits for one.

import { on, send, status, Trouble } from "./realtime.js";

const KEPT = 50; // messages of one conversation
const FIRST_PAUSE = 1500; // milliseconds
const PATIENCE = 20_000; // with an answer over HTTP
const LONGEST_PAUSE = 30_000;
const headers = () => ({ Accept: "application/json", "Content-Type": "application/json", ...JSON.parse(document.body.getAttribute("hx-headers")) });

/** Ask the API. Rejects with a Trouble: the refusal, or "realtime.lost" where nobody answered. */
export async function api(method, path, body, more = {}) {
  let answer;
  try {
    answer = await fetch(`/api/v1/${path}`, {
      method,
      credentials: "same-origin",
      headers: { ...headers(), ...more },
      signal: AbortSignal.timeout(PATIENCE),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new Trouble({ code: "realtime.lost" });
  }
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said;
  if (answer.status >= 502) throw new Trouble({ code: "realtime.lost" });
  const wait = Number(answer.headers.get("Retry-After")) || null;
  throw new Trouble({ retry_after: wait, ...said, code: said.code || "core.refused", status: answer.status });
}

export class Outbox {
  /** `changed(entry)` is called whenever what is known of an entry changed, `accepted(entry, message)` when the house has it. */
  constructor({ person, conversation, changed, accepted }) {
    Object.assign(this, { conversation, changed, accepted });
    this.key = `souk:outbox:${person}:${conversation}`;
    this.entries = this.kept();
    this.done = new Set();
    this.running = false;
    this.failures = 0;
    this.timer = 0;
    on("status", (now) => { if (now === "open") this.flush(); });
    addEventListener("online", () => this.flush());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.flush(); });
  }

  kept() {
    try {
      return JSON.parse(localStorage.getItem(this.key) ?? "[]").map((entry) => ({ ...entry, state: entry.state === "sending" ? "waiting" : entry.state }));
    } catch {
      return [];
    }
  }

  keep() {
    const lean = this.entries.slice(-KEPT).map(({ previews: _shownOnly, ...entry }) => entry);
    lean.unshift(...this.kept().filter(({ client_id: id }) => !this.done.has(id) && !this.get(id))); // another tab's
    try {
      if (lean.length) localStorage.setItem(this.key, JSON.stringify(lean));
      else localStorage.removeItem(this.key);
    } catch { /* full or forbidden: memory will do */ }
  }

  get(clientId) { return this.entries.find((entry) => entry.client_id === clientId); }

  add(facts) {
    const entry = { client_id: crypto.randomUUID(), kind: "text", body: "", at: new Date().toISOString(), state: "waiting", words: "", ...facts };
    this.entries.push(entry);
    this.keep();
    this.changed(entry);
    this.flush();
    return entry;
  }

  drop(clientId) {
    this.done.add(clientId);
    this.entries = this.entries.filter((entry) => entry.client_id !== clientId);
    this.keep();
  }

  again(clientId, more = {}) {
    const entry = this.get(clientId);
    if (!entry) return;
    this.set(entry, { state: "waiting", words: "", ...more });
    this.failures = 0;
    this.flush();
  }

  set(entry, facts) {
    Object.assign(entry, facts);
    this.keep();
    this.changed(entry);
  }

  /** Send what waits, the oldest first; one at a time, so that the order stays. Two tabs take turns. */
  async flush() {
    clearTimeout(this.timer);
    if (this.running) return;
    this.running = true;
    try {
      if (navigator.locks) await navigator.locks.request(this.key, () => this.work());
      else await this.work();
    } finally {
      this.running = false;
    }
  }

  async work() {
    for (;;) {
      const entry = this.entries.find((one) => one.state === "waiting");
      if (!entry) return;
      this.set(entry, { state: "sending" });
      try {
        const message = await this.deliver(entry);
        this.failures = 0;
        this.drop(entry.client_id);
        this.accepted(entry, message);
      } catch (trouble) {
        if (!(trouble instanceof Trouble)) throw trouble;
        if (!this.refused(entry, trouble)) return;
      }
    }
  }

  /** Note why it did not go. True where the next one may be tried at once. */
  refused(entry, trouble) {
    if (trouble.lost || trouble.status === 401) {
      this.set(entry, { state: "waiting" });
      this.comeBackIn(this.pause());
      return false;
    }
    if (trouble.status === 429 || trouble.status === 503) {
      this.set(entry, { state: "waiting", words: trouble.message });
      this.comeBackIn(Math.max((trouble.retryAfter ?? 0) * 1000, this.pause()));
      return false;
    }
    this.set(entry, { state: "failed", code: trouble.code, words: trouble.errors?.[0]?.detail || trouble.message });
    return true;
  }

  pause() {
    this.failures += 1;
    return Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (this.failures - 1));
  }

  comeBackIn(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), milliseconds);
  }

  async deliver(entry) {
    const said = { message_type: entry.kind, content: entry.body, client_id: entry.client_id };
    for (const name of ["image_ids", "location", "reply_to_id", "acknowledge_warning"]) if (entry[name]) said[name] = entry[name];
    if (status() === "open") {
      try {
        return await send("message:send", { ...said, conversation_id: this.conversation }, { within: 6000 });
      } catch (trouble) {
        if (!trouble.lost) throw trouble; // refused; where no answer came, HTTP tells: the client_id makes them one
      }
    }
    return api("POST", `conversations/${this.conversation}/messages`, said);
  }
}
